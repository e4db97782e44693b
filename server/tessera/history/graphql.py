"""History in the API: a ticket's facts, what changed since a cursor, and both as streams."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import strawberry

from tessera.accounts.graphql import ActorType, actor_of
from tessera.articles.graphql import Article
from tessera.engine.connections import Connection, connection
from tessera.engine.context import Context
from tessera.engine.directives import Cost
from tessera.engine.fields import batch, column, derived, to_one
from tessera.engine.filters import keys_of
from tessera.engine.nodes import Node, node
from tessera.engine.sources import ROW
from tessera.engine.streams import News, Portion, Source, stream
from tessera.history import _cursors, queries
from tessera.history._cursors import Cursor
from tessera.history.queries import Changes, StreamFilter
from tessera.kit.errors import Invalid
from tessera.kit.feed import Past
from tessera.kit.ids import to_global
from tessera.kit.journal import TOPIC, Entry, head
from tessera.kit.paging import MAX_PAGE, Listing
from tessera.tickets.graphql import Ticket, TicketFilter, tickets_matching


@strawberry.type(description="Before and after of one field, as display text.")
class FieldChange:
    field: str
    before: str | None
    after: str | None


async def _articles(context: Context, keys: list[int]) -> dict[int, Any]:
    return await queries.articles_of(context.actor, keys)


def field_changes(entry: Entry) -> list[FieldChange]:
    """Return what a fact changed, as the API tells it."""
    return [FieldChange(field=each.field, before=each.before, after=each.after) for each in queries.changes_of(entry)]


async def _summaries(context: Context, entries: list[Entry]) -> list[str]:
    return await queries.summaries_of(context.actor, entries)


@node(
    Entry,
    queries.visible_to,
    description=(
        "A fact about a ticket. Concrete, with an open `kind`, so that facts of removed packages stay readable."
    ),
)
class TicketEvent(Node):
    kind: str = column(
        "name",
        description=(
            "`ticket.created`, `article.added`, `ticket.moved`, `ticket.owner_changed`, `ticket.locked`, "
            "`ticket.state_changed`, `ticket.merged`, … and `<package>.<kind>`."
        ),
    )
    at: datetime = column("at")
    actor: ActorType = derived(actor_of, "actor_kind", "actor_id", "actor_name")
    ticket: Ticket = to_one("subject_id", covered=True)
    article: Article | None = batch(_articles)
    changes: list[FieldChange] = derived(field_changes, ROW)
    summary: str = batch(_summaries, key=ROW, description="One line for people, in the viewer's language.")


def _history(context: Context, kinds: list[str] | None = None) -> Listing[Entry]:
    return queries.listing(context.actor, kinds)


@strawberry.type
class TicketHistory:
    history: Connection[TicketEvent] = connection(
        _history, via="subject_id", default=50, description="The history: every fact, in order, never changed."
    )


@strawberry.type(
    description=(
        "What changed for the viewer since a cursor: feeds offline stores, "
        "and is the payload of `Subscription.ticketChanges`."
    )
)
class TicketChanges:
    upserts: list[Ticket] = strawberry.field(description="New or changed tickets the viewer may see.")
    removed_ids: list[strawberry.ID] = strawberry.field(
        description="Tickets no longer visible to the viewer. Unknown ids are to be ignored."
    )
    cursor: str = strawberry.field(description="Pass as `since` next time. Valid for at least 30 days.")
    has_more: bool
    reset: bool = strawberry.field(
        description="`since` was too old: drop the local copy and treat this as the first page."
    )


async def _page(context: Context, since: Cursor | None, filter: TicketFilter | None, first: int, past: Past) -> Changes:
    if not 1 <= first <= MAX_PAGE:
        raise Invalid("`first` must be between 1 and {limit}.", limit=MAX_PAGE, field=("first",))
    wanted = await tickets_matching(context, filter)
    return await queries.changes_since(context.actor, since, first, wanted, past)


def _shown(changes: Changes) -> TicketChanges:
    return TicketChanges(
        upserts=Ticket.of_all(changes.upserts),
        removed_ids=[strawberry.ID(to_global("Ticket", key)) for key in changes.removed],
        cursor=_cursors.write(changes.cursor),
        has_more=changes.has_more,
        reset=changes.reset,
    )


@strawberry.type
class HistoryQuery:
    @strawberry.field(
        description="Delta sync; omit `since` for a full first copy.", directives=[Cost(weight=2, assumed=100)]
    )
    async def ticket_changes(
        self,
        info: strawberry.Info,
        since: str | None = None,
        first: int | None = 100,
        filter: TicketFilter | None = None,
    ) -> TicketChanges:
        cursor = None if since is None else _cursors.read(since, "since")
        past = Past(await head())
        return _shown(await _page(info.context, cursor, filter, MAX_PAGE if first is None else first, past))


@strawberry.type(description="One delivered event.")
class TicketEventPayload:
    cursor: str = strawberry.field(description="Pass as `after` to resume without loss.")
    event: TicketEvent


@dataclass(frozen=True)
class ChangesReached:
    """Where a stream of changes is; it says something in the beginning, even when there is nothing to say."""

    since: Cursor | None
    begun: bool


@dataclass(frozen=True)
class ChangesStream(Source[ChangesReached, TicketChanges]):
    """What changed for a viewer, page by page; whoever is behind gets fewer and fuller pages."""

    topic = TOPIC
    cursor_argument = "since"

    since: Cursor | None
    filter: TicketFilter | None
    first: int

    async def begin(self, context: Context) -> ChangesReached:
        return ChangesReached(self.since, begun=False)

    async def read(
        self, context: Context, cursor: ChangesReached, news: News
    ) -> Portion[ChangesReached, TicketChanges]:
        since = cursor.since
        if cursor.begun and since is not None and since.copied is None and since.position >= news.number:
            return Portion([], cursor)
        changes = await _page(context, since, self.filter, self.first, news.journal)
        reached = ChangesReached(changes.cursor, begun=True)
        says = not cursor.begun or changes.upserts or changes.removed or changes.reset or changes.has_more
        more = changes.has_more or changes.cursor.position < news.number
        return Portion([(reached, _shown(changes))] if says else [], reached, more=more)


@dataclass(frozen=True)
class EventsStream(Source[int, TicketEventPayload]):
    """The facts a viewer may see and wants, each behind its position in the journal."""

    topic = TOPIC
    cursor_argument = "after"

    after: Cursor | None
    wanted: StreamFilter

    async def begin(self, context: Context) -> int:
        newest = await head()
        if self.after is not None and self.after.position > newest:
            raise Invalid("`{argument}` is no cursor of this stream.", argument="after", field=("after",))
        return newest if self.after is None else self.after.position

    async def read(self, context: Context, cursor: int, news: News) -> Portion[int, TicketEventPayload]:
        batch = await news.journal.behind(cursor)
        if not batch:
            return Portion([], cursor)
        events = [
            (
                sealed.position,
                TicketEventPayload(cursor=_cursors.write(Cursor(sealed.position)), event=TicketEvent.of(sealed.entry)),
            )
            for sealed in await queries.select(context.actor, batch, self.wanted)
        ]
        reached = batch[-1].position
        return Portion(events, reached, more=reached < news.number)


@strawberry.type
class HistorySubscription:
    @strawberry.subscription(description="`Query.ticketChanges`, pushed.")
    async def ticket_changes(
        self,
        info: strawberry.Info,
        since: str | None = None,
        filter: TicketFilter | None = None,
        first: int | None = 100,
    ) -> AsyncGenerator[TicketChanges, None]:
        cursor = None if since is None else _cursors.read(since, "since")
        return stream(ChangesStream(cursor, filter, MAX_PAGE if first is None else first))

    @strawberry.subscription(description="Facts as they happen. Filters are AND-ed; absent = any.")
    async def ticket_events(
        self,
        info: strawberry.Info,
        after: str | None = None,
        ticket_ids: list[strawberry.ID] | None = None,
        queue_ids: list[strawberry.ID] | None = None,
        kinds: list[str] | None = None,
    ) -> AsyncGenerator[TicketEventPayload, None]:
        wanted = StreamFilter(
            None if ticket_ids is None else frozenset(keys_of(ticket_ids, "Ticket")),
            None if queue_ids is None else frozenset(keys_of(queue_ids, "Queue")),
            None if kinds is None else frozenset(kinds),
        )
        cursor = None if after is None else _cursors.read(after, "after")
        return stream(EventsStream(cursor, wanted))
