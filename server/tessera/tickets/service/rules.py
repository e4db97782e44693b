"""Who may change a ticket now: what every verb asks first."""

from tessera.access import queries as access
from tessera.accounts.models import Agent
from tessera.kit.actor import ActorKind
from tessera.kit.clock import isoformat, now
from tessera.kit.errors import Forbidden
from tessera.kit.unit import Unit
from tessera.queues import queries as queues
from tessera.queues.models import Queue
from tessera.tickets import queries
from tessera.tickets._rights import Obstacle, Standing, holds, obstacle, state_obstacle
from tessera.tickets.errors import Inactive, NotAssignable, TicketLocked, TicketMerged
from tessera.tickets.models import Ticket


async def require_workable(unit: Unit, ticket: Ticket, right: str) -> None:
    """Raise unless the actor may change a ticket now.

    Agents need the right on the ticket's queue, and are stopped by another agent's lock; customer users hold
    `note` (to write to it) on tickets they are a party to, and nothing more. The system may do everything, but
    nobody changes a merged ticket. Raises `RightMissing`, `TicketMerged` or `TicketLocked`, the last two with
    the ticket as `current`.
    """
    standing = await queries.standing_of(ticket)
    await _raise(unit, ticket, standing, right, obstacle(unit.actor, standing, right))


async def require_undisturbed(unit: Unit, ticket: Ticket) -> None:
    """Like `require_workable`, for a verb with rules of its own about who may: merged and locked still refuse."""
    standing = await queries.standing_of(ticket)
    await _raise(unit, ticket, standing, "rw", state_obstacle(unit.actor, standing))


async def require_right(unit: Unit, ticket: Ticket, right: str) -> None:
    """Raise `RightMissing` unless the actor holds a right on a ticket, locked or not."""
    standing = await queries.standing_of(ticket)
    if not holds(unit.actor, standing, right):
        await _raise(unit, ticket, standing, right, Obstacle.RIGHT)


async def _raise(unit: Unit, ticket: Ticket, standing: Standing, right: str, found: Obstacle | None) -> None:
    if found is None:
        return
    if found is Obstacle.RIGHT:
        await queues.require(unit.actor, right, ticket.queue_id)
        raise Forbidden
    problem = (
        TicketMerged(number=ticket.number)
        if found is Obstacle.MERGED
        else await _locked(ticket, standing.lock_holder_id)
    )
    problem.current = ticket
    raise problem


async def _locked(ticket: Ticket, holder_id: int | None) -> TicketLocked:
    holder = await Agent.get(id=holder_id)
    since = isoformat(ticket.locked_at or now())
    return TicketLocked(number=ticket.number, holder=holder.name, since=since)


async def require_assignable(agent: Agent, queue_id: int, right: str) -> None:
    """Raise `Inactive` or `NotAssignable` unless an agent may be given tickets of a queue.

    An owner needs `owner`, a responsible `rw` on the queue's group, as in OTRS.
    """
    if not agent.active:
        raise Inactive(name=agent.name)
    candidate = await access.actor_for(ActorKind.AGENT, agent.id)
    queue = await Queue.get(id=queue_id)
    if candidate is None or not candidate.has_right(right, queue.group_id):
        raise NotAssignable(agent=agent.name, queue=queue.path)
