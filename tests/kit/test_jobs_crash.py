"""Workers and Redis killed at random: every job owed is done, effects in the database exactly once."""

import asyncio
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from tessera.kit import clock, log
from tessera.kit.actor import SYSTEM
from tessera.kit.jobs import Dispatcher, Job, JobState, Work
from tessera.kit.unit import Unit, Units
from tessera.kit.wiring import Wiring
from tests.kit.jobs_world import affect, dispatcher, effects, eventually, table, wiring
from tests.kit.redis_world import free_port, needs_redis_server, redis_server

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]

LEASE = timedelta(seconds=2)
SECONDS_OF_CHAOS = 15
NAMESPACE = "crash"


def flaky_wiring(outbox: Path) -> Wiring:
    """Wire `work`, which leaves effects and owes for each a `send`, which appends a line to a file."""
    chance = random.Random()

    async def work(unit: Unit, payloads: Sequence[Mapping[str, str]]) -> None:
        if chance.random() < 0.1:
            raise RuntimeError("flaky before")
        for payload in payloads:
            await affect(unit, payload["number"])
            await asyncio.sleep(chance.uniform(0, 0.005))
            await unit.enqueue("send", payload)
        if chance.random() < 0.1:
            raise RuntimeError("flaky after")

    async def send(work: Work, number: str) -> None:
        await asyncio.sleep(chance.uniform(0, 0.02))
        with outbox.open("a") as file:
            file.write(f"{number} {work.job_id}\n")

    return wiring(together={"work": work}, outside={"send": send}, attempts=1000)


async def owe(wires: Wiring, made: Dispatcher, number: str) -> None:
    """Commit one piece of work and kick it, as a request would."""
    units = Units(wires)
    async with units.open(SYSTEM) as unit:
        await unit.enqueue("work", {"number": number})
    sys.stdout.write(f"{number}\n")  # the client is told
    sys.stdout.flush()
    await made.kick(*unit.jobs)


async def run_worker(database_url: str, redis_url: str, outbox: Path) -> None:
    async with table(database_url, create=False):
        made = dispatcher(flaky_wiring(outbox), redis_url=redis_url, lease=LEASE, namespace=NAMESPACE)
        await made.run_worker()


async def run_everything(database_url: str, outbox: Path, life: str) -> None:
    """Be the one process of a house without Redis: take requests and run jobs."""
    async with table(database_url, create=False):
        wires = flaky_wiring(outbox)
        made = dispatcher(wires, exclusive=True, lease=timedelta(hours=1))
        await made.start()
        worker = asyncio.create_task(made.run_worker())
        for count in range(10**6 if life != "last" else 0):
            await owe(wires, made, f"{life}.{count}")
            await asyncio.sleep(random.uniform(0, 0.02))
        await worker


@contextmanager
def process(*arguments: str, output: Path) -> Iterator[None]:
    """Run this file in a process of its own, killed with SIGKILL at the end of the block."""
    command = [sys.executable, "-m", "tests.kit.test_jobs_crash", *arguments]
    with output.open("a") as stdout, output.with_suffix(".errors").open("a") as stderr:
        child = subprocess.Popen(command, stdout=stdout, stderr=stderr, cwd=Path(__file__).parents[2])
    try:
        yield
    finally:
        child.kill()
        child.wait()


async def all_over() -> bool:
    """Tell whether everything owed is done, and spare failed jobs their long back-off."""
    at = clock.now()
    await Job.filter(name="work", state=JobState.QUEUED, attempts__gt=2, run_at__gt=at).update(run_at=at)
    return not await Job.filter(name__in=["work", "send"]).exclude(state=JobState.SUCCEEDED).exists()


async def has_lines(output: Path, count: int) -> bool:
    return len(output.read_text().splitlines()) >= count


async def check(acknowledged: set[str], outbox: Path) -> None:
    """Compare what was promised with what happened."""
    happened = await effects()
    assert acknowledged <= set(happened), "nothing that was acknowledged is lost"
    assert set(happened.values()) == {1}, "effects in the database happened once"
    sent = [line.split() for line in outbox.read_text().splitlines()]
    assert {number for number, _ in sent} == set(happened)
    jobs_of_number = Counter(number for number, _ in {(number, job) for number, job in sent})
    assert set(jobs_of_number.values()) == {1}, "what was sent twice carries the same id"


@needs_redis_server
async def test_killed_workers_and_a_killed_redis_lose_nothing(every_job_table: str, tmp_path: Path) -> None:
    database_url = every_job_table
    port, outbox, output = free_port(), tmp_path / "outbox", tmp_path / "output"
    redis_url = f"redis://127.0.0.1:{port}/0"
    wires = flaky_wiring(outbox)
    made = dispatcher(wires, redis_url=redis_url, lease=LEASE, namespace=NAMESPACE)
    acknowledged: set[str] = set()
    end = time.monotonic() + SECONDS_OF_CHAOS

    async def produce() -> None:
        while time.monotonic() < end:
            number = str(len(acknowledged))
            await owe(wires, made, number)
            acknowledged.add(number)
            await asyncio.sleep(random.uniform(0, 0.04))

    async def keep_killing_workers() -> None:
        while time.monotonic() < end:
            with process("worker", database_url, redis_url, str(outbox), output=output):
                await asyncio.sleep(random.uniform(2.5, 5))

    async def keep_killing_redis() -> None:
        while time.monotonic() < end:
            with redis_server(port, tmp_path):
                await asyncio.sleep(random.uniform(2, 5))

    await asyncio.gather(produce(), keep_killing_workers(), keep_killing_workers(), keep_killing_redis())
    with (
        redis_server(port, tmp_path),
        process("worker", database_url, redis_url, str(outbox), output=output),
        process("worker", database_url, redis_url, str(outbox), output=output),
    ):
        await eventually(all_over, within=90)
    await made.close()
    assert len(acknowledged) > 50
    await check(acknowledged, outbox)


async def test_a_house_without_redis_killed_again_and_again_loses_nothing(tmp_path: Path) -> None:
    url, outbox, output = f"sqlite://{tmp_path}/jobs.db", tmp_path / "outbox", tmp_path / "output"
    async with table(url):
        for life in range(4):
            with process("everything", url, str(outbox), str(life), output=output):
                await eventually(partial(has_lines, output, 40 * (life + 1)), within=30)
                await asyncio.sleep(random.uniform(0, 1))
        with process("everything", url, str(outbox), "last", output=output):
            await eventually(all_over, within=60)
        await check(set(output.read_text().split()), outbox)


if __name__ == "__main__":
    log.configure(level="CRITICAL")
    match sys.argv[1:]:
        case ["worker", database_url_, redis_url_, outbox_]:
            asyncio.run(run_worker(database_url_, redis_url_, Path(outbox_)))
        case ["everything", database_url_, outbox_, life_]:
            asyncio.run(run_everything(database_url_, Path(outbox_), life_))
