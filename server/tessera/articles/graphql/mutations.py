"""Writes of articles, and the verbs of tickets that may say something along the way."""

import strawberry

from tessera.accounts import queries as accounts
from tessera.articles import queries, service
from tessera.articles.graphql.inputs import ArticleInput, TicketCreateInput, article_in, ticket_in
from tessera.articles.graphql.types import Article
from tessera.engine.mutations import UserError, mutation
from tessera.kit.errors import StaleVersion
from tessera.kit.ids import ObjectRef
from tessera.kit.unit import Unit
from tessera.queues import queries as queues
from tessera.tickets import models
from tessera.tickets import queries as ticket_queries
from tessera.tickets import service as tickets
from tessera.tickets.graphql import Ticket, TicketPayload


@strawberry.type
class ArticlePayload:
    article: Article | None = None
    ticket: Ticket | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)
    client_mutation_id: str | None = None


@strawberry.type
class TicketSplitPayload:
    ticket: Ticket | None = strawberry.field(default=None, description="The new ticket.")
    source: Ticket | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


async def _at_version(unit: Unit, id: str, expected_version: int | None = None) -> models.Ticket:
    """Return the ticket a verb is about; raises `NotFound`, and `StaleVersion` before anything is said."""
    ticket = await ticket_queries.get(unit.actor, id)
    if expected_version is not None and expected_version != ticket.version:
        problem = StaleVersion(actual=ticket.version, expected=expected_version)
        problem.current = ticket
        raise problem
    return ticket


def _payload(ticket: models.Ticket) -> TicketPayload:
    return TicketPayload(ticket=Ticket.of(ticket))


async def _ticket_again(unit: Unit, made: ObjectRef) -> TicketPayload:
    row = await ticket_queries.visible_to(unit.actor).get_or_none(id=made.id)
    return TicketPayload(ticket=Ticket.of_optional(row))


async def _article_again(unit: Unit, made: ObjectRef) -> ArticlePayload:
    row = await queries.visible_to(unit.actor).get_or_none(id=made.id)
    ticket = await ticket_queries.visible_to(unit.actor).get_or_none(id=row.ticket_id) if row else None
    return ArticlePayload(article=Article.of_optional(row), ticket=Ticket.of_optional(ticket))


@mutation(replay=_ticket_again)
async def _ticket_create(unit: Unit, input: TicketCreateInput) -> TicketPayload:
    values = await ticket_in(unit.actor, input)
    article = await article_in(unit, input.article, ("input", "article"))
    ticket, _ = await service.open_ticket(unit, article=article, **values)
    await input.perform_added(unit, ticket)
    return _payload(ticket)


@mutation(description="A new ticket out of one article.")
async def _ticket_split(unit: Unit, article_id: strawberry.ID, input: TicketCreateInput) -> TicketSplitPayload:
    source = await queries.get(unit.actor, article_id, field=("article_id",))
    values = await ticket_in(unit.actor, input)
    article = await article_in(unit, input.article, ("input", "article"))
    ticket, origin = await service.split(unit, source, article=article, **values)
    await input.perform_added(unit, ticket)
    return TicketSplitPayload(ticket=Ticket.of(ticket), source=Ticket.of(origin))


@mutation()
async def _ticket_move(
    unit: Unit,
    id: strawberry.ID,
    queue_id: strawberry.ID,
    note: str | None = None,
    expected_version: int | None = None,
) -> TicketPayload:
    ticket = await _at_version(unit, id, expected_version)
    queue = await queues.get(unit.actor, queue_id, field=("queue_id",))
    await service.remark(unit, ticket, note)
    return _payload(await tickets.move(unit, ticket, queue))


@mutation(description="Change the owner; null releases it.")
async def _ticket_assign(
    unit: Unit,
    id: strawberry.ID,
    owner_id: strawberry.ID | None = None,
    note: str | None = None,
    expected_version: int | None = None,
) -> TicketPayload:
    ticket = await _at_version(unit, id, expected_version)
    owner = None if owner_id is None else await accounts.get_agent(unit.actor, owner_id, field=("owner_id",))
    await service.remark(unit, ticket, note)
    return _payload(await tickets.assign_owner(unit, ticket, owner))


@mutation(description="Close, successful or not, by the state chosen. Packages may veto (STATE).")
async def _ticket_close(
    unit: Unit,
    id: strawberry.ID,
    state_id: strawberry.ID,
    note: str | None = None,
    expected_version: int | None = None,
) -> TicketPayload:
    ticket = await _at_version(unit, id, expected_version)
    state = await ticket_queries.get_state(state_id, field=("state_id",))
    await service.remark(unit, ticket, note)
    return _payload(await tickets.close(unit, ticket, state=state))


@mutation()
async def _ticket_reopen(unit: Unit, id: strawberry.ID, note: str | None = None) -> TicketPayload:
    ticket = await tickets.reopen(unit, await _at_version(unit, id))
    await service.remark(unit, ticket, note)
    return _payload(ticket)


@mutation(description="Merge `id` into another ticket.")
async def _ticket_merge(unit: Unit, id: strawberry.ID, into_id: strawberry.ID) -> TicketPayload:
    source = await ticket_queries.get(unit.actor, id)
    target = await ticket_queries.get(unit.actor, into_id, field=("into_id",))
    return _payload(await service.merge(unit, source, target))


@mutation(
    replay=_article_again,
    description="Reply, phone record, note. The first reply of an agent locks the ticket for them.",
)
async def _article_create(
    unit: Unit,
    ticket_id: strawberry.ID,
    input: ArticleInput,
    state_id: strawberry.ID | None = None,
    client_mutation_id: str | None = None,
) -> ArticlePayload:
    ticket = await ticket_queries.get(unit.actor, ticket_id, field=("ticket_id",))
    state = None if state_id is None else await ticket_queries.get_state(state_id, field=("state_id",))
    article = await service.add_article(unit, ticket, await article_in(unit, input), state=state)
    return ArticlePayload(article=Article.of(article), ticket=Ticket.of(ticket))


@mutation(description="Send an article on to somebody outside.")
async def _article_forward(unit: Unit, id: strawberry.ID, to: list[str], note: str | None = None) -> ArticlePayload:
    article = await queries.get(unit.actor, id)
    forwarded = await service.forward(unit, article, to=tuple(to), note=note)
    ticket = await ticket_queries.visible_to(unit.actor).get(id=forwarded.ticket_id)
    return ArticlePayload(article=Article.of(forwarded), ticket=Ticket.of(ticket))


@strawberry.type
class ArticleMutation:
    ticket_create = _ticket_create
    ticket_split = _ticket_split
    ticket_move = _ticket_move
    ticket_assign = _ticket_assign
    ticket_close = _ticket_close
    ticket_reopen = _ticket_reopen
    ticket_merge = _ticket_merge
    article_create = _article_create
    article_forward = _article_forward
