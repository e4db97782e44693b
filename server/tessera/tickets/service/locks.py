"""Verbs of the lock, and the touch that keeps it alive."""

from tessera.accounts.models import Agent
from tessera.kit import rows
from tessera.kit.errors import Forbidden
from tessera.kit.unit import Unit
from tessera.tickets import queries
from tessera.tickets._rights import is_locked_for
from tessera.tickets._states import FINISHED
from tessera.tickets.errors import StateNotAllowed
from tessera.tickets.models import Ticket
from tessera.tickets.service import _steps as steps
from tessera.tickets.service._draft import Draft
from tessera.tickets.service.rules import require_assignable, require_right, require_workable


async def lock(unit: Unit, ticket: Ticket, *, holder: Agent | None = None, force: bool = False) -> Ticket:
    """Claim a ticket for exclusive work; who holds the lock owns the ticket, as in OTRS.

    `holder` is the acting agent unless another is given. Needs `rw`; with `force`, the right `owner` takes the
    lock from another agent. Raises what `require_workable` raises, `StateNotAllowed` for a finished ticket, and
    for another holder `Inactive` and `NotAssignable`.
    """
    standing = await queries.standing_of(ticket)
    if force and is_locked_for(unit.actor, standing):
        await require_right(unit, ticket, "owner")
    else:
        await require_workable(unit, ticket, "rw")
    if standing.state_type in FINISHED:
        state = await queries.state_of(ticket)
        raise StateNotAllowed("A ticket in state {state} is not locked.", state=state.name)
    claimant = holder if holder is not None else await rows.get(Agent, unit.actor.agent_id)
    if claimant is None:
        raise Forbidden("Only agents hold locks.")
    if claimant.id != unit.actor.agent_id:
        await require_assignable(claimant, ticket.queue_id, "owner")
    draft = Draft(ticket)
    await steps.hold(draft, claimant)
    await steps.make_owner(draft, claimant)
    return await draft.write(unit)


async def unlock(unit: Unit, ticket: Ticket) -> Ticket:
    """Release a ticket's lock; an unlocked one stays as it is.

    The holder may always; another agent needs `owner`, with which they could take the lock over as well. Raises
    `RightMissing`.
    """
    is_holder = unit.actor.is_agent and ticket.lock_holder_id == unit.actor.id
    await require_right(unit, ticket, "ro" if is_holder else "owner")
    draft = Draft(ticket)
    await steps.release(draft, "unlocked")
    return await draft.write(unit)


async def touch(unit: Unit, ticket: Ticket) -> Ticket:
    """Note that something was added to a ticket: its version grows and its lock lasts anew.

    The caller records the fact and asked for the rights. Raises `TicketMerged` never: a merged ticket's articles
    are moved by whoever merges.
    """
    expires_at = None
    if ticket.lock_holder_id is not None:
        expires_at = await steps.lock_expiry(ticket.queue_id, ticket.state_id)
    return await unit.update(ticket, lock_expires_at=expires_at)
