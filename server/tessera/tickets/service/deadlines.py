"""What the system does to tickets when a time has come; each verb looks again and acts once."""

from tessera.kit import log
from tessera.kit.clock import isoformat, now
from tessera.kit.unit import Unit
from tessera.settings import queries as settings
from tessera.tickets import queries
from tessera.tickets._states import StateType
from tessera.tickets.events import PendingReached
from tessera.tickets.models import State
from tessera.tickets.service import _steps as steps
from tessera.tickets.service._draft import Draft
from tessera.tickets.settings import STATE_AFTER_PENDING


async def act_on_pending(unit: Unit, ticket_id: int) -> bool:
    """Tell that a pending ticket's time has come, and close it when its state does so by itself; return whether.

    False when there is nothing to do: the time was changed, or somebody else was faster.
    """
    ticket = await queries.pending_reached(now()).get_or_none(id=ticket_id)
    if ticket is None or ticket.pending_until is None:
        return False
    state = await State.get(id=ticket.state_id)
    draft = Draft(ticket)
    draft.put(
        PendingReached(subject=draft.subject, state=state.name, pending_until=isoformat(ticket.pending_until)),
        reminded_at=now(),
    )
    if state.type == StateType.PENDING_AUTO:
        following = await _following(state)
        if following is not None:
            await steps.change_state(draft, following)
    await draft.write(unit)
    return True


async def _following(state: State) -> State | None:
    """Return the state the setting names as the one after a pending auto state."""
    name = (await settings.value(STATE_AFTER_PENDING)).get(state.name)
    following = await queries.state_named(name) if name else None
    if following is None or following.type == StateType.MERGED:
        log.get().warning("tickets.no_state_after_pending", state=state.name, following=name)
        return None
    return following


async def release_expired_lock(unit: Unit, ticket_id: int) -> bool:
    """Release the lock of a ticket that nobody touched for as long as its queue allows; return whether."""
    ticket = await queries.lock_expired(now()).get_or_none(id=ticket_id)
    if ticket is None:
        return False
    draft = Draft(ticket)
    await steps.release(draft, "timeout")
    await draft.write(unit)
    return True
