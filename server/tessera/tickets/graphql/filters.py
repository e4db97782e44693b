"""What lists of tickets can be narrowed to and sorted by, and how that becomes a listing."""

from collections.abc import Callable
from enum import Enum
from typing import Any

import strawberry

from tessera.engine.added import AddsConditions
from tessera.engine.context import Context
from tessera.engine.filters import (
    DateTimeFilter,
    IDFilter,
    StringFilter,
    instant_conditions,
    keys_of,
    reference_conditions,
    string_conditions,
)
from tessera.engine.roots import OrderDirection
from tessera.kit import sql
from tessera.kit.actor import Actor
from tessera.kit.errors import Invalid
from tessera.kit.paging import Key, Listing
from tessera.kit.sql import Sql, seen
from tessera.kit.text import fold
from tessera.queues import queries as queues
from tessera.tickets import models, queries

MAX_ALTERNATIVES = 10
MAX_TAGS = 20
MAX_KEYS = 7
NEWEST_FIRST = (Key("created_at", descending=True),)


@strawberry.enum(description="The closed set that behaviour hangs on.")
class TicketStateType(Enum):
    NEW = "new"
    OPEN = "open"
    CLOSED = "closed"
    PENDING_REMINDER = strawberry.enum_value("pending_reminder", description="Waiting; reminds at `pendingUntil`.")
    PENDING_AUTO = strawberry.enum_value("pending_auto", description="Waiting; closes by itself at `pendingUntil`.")
    REMOVED = strawberry.enum_value("removed", description="Out of sight, never deleted.")
    MERGED = "merged"


@strawberry.input(
    description=(
        "All given conditions must hold; lists inside one condition are alternatives. "
        "Packages add one optional field each."
    )
)
class TicketFilter(AddsConditions):
    query: str | None = strawberry.field(default=None, description="Full text over number, title and articles.")
    ids: list[strawberry.ID] | None = None
    number: StringFilter | None = None
    title: StringFilter | None = None
    queue_id: IDFilter | None = None
    include_sub_queues: bool | None = strawberry.field(
        default=False, description="Include the sub-queues of `queueId`."
    )
    state_id: IDFilter | None = None
    state_type: list[TicketStateType] | None = None
    priority_id: IDFilter | None = None
    type_id: IDFilter | None = None
    owner_id: IDFilter | None = None
    responsible_id: IDFilter | None = None
    customer_user_id: IDFilter | None = None
    customer_id: IDFilter | None = None
    locked: bool | None = None
    archived: bool | None = False
    watched_by_viewer: bool | None = None
    tags_all: list[str] | None = None
    tags_any: list[str] | None = None
    created_at: DateTimeFilter | None = None
    updated_at: DateTimeFilter | None = None
    closed_at: DateTimeFilter | None = None
    pending_until: DateTimeFilter | None = None
    any_of: list["TicketFilter"] | None = strawberry.field(
        default=None, description="At most 10 alternatives, one level."
    )
    not_: "TicketFilter | None" = strawberry.field(name="not", default=None)


@strawberry.enum(description="Input only, so packages may add values.")
class TicketOrderField(Enum):
    NUMBER = "number"
    TITLE = "title_key"
    CREATED_AT = "created_at"
    UPDATED_AT = "updated_at"
    PRIORITY = "priority_rank"
    PENDING_UNTIL = "pending_until"


@strawberry.input(description="One sort key; ties are broken by id.")
class TicketOrder:
    field: TicketOrderField
    direction: OrderDirection = OrderDirection.ASC


async def tickets_matching(
    context: Context, given: TicketFilter | None, order: list[TicketOrder] | None = None
) -> Listing[models.Ticket]:
    """Return the tickets the caller sees that match, newest first unless an order is given.

    Removed tickets are left out unless the filter names states, archived ones unless it says `archived`. Raises
    `Invalid` for an order or a filter that asks for too much.
    """
    if order is not None and len(order) > MAX_KEYS:
        raise Invalid("At most {limit} sort keys.", limit=MAX_KEYS, field=("order_by",))
    keys = [
        Key(each.field.value, each.direction is OrderDirection.DESC, each.field is TicketOrderField.PENDING_UNTIL)
        for each in order or ()
    ]
    rows = seen(context.actor, queries.visible_to)
    return Listing(rows, tuple(keys) or NEWEST_FIRST, tuple(await _conditions(context, given or TicketFilter())))


async def _conditions(context: Context, wanted: TicketFilter) -> list[Sql]:
    conditions = await _own_conditions(context, wanted)
    if wanted.archived is not None:
        conditions.append(sql.equals("archived", wanted.archived))
    if wanted.state_id is None and wanted.state_type is None:
        conditions.append(queries.NOT_REMOVED)
    if wanted.any_of is not None:
        if len(wanted.any_of) > MAX_ALTERNATIVES:
            raise Invalid("At most {limit} alternatives.", limit=MAX_ALTERNATIVES, field=("filter", "any_of"))
        conditions.append(sql.either(*[await _nested(context, each) for each in wanted.any_of]))
    if wanted.not_ is not None:
        conditions.append(sql.opposite(await _nested(context, wanted.not_)))
    return conditions


async def _nested(context: Context, given: TicketFilter) -> Sql:
    """Return the condition of a filter within a filter, whose `archived` counts only when it is true."""
    if given.any_of is not None or given.not_ is not None:
        raise Invalid("`anyOf` and `not` do not nest.", field=("filter",))
    archived = [sql.equals("archived", value=True)] if given.archived else []
    return sql.both([*await _own_conditions(context, given), *archived])


async def _own_conditions(context: Context, given: TicketFilter) -> list[Sql]:
    conditions: list[Sql] = []
    for name, value in vars(given).items():
        if value is not None and (make := _CONDITIONS.get(name)) is not None:
            conditions += make(context.actor, value)
    if given.query is not None:
        finders = context.units.wiring.answers.get("ticket_finders", ())
        conditions.append(sql.either(*(each.find(context.actor, given.query) for each in finders)))
    if given.queue_id is not None:
        conditions += await _queues(given.queue_id, include_sub_queues=bool(given.include_sub_queues))
    return [*conditions, *await given.added_conditions(context.actor)]


async def _queues(chosen: IDFilter, *, include_sub_queues: bool) -> list[Sql]:
    if not include_sub_queues:
        return reference_conditions(chosen, "queue_id", "Queue")
    conditions = reference_conditions(IDFilter(is_null=chosen.is_null), "queue_id", "Queue")
    if chosen.in_ is not None:
        conditions.append(sql.one_of("queue_id", await queues.subtree_ids(keys_of(chosen.in_, "Queue"))))
    if chosen.not_in is not None:
        conditions.append(sql.none_of("queue_id", await queues.subtree_ids(keys_of(chosen.not_in, "Queue"))))
    return conditions


def _all_tags(labels: list[str]) -> list[Sql]:
    return [sql.within("id", queries.tagged_ids([label])) for label in _within_tags("tags_all", labels)]


def _any_tag(labels: list[str]) -> list[Sql]:
    return [sql.within("id", queries.tagged_ids(_within_tags("tags_any", labels)))]


def _within_tags(name: str, labels: list[str]) -> list[str]:
    if len(labels) > MAX_TAGS:
        raise Invalid("At most {limit} labels in one condition.", limit=MAX_TAGS, field=("filter", name))
    return labels


def _watched(actor: Actor, *, wanted: bool) -> list[Sql]:
    watched = sql.within("id", queries.watched_ids(actor))
    return [watched if wanted else sql.opposite(watched)]


def _reference(column: str, kind: str) -> Callable[[Actor, IDFilter], list[Sql]]:
    return lambda _, value: reference_conditions(value, column, kind)


def _instant(column: str) -> Callable[[Actor, DateTimeFilter], list[Sql]]:
    return lambda _, value: instant_conditions(value, column)


_CONDITIONS: dict[str, Callable[[Actor, Any], list[Sql]]] = {
    "ids": lambda _, value: [sql.one_of("id", keys_of(value, "Ticket"))],
    "number": lambda _, value: string_conditions(value, "number"),
    "title": lambda _, value: string_conditions(value, "title", folded="title_key", fold=fold),
    "state_id": _reference("state_id", "TicketState"),
    "state_type": lambda _, value: [queries.in_state_types([each.value for each in value])],
    "priority_id": _reference("priority_id", "TicketPriority"),
    "type_id": _reference("type_id", "TicketType"),
    "owner_id": _reference("owner_id", "Agent"),
    "responsible_id": _reference("responsible_id", "Agent"),
    "customer_user_id": _reference("customer_user_id", "CustomerUser"),
    "customer_id": _reference("customer_id", "Customer"),
    "locked": lambda _, value: [sql.is_null("lock_holder_id", null=not value)],
    "watched_by_viewer": lambda actor, value: _watched(actor, wanted=value),
    "tags_all": lambda _, value: _all_tags(value),
    "tags_any": lambda _, value: _any_tag(value),
    "created_at": _instant("created_at"),
    "updated_at": _instant("updated_at"),
    "closed_at": _instant("closed_at"),
    "pending_until": _instant("pending_until"),
}
"""How each field of a filter becomes conditions; the others mean something only together."""
