"""What lists of tickets can be narrowed to and sorted by, and how that becomes a listing."""

from enum import Enum

import strawberry
from tortoise.expressions import Q, Subquery
from tortoise.queryset import QuerySet

from tessera.engine.filters import (
    DateTimeFilter,
    IDFilter,
    StringFilter,
    instant_condition,
    keys_of,
    reference_condition,
    string_condition,
)
from tessera.engine.roots import OrderDirection
from tessera.kit.actor import Actor
from tessera.kit.errors import Invalid
from tessera.kit.paging import Key, Listing
from tessera.kit.text import fold
from tessera.queues import queries as queues
from tessera.tickets import models, queries

MAX_ALTERNATIVES = 10
MAX_WORDS = 10
MAX_QUERY = 200
MAX_TAGS = 20
MAX_KEYS = 7


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
class TicketFilter:
    query: str | None = strawberry.field(default=None, description="Words in number or title.")
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


async def listing(actor: Actor, given: TicketFilter | None, order: list[TicketOrder] | None) -> Listing[models.Ticket]:
    """Return the tickets an actor sees that match, newest first unless an order is given.

    Raises `Invalid` for an order or a filter that asks for too much.
    """
    if order is not None and len(order) > MAX_KEYS:
        raise Invalid("At most {limit} sort keys.", limit=MAX_KEYS, field=("order_by",))
    keys = [
        Key(each.field.value, each.direction is OrderDirection.DESC, each.field is TicketOrderField.PENDING_UNTIL)
        for each in order or ()
    ]
    return Listing(await matching(actor, given), tuple(keys) or (Key("created_at", descending=True),))


async def matching(actor: Actor, given: TicketFilter | None) -> QuerySet[models.Ticket]:
    """Return the tickets an actor sees that match a filter.

    Removed tickets are left out unless the filter names states, archived ones unless it says `archived`. Raises
    `Invalid` for a filter that nests too deep or asks for too much.
    """
    wanted = given or TicketFilter()
    rows = queries.visible_to(actor).filter(await _condition(actor, wanted))
    if wanted.archived is not None:
        rows = rows.filter(archived=wanted.archived)
    if wanted.state_id is None and wanted.state_type is None:
        rows = rows.filter(state__type__not=TicketStateType.REMOVED.value)
    if wanted.any_of is not None:
        rows = rows.filter(await _alternatives(actor, wanted.any_of))
    if wanted.not_ is not None:
        refused = queries.visible_to(actor).filter(await _nested(actor, wanted.not_))
        rows = rows.filter(id__not_in=Subquery(refused.values("id")))
    return rows


async def _alternatives(actor: Actor, given: list[TicketFilter]) -> Q:
    if len(given) > MAX_ALTERNATIVES:
        raise Invalid("At most {limit} alternatives.", limit=MAX_ALTERNATIVES, field=("filter", "any_of"))
    if not given:
        return Q(id__isnull=True)
    return Q(*[Q(id__in=await _ids(actor, each)) for each in given], join_type="OR")


async def _ids(actor: Actor, given: TicketFilter) -> Subquery:
    return Subquery(queries.visible_to(actor).filter(await _nested(actor, given)).values("id"))


async def _nested(actor: Actor, given: TicketFilter) -> Q:
    """Return the condition of a filter within a filter, whose `archived` counts only when it is true."""
    if given.any_of is not None or given.not_ is not None:
        raise Invalid("`anyOf` and `not` do not nest.", field=("filter",))
    archived = Q(archived=True) if given.archived else Q()
    return await _condition(actor, given) & archived


async def _condition(actor: Actor, given: TicketFilter) -> Q:
    parts = [
        _words(given.query),
        string_condition(given.number, "number"),
        string_condition(given.title, "title", folded="title_key", fold=fold),
        await _queues(given),
        *_references(given),
        instant_condition(given.created_at, "created_at"),
        instant_condition(given.updated_at, "updated_at"),
        instant_condition(given.closed_at, "closed_at"),
        instant_condition(given.pending_until, "pending_until"),
        _watched(actor, given.watched_by_viewer),
        *_tags(given),
    ]
    if given.ids is not None:
        parts.append(Q(id__in=keys_of(given.ids, "Ticket")))
    if given.state_type is not None:
        parts.append(Q(state__type__in=[each.value for each in given.state_type]))
    if given.locked is not None:
        parts.append(Q(lock_holder_id__isnull=not given.locked))
    return Q(*parts)


def _words(query: str | None) -> Q:
    words = fold(query or "").split()
    if len(words) > MAX_WORDS or len(query or "") > MAX_QUERY:
        raise Invalid(
            "A search has at most {words} words and {limit} characters.",
            field=("filter", "query"),
            words=MAX_WORDS,
            limit=MAX_QUERY,
        )
    return Q(*(Q(number__contains=word) | Q(title_key__contains=word) for word in words))


async def _queues(given: TicketFilter) -> Q:
    chosen = given.queue_id
    if chosen is None or not given.include_sub_queues:
        return reference_condition(chosen, "queue_id", "Queue")
    parts = [reference_condition(IDFilter(is_null=chosen.is_null), "queue_id", "Queue")]
    if chosen.in_ is not None:
        parts.append(Q(queue_id__in=await queues.subtree_ids(keys_of(chosen.in_, "Queue"))))
    if chosen.not_in is not None:
        parts.append(Q(queue_id__not_in=await queues.subtree_ids(keys_of(chosen.not_in, "Queue"))))
    return Q(*parts)


def _references(given: TicketFilter) -> list[Q]:
    return [
        reference_condition(given.state_id, "state_id", "TicketState"),
        reference_condition(given.priority_id, "priority_id", "TicketPriority"),
        reference_condition(given.type_id, "type_id", "TicketType"),
        reference_condition(given.owner_id, "owner_id", "Agent"),
        reference_condition(given.responsible_id, "responsible_id", "Agent"),
        reference_condition(given.customer_user_id, "customer_user_id", "CustomerUser"),
        reference_condition(given.customer_id, "customer_id", "Customer"),
    ]


def _watched(actor: Actor, wanted: bool | None) -> Q:
    if wanted is None:
        return Q()
    watched = queries.watched_ids(actor)
    return Q(id__in=watched) if wanted else Q(id__not_in=watched)


def _tags(given: TicketFilter) -> list[Q]:
    for name, labels in (("tags_all", given.tags_all), ("tags_any", given.tags_any)):
        if labels is not None and len(labels) > MAX_TAGS:
            raise Invalid("At most {limit} labels in one condition.", limit=MAX_TAGS, field=("filter", name))
    parts = [Q(id__in=queries.tagged_ids([label])) for label in given.tags_all or ()]
    if given.tags_any is not None:
        parts.append(Q(id__in=queries.tagged_ids(given.tags_any)))
    return parts
