"""The dispatcher: kicks jobs after commit, sweeps up what was lost, runs the worker, serves the admin."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from tessera.kit import log
from tessera.kit.bus import Bus
from tessera.kit.clock import now
from tessera.kit.jobs import sweep
from tessera.kit.jobs.carrier import Carrier, CarrierLost
from tessera.kit.jobs.model import Job, JobState, requeue, revoke
from tessera.kit.jobs.runner import BATCH, TIME_LIMIT, Runner, Units
from tessera.kit.tracing import Tracing
from tessera.kit.wiring import Wiring

LEASE = timedelta(seconds=30)
SWEEP_EVERY = timedelta(seconds=2)
GRACE = timedelta(seconds=1)
RESEND_EVERY = timedelta(seconds=10)
KICK_HORIZON = timedelta(minutes=1)
FINISH_WITHIN = timedelta(seconds=20)
GATHER = timedelta(milliseconds=100)
"""How long jobs that are done together wait for one another."""


@dataclass(frozen=True)
class Status:
    """How the work stands: jobs not over by state, the instant the most overdue one was due, the carrier."""

    counts: Mapping[JobState, int]
    oldest_due: datetime | None
    reachable: bool


class Dispatcher:
    """One process's part in the background work.

    Every process kicks; those that call `run_worker` also run. Without `redis_url` ids travel inside the process, so
    that it must run a worker itself. `exclusive` says that no other process runs jobs of this database (the caller
    holds a lock on it): jobs left running by a dead predecessor are then taken back at the start instead of after
    their lease. `namespace` keeps houses apart that share a Redis.
    """

    def __init__(
        self,
        wiring: Wiring,
        units: Units,
        redis_url: str | None,
        *,
        exclusive: bool,
        bus: Bus,
        namespace: str = "tessera",
        concurrency: int = 10,
        lease: timedelta = LEASE,
        tracing: Tracing | None = None,
    ) -> None:
        self._wiring = wiring
        self._exclusive = exclusive
        self._runner = Runner(wiring, units, bus, lease=lease, tracing=tracing)
        self._carrier = Carrier(
            redis_url, self._run, namespace=namespace, concurrency=concurrency, time_limit=2 * TIME_LIMIT
        )
        self._gathering: dict[str, datetime] = {}
        self._timetable = sweep.Timetable(wiring.schedules)
        self._stopping = asyncio.Event()
        self._stopped = asyncio.Event()
        self._stopped.set()

    async def start(self) -> None:
        """Take back what a dead predecessor left running, when this is the only worker; before `run_worker`."""
        if self._exclusive and (count := await sweep.take_back()):
            log.get().info("jobs.taken_back", count=count)

    async def run_worker(self) -> None:
        """Run jobs until `stop`, then let those that run finish within 20 seconds; cancelling interrupts them.

        Interrupted jobs are queued again. Outages of the database or Redis are logged and outlived.
        """
        self._stopped.clear()
        try:
            async with asyncio.TaskGroup() as both:  # `gather` would not wait for the slower one when cancelled
                both.create_task(self._carrier.serve(self._stopping, grace=FINISH_WITHIN))
                both.create_task(self._sweep_forever())
        finally:
            self._stopping.set()
            self._stopped.set()

    def stop(self) -> None:
        """Ask the worker to take no more jobs and to end; usable from a signal handler of the event loop."""
        self._stopping.set()

    async def close(self) -> None:
        """Stop, wait for the worker's end and let the connections go."""
        self.stop()
        await self._stopped.wait()
        await self._carrier.close()

    async def kick(self, *jobs: Job) -> None:
        """Send committed jobs to a worker at once; never raises, for the sweeper repairs a lost kick."""
        at = now()
        try:
            for job in jobs:
                due = self._departure(job, at)
                if due is not None:
                    await self._carrier.send(job.id, str(job.attempts), at=due if due > at else None)
        except CarrierLost as error:
            log.get().warning("jobs.kick_lost", error=str(error))

    def _departure(self, job: Job, at: datetime) -> datetime | None:
        """Return when a job is to reach a worker; None for one that is over, far off, or taken along by another one.

        The first of those that are done together waits a moment for others.
        """
        if job.state != JobState.QUEUED or job.run_at > at + KICK_HORIZON:
            return None
        kind = self._wiring.jobs.get(job.name)
        if kind is None or kind.run_together is None or job.attempts or job.run_at > at:
            return job.run_at
        if self._gathering.get(job.name, at) > at:
            return None
        self._gathering[job.name] = at + GATHER
        return self._gathering[job.name]

    async def sweep(self, *, grace: timedelta = timedelta()) -> int:
        """Enqueue what is scheduled, send what is overdue by `grace`, forget what is old; return how many were sent.

        Nothing is sent while the workers have plenty. Raises what the database raises.
        """
        await self.kick(*await self._timetable.enqueue_due())
        try:
            sent = await self._send_overdue(grace)
            await self._carrier.tidy()
        except CarrierLost as error:
            log.get().warning("jobs.sweep_lost", error=str(error))
            sent = 0
        await sweep.purge()
        return sent

    async def _send_overdue(self, grace: timedelta) -> int:
        if await self._carrier.waiting() >= sweep.BATCH:
            return 0
        at = now()
        jobs = list(self._heads(await sweep.due(self._wiring.jobs, grace=grace)))
        for job in jobs:
            token = str(job.attempts)
            if job.run_at < at - RESEND_EVERY:
                # arq holds back the id of a worker killed between its pick and our claim: another slot, another id
                token += f".{int(at.timestamp() // RESEND_EVERY.total_seconds())}"
            await self._carrier.send(job.id, token)
        return len(jobs)

    def _heads(self, jobs: Iterable[Job]) -> Iterator[Job]:
        """Leave out the jobs that those before them take along."""
        seen: Counter[str] = Counter()
        for job in jobs:
            if job.attempts or self._wiring.jobs[job.name].run_together is None:
                yield job
                continue
            if seen[job.name] % BATCH == 0:
                yield job
            seen[job.name] += 1

    async def drain(self) -> int:
        """Run everything that is due by the clock, here and in order, until nothing is left; return how many runs.

        For tests and commands: nothing is waited for, a job that failed stays queued until its time.
        """
        count = 0
        while jobs := await sweep.due(self._wiring.jobs):
            ran = sum([len(await self._runner.run(job.id)) for job in jobs])
            if not ran:
                break
            count += ran
        return count

    async def run_here(self, job_id: int) -> bool:
        """Run one job in this process if it is due and nobody else runs it; tell whether it ran. For commands."""
        return bool(await self._runner.run(job_id))

    async def retry(self, job_id: int) -> bool:
        """Run a dead letter again, with all its attempts; tell whether it was one."""
        if not await requeue(job_id):
            return False
        await self.kick(await Job.get(id=job_id))
        await self._runner.announce(job_id)
        return True

    async def cancel(self, job_id: int) -> bool:
        """Call a queued or running job off; tell whether it was one.

        A run in this process stops at once, a run elsewhere at its next heartbeat.
        """
        if not await revoke(job_id):
            return False
        self._runner.interrupt(job_id)
        await self._runner.announce(job_id)
        return True

    async def status(self) -> Status:
        """Return how the work stands, for `/health`."""
        states = (JobState.QUEUED, JobState.RUNNING, JobState.FAILED)
        oldest = await Job.filter(state=JobState.QUEUED, run_at__lte=now()).order_by("run_at").first()
        return Status(
            counts={state: await Job.filter(state=state).count() for state in states},
            oldest_due=oldest.run_at if oldest else None,
            reachable=await self._carrier.is_reachable(),
        )

    async def _run(self, job_id: int) -> None:
        jobs = await self._runner.run(job_id)
        await self.kick(*jobs)
        if len(jobs) == BATCH:
            await self.kick(*await sweep.due([jobs[0].name], limit=1))

    async def _sweep_forever(self) -> None:
        while not self._stopping.is_set():
            try:
                await self.sweep(grace=GRACE)
            except Exception:  # noqa: BLE001 - the sweeper outlives a database that is away
                log.get().warning("jobs.sweep_failed", exc_info=True)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(SWEEP_EVERY.total_seconds()):
                    await self._stopping.wait()
