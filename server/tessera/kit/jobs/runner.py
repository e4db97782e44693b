"""Runs jobs: claim by one conditional update, heartbeat, outcome guarded by the lease."""

import asyncio
import contextlib
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import SystemRandom
from typing import Any, Protocol, TypeVar

from tessera.kit import log, rows, sql
from tessera.kit.actor import SYSTEM, Actor
from tessera.kit.bus import Bus
from tessera.kit.clock import now
from tessera.kit.db import in_background
from tessera.kit.errors import Problem
from tessera.kit.jobs.model import Job, JobState
from tessera.kit.sql import Sql
from tessera.kit.tracing import Tracing
from tessera.kit.wiring import JobKind, Wiring

TOPIC = "job"
TIME_LIMIT = timedelta(hours=1)
BACK_OFF_FIRST = timedelta(milliseconds=500)
BACK_OFF_LONGEST = timedelta(minutes=5)
ERROR_LENGTH = 500
BACK_OFF_FACTOR = 4.0
MAX_EXPONENT = 10
BEATS_PER_LEASE = 3
BATCH = 100
"""Jobs of one kind that are done together, where the kind can."""

ResultT = TypeVar("ResultT")
_random = SystemRandom()


class GiveUp(Exception):
    """Raised by a job that cannot succeed however often it is tried: a dead letter at once."""


class LeaseLost(Exception):
    """The job was called off, or taken over because this process did not answer in time."""


class Units(Protocol):
    """What a job needs of the unit factory."""

    async def run(
        self,
        actor: Actor,
        work: Callable[[Any], Awaitable[ResultT]],
        *,
        cause_id: int | None = None,
        depth: int = 0,
    ) -> ResultT:
        """Run work inside one unit, again when it collides with another transaction."""


@dataclass(frozen=True, slots=True)
class Work:
    """What a job that waits for the outside is given: the units to open and the job itself, to look at."""

    units: Any
    job: Job
    _runner: "Runner"

    @property
    def job_id(self) -> int:
        """The job's id: makes effects outside recognisable when they are repeated."""
        return int(self.job.id)

    async def progress(self, fraction: float) -> None:
        """Show how far the job is, 0..1.

        Raises `LeaseLost` when the job was called off or taken over.
        """
        done = {"progress": min(max(fraction, 0.0), 1.0), "lease_until": now() + self._runner.lease}
        if not await _change([self.job], done):
            raise LeaseLost
        await self._runner.announce(self.job_id)

    async def wake(self, topic: str, number: int) -> None:
        """Wake whoever listens to a topic of the bus, in every process."""
        await self._runner.bus.publish(topic, number)


class Runner:
    """Runs jobs by id; any number of runners, in any number of processes, share the table."""

    def __init__(
        self, wiring: Wiring, units: Units, bus: Bus, *, lease: timedelta, tracing: Tracing | None = None
    ) -> None:
        self.wiring = wiring
        self.units = units
        self.bus = bus
        self.lease = lease
        self.tracing = tracing or Tracing()
        self._running: dict[int, asyncio.Task[Any]] = {}

    async def announce(self, job_id: int) -> None:
        """Wake whoever watches jobs."""
        await self.bus.publish(TOPIC, job_id)

    def interrupt(self, job_id: int) -> None:
        """Stop the job if it runs in this process; its lease must be gone already."""
        if task := self._running.get(job_id):
            task.cancel()

    async def run(self, job_id: int) -> list[Job]:
        """Run a job that is due, to its outcome, and others with it when its kind does many together.

        Returns them with their new states, none when it was not to be had. Raises `asyncio.CancelledError` when this
        process stops; they are queued again before.
        """
        jobs = await self._claim(job_id)
        if not jobs:
            return []
        first = jobs[0]
        await self._announce_all(jobs)
        with (
            log.bound(job=first.id, job_name=first.name),
            self.tracing.begin(f"job {first.name}", kind="consumer", parent=first.traceparent) as span,
        ):
            await self._attempt(jobs, self.wiring.jobs[first.name])
            span.note("tessera.job.id", first.id)
            span.note("tessera.job.attempt", first.attempts)
            span.note("tessera.job.state", first.state.value)
            span.note("tessera.job.together", len(jobs))
        await self._announce_all(jobs)
        return jobs

    async def _announce_all(self, jobs: Sequence[Job]) -> None:
        for job in jobs:
            await self.announce(job.id)

    async def _claim(self, job_id: int) -> list[Job]:
        lease = uuid.uuid4().hex
        if not await self._take(lease, sql.equals("id", job_id), sql.one_of("name", self.wiring.jobs)):
            return []
        jobs = await _leased(lease, [job_id])
        # what failed before, perhaps together with others, is tried on its own
        if jobs and jobs[0].attempts == 1 and self.wiring.jobs[jobs[0].name].run_together:
            others = Job.filter(name=jobs[0].name, state=JobState.QUEUED, attempts=0, run_at__lte=now())
            ids: list[Any] = await others.order_by("run_at", "id").limit(BATCH - 1).values_list("id", flat=True)
            if ids and await self._take(lease, sql.one_of("id", ids), sql.equals("attempts", 0)):
                jobs = await _leased(lease, [job_id, *ids])
        return jobs

    async def _take(self, lease: str, *wanted: Sql) -> int:
        at = now()
        queued = sql.both([sql.equals("state", JobState.QUEUED.value), sql.compares("run_at", "<=", at)])
        lapsed = sql.both([sql.equals("state", JobState.RUNNING.value), sql.compares("lease_until", "<", at)])
        taken = {
            "state": JobState.RUNNING,
            "lease_until": at + self.lease,
            "lease_by": lease,
            "attempts": Sql('"attempts" + 1'),
        }
        return await rows.change_where(Job, sql.both([*wanted, sql.either(queued, lapsed)]), taken)

    async def _attempt(self, jobs: Sequence[Job], kind: JobKind) -> None:
        body = asyncio.create_task(self._body(jobs, kind), name=f"job {jobs[0].id}")
        self._running |= dict.fromkeys((job.id for job in jobs), body)
        heart = in_background(self._beat(jobs, body), name=f"heartbeat of job {jobs[0].id}")
        try:
            async with asyncio.timeout(TIME_LIMIT.total_seconds()):
                await body
        except asyncio.CancelledError:
            outside = _is_cancelled_from_outside()
            if not outside:
                log.get().warning("jobs.interrupted")
            release = in_background(self._release(jobs), name=f"release of job {jobs[0].id}")
            while not release.done():  # whoever stops a worker may cancel more than once
                with contextlib.suppress(asyncio.CancelledError):
                    await asyncio.shield(release)
            if outside:
                raise
        except LeaseLost:
            log.get().warning("jobs.lease_lost")
            await self._release(jobs)
        except Exception as error:  # noqa: BLE001 - whatever a job raises is its failure, not the worker's
            for job in jobs:
                await self._fail(job, kind, error, alone=len(jobs) == 1)
        finally:
            heart.cancel()
            for job in jobs:
                self._running.pop(job.id, None)

    async def _body(self, jobs: Sequence[Job], kind: JobKind) -> None:
        first = jobs[0]
        if first.attempts > kind.attempts:
            raise GiveUp(f"The worker stopped in the middle of each of {kind.attempts} attempts.")
        if kind.in_unit:
            cause = first.cause_id if len(jobs) == 1 else None
            depth = max(job.depth for job in jobs)
            await self.units.run(SYSTEM, lambda unit: self._finish(jobs, kind, unit), cause_id=cause, depth=depth)
        else:
            await self._finish(jobs, kind, Work(self.units, first, self))

    async def _finish(self, jobs: Sequence[Job], kind: JobKind, first: object) -> None:
        if len(jobs) > 1 and kind.run_together:
            result = await kind.run_together(first, [job.arguments for job in jobs])
        else:
            result = await kind.run(first, **jobs[0].arguments)
        done = {
            "result": result if isinstance(result, str) else None,
            "progress": 1.0,
            "error": None,
            "finished_at": now(),
        }
        held = await _change(jobs, {"state": JobState.SUCCEEDED, "lease_until": None, "lease_by": None, **done})
        if held != len(jobs):
            raise LeaseLost
        for job in jobs:
            job.state = JobState.SUCCEEDED

    async def _fail(self, job: Job, kind: JobKind, error: Exception, *, alone: bool) -> None:
        final = alone and (isinstance(error, GiveUp) or job.attempts >= kind.attempts)
        job.state = JobState.FAILED if final else JobState.QUEUED
        job.run_at = now() + back_off(job.attempts)
        # a problem that may be gone the next time needs no traceback; one that stays may be a fault of the program's
        expected = isinstance(error, GiveUp) or (isinstance(error, Problem) and not final)
        told = {"error": str(error)} if expected else {"exc_info": error}
        log.get().warning("jobs.failed", final=final, attempt=job.attempts, **told)
        outcome = {
            "state": job.state,
            "run_at": job.run_at,
            "lease_until": None,
            "lease_by": None,
            "error": describe(error),
            "finished_at": now() if final else None,
        }
        await _change([job], outcome)

    async def _release(self, jobs: Sequence[Job]) -> None:
        """Queue again what is still held: nothing of a job that was called off or taken over."""
        queued = {"state": JobState.QUEUED, "lease_until": None, "lease_by": None, "attempts": Sql('"attempts" - 1')}
        await _change(jobs, queued)

    async def _beat(self, jobs: Sequence[Job], body: asyncio.Task[None]) -> None:
        ids = [job.id for job in jobs]
        while True:
            await asyncio.sleep(self.lease.total_seconds() / BEATS_PER_LEASE)
            try:
                if await _change(jobs, {"lease_until": now() + self.lease}) == len(jobs):
                    continue
                if await Job.filter(id__in=ids, state=JobState.SUCCEEDED).count() != len(jobs):
                    body.cancel()
                return
            except Exception:  # noqa: BLE001 - a database that is away may be back before the lease lapses
                log.get().warning("jobs.heartbeat_failed", job=ids[0], exc_info=True)


async def _leased(lease: str, ids: Sequence[int]) -> list[Job]:
    """Return those of some jobs that a lease is held for."""
    return [job for job in await rows.having(Job, "id", ids) if job.lease_by == lease]


async def _change(jobs: Sequence[Job], values: Mapping[str, Any]) -> int:
    """Change jobs that are still held by the lease of this run, and return how many of them are."""
    held = [
        sql.one_of("id", [job.id for job in jobs]),
        sql.equals("lease_by", jobs[0].lease_by),
        sql.equals("state", JobState.RUNNING.value),
    ]
    return await rows.change_where(Job, sql.both(held), values)


def _is_cancelled_from_outside() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def back_off(attempts: int) -> timedelta:
    """Return how long to wait after so many failed attempts: half a second, four times more each time, 5 min at most.

    Up to half of it is taken off at random, so that jobs that failed together do not return together.
    """
    span = min(BACK_OFF_FIRST * BACK_OFF_FACTOR ** min(attempts - 1, MAX_EXPONENT), BACK_OFF_LONGEST)
    return span * (1.0 - _random.random() / 2)


def describe(error: BaseException) -> str:
    """Return an error's type and the first line of its message, at most 500 characters."""
    message = str(error).strip()
    return f"{type(error).__name__}: {message.splitlines()[0]}"[:ERROR_LENGTH] if message else type(error).__name__
