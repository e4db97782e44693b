"""The verb that makes a ticket."""

from collections.abc import Sequence
from datetime import datetime

from tessera.accounts.models import Agent, Customer, CustomerUser
from tessera.kit import rows
from tessera.kit.clock import now
from tessera.kit.errors import Forbidden, Taken
from tessera.kit.ids import ObjectRef
from tessera.kit.text import fold
from tessera.kit.unit import Unit
from tessera.queues import queries as queues
from tessera.queues.models import Queue
from tessera.settings import queries as settings
from tessera.tickets import queries
from tessera.tickets._states import FINISHED, PENDING, StateType
from tessera.tickets.errors import Inactive, NotPending, StateNotAllowed
from tessera.tickets.events import TagsChanged, TicketCreated
from tessera.tickets.models import MAX_KEY, Priority, State, Ticket, TicketType
from tessera.tickets.service import _steps as steps
from tessera.tickets.service._numbering import write_numbered
from tessera.tickets.service.labels import attach, checked_tags
from tessera.tickets.service.rules import require_assignable
from tessera.tickets.settings import DEFAULT_PRIORITY, DEFAULT_STATE

UNBORN = frozenset({StateType.MERGED, StateType.REMOVED})
"""Types of states in which no ticket begins."""


async def create(
    unit: Unit,
    *,
    title: str,
    queue: Queue,
    state: State | None = None,
    priority: Priority | None = None,
    type: TicketType | None = None,
    owner: Agent | None = None,
    responsible: Agent | None = None,
    customer_user: CustomerUser | None = None,
    customer: Customer | None = None,
    pending_until: datetime | None = None,
    tags: Sequence[str] = (),
    number: str | None = None,
) -> Ticket:
    """Make a ticket in a queue; state and priority default to what the settings say.

    Agents need `create` on the queue. Customer users make tickets for themselves, and choose neither state nor
    people. `number` is given by the generator unless the caller brings one. `title` is one line of at most 500
    characters. Raises `RightMissing`, `Forbidden`, `Inactive`, `NotAssignable`, `NotPending`, `StateNotAllowed`,
    `Taken` for a number that exists, and what `kit.inputs.line` raises for title and tags.
    """
    if unit.actor.is_customer_user:
        foreign = (state, owner, responsible, customer, pending_until)
        customer_user = await _oneself(unit, customer_user, is_modest=not any(foreign))
    else:
        queues.require_on(unit.actor, "create", queue)
    await _require_usable(queue, owner, responsible)
    state = state or await queries.state_or_first(await settings.value(DEFAULT_STATE), StateType.NEW)
    priority = priority or await queries.priority_or_first(await settings.value(DEFAULT_PRIORITY))
    queries.require_active(state, priority, type)
    title, labels = steps.checked_title(title), checked_tags(tags)
    ticket = rows.made(
        Ticket,
        title=title,
        title_key=fold(title)[:MAX_KEY],
        queue_id=queue.id,
        state_id=state.id,
        priority_id=priority.id,
        priority_rank=priority.rank,
        type_id=type.id if type else None,
        owner_id=owner.id if owner else None,
        responsible_id=responsible.id if responsible else None,
        customer_user_id=customer_user.id if customer_user else None,
        customer_id=customer.id if customer else (customer_user.customer_id if customer_user else None),
        pending_until=await _waiting(state, pending_until),
        closed_at=now() if state.type in FINISHED else None,
    )
    await _write(unit, ticket, number)
    await unit.record(_created(ticket, queue=queue, state=state, priority=priority, customer_user=customer_user))
    if labels:
        await attach(ticket, labels)
        names = ", ".join(sorted(labels.values()))
        await unit.record(TagsChanged(subject=ObjectRef("ticket", ticket.id), before=None, after=names))
    return ticket


async def _write(unit: Unit, ticket: Ticket, number: str | None) -> None:
    if number is None:
        await write_numbered(unit, ticket)
        return
    ticket.number = number
    if not await rows.insert_unless_taken(ticket):
        raise Taken(field=("number",))


async def _require_usable(queue: Queue, owner: Agent | None, responsible: Agent | None) -> None:
    if not queue.active:
        raise Inactive(name=queue.path, field=("input", "queue_id"))
    for agent, right in ((owner, "owner"), (responsible, "rw")):
        if agent is not None:
            await require_assignable(agent, queue.id, right)


def _created(
    ticket: Ticket, *, queue: Queue, state: State, priority: Priority, customer_user: CustomerUser | None
) -> TicketCreated:
    return TicketCreated(
        subject=ObjectRef("ticket", ticket.id),
        number=ticket.number,
        title=ticket.title,
        queue=queue.path,
        queue_id=queue.id,
        state=state.name,
        state_type=state.type,
        priority=priority.name,
        customer_user=customer_user.name if customer_user else None,
        customer_user_id=ticket.customer_user_id,
        owner_id=ticket.owner_id,
        responsible_id=ticket.responsible_id,
    )


async def _oneself(unit: Unit, customer_user: CustomerUser | None, *, is_modest: bool) -> CustomerUser:
    """Return the acting customer user; raises `Forbidden` when they chose for others or more than they may."""
    if customer_user is not None and customer_user.id != unit.actor.id:
        raise Forbidden("You can open tickets for yourself only.", field=("input", "customer_user_id"))
    if not is_modest:
        raise Forbidden("Customer users choose neither state nor people.")
    return await CustomerUser.get(id=unit.actor.id)


async def _waiting(state: State, pending_until: datetime | None) -> datetime | None:
    """Return until when a new ticket waits; raises `StateNotAllowed` for a state in which no ticket begins."""
    if state.type in UNBORN:
        raise StateNotAllowed("No ticket begins in the state {state}.", state=state.name, field=("input", "state_id"))
    if state.type in PENDING:
        return pending_until or await steps.default_pending_until()
    if pending_until is not None:
        raise NotPending(field=("input", "pending_until"))
    return None
