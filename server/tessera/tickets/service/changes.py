"""Verbs that change what a ticket is: fields, queue, people, state."""

from datetime import datetime
from typing import TypedDict, Unpack

from tessera.accounts.models import Agent, CustomerUser
from tessera.kit import rows
from tessera.kit.unit import Unit
from tessera.queues import queries as queues
from tessera.queues.models import FollowUpPolicy, Queue
from tessera.settings import queries as settings
from tessera.tickets import queries
from tessera.tickets._rights import is_party
from tessera.tickets._states import PENDING, StateType
from tessera.tickets.errors import NotClosed, NotPending, StateNotAllowed
from tessera.tickets.models import Priority, State, Ticket, TicketType
from tessera.tickets.service import _steps as steps
from tessera.tickets.service._draft import Draft
from tessera.tickets.service.rules import require_assignable, require_undisturbed, require_workable
from tessera.tickets.settings import CUSTOMER_MAY_CLOSE, FOLLOW_UP_STATE, UNLOCK_ON_MOVE


class Changes(TypedDict, total=False):
    """What `update` takes; an absent key leaves the field as it is, None clears it where that is possible."""

    title: str | None
    priority: Priority
    type: TicketType | None
    customer_user: CustomerUser | None
    responsible: Agent | None
    state: State
    pending_until: datetime | None


async def update(
    unit: Unit, ticket: Ticket, *, expected_version: int | None = None, **changes: Unpack[Changes]
) -> Ticket:
    """Change several fields at once: one write, one event per field that really changes.

    Needs `rw`; `priority` suffices for the priority alone. Raises what `require_workable` raises, `StaleVersion`,
    `Inactive`, `NotAssignable`, `NotPending`, `StateNotAllowed`, and what `kit.inputs.line` raises for the title.
    """
    await require_workable(unit, ticket, "priority" if set(changes) == {"priority"} else "rw")
    draft = Draft(ticket)
    if "title" in changes:
        await steps.retitle(draft, changes["title"])
    if "priority" in changes:
        await steps.prioritise(draft, changes["priority"])
    if "type" in changes:
        await steps.retype(draft, changes["type"])
    if "customer_user" in changes:
        await steps.give_to_customer(draft, changes["customer_user"])
    if "responsible" in changes:
        await _plan_responsible(draft, changes["responsible"])
    await _plan_state(draft, changes)
    return await draft.write(unit, expected_version=expected_version)


async def _plan_responsible(draft: Draft, agent: Agent | None) -> None:
    if agent is not None and agent.id != draft.ticket.responsible_id:
        await require_assignable(agent, draft.ticket.queue_id, "rw")
    await steps.make_responsible(draft, agent)


async def _plan_state(draft: Draft, changes: Changes) -> None:
    """Plan state and pending time together; a time of None is none where the state does not wait."""
    if "state" in changes:
        await steps.change_state(draft, changes["state"], changes.get("pending_until"))
    elif "pending_until" in changes:
        until, is_pending = changes["pending_until"], await queries.state_type_of(draft.ticket) in PENDING
        if is_pending != (until is not None):
            raise NotPending(field=("input", "pending_until"))
        if until is not None:
            steps.wait_until(draft, until)


async def move(unit: Unit, ticket: Ticket, queue: Queue, *, expected_version: int | None = None) -> Ticket:
    """Move a ticket to another queue.

    Needs `rw` on the queue it lies in and `move_into` on the one it goes to, as OTRS's agents do. The lock stays
    unless `tickets.unlock_on_move` is set. Raises what `require_workable` raises, `Inactive`, `StaleVersion`.
    """
    await require_workable(unit, ticket, "rw")
    await queues.require(unit.actor, "move_into", queue.id)
    draft = Draft(ticket)
    await steps.put_into(draft, queue)
    unlocks = await settings.value(UNLOCK_ON_MOVE)
    if draft.columns and unlocks:
        await steps.release(draft, "moved")
    return await draft.write(unit, expected_version=expected_version)


async def assign_owner(
    unit: Unit, ticket: Ticket, owner: Agent | None, *, expected_version: int | None = None
) -> Ticket:
    """Let another agent, or nobody, work on a ticket; a lock goes along, or is released.

    Needs `owner`. Raises what `require_workable` raises, `Inactive`, `NotAssignable`, `StaleVersion`.
    """
    await require_workable(unit, ticket, "owner")
    if owner is not None and owner.id != ticket.owner_id:
        await require_assignable(owner, ticket.queue_id, "owner")
    draft = Draft(ticket)
    await steps.make_owner(draft, owner)
    return await draft.write(unit, expected_version=expected_version)


async def assign_responsible(
    unit: Unit, ticket: Ticket, responsible: Agent | None, *, expected_version: int | None = None
) -> Ticket:
    """Make another agent, or nobody, answerable for a ticket; needs `rw`, raises what `update` raises."""
    return await update(unit, ticket, expected_version=expected_version, responsible=responsible)


async def set_state(
    unit: Unit,
    ticket: Ticket,
    state: State,
    *,
    pending_until: datetime | None = None,
    expected_version: int | None = None,
) -> Ticket:
    """Give a ticket another state; a pending one without a time waits as long as the setting says.

    Needs `rw`. Raises what `update` raises.
    """
    return await update(unit, ticket, expected_version=expected_version, state=state, pending_until=pending_until)


async def close(unit: Unit, ticket: Ticket, *, state: State, expected_version: int | None = None) -> Ticket:
    """Close a ticket, successfully or not as the state says; the lock is released.

    Needs `rw`; customer users may close what they are a party to when `tickets.customer_may_close` is set.
    Raises what `require_workable` raises, `StateNotAllowed` for a state that does not close, `StaleVersion`.
    """
    if await _is_own(unit, ticket) and await settings.value(CUSTOMER_MAY_CLOSE):
        await require_undisturbed(unit, ticket)
    else:
        await require_workable(unit, ticket, "rw")
    if state.type != StateType.CLOSED:
        before = await queries.state_of(ticket)
        raise StateNotAllowed(before=before.name, after=state.name, field=("state_id",))
    draft = Draft(ticket)
    await steps.change_state(draft, state)
    return await draft.write(unit, expected_version=expected_version)


async def reopen(unit: Unit, ticket: Ticket, *, expected_version: int | None = None) -> Ticket:
    """Open a closed ticket again, in the state `tickets.follow_up_state`.

    Needs `rw`; customer users may reopen what they are a party to in queues that take follow-ups. Reopened by
    anybody but an agent, the ticket is locked for its owner again where the queue says so. Raises what
    `require_workable` raises, `NotClosed`, `StaleVersion`.
    """
    queue = await queues.known(ticket.queue_id)
    if await _is_own(unit, ticket) and queue.follow_up_policy == FollowUpPolicy.POSSIBLE:
        await require_undisturbed(unit, ticket)
    else:
        await require_workable(unit, ticket, "rw")
    if await queries.state_type_of(ticket) is not StateType.CLOSED:
        raise NotClosed(number=ticket.number)
    draft = Draft(ticket)
    await steps.change_state(draft, await queries.state_or_first(await settings.value(FOLLOW_UP_STATE), StateType.OPEN))
    owner = await rows.get(Agent, ticket.owner_id)
    if queue.follow_up_lock and owner is not None and owner.active and not unit.actor.is_agent:
        await steps.hold(draft, owner)
    return await draft.write(unit, expected_version=expected_version)


async def follow_up(unit: Unit, ticket: Ticket) -> Ticket:
    """Note that the customer wrote again: a closed ticket is reopened, a pending one opened, others stay.

    For the system and for customer users; the caller looked at the queue's follow-up policy. Raises what
    `reopen` raises.
    """
    state_type = await queries.state_type_of(ticket)
    if state_type is StateType.CLOSED:
        return await reopen(unit, ticket)
    await require_workable(unit, ticket, "note")
    draft = Draft(ticket)
    if state_type in PENDING:
        name = await settings.value(FOLLOW_UP_STATE)
        await steps.change_state(draft, await queries.state_or_first(name, StateType.OPEN))
    return await draft.write(unit)


async def _is_own(unit: Unit, ticket: Ticket) -> bool:
    return is_party(unit.actor, await queries.standing_of(ticket))
