"""Follows one person's inbox."""

from dataclasses import dataclass

from tessera.engine.context import Context
from tessera.engine.streams import News, Portion, Source
from tessera.kit.journal import BATCH, TOPIC, head, seal_pending
from tessera.notifications import queries
from tessera.notifications.models import Notification


@dataclass(frozen=True)
class Inbox(Source[int, Notification]):
    """What a person is told and sees, each behind the position in the journal of the fact that they were told."""

    topic = TOPIC
    cursor_argument = "after"

    after: str | None

    async def begin(self, context: Context) -> int:
        """Begin behind a notification, else now; raise `NotFound` when it is none of the person's."""
        if self.after is None:
            return await head()
        position = await queries.position_of(context.actor, self.after, field=("after",))
        if position is None:
            await seal_pending()
            position = await queries.position_of(context.actor, self.after, field=("after",))
        return await head() if position is None else position

    async def read(self, context: Context, cursor: int, news: News) -> Portion[int, Notification]:
        """Return what the person was told behind a position."""
        if news.number - cursor > BATCH:
            events, reached = await queries.told_between(context.actor, cursor, news.number)
            return Portion(events, reached, more=reached < news.number)
        batch = await news.journal.behind(cursor)
        if not batch:
            return Portion([], cursor)
        reached = batch[-1].position
        return Portion(await queries.told(context.actor, batch), reached, more=reached < news.number)
