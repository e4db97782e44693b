"""The verbs of remarks."""

from tortoise.expressions import F

from tessera.kit import inputs
from tessera.kit.actor import ActorKind
from tessera.kit.errors import NotFound
from tessera.kit.ids import ObjectRef
from tessera.kit.unit import Unit
from tessera.tickets.models import Ticket
from tessera_dummy.events import Reacted, Remarked, RemarkTaken
from tessera_dummy.models import Remark
from tessera_dummy.permissions import REMARK
from tessera_dummy.queries import KIND, visible_to


async def remark(unit: Unit, ticket: Ticket, *, text: str) -> Remark:
    unit.actor.require(REMARK.name)
    await Remark.filter(ticket_id=ticket.id).delete()
    row = await Remark.create(
        ticket_id=ticket.id,
        agent_id=unit.actor.id if unit.actor.kind is ActorKind.AGENT else None,
        text=inputs.line(text, field=("text",), limit=200),
    )
    await unit.record(Remarked(subject=ObjectRef("ticket", ticket.id), remark_id=row.id, text=row.text))
    return row


async def take_back(unit: Unit, ticket: Ticket) -> None:
    unit.actor.require(REMARK.name)
    if await Remark.filter(ticket_id=ticket.id).delete():
        await unit.record(RemarkTaken(subject=ObjectRef("ticket", ticket.id)))


async def react(unit: Unit, remark_id: int) -> None:
    await Remark.filter(id=remark_id).update(reactions=F("reactions") + 1)
    await unit.record(Reacted(subject=ObjectRef(KIND, remark_id)))
    await unit.enqueue("dummy.echo", {"remark": remark_id})


async def touch(unit: Unit, remark_id: int) -> None:
    unit.actor.require(REMARK.name)
    if not await visible_to(unit.actor).filter(id=remark_id).exists():
        raise NotFound
