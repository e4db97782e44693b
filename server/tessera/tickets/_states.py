"""State types: the closed set that behaviour hangs on, and what may follow what; pure."""

from enum import StrEnum


class StateType(StrEnum):
    """What kind of state a configured state is."""

    NEW = "new"
    OPEN = "open"
    CLOSED = "closed"
    PENDING_REMINDER = "pending_reminder"
    PENDING_AUTO = "pending_auto"
    REMOVED = "removed"
    MERGED = "merged"


PENDING = frozenset({StateType.PENDING_REMINDER, StateType.PENDING_AUTO})
"""Types of states that wait for a time."""

FINISHED = frozenset({StateType.CLOSED, StateType.MERGED, StateType.REMOVED})
"""Types of states in which nobody works on a ticket: `closed_at` is set, no lock is held."""

OPEN_TYPES = tuple(sorted(set(StateType) - FINISHED))
"""Types of states that count as open work."""

LOCK_EXPIRES = frozenset({StateType.NEW, StateType.OPEN})
"""Types of states in which an untouched lock is released; whoever waits keeps theirs."""


def may_follow(before: str, after: str) -> bool:
    """Tell whether a ticket may go from a state of one type to one of the other by a change of its state.

    Merging has its own verb and is final; everything else is the desk's own decision.
    """
    return StateType.MERGED not in {before, after}
