"""Kinds of notifications the kernel knows and how they read; pure."""

from collections.abc import Mapping

ASSIGNED = "ticket.assigned"
CUSTOMER_REPLIED = "ticket.customer_replied"
NOTE_ADDED = "ticket.note_added"
PENDING_REACHED = "ticket.pending_reached"
ANSWERED = "ticket.answered"

SENTENCES: Mapping[str, str] = {
    ASSIGNED: "Ticket {number} was assigned to you: {title}",
    CUSTOMER_REPLIED: "The customer wrote on ticket {number}: {title}",
    NOTE_ADDED: "A note was added to ticket {number}: {title}",
    PENDING_REACHED: "The time ticket {number} waited for has come: {title}",
    ANSWERED: "Your ticket {number} was answered: {title}",
}
"""The title of a notification of each kind."""
