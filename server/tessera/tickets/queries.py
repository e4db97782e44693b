"""Reads of tickets and of what is configured about them; `visible_to` decides who sees which ticket."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from tortoise.expressions import Q
from tortoise.functions import Count
from tortoise.queryset import QuerySet

from tessera.accounts import queries as accounts
from tessera.accounts.models import Agent
from tessera.kit import sql
from tessera.kit.actor import SYSTEM, Actor
from tessera.kit.clock import isoformat
from tessera.kit.db import fetch_rows
from tessera.kit.ids import key_of
from tessera.kit.inputs import Field, existing
from tessera.kit.journal import Entry
from tessera.kit.memory import Remembered
from tessera.kit.rows import find, having
from tessera.kit.sql import Sql
from tessera.kit.text import fold, storable
from tessera.queues.models import Queue
from tessera.settings import queries as settings
from tessera.tickets._rights import Advice, Standing, advise
from tessera.tickets._states import FINISHED, LOCK_EXPIRES, OPEN_TYPES, PENDING, StateType
from tessera.tickets.errors import Inactive, NotConfigured
from tessera.tickets.models import MAX_KEY, MAX_NUMBER, Priority, Seen, State, Tag, Ticket, TicketType, Watcher
from tessera.tickets.permissions import MANAGE
from tessera.tickets.settings import CUSTOMER_MAY_CLOSE

TICKETS, STATES, TAGS, WATCHERS, QUEUES = (model._meta.db_table for model in (Ticket, State, Tag, Watcher, Queue))

_STANDINGS = f"""SELECT t."id", q."group_id", s."type", t."lock_holder_id", t."customer_user_id", t."customer_id"
FROM "{TICKETS}" t JOIN "{QUEUES}" q ON q."id" = t."queue_id"
JOIN "{STATES}" s ON s."id" = t."state_id" WHERE """  # noqa: S608 - names are ours

ConfiguredT = TypeVar("ConfiguredT", State, Priority, TicketType)

_STATES = Remembered(State, "state")
_PRIORITIES = Remembered(Priority, "priority")
_TYPES = Remembered(TicketType, "ticket_type")


def visible_to(actor: Actor) -> QuerySet[Ticket]:
    """Return the tickets an actor sees: the one rule for everybody who reads tickets.

    An agent sees those of queues on whose group they hold `ro`. A customer user sees those they asked for, and
    their customer's where the actor shares with it; never removed ones.
    """
    if actor.is_system:
        return Ticket.all()
    if actor.is_agent:
        queues = actor.queues_with("ro")
        if queues is not None:
            return Ticket.filter(queue_id__in=queues)
        return Ticket.filter(queue__group_id__in=actor.groups_with("ro"))
    return belonging_to(actor).filter(state__type__not=StateType.REMOVED.value)


def belonging_to(actor: Actor) -> QuerySet[Ticket]:
    """Return the tickets a customer user is a party to, removed ones included; none for everybody else."""
    if not actor.is_customer_user:
        return Ticket.filter(id__isnull=True)
    own = Q(customer_user_id=actor.id)
    return Ticket.filter(own if actor.customer_id is None else own | Q(customer_id=actor.customer_id))


async def get(actor: Actor, global_id: str, *, field: Field = ("id",)) -> Ticket:
    """Return a ticket by its global id.

    Raises `NotFound` when it is unknown or hidden.
    """
    return existing(await find(actor, visible_to, key_of(global_id, "Ticket", field=field)), field)


async def by_number(number: str, *, actor: Actor = SYSTEM) -> Ticket | None:
    """Return the ticket with a number, None when it is unknown or hidden from the actor."""
    return await visible_to(actor).get_or_none(number=storable(number.strip())[:MAX_NUMBER])


async def final_target(ticket: Ticket) -> Ticket:
    """Return the ticket that carries on what was merged: the ticket itself when it was not."""
    while ticket.merged_into_id is not None:
        ticket = await Ticket.get(id=ticket.merged_into_id)
    return ticket


async def summary(ticket: Ticket) -> dict[str, str]:
    """Return what a ticket is at the moment as text for people, by label."""
    row = (
        await Ticket.filter(id=ticket.id).values(
            queue="queue__path",
            state="state__name",
            priority="priority__name",
            owner="owner__name",
            lock="lock_holder__name",
            customer_user="customer_user__name",
            customer="customer__name",
        )
    )[0]
    facts = await Entry.filter(subject_kind="ticket", subject_id=ticket.id).count()
    people = " of ".join(name for name in (row["customer_user"], row["customer"]) if name)
    return {
        "Number": ticket.number,
        "Title": ticket.title,
        "Queue": row["queue"],
        "State": row["state"],
        "Priority": row["priority"],
        "Owner": row["owner"] or "nobody",
        "Locked by": row["lock"] or "nobody",
        "Customer": people or "nobody",
        "Created": isoformat(ticket.created_at),
        "History": f"{facts} entries",
    }


async def newest_number() -> str | None:
    """Return the number of the ticket created last, None on an empty desk."""
    numbers = await Ticket.all().order_by("-id").limit(1).values_list("number", flat=True)
    return str(numbers[0]) if numbers else None


async def number_exists(number: str) -> bool:
    """Tell whether a ticket has the number."""
    return await Ticket.exists(number=number)


async def state_of(ticket: Ticket) -> State:
    """Return the state a ticket has, to look at only."""
    return await known_state(ticket.state_id)


async def known_state(key: int) -> State:
    """Return the state with a key, to look at only."""
    return await _STATES.get(key) or await State.get(id=key)


async def state_type_of(ticket: Ticket) -> StateType:
    """Return the type of the state a ticket has."""
    return StateType((await state_of(ticket)).type)


async def is_finished(ticket: Ticket) -> bool:
    """Tell whether a ticket is closed, merged or removed."""
    return await state_type_of(ticket) in FINISHED


async def standing_of(ticket: Ticket) -> Standing:
    """Return how a ticket stands."""
    return (await standings([ticket.id]))[ticket.id]


async def standings(ticket_ids: Sequence[int]) -> dict[int, Standing]:
    """Return how tickets stand, by id, in one statement."""
    wanted = sql.one_of("id", ticket_ids)
    found = await fetch_rows(sql.bound(_STANDINGS + wanted.on("t")), wanted.values)
    return {key: Standing(*columns) for key, *columns in found}


def states_visible_to(actor: Actor) -> QuerySet[State]:
    """Return the states an actor sees: administrators all, others the active ones."""
    return State.all() if actor.can(MANAGE.name) else State.filter(active=True)


def priorities_visible_to(actor: Actor) -> QuerySet[Priority]:
    """Return the priorities an actor sees: administrators all, others the active ones."""
    return Priority.all() if actor.can(MANAGE.name) else Priority.filter(active=True)


def types_visible_to(actor: Actor) -> QuerySet[TicketType]:
    """Return the ticket types an actor sees: administrators all, others the active ones."""
    return TicketType.all() if actor.can(MANAGE.name) else TicketType.filter(active=True)


async def get_state(global_id: str, *, field: Field = ("state_id",)) -> State:
    """Return a state by its global id, switched off or not.

    Raises `NotFound`.
    """
    return existing(await _STATES.get(key_of(global_id, "TicketState", field=field)), field)


async def get_priority(global_id: str, *, field: Field = ("priority_id",)) -> Priority:
    """Return a priority by its global id, switched off or not.

    Raises `NotFound`.
    """
    return existing(await _PRIORITIES.get(key_of(global_id, "TicketPriority", field=field)), field)


async def get_type(global_id: str, *, field: Field = ("type_id",)) -> TicketType:
    """Return a ticket type by its global id, switched off or not.

    Raises `NotFound`.
    """
    return existing(await _TYPES.get(key_of(global_id, "TicketType", field=field)), field)


async def to_change(row: ConfiguredT) -> ConfiguredT:
    """Return a state, a priority or a type as it is now, for whoever changes it."""
    return await type(row).get(id=row.id)


async def state_named(name: str) -> State | None:
    """Return the active state with a name, regardless of case."""
    return await _named(_STATES, name)


async def priority_named(name: str) -> Priority | None:
    """Return the active priority with a name, regardless of case."""
    return await _named(_PRIORITIES, name)


async def type_named(name: str) -> TicketType | None:
    """Return the active ticket type with a name, regardless of case."""
    return await _named(_TYPES, name)


async def _named(table: Remembered[ConfiguredT], name: str) -> ConfiguredT | None:
    key = fold(name.strip())[:MAX_KEY]
    return next((row for row in await table.rows() if row.active and row.name_key == key), None)


async def state_or_first(name: str, state_type: StateType) -> State:
    """Return the active state with a name, else the first active one of a type.

    Raises `NotConfigured` when there is neither.
    """
    state = await state_named(name) or await State.filter(type=state_type.value, active=True).order_by("id").first()
    if state is None:
        raise NotConfigured(what=f"ticket state of type {state_type.value}")
    return state


async def priority_or_first(name: str) -> Priority:
    """Return the active priority with a name, else the least urgent active one.

    Raises `NotConfigured` when there is none.
    """
    priority = await priority_named(name) or await Priority.filter(active=True).order_by("rank", "id").first()
    if priority is None:
        raise NotConfigured(what="ticket priority")
    return priority


def require_active(*rows: State | Priority | TicketType | None, field: Field | None = None) -> None:
    """Raise `Inactive` when one of some states, priorities and types is switched off."""
    for row in rows:
        if row is not None and not row.active:
            raise Inactive(name=row.name, field=field)


async def tags_of(ticket_ids: Sequence[int]) -> dict[int, list[str]]:
    """Return the labels of tickets, by id, each list in the order of the folded labels."""
    found: dict[int, list[str]] = {ticket_id: [] for ticket_id in ticket_ids}
    for tag in await having(Tag, "ticket_id", ticket_ids, order="name_key"):
        found[tag.ticket_id].append(tag.name)
    return found


async def watchers_of(actor: Actor, ticket_ids: Sequence[int]) -> dict[int, list[Agent]]:
    """Return the agents who watch tickets, as far as the actor sees agents, by ticket."""
    pairs = await having(Watcher, "ticket_id", ticket_ids)
    visible = accounts.visible_agents(actor).filter(id__in={pair.agent_id for pair in pairs})
    agents = {agent.id: agent for agent in await visible}
    found: dict[int, list[Agent]] = {ticket_id: [] for ticket_id in ticket_ids}
    for pair in pairs:
        if pair.agent_id in agents:
            found[pair.ticket_id].append(agents[pair.agent_id])
    return found


def watched_ids(actor: Actor) -> Sql:
    """Return the statement of the ids of the tickets an agent watches."""
    return sql.picked(WATCHERS, "ticket_id", sql.equals("agent_id", actor.agent_id or 0))


def tagged_ids(labels: Sequence[str]) -> Sql:
    """Return the statement of the ids of the tickets with any of some labels."""
    keys = {fold(label.strip())[:MAX_KEY] for label in labels}
    return sql.picked(TAGS, "ticket_id", sql.one_of("name_key", keys))


def in_state_types(types: Sequence[str]) -> Sql:
    """Match the tickets whose state is of one of some types."""
    return sql.within("state_id", sql.picked(STATES, "id", sql.one_of("type", types)))


NOT_REMOVED = sql.outside("state_id", sql.picked(STATES, "id", sql.equals("type", StateType.REMOVED.value)))
"""Matches the tickets that were not removed."""


async def advice(actor: Actor, ticket_ids: Sequence[int]) -> dict[int, Advice]:
    """Return what an actor may do with tickets now, by ticket, as the verbs would decide."""
    closes = actor.is_customer_user and await settings.value(CUSTOMER_MAY_CLOSE)
    found = await standings(ticket_ids)
    return {ticket_id: advise(actor, standing, customer_may_close=closes) for ticket_id, standing in found.items()}


async def watched_by(actor: Actor, ticket_ids: Sequence[int]) -> set[int]:
    """Return which of the tickets an agent watches."""
    pairs = await Watcher.filter(ticket_id__in=list(ticket_ids), agent_id=actor.agent_id or 0)
    return {pair.ticket_id for pair in pairs}


async def seen_by(actor: Actor, ticket_ids: Sequence[int]) -> dict[int, datetime]:
    """Return when an actor last read tickets, by id."""
    rows = Seen.filter(ticket_id__in=list(ticket_ids), actor_kind=actor.kind.value, actor_id=actor.id or 0)
    return dict(await rows.values_list("ticket_id", "at"))


async def open_counts(actor: Actor, queue_ids: Sequence[int]) -> dict[int, int]:
    """Return how many open tickets the actor sees in queues, by queue."""
    rows = (
        await visible_to(actor)
        .filter(queue_id__in=list(queue_ids), state__type__in=OPEN_TYPES)
        .annotate(found=Count("id"))
        .group_by("queue_id")
        .values_list("queue_id", "found")
    )
    return dict.fromkeys(queue_ids, 0) | dict(rows)


async def open_count(queue_id: int) -> int:
    """Return how many open tickets a queue holds, whoever sees them."""
    return (await open_counts(SYSTEM, [queue_id]))[queue_id]


def pending_reached(at: datetime) -> QuerySet[Ticket]:
    """Return the tickets whose pending time has come and was not acted upon yet."""
    return Ticket.filter(pending_until__lte=at, reminded_at__isnull=True, state__type__in=PENDING)


def lock_expired(at: datetime) -> QuerySet[Ticket]:
    """Return the tickets whose untouched lock is to be released."""
    return Ticket.filter(lock_expires_at__lte=at, lock_holder_id__isnull=False, state__type__in=LOCK_EXPIRES)


async def ids_of(rows: QuerySet[Ticket]) -> list[int]:
    """Return the ids of tickets, in the order of the query."""
    return [int(row[0]) for row in await rows.values_list("id")]
