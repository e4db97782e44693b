"""The table of jobs and its verbs, all of them usable inside an open transaction."""

import json
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, TypedDict, Unpack

from tortoise import fields
from tortoise.indexes import Index

from tessera.kit import rows, tracing
from tessera.kit.actor import Actor
from tessera.kit.clock import now
from tessera.kit.model import Row


class JobState(StrEnum):
    """The closed set of states; a failed job was given up and waits for an admin (a dead letter)."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Job(Row):
    """A piece of work owed: written with the change that asks for it, so neither exists without the other.

    `payload` and `result` are text (JSON and free), never pickles. `lease_by` names one run of the job: whoever
    does not hold it any more may not write its outcome.
    """

    name = fields.CharField(max_length=100)
    payload = fields.TextField()
    state = fields.CharEnumField(JobState, max_length=16, description="JobState", default=JobState.QUEUED)
    attempts = fields.IntField(default=0)
    run_at = fields.DatetimeField()
    lease_until = fields.DatetimeField(null=True)
    lease_by = fields.CharField(max_length=32, null=True)
    dedupe = fields.CharField(max_length=200, null=True, unique=True)
    error = fields.TextField(null=True)
    progress = fields.FloatField(default=0.0)
    result = fields.TextField(null=True)
    actor_kind = fields.CharField(max_length=20, null=True)
    actor_id = fields.BigIntField(null=True)
    cause_id = fields.BigIntField(null=True)
    depth = fields.IntField(default=0)
    traceparent = fields.CharField(
        max_length=55, null=True, description="The trace that asked for it, as W3C writes it."
    )
    created_at = fields.DatetimeField(default=now)
    finished_at = fields.DatetimeField(null=True)

    class Meta:
        """The indexes serve the sweeper: what is due, whose lease lapsed, what may be purged."""

        app = "tessera"
        table = "job"
        indexes = (
            Index(fields=("state", "run_at"), name="job_due"),
            Index(fields=("state", "lease_until"), name="job_lease"),
            Index(fields=("state", "finished_at"), name="job_finished"),
        )

    @property
    def arguments(self) -> dict[str, Any]:
        """The payload as keyword arguments."""
        arguments: dict[str, Any] = json.loads(self.payload)
        return arguments


class Terms(TypedDict, total=False):
    """When, for whom and after what a job runs.

    A `dedupe` key has at most 200 characters; `depth` counts the facts and jobs that led to this one.
    """

    run_at: datetime | None
    dedupe: str | None
    actor: Actor | None
    cause_id: int | None
    depth: int


def owed(name: str, payload: Mapping[str, Any], **terms: Unpack[Terms]) -> Job:
    """Return a job that is not written yet; raises `TypeError` for a payload that is not JSON."""
    actor = terms.get("actor")
    return rows.made(
        Job,
        name=name,
        payload=_written(payload),
        run_at=terms.get("run_at") or now(),
        dedupe=terms.get("dedupe"),
        actor_kind=actor.kind.value if actor else None,
        actor_id=actor.id if actor else None,
        cause_id=terms.get("cause_id"),
        depth=terms.get("depth", 0),
        traceparent=tracing.current(),
    )


def tell(job: Job, payload: Mapping[str, Any], *, cause_id: int) -> None:
    """Say what a job that is not written yet is about; raises `TypeError` for a payload that is not JSON."""
    job.payload, job.cause_id = _written(payload), cause_id


_written = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


async def enqueue(name: str, payload: Mapping[str, Any], **terms: Unpack[Terms]) -> Job:
    """Write a job into the open transaction; it runs after the commit, not before `run_at`.

    A taken `dedupe` key returns the job that has it, whatever its state, and leaves the transaction usable. Raises
    `TypeError` for a payload that is not JSON.
    """
    job = owed(name, payload, **terms)
    if job.dedupe is None:
        await rows.insert([job])
        return job
    return job if await rows.insert_unless_taken(job) else await Job.get(dedupe=job.dedupe)


async def requeue(job_id: int) -> bool:
    """Give a dead letter all its attempts again, at once; tell whether it was one."""
    changed = await Job.filter(id=job_id, state=JobState.FAILED).update(
        state=JobState.QUEUED, attempts=0, run_at=now(), progress=0.0, error=None, finished_at=None
    )
    return bool(changed)


async def revoke(job_id: int) -> bool:
    """Call off a job that is queued or running; tell whether it was.

    A running one loses its lease: its work in the database is rolled back, its work outside is interrupted.
    """
    changed = await Job.filter(id=job_id, state__in=[JobState.QUEUED, JobState.RUNNING]).update(
        state=JobState.CANCELLED, lease_until=None, lease_by=None, finished_at=now()
    )
    return bool(changed)
