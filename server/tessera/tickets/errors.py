"""What may stand in the way of a ticket's verbs."""

from tessera.kit.errors import Conflict, Invalid, WrongState


class TicketLocked(Conflict):
    """Another agent holds the lock; facts: `number`, `holder` (a name), `since` (ISO text)."""

    reason = "tickets.locked"
    sentence = "{holder} has held the lock of ticket {number} since {since}."


class TicketMerged(WrongState):
    """The ticket was merged: it only points to its target; facts: `number`."""

    reason = "tickets.merged"
    sentence = "Ticket {number} was merged into another one and takes no changes."


class MergeImpossible(WrongState):
    """The two tickets cannot become one."""

    reason = "tickets.merge_impossible"
    sentence = "Ticket {number} cannot be merged into {target}."


class StateNotAllowed(WrongState):
    """No way leads from one state to the other by this verb; facts: `before`, `after` (names)."""

    reason = "tickets.state_not_allowed"
    sentence = "A ticket cannot go from {before} to {after} this way."


class NotClosed(WrongState):
    """Only a closed ticket can be reopened; facts: `number`."""

    reason = "tickets.not_closed"
    sentence = "Ticket {number} is not closed."


class NotPending(Invalid):
    """Only a pending ticket waits for a time, and it always does."""

    reason = "tickets.not_pending"
    sentence = "A ticket has a time to wait for exactly when its state is a pending one."


class Inactive(Invalid):
    """The object was switched off and is not used for anything new; facts: `name`."""

    reason = "tickets.inactive"
    sentence = "{name} is switched off."


class NotAssignable(Invalid):
    """The agent lacks the rights to be owner or responsible there; facts: `agent`, `queue`."""

    reason = "tickets.not_assignable"
    sentence = "{agent} may not be given tickets of the queue {queue}."


class NotConfigured(WrongState):
    """No active row of the kind this step needs is configured; facts: `what`."""

    reason = "tickets.not_configured"
    sentence = "No active {what} is configured."


class QueueHasOpenTickets(WrongState):
    """A queue with open tickets stays active; facts: `count`."""

    reason = "tickets.queue_has_open_tickets"
    sentence = "The queue still has {count} open tickets."
