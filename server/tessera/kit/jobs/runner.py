"""Runs one job: claim by one conditional update, heartbeat, outcome guarded by the lease."""

import asyncio
import contextlib
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from random import SystemRandom
from typing import Any, Protocol, TypeVar

from tortoise.expressions import F, Q
from tortoise.queryset import QuerySet

from tessera.kit import log
from tessera.kit.actor import SYSTEM, Actor
from tessera.kit.bus import Bus
from tessera.kit.clock import now
from tessera.kit.db import in_background
from tessera.kit.jobs.model import Job, JobState
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
        if not await _held(self.job).update(
            progress=min(max(fraction, 0.0), 1.0), lease_until=now() + self._runner.lease
        ):
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

    async def run(self, job_id: int) -> Job | None:
        """Run a job that is due, to its outcome; return it with its new state, None when it was not to be had.

        Raises `asyncio.CancelledError` when this process stops; the job is queued again before.
        """
        job = await self._claim(job_id)
        if job is None:
            return None
        await self.announce(job_id)
        with (
            log.bound(job=job.id, job_name=job.name),
            self.tracing.begin(f"job {job.name}", kind="consumer", parent=job.traceparent) as span,
        ):
            await self._attempt(job, self.wiring.jobs[job.name])
            span.note("tessera.job.id", job.id)
            span.note("tessera.job.attempt", job.attempts)
            span.note("tessera.job.state", job.state.value)
        await self.announce(job_id)
        return job

    async def _claim(self, job_id: int) -> Job | None:
        at, lease = now(), uuid.uuid4().hex
        due = Q(state=JobState.QUEUED, run_at__lte=at) | Q(state=JobState.RUNNING, lease_until__lt=at)
        claimed = await Job.filter(Q(id=job_id, name__in=list(self.wiring.jobs)), due).update(
            state=JobState.RUNNING, lease_until=at + self.lease, lease_by=lease, attempts=F("attempts") + 1
        )
        return await Job.get_or_none(id=job_id, lease_by=lease) if claimed else None

    async def _attempt(self, job: Job, kind: JobKind) -> None:
        body = self._running[job.id] = asyncio.create_task(self._body(job, kind), name=f"job {job.id}")
        heart = in_background(self._beat(job, body), name=f"heartbeat of job {job.id}")
        try:
            async with asyncio.timeout(TIME_LIMIT.total_seconds()):
                await body
        except asyncio.CancelledError:
            if not _is_cancelled_from_outside():
                log.get().warning("jobs.interrupted")
                return
            release = in_background(self._release(job), name=f"release of job {job.id}")
            while not release.done():  # whoever stops a worker may cancel more than once
                with contextlib.suppress(asyncio.CancelledError):
                    await asyncio.shield(release)
            raise
        except LeaseLost:
            log.get().warning("jobs.lease_lost")
        except Exception as error:  # noqa: BLE001 - whatever a job raises is its failure, not the worker's
            await self._fail(job, kind, error)
        finally:
            heart.cancel()
            self._running.pop(job.id, None)

    async def _body(self, job: Job, kind: JobKind) -> None:
        if job.attempts > kind.attempts:
            raise GiveUp(f"The worker stopped in the middle of each of {kind.attempts} attempts.")
        if kind.in_unit:
            await self.units.run(
                SYSTEM, lambda unit: self._finish(job, kind, unit), cause_id=job.cause_id, depth=job.depth
            )
        else:
            await self._finish(job, kind, Work(self.units, job, self))

    async def _finish(self, job: Job, kind: JobKind, first: object) -> None:
        result = await kind.run(first, **job.arguments)
        done = {
            "result": result if isinstance(result, str) else None,
            "progress": 1.0,
            "error": None,
            "finished_at": now(),
        }
        if not await _held(job).update(state=JobState.SUCCEEDED, lease_until=None, lease_by=None, **done):
            raise LeaseLost
        job.state = JobState.SUCCEEDED

    async def _fail(self, job: Job, kind: JobKind, error: Exception) -> None:
        final = isinstance(error, GiveUp) or job.attempts >= kind.attempts
        job.state = JobState.FAILED if final else JobState.QUEUED
        job.run_at = now() + back_off(job.attempts)
        told = {"error": str(error)} if isinstance(error, GiveUp) else {"exc_info": error}
        log.get().warning("jobs.failed", final=final, attempt=job.attempts, **told)
        await _held(job).update(
            state=job.state,
            run_at=job.run_at,
            lease_until=None,
            lease_by=None,
            error=describe(error),
            finished_at=now() if final else None,
        )

    async def _release(self, job: Job) -> None:
        await _held(job).update(state=JobState.QUEUED, lease_until=None, lease_by=None, attempts=F("attempts") - 1)

    async def _beat(self, job: Job, body: asyncio.Task[None]) -> None:
        while True:
            await asyncio.sleep(self.lease.total_seconds() / BEATS_PER_LEASE)
            try:
                if await _held(job).update(lease_until=now() + self.lease):
                    continue
                if not await Job.exists(id=job.id, state=JobState.SUCCEEDED):
                    body.cancel()
                return
            except Exception:  # noqa: BLE001 - a database that is away may be back before the lease lapses
                log.get().warning("jobs.heartbeat_failed", job=job.id, exc_info=True)


def _held(job: Job) -> QuerySet[Job]:
    return Job.filter(id=job.id, lease_by=job.lease_by, state=JobState.RUNNING)


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
