"""The API of tickets and of what is configured about them."""

from tessera.tickets.graphql.configuration import TicketConfigurationMutation
from tessera.tickets.graphql.filters import (
    TicketFilter,
    TicketOrder,
    TicketOrderField,
    TicketStateType,
    tickets_matching,
)
from tessera.tickets.graphql.mutations import TicketMutation, TicketPayload, TicketUpdateInput, changes_in
from tessera.tickets.graphql.types import (
    CustomerTickets,
    CustomerUserTickets,
    QueueTickets,
    Ticket,
    TicketLock,
    TicketPermissions,
    TicketPriority,
    TicketQuery,
    TicketState,
    TicketType,
)

__all__ = [
    "CustomerTickets",
    "CustomerUserTickets",
    "QueueTickets",
    "Ticket",
    "TicketConfigurationMutation",
    "TicketFilter",
    "TicketLock",
    "TicketMutation",
    "TicketOrder",
    "TicketOrderField",
    "TicketPayload",
    "TicketPermissions",
    "TicketPriority",
    "TicketQuery",
    "TicketState",
    "TicketStateType",
    "TicketType",
    "TicketUpdateInput",
    "changes_in",
    "tickets_matching",
]
