"""Links of tickets in the API."""

from dataclasses import dataclass
from typing import cast

import strawberry

from tessera.engine.context import Context
from tessera.engine.fields import batch
from tessera.engine.mutations import mutation
from tessera.kit.ids import ObjectRef
from tessera.kit.unit import Unit
from tessera.links import queries, service
from tessera.tickets import models
from tessera.tickets import queries as tickets
from tessera.tickets.graphql import Ticket, TicketPayload

KIND = "ticket"


@strawberry.type(description="A relation between two tickets.")
class TicketLink:
    kind: str = strawberry.field(
        description=(
            "What the other ticket is to this one. Open vocabulary: `normal`, `parent`, `child`, and packages' own."
        )
    )
    ticket: Ticket


@dataclass(frozen=True, slots=True)
class _LinkValue:
    """What stands for a `TicketLink` while it is resolved."""

    kind: str
    ticket: models.Ticket


async def _links(context: Context, keys: list[int], kinds: list[str] | None = None) -> dict[int, list[TicketLink]]:
    linkable = queries.linkable(context.units.wiring, KIND)
    found = await queries.links_of(context.actor, linkable, linkable, keys, kinds=kinds)
    return {
        key: cast("list[TicketLink]", [_LinkValue(each.kind, each.row) for each in links])
        for key, links in found.items()
    }


@strawberry.type
class TicketLinks:
    links: list[TicketLink] = batch(_links)


@strawberry.input
class TicketLinkInput:
    kind: str = strawberry.field(default="normal", description="What the other ticket is to this one.")
    ticket_id: strawberry.ID


async def _ends(unit: Unit, id: str, link: TicketLinkInput) -> tuple[models.Ticket, ObjectRef, ObjectRef]:
    ticket = await tickets.get(unit.actor, id)
    other = await tickets.get(unit.actor, link.ticket_id, field=service.TARGET)
    return ticket, ObjectRef(KIND, ticket.id), ObjectRef(KIND, other.id)


async def _payload(ticket: models.Ticket) -> TicketPayload:
    await ticket.refresh_from_db()
    return TicketPayload(ticket=Ticket.of(ticket))


@mutation()
async def _ticket_link_add(unit: Unit, id: strawberry.ID, link: TicketLinkInput) -> TicketPayload:
    ticket, source, target = await _ends(unit, id, link)
    await service.link(unit, link.kind, source, target)
    return await _payload(ticket)


@mutation()
async def _ticket_link_remove(unit: Unit, id: strawberry.ID, link: TicketLinkInput) -> TicketPayload:
    ticket, source, target = await _ends(unit, id, link)
    await service.unlink(unit, link.kind, source, target)
    return await _payload(ticket)


@strawberry.type
class LinkMutation:
    ticket_link_add = _ticket_link_add
    ticket_link_remove = _ticket_link_remove
