"""Tickets, their locks, states, priorities and types, as types and root fields."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import strawberry

from tessera.accounts import models as accounts_models
from tessera.accounts.graphql import Agent, Customer, CustomerUser
from tessera.engine.connections import Connection, connection
from tessera.engine.context import Context
from tessera.engine.directives import Cost
from tessera.engine.fields import batch, by_id, column, derived, row, rows, to_one
from tessera.engine.nodes import Node, node
from tessera.kit import sql
from tessera.kit.paging import Key, Listing
from tessera.kit.sql import seen
from tessera.queues.graphql import Queue
from tessera.tickets import models, queries
from tessera.tickets.graphql.filters import TicketFilter, TicketOrder, TicketStateType, tickets_matching


@node(
    models.State,
    queries.states_visible_to,
    kept="state",
    description=(
        "A configured ticket state, e.g. `closed successful`. Data, not an enum: installations add their own."
    ),
)
class TicketState(Node):
    name: str
    type: TicketStateType = column("type", read=TicketStateType)
    active: bool
    version: int


@node(
    models.Priority,
    queries.priorities_visible_to,
    kept="priority",
    description="How urgent a ticket is; configured, so that installations may add their own.",
)
class TicketPriority(Node):
    name: str
    rank: int = strawberry.field(description="1 = very low … 5 = very high by default; higher is more urgent.")
    color: str | None
    active: bool
    version: int


@node(
    models.TicketType,
    queries.types_visible_to,
    kept="ticket_type",
    description="A configured ticket type. Packages add rows (`Incident`), not enum values.",
)
class TicketType(Node):
    name: str
    active: bool
    version: int


@strawberry.type(
    description="What the viewer may do with a ticket now. Advice for the user interface; the server checks again."
)
class TicketPermissions:
    update: bool
    move: bool
    assign: bool
    lock: bool
    close: bool
    reply: bool
    note: bool
    priority: bool
    merge: bool


@strawberry.type(description="An agent's exclusive claim.")
class TicketLock:
    holder: Agent = to_one("lock_holder_id", covered=True)
    since: datetime = column("locked_at")
    expires_at: datetime | None = column(
        "lock_expires_at", description="Released by itself at this time; null = never."
    )


@dataclass(frozen=True, slots=True)
class _LockValue:
    """What stands for a `TicketLock` while it is resolved."""

    lock_holder_id: int
    locked_at: datetime
    lock_expires_at: datetime | None


def _lock(context: Context, holder: int | None, since: datetime, expires: datetime | None) -> _LockValue | None:
    return None if holder is None or context.actor.is_customer_user else _LockValue(holder, since, expires)


async def _tags(_context: Context, keys: list[int]) -> dict[int, list[str]]:
    return await queries.tags_of(keys)


async def _watchers(context: Context, keys: list[int]) -> dict[int, list[accounts_models.Agent]]:
    return await queries.watchers_of(context.actor, keys)


async def _viewer_can(context: Context, keys: list[int]) -> dict[int, Any]:
    return await queries.advice(context.actor, keys)


async def _viewer_is_watching(context: Context, keys: list[int]) -> list[bool]:
    watched = await queries.watched_by(context.actor, keys)
    return [key in watched for key in keys]


async def _viewer_last_seen_at(context: Context, keys: list[int]) -> dict[int, datetime]:
    return await queries.seen_by(context.actor, keys)


@node(models.Ticket, queries.visible_to, description="A request and everything that happened to it. Never deleted.")
class Ticket(Node):
    number: str = strawberry.field(description="What people quote in mails; unique, never reused.")
    title: str
    queue: Queue = to_one("queue_id", covered=True)
    state: TicketState = to_one("state_id", covered=True)
    priority: TicketPriority = to_one("priority_id", covered=True)
    type: TicketType | None = to_one("type_id", covered=True)
    owner: Agent | None = to_one("owner_id", description="The agent who works on it.")
    responsible: Agent | None = to_one("responsible_id", description="The agent answerable for it.")
    customer_user: CustomerUser | None = to_one("customer_user_id")
    customer: Customer | None = to_one("customer_id")
    lock: TicketLock | None = derived(
        _lock,
        *("lock_holder_id", "locked_at", "lock_expires_at"),
        context=True,
        description="Who holds the lock; null when unlocked, and for customer users.",
    )
    tags: list[str] = batch(_tags)
    pending_until: datetime | None
    merged_into: "Ticket | None" = to_one("merged_into_id")
    watchers: list[Agent] = batch(_watchers)
    archived: bool
    viewer_can: TicketPermissions = batch(_viewer_can)
    viewer_is_watching: bool = batch(_viewer_is_watching)
    viewer_last_seen_at: datetime | None = batch(_viewer_last_seen_at)
    version: int = strawberry.field(description="Grows by one with every change; send it back as `expectedVersion`.")
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None


async def _tickets(
    context: Context, filter: TicketFilter | None = None, order_by: list[TicketOrder] | None = None
) -> Listing[models.Ticket]:
    return await tickets_matching(context, filter, order_by)


async def _open_ticket_count(context: Context, keys: list[int]) -> dict[int, int]:
    return await queries.open_counts(context.actor, keys)


@strawberry.type
class QueueTickets:
    open_ticket_count: int = batch(
        _open_ticket_count,
        description="Tickets the viewer may read that are new, open or pending.",
        directives=[Cost(weight=5)],
    )
    tickets: Connection[Ticket] = connection(_tickets, via="queue_id")


@strawberry.type
class CustomerUserTickets:
    tickets: Connection[Ticket] = connection(_tickets, via="customer_user_id")


@strawberry.type
class CustomerTickets:
    tickets: Connection[Ticket] = connection(_tickets, via="customer_id")


def _by_number(context: Context, number: str) -> Listing[models.Ticket]:
    wanted = sql.equals("number", number.strip()[: models.MAX_NUMBER])
    return Listing(seen(context.actor, queries.visible_to), (), (wanted,))


def _states(context: Context) -> Listing[models.State]:
    return Listing(seen(context.actor, queries.states_visible_to))


def _priorities(context: Context) -> Listing[models.Priority]:
    return Listing(seen(context.actor, queries.priorities_visible_to), (Key("rank", descending=True),))


def _types(context: Context) -> Listing[models.TicketType]:
    return Listing(seen(context.actor, queries.types_visible_to), (Key("name_key"),))


@strawberry.type
class TicketQuery:
    tickets: Connection[Ticket] = connection(
        _tickets, description="Tickets the viewer may read.", directives=[Cost(weight=2)]
    )

    ticket: Ticket | None = by_id("Ticket", queries.visible_to)
    ticket_by_number: Ticket | None = row(_by_number, description="By the number people quote.")
    ticket_states: list[TicketState] = rows(_states)
    ticket_priorities: list[TicketPriority] = rows(_priorities, description="Most urgent first.")
    ticket_types: list[TicketType] = rows(_types)
