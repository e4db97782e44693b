"""The verb that makes one ticket of two; articles and links follow it from their own slices."""

from tessera.kit.unit import Unit
from tessera.tickets import queries
from tessera.tickets._states import StateType
from tessera.tickets.errors import MergeImpossible
from tessera.tickets.events import TicketAbsorbed, TicketMerged
from tessera.tickets.models import State, Ticket
from tessera.tickets.service import _steps as steps
from tessera.tickets.service._draft import Draft
from tessera.tickets.service.rules import require_workable


async def merge(unit: Unit, ticket: Ticket, into: Ticket) -> Ticket:
    """Let a ticket go into another one; it keeps its number, points to its target and takes no changes any more.

    Needs `rw` on both. Both tickets are written, so that of two merges in opposite directions one is refused.
    Raises what `require_workable` raises for either, and `MergeImpossible` for a ticket into itself.
    """
    if ticket.id == into.id:
        raise MergeImpossible("A ticket cannot be merged into itself.", field=("into_id",))
    await require_workable(unit, ticket, "rw")
    await require_workable(unit, into, "rw")
    draft = Draft(ticket)
    after = await queries.state_or_first("merged", StateType.MERGED)
    steps.note_state(draft, await State.get(id=ticket.state_id), after)
    await steps.release(draft, "merged")
    draft.put(
        TicketMerged(subject=draft.subject, into=into.number, into_id=into.id),
        merged_into_id=into.id,
        pending_until=None,
        reminded_at=None,
    )
    target = Draft(into)
    target.put(TicketAbsorbed(subject=target.subject, source=ticket.number, source_id=ticket.id))
    await target.write(unit)
    return await draft.write(unit)
