"""What the tests of jobs share: a database with the table, wirings, and effects that can be counted."""

import asyncio
import json
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial

from tortoise import Tortoise

from tessera.kit.bus import Bus, LocalBus
from tessera.kit.db import App, Database, connection, transaction
from tessera.kit.jobs import Dispatcher, Job, JobState, enqueue
from tessera.kit.unit import Unit, Units
from tessera.kit.wiring import JobKind, ScheduleKind, Wiring

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
APPS = (App("tessera", ("tessera.kit.jobs",), "tessera.migrations"),)


@asynccontextmanager
async def table(url: str, *, create: bool = True) -> AsyncIterator[Database]:
    """Open a database and make the table of jobs."""
    database = await Database.open(url, APPS)
    try:
        if create:
            await Tortoise.generate_schemas()
            if database.dialect == "mysql":  # as our migrations do
                await connection().execute_script(
                    "ALTER TABLE job CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin"
                )
        yield database
    finally:
        await database.close()


def wiring(
    *,
    in_unit: Mapping[str, Callable[..., Awaitable[object]]] | None = None,
    outside: Mapping[str, Callable[..., Awaitable[object]]] | None = None,
    together: Mapping[str, Callable[[Unit, Sequence[Mapping[str, str]]], Awaitable[object]]] | None = None,
    schedules: tuple[ScheduleKind, ...] = (),
    attempts: int = 8,
) -> Wiring:
    """Wire functions as jobs by their names."""
    kinds = [JobKind(name, run, in_unit=True, attempts=attempts) for name, run in (in_unit or {}).items()]
    kinds += [JobKind(name, run, in_unit=False, attempts=attempts) for name, run in (outside or {}).items()]
    kinds += [
        JobKind(name, partial(_alone, run), in_unit=True, attempts=attempts, run_together=run)
        for name, run in (together or {}).items()
    ]
    return Wiring(jobs={kind.name: kind for kind in kinds}, schedules=schedules)


async def _alone(run: Callable[..., Awaitable[object]], unit: Unit, **payload: str) -> None:
    await run(unit, [payload])


def dispatcher(
    wires: Wiring,
    *,
    redis_url: str | None = None,
    exclusive: bool = False,
    bus: Bus | None = None,
    lease: timedelta = timedelta(seconds=30),
    namespace: str | None = None,
) -> Dispatcher:
    """Make a dispatcher whose units kick after their commit."""
    units = Units(wires)
    made = Dispatcher(
        wires,
        units,
        redis_url,
        exclusive=exclusive,
        bus=bus or LocalBus(),
        lease=lease,
        namespace=namespace or f"test-{uuid.uuid4().hex}",
    )

    async def kick(unit: Unit) -> None:
        await made.kick(*unit.jobs)

    units.after_commit.append(kick)
    return made


@asynccontextmanager
async def working(*dispatchers: Dispatcher) -> AsyncIterator[None]:
    """Let dispatchers work while the block runs, then stop and close them."""
    for one in dispatchers:
        await one.start()
    tasks = [asyncio.create_task(one.run_worker()) for one in dispatchers]
    try:
        yield
    finally:
        for one in dispatchers:
            await one.close()
        await asyncio.gather(*tasks)


async def affect(unit: Unit, tag: str) -> None:
    """Leave an effect in the unit's transaction: a job that no wiring knows, so that nobody takes it."""
    await unit.enqueue("effect", {"tag": tag})


async def effects() -> Counter[str]:
    """Count the committed effects by tag."""
    payloads = await Job.filter(name="effect").values_list("payload", flat=True)
    return Counter(json.loads(str(payload))["tag"] for payload in payloads)


async def eventually(condition: Callable[[], Awaitable[bool]], *, within: float = 10.0) -> None:
    """Wait until a condition holds; fail after so many seconds."""
    deadline = time.monotonic() + within
    while not await condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        await asyncio.sleep(0.02)


async def owe(name: str, **payload: object) -> Job:
    """Commit one job."""
    async with transaction():
        return await enqueue(name, payload)


async def state_of(job: Job) -> JobState:
    return (await Job.get(id=job.id)).state


async def nothing(*_: object, **__: object) -> None:
    """Succeed."""


async def has_effects(expected: dict[str, int]) -> bool:
    return await effects() == expected
