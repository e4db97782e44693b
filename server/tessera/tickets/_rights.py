"""What may stand in the way of a change to a ticket; pure, so that advice and enforcement are one."""

from dataclasses import dataclass
from enum import Enum, auto

from tessera.kit.actor import Actor
from tessera.tickets._states import FINISHED, StateType

CUSTOMER_RIGHTS = frozenset({"ro", "note"})
"""What a customer user may do with tickets they are a party to: read them and write to them."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a ticket stands: what decides who may change it."""

    group_id: int
    state_type: str
    lock_holder_id: int | None
    customer_user_id: int | None
    customer_id: int | None


class Obstacle(Enum):
    """Why a change is refused."""

    RIGHT = auto()
    MERGED = auto()
    LOCKED = auto()


def is_party(actor: Actor, standing: Standing) -> bool:
    """Tell whether a customer user asked for the ticket, or belongs to the customer that shares it."""
    if not actor.is_customer_user:
        return False
    shared = actor.customer_id is not None and standing.customer_id == actor.customer_id
    return standing.state_type != StateType.REMOVED and (shared or standing.customer_user_id == actor.id)


def holds(actor: Actor, standing: Standing, right: str) -> bool:
    """Tell whether an actor holds a right on a ticket."""
    if actor.is_customer_user:
        return right in CUSTOMER_RIGHTS and is_party(actor, standing)
    return actor.has_right(right, standing.group_id)


def is_locked_for(actor: Actor, standing: Standing) -> bool:
    """Tell whether another agent's lock stops the actor; it stops agents only."""
    return actor.is_agent and standing.lock_holder_id not in {None, actor.id}


def obstacle(actor: Actor, standing: Standing, right: str) -> Obstacle | None:
    """Return what stops an actor from a change that needs a right, None when nothing does."""
    if not holds(actor, standing, right):
        return Obstacle.RIGHT
    return state_obstacle(actor, standing)


def state_obstacle(actor: Actor, standing: Standing) -> Obstacle | None:
    """Return what stops an actor who holds every right, None when nothing does."""
    if standing.state_type == StateType.MERGED:
        return Obstacle.MERGED
    return Obstacle.LOCKED if is_locked_for(actor, standing) else None


@dataclass(frozen=True, slots=True)
class Advice:
    """What an actor may do with a ticket now."""

    update: bool
    move: bool
    assign: bool
    lock: bool
    close: bool
    reply: bool
    note: bool
    priority: bool
    merge: bool


def advise(actor: Actor, standing: Standing, *, customer_may_close: bool) -> Advice:
    """Say what an actor may do with a ticket now.

    A move needs a right on the other queue, too; a note needs no lock, as in OTRS.
    """
    may = {right: obstacle(actor, standing, right) is None for right in ("rw", "owner", "priority")}
    writes = is_party(actor, standing) and state_obstacle(actor, standing) is None
    return Advice(
        update=may["rw"],
        move=may["rw"],
        assign=may["owner"],
        lock=may["rw"] and standing.state_type not in FINISHED,
        close=may["rw"] or (writes and customer_may_close),
        reply=may["rw"] or writes,
        note=not actor.is_customer_user and holds(actor, standing, "note") and standing.state_type != StateType.MERGED,
        priority=may["priority"],
        merge=may["rw"],
    )
