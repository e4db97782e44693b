"""Remarks in the API."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass

import strawberry

from tessera.accounts.graphql import Agent
from tessera.engine.added import input_field
from tessera.engine.connections import Connection, connection
from tessera.engine.context import Context
from tessera.engine.fields import batch, computed, to_one
from tessera.engine.mutations import UserError, mutation
from tessera.engine.nodes import Node, node
from tessera.engine.streams import News, Portion, Source, stream
from tessera.kit import sql
from tessera.kit.actor import Actor
from tessera.kit.errors import Invalid
from tessera.kit.journal import TOPIC, head
from tessera.kit.paging import Key, Listing
from tessera.kit.sql import Sql, seen
from tessera.kit.unit import Unit
from tessera.tickets import models
from tessera.tickets import queries as tickets
from tessera.tickets.graphql import Ticket
from tessera_dummy import queries, service
from tessera_dummy.events import Remarked
from tessera_dummy.models import Remark
from tessera_dummy.permissions import REMARK


@node(Remark, queries.visible_to, description="A remark on a ticket.")
class DummyRemark(Node):
    text: str
    reactions: int
    ticket: Ticket = to_one("ticket_id", covered=True)
    agent: Agent | None = to_one("agent_id")


def _listed(context: Context, text: str | None = None) -> Listing[Remark]:
    conditions = () if text is None else (sql.contains("text", text),)
    return Listing(seen(context.actor, queries.visible_to), (Key("text"),), conditions)


async def _remarks(context: Context, keys: list[int]) -> dict[int, Remark]:
    return await queries.of_tickets(context.actor, keys)


@strawberry.type
class TicketDummy:
    dummy: DummyRemark | None = batch(_remarks, description="The ticket's remark.")


@strawberry.type
class AgentDummy:
    dummy: Connection[DummyRemark] | None = connection(_listed, via="agent_id", description="The agent's remarks.")


async def _words(context: Context) -> list[str]:
    return list(context.units.wiring.answers["dummy_words"])


@strawberry.type
class DummyQuery:
    dummy_words: list[str] = computed(_words, description="Words that a remark may end with.")
    dummy_remarks: Connection[DummyRemark] = connection(_listed, description="Remarks, by their text.")


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


@dataclass(frozen=True)
class Remarks(Source[int, DummyRemark]):
    """The remarks a viewer sees, as they are made."""

    topic = TOPIC

    async def begin(self, context: Context) -> int:
        return await head()

    async def read(self, context: Context, cursor: int, news: News) -> Portion[int, DummyRemark]:
        batch = await news.journal.behind(cursor)
        made = {each.entry.facts["remark_id"]: each for each in batch if each.entry.name == Remarked.name}
        rows = await queries.visible_to(context.actor).filter(id__in=list(made))
        reached = batch[-1].position if batch else cursor
        return Portion(
            [(made[row.id].position, DummyRemark.of(row)) for row in rows], reached, more=reached < news.number
        )


@strawberry.type
class DummySubscription:
    @strawberry.subscription(description="Remarks as they are made.")
    async def dummy_remarked(self, info: strawberry.Info) -> AsyncGenerator[DummyRemark, None]:
        return stream(Remarks())


@strawberry.input(description="What to remark.")
class DummyRemarkInput:
    text: str


async def _remark_with(unit: Unit, ticket: models.Ticket, given: DummyRemarkInput | None) -> None:
    if given is None:
        await service.take_back(unit, ticket)
    else:
        await service.remark(unit, ticket, text=given.text)


@strawberry.input
class TicketCreateDummy:
    dummy: DummyRemarkInput | None = input_field(_remark_with, description="Remark on the new ticket.")


@strawberry.input
class TicketUpdateDummy:
    dummy: DummyRemarkInput | None = input_field(_remark_with, description="Remark on the ticket; null takes it back.")


@strawberry.input(description="Match tickets with a remark.")
class DummyFilter:
    contains: str | None = None


def _remarked(_actor: Actor, given: DummyFilter) -> Sql:
    if given.contains == "":
        raise Invalid(field=("contains",))
    return queries.remarked(given.contains)


@strawberry.input
class TicketFilterDummy:
    dummy: DummyFilter | None = input_field(_remarked, description="Tickets with a remark.")
