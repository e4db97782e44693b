"""Remarks in the API."""

import strawberry

from tessera.engine.context import Context
from tessera.engine.fields import batch
from tessera.engine.mutations import UserError, mutation
from tessera.engine.nodes import Node, node
from tessera.kit.unit import Unit
from tessera.tickets import queries as tickets
from tessera_dummy import queries, service
from tessera_dummy.models import Remark
from tessera_dummy.permissions import REMARK


@node(Remark, queries.visible_to, description="A remark on a ticket.")
class DummyRemark(Node):
    text: str
    reactions: int


async def _remarks(context: Context, keys: list[int]) -> dict[int, Remark]:
    return await queries.of_tickets(context.actor, keys)


@strawberry.type
class TicketDummy:
    dummy: DummyRemark | None = batch(_remarks, description="The ticket's remark.")


@strawberry.type
class DummyQuery:
    @strawberry.field(description="Words that a remark may end with.")
    async def dummy_words(self, info: strawberry.Info) -> list[str]:
        return list(info.context.units.wiring.answers["dummy_words"])


@strawberry.type
class DummyRemarkPayload:
    remark: DummyRemark | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@mutation(description="Remark on a ticket.", requires=REMARK.name)
async def _dummy_remark(unit: Unit, id: strawberry.ID, text: str) -> DummyRemarkPayload:
    row = await service.remark(unit, await tickets.get(unit.actor, id), text=text)
    return DummyRemarkPayload(remark=DummyRemark.of(row))


@strawberry.type
class DummyMutation:
    dummy_remark = _dummy_remark
