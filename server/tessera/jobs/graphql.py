"""The API of background work."""

from collections.abc import AsyncGenerator
from datetime import datetime
from enum import Enum
from typing import Any

import strawberry

from tessera.engine.connections import Connection, connection
from tessera.engine.context import Context
from tessera.engine.fields import column
from tessera.engine.mutations import UserError, mutation
from tessera.engine.nodes import Node, load_node, node
from tessera.engine.scalars import URL
from tessera.jobs import queries, service
from tessera.jobs._watch import TOPIC, watch
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


@node(kit.Job, queries.visible_to, description="Background work somebody waits for.")
class Job(Node):
    kind: str = column("name")
    state: JobState = column("state", read=JobState)
    progress: float = strawberry.field(description="0..1")
    attempts: int = strawberry.field(description="How often it was tried.")
    created_at: datetime
    finished_at: datetime | None

    @strawberry.field(description="What went wrong last; the details are for those who manage jobs.")
    def error(self, root: strawberry.Parent[Any], info: strawberry.Info) -> str | None:
        return root.error if root.error is None or info.context.actor.can(MANAGE.name) else FAILED

    @strawberry.field(description="File result, when the job produces one.")
    def result_url(self, root: strawberry.Parent[Any], info: strawberry.Info) -> URL | None:
        url = queries.result_url(info.context.base_url, root)
        return None if url is None else URL(url)


def _listing(context: Context, state: JobState | None = None) -> Listing[kit.Job]:
    return queries.listing(context.actor, state=kit.JobState[state.name] if state else None)


@strawberry.type
class JobQuery:
    jobs: Connection[Job] = connection(
        _listing, description="The viewer's jobs, newest first; everybody's for those who manage jobs."
    )

    @strawberry.field(description="A job the viewer started.")
    async def job(self, info: strawberry.Info, id: strawberry.ID) -> Job | None:
        return Job.of_optional(await load_node(info, id, "Job"))


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
        async for job in watch(info.context, id):
            yield Job.of(job)
