"""The same change on many tickets, at once or as a job."""

import strawberry

from tessera.accounts import queries as accounts
from tessera.articles import service
from tessera.articles.graphql.inputs import ArticleInput, article_in
from tessera.articles.service import BulkChange
from tessera.engine.context import Context
from tessera.engine.mutations import Busy, UserError, mutation, user_error
from tessera.jobs.graphql import Job
from tessera.kit.db import Contention
from tessera.kit.errors import LimitExceeded, Problem
from tessera.kit.jobs import Job as JobRow
from tessera.kit.secrets import new_token
from tessera.kit.unit import Unit
from tessera.queues import queries as queues
from tessera.tickets.graphql import Ticket, TicketUpdateInput, changes_in
from tessera.tickets.models import Ticket as TicketRow

MAX_AT_ONCE = 100
MAX_TICKETS = 10_000


@strawberry.type
class TicketBulkItem:
    id: strawberry.ID
    ticket: Ticket | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="Per-ticket results, in input order; nothing is rolled back.")
class TicketBulkPayload:
    items: list[TicketBulkItem] = strawberry.field(default_factory=list)
    job: Job | None = strawberry.field(default=None, description="Set instead of `items` above 100 tickets.")
    user_errors: list[UserError] = strawberry.field(default_factory=list)


async def _begin(
    unit: Unit,
    ids: list[strawberry.ID],
    input: TicketUpdateInput,
    queue_id: strawberry.ID | None,
    owner_id: strawberry.ID | None,
    article: ArticleInput | None,
) -> BulkChange | JobRow:
    """Read the change once for all tickets; of too many at once return the job that was made of it."""
    if len(ids) > MAX_TICKETS:
        raise LimitExceeded("At most {limit} tickets.", limit=MAX_TICKETS, field=("ids",))
    change = BulkChange.of(
        await changes_in(unit.actor, input),
        queue=None if queue_id is None else await queues.get(unit.actor, queue_id, field=("queue_id",)),
        owner=None if owner_id is None else await accounts.get_agent(unit.actor, owner_id, field=("owner_id",)),
        article=None if article is None else await article_in(unit, article, ("article",)),
    )
    if len(ids) <= MAX_AT_ONCE:
        return change
    for name in input.added_names:
        raise LimitExceeded("At most {limit} tickets.", limit=MAX_AT_ONCE, field=("input", name))
    return await service.change_later(unit, list(dict.fromkeys(ids)), change)


async def _change(
    context: Context, id: strawberry.ID, change: BulkChange, key: str, input: TicketUpdateInput
) -> TicketBulkItem:
    async def work(unit: Unit) -> TicketRow:
        ticket = await service.change_once(unit, id, change, key=key)
        await input.perform_added(unit, ticket, clears=True)
        return ticket

    try:
        ticket = await context.units.run(context.actor, work)
    except Problem as problem:
        return TicketBulkItem(id=id, user_errors=[user_error(problem, context.actor)])
    except Contention:
        return TicketBulkItem(id=id, user_errors=[user_error(Busy(), context.actor)])
    return TicketBulkItem(id=id, ticket=Ticket.of(ticket))


@mutation(description="The same change on many tickets, and optionally one message to all their customers.")
async def _ticket_bulk_update(
    context: Context,
    ids: list[strawberry.ID],
    input: TicketUpdateInput,
    queue_id: strawberry.ID | None = None,
    owner_id: strawberry.ID | None = None,
    article: ArticleInput | None = None,
) -> TicketBulkPayload:
    begun = await context.units.run(context.actor, lambda unit: _begin(unit, ids, input, queue_id, owner_id, article))
    if not isinstance(begun, BulkChange):
        return TicketBulkPayload(job=Job.of(begun))
    key = new_token("bulk")
    items = {id: await _change(context, id, begun, key, input) for id in dict.fromkeys(ids)}
    return TicketBulkPayload(items=[items[id] for id in ids])


@strawberry.type
class BulkMutation:
    ticket_bulk_update = _ticket_bulk_update
