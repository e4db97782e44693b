"""Starts the peers, lets only the measured one run, and stops them."""

import contextlib
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import work
from benchmarks.desk import Desk
from benchmarks.load import Connection
from benchmarks.meter import Meter, backends_of, resident
from benchmarks.work import Work

HERE = Path(__file__).parent
WORK_FOLDER = HERE / ".work"
POSTGRAPHILE = HERE / "peers" / "postgraphile"
START_SECONDS = 60.0
PAUSE_SECONDS = 0.05

CONFIGURED = {"TESSERA_LOG_LEVEL": "ERROR", "TESSERA_RATE_LIMIT": "0"}
"""A caller without limit: the load is one agent."""

UNSET = ("TESSERA_REDIS_URL", "TESSERA_SMTP_URL", "TESSERA_ALLOWED_ORIGINS", "TESSERA_PUBLIC_URL", "GRAPHILE_ENV")


class PeerFailed(Exception):
    """A peer did not start, or stopped by itself; the message holds what it said."""


@dataclass
class Server:
    """A running peer. `warm_up` is how many seconds of work it needs before it is as fast as it gets."""

    name: str
    desk: Desk
    works: Mapping[str, Work]
    port: int
    process: subprocess.Popen[bytes]
    log: Path
    warm_up: float = 0.0
    _answers: dict[str, list[bytes]] = field(default_factory=dict, repr=False)

    def processes(self) -> list[int]:
        """Return the server's processes."""
        return [self.process.pid]

    def backends(self) -> list[int]:
        """Return the database's processes; none for a file."""
        return backends_of(self.desk.database)

    @property
    def resident(self) -> int:
        """The bytes of memory the server holds."""
        return resident(self.process.pid)

    def sleep(self) -> None:
        """Stop the server where it stands, so that it costs nothing while others are measured."""
        self.process.send_signal(signal.SIGSTOP)

    @contextlib.contextmanager
    def awake(self) -> Iterator[None]:
        """Let the server run for a while."""
        self.process.send_signal(signal.SIGCONT)
        try:
            yield
        finally:
            self.sleep()

    def rest(self) -> None:
        """Wait until the server has caught up with what it missed asleep."""
        with Meter(self.processes) as meter:
            meter.settle()

    def answers(self, kind: str) -> list[bytes]:
        """Return the bodies of the answers to each request of a kind, which are asked for once."""
        if kind not in self._answers:
            with self.awake(), contextlib.closing(Connection(self.port)) as connection:
                self._answers[kind] = [connection.ask(shot) for shot in self.works[kind].shots]
        return self._answers[kind]

    def wait(self) -> None:
        """Return when the server listens.

        Raises `PeerFailed` when it ends or does not come up.
        """
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            time.sleep(PAUSE_SECONDS)
        raise PeerFailed(f"{self.name} did not start: {self.log.read_text(errors='replace')[-2000:]}")

    def stop(self) -> None:
        """End the server."""
        if self.process.poll() is None:
            self.process.terminate()
            self.process.send_signal(signal.SIGCONT)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def product(name: str, desk: Desk, *options: str, compiled: bool = True) -> Server:
    """Start the product on a desk, with the options of `benchmarks.peers.product`."""
    environment = CONFIGURED | {
        "TESSERA_DATABASE_URL": desk.url,
        "TESSERA_DATA": str(WORK_FOLDER / name),
        "TESSERA_COMPILE": str(compiled).lower(),
    }
    command = [sys.executable, "-m", "benchmarks.peers.product", "{port}", *options]
    return _start(name, desk, work.product(desk), command, environment, warm_up=0.5)


def floor(desk: Desk) -> Server:
    """Start the hand-written endpoint."""
    command = [sys.executable, "-m", "benchmarks.peers.floor", "{port}", desk.url]
    return _start("floor", desk, work.floor(desk), command, warm_up=0.5)


def postgraphile(desk: Desk, *, warm_up: float) -> Server:
    """Start PostGraphile."""
    command = [*node(), str(POSTGRAPHILE / "server.mjs"), "{port}", desk.url]
    return _start("postgraphile", desk, work.postgraphile(desk), command, warm_up=warm_up)


def node() -> list[str]:
    """Return the command of the Node that came with PostGraphile; the machine's own may be too old."""
    return [str(POSTGRAPHILE / "node_modules" / ".bin" / "node")]


def has_postgraphile(*, install: bool) -> bool:
    """Tell whether PostGraphile is there; npm gets it when it is asked to."""
    parts = [POSTGRAPHILE / "node_modules" / "postgraphile", Path(*node())]
    if install and not all(part.exists() for part in parts) and (npm := shutil.which("npm")):
        subprocess.run([npm, "install", "--no-package-lock", "--no-audit", "--no-fund"], cwd=POSTGRAPHILE, check=False)
    return all(part.exists() for part in parts)


def _start(
    name: str,
    desk: Desk,
    works: Mapping[str, Work],
    command: Sequence[str],
    environment: Mapping[str, str] | None = None,
    *,
    warm_up: float,
) -> Server:
    port = _free_port()
    log = WORK_FOLDER / f"{name}.log"
    clean = [part for unset in UNSET for part in ("-u", unset)]
    settings = [f"{key}={value}" for key, value in (environment or {}).items()]
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["env", *clean, *settings, *(part.format(port=port) for part in command)],
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=HERE.parent,
            start_new_session=True,
        )
    return Server(name, desk, works, port, process, log, warm_up)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
