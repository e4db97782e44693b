"""Reads of background work."""

import re

from tortoise.queryset import QuerySet

from tessera.files import queries as files
from tessera.jobs.permissions import MANAGE
from tessera.kit.actor import Actor
from tessera.kit.ids import key_of
from tessera.kit.inputs import Field, existing
from tessera.kit.jobs import Job, JobState
from tessera.kit.paging import Key, Listing

ENDED = frozenset({JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED})

_FILE = re.compile(r"file:([0-9a-f]{64}):(.+)", re.DOTALL)


def visible_to(actor: Actor) -> QuerySet[Job]:
    """Return the jobs an actor sees: those they started, or all with the permission `jobs.manage`."""
    if actor.can(MANAGE.name):
        return Job.all()
    return Job.filter(actor_kind=actor.kind.value, actor_id=actor.id)


async def get(actor: Actor, global_id: str, *, field: Field = ("id",)) -> Job:
    """Return a job by its global id.

    Raises `NotFound` when it is unknown or hidden.
    """
    return existing(await visible_to(actor).get_or_none(id=key_of(global_id, "Job", field=field)), field)


def listing(actor: Actor, *, state: JobState | None = None) -> Listing[Job]:
    """Return the visible jobs, or those in a state, newest first."""
    rows = visible_to(actor)
    return Listing.of(rows if state is None else rows.filter(state=state), (Key("id", descending=True),))


def file_result(digest: str, name: str) -> str:
    """Return what a job returns when its result is a stored file."""
    return f"file:{digest}:{name}"


def result_url(base_url: str, job: Job) -> str | None:
    """Return a link to a job's file, None when its result is none."""
    found = _FILE.fullmatch(job.result or "")
    if found is None:
        return None
    return files.download_url(base_url, found[1], name=found[2], content_type="application/octet-stream")
