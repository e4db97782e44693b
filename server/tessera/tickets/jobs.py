"""Work of the clock: pending times that have come, locks that nobody touched."""

from collections.abc import Awaitable, Callable

from tessera.kit import log
from tessera.kit.actor import SYSTEM
from tessera.kit.clock import now
from tessera.kit.errors import Problem
from tessera.kit.jobs import Work
from tessera.kit.unit import Unit
from tessera.tickets import queries, service


async def act_on_deadlines(work: Work) -> None:
    """Act on every ticket that is due, each in a unit of its own, so that one that is refused stops no other."""
    at = now()
    for ticket_id in await queries.ids_of(queries.pending_reached(at).order_by("pending_until", "id")):
        await _act(work, service.act_on_pending, ticket_id)
    for ticket_id in await queries.ids_of(queries.lock_expired(at).order_by("lock_expires_at", "id")):
        await _act(work, service.release_expired_lock, ticket_id)


async def _act(work: Work, verb: Callable[[Unit, int], Awaitable[bool]], ticket_id: int) -> None:
    try:
        await work.units.run(SYSTEM, lambda unit: verb(unit, ticket_id))
    except Problem as problem:
        log.get().info("tickets.deadline_refused", ticket=ticket_id, reason=problem.reason, problem=str(problem))
