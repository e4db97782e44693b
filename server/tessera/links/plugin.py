"""What the links declare."""

from tessera.engine.roots import Mutation
from tessera.kit.unit import Unit
from tessera.links.graphql import LinkMutation, TicketLinks
from tessera.links.handlers import on_ticket_merged, on_ticket_split
from tessera.links.hooks import Hooks, Linkable
from tessera.plugin import Extension, Handler, hookimpl
from tessera.tickets import queries as ticket_queries
from tessera.tickets import service as ticket_service
from tessera.tickets.events import TicketMerged, TicketSplit
from tessera.tickets.graphql import Ticket
from tessera.tickets.models import Ticket as TicketRow


async def _touch_ticket(unit: Unit, key: int) -> TicketRow:
    ticket = await ticket_queries.visible_to(unit.actor).get(id=key)
    await ticket_service.require_workable(unit, ticket, "rw")
    return await ticket_service.touch(unit, ticket)


@hookimpl
def extensions() -> list[Extension]:
    return [Extension(Ticket, TicketLinks), Extension(Mutation, LinkMutation)]


@hookimpl
def handlers() -> list[Handler]:
    return [
        Handler("links.on_ticket_merged", on=TicketMerged, run=on_ticket_merged),
        Handler("links.on_ticket_split", on=TicketSplit, run=on_ticket_split),
    ]


@hookimpl
def linkables() -> list[Linkable]:
    return [Linkable("ticket", ticket_queries.visible_to, _touch_ticket)]


@hookimpl
def hookspecs() -> list[type]:
    return [Hooks]
