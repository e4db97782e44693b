"""What the history declares."""

from tessera.engine.roots import Query, Subscription
from tessera.history import cli
from tessera.history.graphql import HistoryQuery, HistorySubscription, TicketHistory
from tessera.plugin import Command, Extension, hookimpl
from tessera.tickets.graphql import Ticket


@hookimpl
def extensions() -> list[Extension]:
    return [
        Extension(Ticket, TicketHistory),
        Extension(Query, HistoryQuery),
        Extension(Subscription, HistorySubscription),
    ]


@hookimpl
def commands() -> list[Command]:
    return [Command("audit", cli.app)]
