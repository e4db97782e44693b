"""History in the API: a ticket's facts, what changed since a cursor, and both as streams."""

from collections.abc import AsyncGenerator
from datetime import datetime
from functools import partial
from typing import Any

import strawberry

from tessera.accounts.graphql import ActorType, actor_of
from tessera.articles.graphql import Article
from tessera.engine.connections import Connection, connection
from tessera.engine.context import Context
from tessera.engine.directives import Cost
from tessera.engine.fields import batch, column, to_one
from tessera.engine.filters import keys_of
from tessera.engine.nodes import Node, node
from tessera.history import _cursors, queries
from tessera.history._cursors import Cursor
from tessera.history.queries import Changes, StreamFilter
from tessera.kit.errors import Invalid
from tessera.kit.ids import to_global
from tessera.kit.journal import Entry, follow, head
from tessera.kit.paging import MAX_PAGE, Listing
from tessera.tickets.graphql import Ticket, TicketFilter, matching


@strawberry.type(description="Before and after of one field, as display text.")
class FieldChange:
    field: str
    before: str | None
    after: str | None


async def _articles(context: Context, keys: list[int]) -> dict[int, Any]:
    return await queries.articles_of(context.actor, keys)


def _author(root: Any) -> Any:
    return actor_of(root.actor_kind, root.actor_id, root.actor_name)


def _changes(root: Any) -> list[FieldChange]:
    return [FieldChange(field=each.field, before=each.before, after=each.after) for each in queries.changes_of(root)]


async def _summary(root: Any, info: strawberry.Info) -> str:
    context: Context = info.context
    sight = partial(queries.are_seen, context.actor)
    named = queries.mentioned(root)
    hidden = [text for text, key in named.items() if not await context.load("sight of tickets", key, sight)]
    return queries.summary_of(root, context.actor.locale, hidden)


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
    actor: ActorType = strawberry.field(resolver=_author)
    ticket: Ticket = to_one("subject_id", covered=True)
    article: Article | None = batch(_articles)
    changes: list[FieldChange] = strawberry.field(resolver=_changes)
    summary: str = strawberry.field(resolver=_summary, description="One line for people, in the viewer's language.")


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


async def _page(context: Context, since: Cursor | None, filter: TicketFilter | None, first: int) -> Changes:
    if not 1 <= first <= MAX_PAGE:
        raise Invalid("`first` must be between 1 and {limit}.", limit=MAX_PAGE, field=("first",))
    return await queries.changes_since(context.actor, since, first, await matching(context.actor, filter))


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
        return _shown(await _page(info.context, cursor, filter, MAX_PAGE if first is None else first))


@strawberry.type(description="One delivered event.")
class TicketEventPayload:
    cursor: str = strawberry.field(description="Pass as `after` to resume without loss.")
    event: TicketEvent


async def _stream_changes(
    context: Context, since: str | None, filter: TicketFilter | None, first: int
) -> AsyncGenerator[TicketChanges, None]:
    cursor = None if since is None else _cursors.read(since, "since")
    beginning = True
    async for _ in _rounds(context):
        while True:
            changes = await _page(await context.fresh(), cursor, filter, first)
            cursor = changes.cursor
            if beginning or changes.upserts or changes.removed or changes.reset or changes.has_more:
                yield _shown(changes)
            beginning = False
            if not changes.has_more:
                break


async def _rounds(context: Context) -> AsyncGenerator[None, None]:
    """Yield at once, and whenever the journal has grown."""
    position = await head()
    yield
    async for _ in follow(context.bus, position):
        yield


async def _stream_events(
    context: Context, after: str | None, wanted: StreamFilter
) -> AsyncGenerator[TicketEventPayload, None]:
    position = await head() if after is None else _cursors.read(after, "after").position
    async for news in follow(context.bus, position):
        actor = (await context.fresh()).actor
        for sealed in await queries.select(actor, news, wanted):
            cursor = _cursors.write(Cursor(sealed.position))
            yield TicketEventPayload(cursor=cursor, event=TicketEvent.of(sealed.entry))


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
        async for changes in _stream_changes(info.context, since, filter, MAX_PAGE if first is None else first):
            yield changes

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
        async for payload in _stream_events(info.context, after, wanted):
            yield payload
