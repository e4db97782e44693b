"""Follows one job until it ends."""

from dataclasses import dataclass
from typing import Any

from tessera.engine.context import Context
from tessera.engine.streams import News, Portion, Source
from tessera.jobs import queries
from tessera.kit.jobs import Job

TOPIC = "job"

Shown = tuple[Any, ...]


@dataclass(frozen=True)
class Watch(Source[Shown, Any]):
    """A job as it is now and after each change, the last time when it has ended; the cursor is what was shown."""

    topic = TOPIC

    global_id: str

    async def begin(self, _context: Context) -> Shown:
        """Begin with the job as it is now."""
        return ()

    async def read(self, context: Context, cursor: Shown, _news: News) -> Portion[Shown, Job]:
        """Return the job if it has changed; raise `NotFound` when it is unknown or hidden."""
        job = await queries.get(context.actor, self.global_id)
        shown = (job.state, job.progress, job.error, job.attempts)
        return Portion([(shown, job)] if shown != cursor else [], shown, ended=job.state in queries.ENDED)
