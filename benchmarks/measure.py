"""Measures one kind of work on one peer: requests per second, waits, and CPU per request of server and database."""

import json
import multiprocessing
import re
import resource
import subprocess
import time
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from benchmarks.desk import Desk, tend
from benchmarks.load import Shot, WrongAnswer, drive
from benchmarks.meter import Meter, backends_of
from benchmarks.servers import Server
from benchmarks.work import Work, facts

CONNECTIONS = 16
INSERTS = Path(__file__).parent / "peers" / "inserts.sql"
_FORK = multiprocessing.get_context("fork")


@dataclass(frozen=True)
class Window:
    """What one window of load found; waits are in milliseconds, CPU in microseconds per request.

    `load_cpu` is what the load itself used: as long as it is far below the rest, it does not decide.
    """

    rate: float
    server_cpu: float
    database_cpu: float
    median_wait: float
    long_wait: float
    load_cpu: float

    @property
    def cpu(self) -> float:
        """The CPU of server and database together."""
        return self.server_cpu + self.database_cpu


class Cell(Protocol):
    """One peer doing one kind of work."""

    @property
    def name(self) -> str:
        """The peer and the work, as in `floor: Q1`."""

    def prepare(self) -> None:
        """Check that the peer does the work right, and warm it up."""

    def measure(self, seconds: float) -> Window:
        """Measure one window."""


class Requests:
    """A server's answers to one kind of request."""

    def __init__(self, server: Server, kind: str, reference: Server | None = None) -> None:
        """Describe the cell; `reference` is the server whose answers must say the same."""
        self._server, self._reference = server, reference
        self._work: Work = server.works[kind]
        self._sent = 0

    @property
    def name(self) -> str:
        """The peer and the work."""
        return f"{self._server.name}: {self._work.name}"

    def prepare(self) -> None:
        """Ask everything once, compare with the reference, and demand these very bytes from now on.

        Raises `WrongAnswer` for an answer that says something else.
        """
        if not self._work.writes:
            shots = [replace(shot, body=body) for shot, body in zip(self._work.shots, self._bodies(), strict=True)]
            self._work = replace(self._work, shots=shots)
        if self._server.warm_up:
            with self._server.awake():
                self._drive(self._server.warm_up)

    def measure(self, seconds: float) -> Window:
        """Measure one window; work that writes ends when the server has done what follows from it."""
        server = self._server
        if self._work.writes:
            tend(server.desk)
        with server.awake():
            self._drive(0.0)  # what the server forgot over other documents it knows again
            server.rest()
            with Meter(server.processes) as served, Meter(server.backends) as stored:
                found = self._drive(seconds)
                if self._work.writes:
                    served.settle()
                    stored.settle()
        answers = found["answers"]
        return Window(
            rate=answers / found["seconds"],
            server_cpu=served.used / answers / 1e3,
            database_cpu=stored.used / answers / 1e3,
            median_wait=found["median_wait"],
            long_wait=found["long_wait"],
            load_cpu=found["cpu"] / answers * 1e6,
        )

    def _bodies(self) -> list[bytes]:
        if self._work.echoes:
            echoed = self._server.answers(self._work.echoes)
            return [echoed[number % len(echoed)] for number in range(len(self._work.shots))]
        bodies = self._server.answers(self._work.name)
        if self._work.compared and self._reference is not None:
            expected = self._reference.answers(self._work.name)
            for shot, body, right in zip(self._work.shots, bodies, expected, strict=True):
                if facts(body) != facts(right):
                    raise WrongAnswer(f"{self.name}: {shot.request!r} brought {body!r} instead of {right!r}.")
        return bodies

    def _drive(self, seconds: float) -> dict[str, Any]:
        found = in_a_process_of_its_own(_load, self._server.port, self._work.shots, seconds, self._sent)
        self._sent += found["answers"]
        return found


class BareInserts:
    """pgbench writing the rows of M1, and nothing else, over as many connections."""

    name = "pgbench: M1"

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def prepare(self) -> None:
        """Warm the tables up."""
        self.measure(1.0)

    def measure(self, seconds: float) -> Window:
        """Measure one window; pgbench wants whole seconds."""
        desk = self._desk
        tend(desk)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [
            "pgbench",
            "-n",
            "-M",
            "prepared",
            "-c",
            str(CONNECTIONS),
            "-j",
            "1",
            "-T",
            str(max(1, round(seconds))),
        ]
        variables = {"queue": desk.writing_queue_id, "priority": desk.priority_id, "customer": desk.customer_user_id}
        command += [part for name, value in variables.items() for part in ("-D", f"{name}={value}")]
        with Meter(lambda: backends_of(desk.database)) as stored:
            run = subprocess.run([*command, "-f", str(INSERTS), desk.url], check=False, capture_output=True, text=True)
        if run.returncode:
            raise WrongAnswer(f"pgbench: {run.stderr}")
        said = run.stdout
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        count = int(_number(r"transactions actually processed: (\d+)", said))
        wait = _number(r"latency average = ([\d.]+) ms", said)
        used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return Window(
            rate=_number(r"tps = ([\d.]+)", said),
            server_cpu=0.0,
            database_cpu=stored.used / count / 1e3,
            median_wait=wait,
            long_wait=wait,
            load_cpu=used / count * 1e6,
        )


def in_a_process_of_its_own(function: Any, *arguments: Any) -> dict[str, Any]:
    """Run a function that returns JSON's values in a forked process.

    Raises `WrongAnswer` with the text of what it raised.
    """
    ours, theirs = _FORK.Pipe(duplex=False)
    child = _FORK.Process(target=_tell, args=(theirs, function, arguments))
    child.start()
    theirs.close()
    try:
        told: dict[str, Any] = json.loads(ours.recv_bytes())
    except EOFError as error:
        raise WrongAnswer("The load ended without a word.") from error
    finally:
        child.join()
        ours.close()
    if "error" in told:
        raise WrongAnswer(told["error"])
    return told


def _tell(pipe: Any, function: Any, arguments: Sequence[Any]) -> None:
    try:
        told = function(*arguments)
    except Exception as error:  # noqa: BLE001 - it is raised again in the parent
        told = {"error": "".join(traceback.format_exception(error))}
    pipe.send_bytes(json.dumps(told).encode())


def _load(port: int, shots: Sequence[Shot], seconds: float, begin: int) -> dict[str, Any]:
    before = time.process_time()
    tally = drive(port, shots, seconds=seconds, connections=CONNECTIONS, begin=begin)
    return {
        "cpu": time.process_time() - before,
        "answers": tally.answers,
        "seconds": tally.seconds,
        "median_wait": tally.wait(0.5),
        "long_wait": tally.wait(0.99),
    }


def _number(pattern: str, text: str) -> float:
    found = re.search(pattern, text)
    if found is None:
        raise ValueError(f"pgbench said something else: {text}")
    return float(found[1])


def interleaved(cells: Sequence[Cell], rounds: int) -> Iterator[tuple[int, Cell]]:
    """Yield every cell once a round; each round begins one cell later, so that none always follows the same."""
    for number in range(rounds):
        begin = number % len(cells)
        for cell in (*cells[begin:], *cells[:begin]):
            yield number, cell
