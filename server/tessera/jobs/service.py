"""Verbs of background work."""

from tessera.jobs.errors import JobFinished, JobNotFailed
from tessera.jobs.events import JobCancelled, JobRetried
from tessera.jobs.permissions import MANAGE
from tessera.kit.ids import ObjectRef
from tessera.kit.jobs import Job, requeue, revoke
from tessera.kit.unit import Unit


async def retry(unit: Unit, job: Job) -> Job:
    """Give failed work all its attempts again, at once.

    Raises `Forbidden` without the permission `jobs.manage`, `JobNotFailed`.
    """
    unit.actor.require(MANAGE.name)
    if not await requeue(job.id):
        raise JobNotFailed
    await job.refresh_from_db()
    unit.jobs.append(job)
    await unit.record(JobRetried(subject=ObjectRef("job", job.id), job=job.name))
    return job


async def cancel(unit: Unit, job: Job) -> Job:
    """Call off work that waits or runs; what it did in the database so far is undone.

    Raises `Forbidden` without the permission `jobs.manage`, `JobFinished`.
    """
    unit.actor.require(MANAGE.name)
    if not await revoke(job.id):
        raise JobFinished
    await job.refresh_from_db()
    await unit.record(JobCancelled(subject=ObjectRef("job", job.id), job=job.name))
    return job
