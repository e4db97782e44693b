"""Follows one job until it ends."""

from collections.abc import AsyncGenerator

from tessera.engine.context import Context
from tessera.jobs import queries
from tessera.kit.jobs import Job

TOPIC = "job"
POLL_SECONDS = 2.0


async def watch(context: Context, global_id: str) -> AsyncGenerator[Job, None]:
    """Yield a job as it is now and after each change, the last time when it has ended.

    Rights are read again before each. Raises `NotFound` when it is unknown or hidden, from then on too.
    """
    shown: tuple[object, ...] | None = None
    with context.bus.subscribe(TOPIC) as wakes:
        while True:
            fresh = await context.fresh()
            job = await queries.get(fresh.actor, global_id)
            state = (job.state, job.progress, job.error, job.attempts)
            if state != shown:
                shown = state
                yield job
            if job.state in queries.ENDED:
                return
            await wakes.wait(POLL_SECONDS)
