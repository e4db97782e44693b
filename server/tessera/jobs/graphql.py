"""The API of background work."""

from collections.abc import AsyncGenerator
from datetime import datetime
from enum import Enum

import strawberry

from tessera.engine.connections import Connection, connection
from tessera.engine.context import Context
from tessera.engine.fields import by_id, column, derived
from tessera.engine.mutations import UserError, mutation
from tessera.engine.nodes import Node, node
from tessera.engine.scalars import URL
from tessera.engine.sources import ROW
from tessera.engine.streams import stream
from tessera.jobs import queries, service
from tessera.jobs._watch import TOPIC, Watch
from tessera.jobs.permissions import MANAGE
from tessera.kit import jobs as kit
from tessera.kit.paging import Listing
from tessera.kit.unit import Unit

FAILED = "The work failed. Ask an administrator."


@strawberry.enum
class JobState(Enum):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


def _error(context: Context, error: str | None) -> str | None:
    return error if error is None or context.actor.can(MANAGE.name) else FAILED


def _result_url(context: Context, job: kit.Job) -> str | None:
    return queries.result_url(context.base_url, job)


@node(kit.Job, queries.visible_to, description="Background work somebody waits for.")
class Job(Node):
    kind: str = column("name")
    state: JobState = column("state", read=JobState)
    progress: float = strawberry.field(description="0..1")
    attempts: int = strawberry.field(description="How often it was tried.")
    created_at: datetime
    finished_at: datetime | None

    error: str | None = derived(
        _error, "error", context=True, description="What went wrong last; the details are for those who manage jobs."
    )
    result_url: URL | None = derived(
        _result_url, ROW, context=True, description="File result, when the job produces one."
    )


def _listing(context: Context, state: JobState | None = None) -> Listing[kit.Job]:
    return queries.listing(context.actor, state=kit.JobState[state.name] if state else None)


@strawberry.type
class JobQuery:
    jobs: Connection[Job] = connection(
        _listing, description="The viewer's jobs, newest first; everybody's for those who manage jobs."
    )
    job: Job | None = by_id("Job", queries.visible_to, description="A job the viewer started.")


@strawberry.type
class JobPayload:
    job: Job | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@mutation(description="Give failed work all its attempts again.", requires=MANAGE.name)
async def _job_retry(context: Context, id: strawberry.ID) -> JobPayload:
    async def work(unit: Unit) -> kit.Job:
        return await service.retry(unit, await queries.get(unit.actor, id))

    job = await context.units.run(context.actor, work)
    await context.bus.publish(TOPIC, job.id)
    return JobPayload(job=Job.of(job))


@mutation(description="Call off work that waits or runs.", requires=MANAGE.name)
async def _job_cancel(context: Context, id: strawberry.ID) -> JobPayload:
    async def work(unit: Unit) -> kit.Job:
        return await service.cancel(unit, await queries.get(unit.actor, id))

    job = await context.units.run(context.actor, work)
    await context.bus.publish(TOPIC, job.id)
    return JobPayload(job=Job.of(job))


@strawberry.type
class JobMutation:
    job_retry = _job_retry
    job_cancel = _job_cancel


@strawberry.type
class JobSubscription:
    @strawberry.subscription(description="Sends the current state at once, then after every change; ends with the job.")
    async def job_progress(self, info: strawberry.Info, id: strawberry.ID) -> AsyncGenerator[Job, None]:
        return stream(Watch(id))
