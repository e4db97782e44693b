"""The sweeper's questions to the table: what is due, what begins again, what may be forgotten."""

import hashlib
import json
from collections.abc import Iterable
from datetime import timedelta

from tortoise.expressions import Q

from tessera.kit.clock import now
from tessera.kit.jobs.model import Job, JobState, enqueue
from tessera.kit.wiring import ScheduleKind

BATCH = 500
KEEP_SUCCEEDED = timedelta(days=7)
OPEN = (JobState.QUEUED, JobState.RUNNING)


async def due(names: Iterable[str], *, grace: timedelta = timedelta(), limit: int = BATCH) -> list[Job]:
    """Return at most `limit` jobs that should run: queued and overdue by `grace`, or with a lapsed lease, oldest first.

    Jobs whose name is unknown here wait for a process that knows it.
    """
    at = now()
    queued = Q(state=JobState.QUEUED, run_at__lte=at - grace)
    lapsed = Q(state=JobState.RUNNING, lease_until__lt=at)
    return await Job.filter(queued | lapsed, name__in=list(names)).order_by("run_at", "id").limit(limit)


async def take_back() -> int:
    """Queue every running job again; only for the one worker of a table, before it starts."""
    return await Job.filter(state=JobState.RUNNING).update(
        state=JobState.QUEUED, run_at=now(), lease_until=None, lease_by=None
    )


async def purge() -> int:
    """Forget at most 500 jobs that succeeded or were called off more than seven days ago; return how many."""
    old = Job.filter(state__in=[JobState.SUCCEEDED, JobState.CANCELLED], finished_at__lt=now() - KEEP_SUCCEEDED)
    ids = await old.limit(BATCH).values_list("id", flat=True)
    return await Job.filter(id__in=ids).delete() if ids else 0


class Timetable:
    """Enqueues scheduled jobs, once per slot of time however many processes look at the table."""

    def __init__(self, schedules: Iterable[ScheduleKind]) -> None:
        self._schedules = tuple(schedules)
        self._seen: dict[str, int] = {}

    async def enqueue_due(self) -> list[Job]:
        """Return the jobs of slots that began; a schedule whose previous job is not over is left out."""
        jobs = []
        for schedule in self._schedules:
            key = _key(schedule)
            slot = int(now().timestamp() // schedule.every.total_seconds())
            if self._seen.get(key) == slot:
                continue
            if not await Job.filter(name=schedule.job, state__in=OPEN, dedupe__startswith=f"{key}:").exists():
                jobs.append(await enqueue(schedule.job, schedule.payload, dedupe=f"{key}:{slot}"))
            self._seen[key] = slot
        return jobs


def _key(schedule: ScheduleKind) -> str:
    if not schedule.payload:
        return f"schedule:{schedule.job}"
    payload = json.dumps(schedule.payload, sort_keys=True).encode()
    return f"schedule:{schedule.job}:{hashlib.sha256(payload).hexdigest()[:8]}"
