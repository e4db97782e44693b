"""What arrives from outside and what the house answers by itself."""

from tessera.articles.models import Article, SenderType
from tessera.articles.service._adding import NewArticle, add
from tessera.kit.errors import Forbidden
from tessera.kit.unit import Unit
from tessera.queues.models import FollowUpPolicy, Queue
from tessera.tickets import queries as ticket_queries
from tessera.tickets import service as tickets
from tessera.tickets.models import Ticket


async def add_incoming(unit: Unit, ticket: Ticket, article: NewArticle, *, reopens: bool = True) -> Article:
    """File a message that came in about a ticket, or about the one it was merged into; for the system alone.

    What a customer writes opens a pending ticket, and reopens a closed one where the queue takes follow-ups; in
    other queues it is kept on the closed ticket; without `reopens` the state stays. Raises `Forbidden` for anybody
    but the system.
    """
    _require_system(unit)
    target = await ticket_queries.final_target(ticket)
    added = await add(unit, target, article)
    if reopens and article.sender_type is SenderType.CUSTOMER and await _takes_follow_ups(target):
        await tickets.follow_up(unit, target)
    return added


async def add_automatic(unit: Unit, ticket: Ticket, article: NewArticle) -> Article:
    """Add what the house says by itself, an auto response for example; for the system alone.

    Raises `Forbidden` for anybody else.
    """
    _require_system(unit)
    return await add(unit, ticket, article)


async def _takes_follow_ups(ticket: Ticket) -> bool:
    if await ticket_queries.state_type_of(ticket) != "closed":
        return True
    queue = await Queue.get(id=ticket.queue_id)
    return queue.follow_up_policy == FollowUpPolicy.POSSIBLE


def _require_system(unit: Unit) -> None:
    if not unit.actor.is_system:
        raise Forbidden("Only the postmaster files messages.")
