"""Which facts about tickets people are told of."""

from tessera.articles.events import ArticleAdded
from tessera.articles.models import Channel, SenderType
from tessera.kit.journal import Entry
from tessera.kit.unit import Unit
from tessera.notifications import queries, service
from tessera.notifications._words import SENTENCES
from tessera.tickets.events import ReferenceChanged, TicketCreated
from tessera.tickets.models import Ticket


async def tell(unit: Unit, entry: Entry) -> None:
    """Tell everybody whom a fact about a ticket concerns."""
    ticket = await Ticket.get(id=entry.subject_id)
    for person, kind in await queries.recipients(entry, ticket):
        await service.notify(unit, person, kind, SENTENCES[kind], ticket, number=ticket.number, title=ticket.title)


def has_agents(event: TicketCreated) -> bool:
    """Tell whether a new ticket has an owner or a responsible."""
    return event.owner_id is not None or event.responsible_id is not None


def names_somebody(event: ReferenceChanged) -> bool:
    """Tell whether a ticket has a new owner or responsible, not merely an old one less."""
    return event.after_id is not None


def is_news(event: ArticleAdded) -> bool:
    """Tell whether somebody may have to hear of an article; a ticket's first one came with the ticket."""
    if event.number == 1 or event.sender_type == SenderType.SYSTEM:
        return False
    return event.sender_type == SenderType.CUSTOMER or event.channel == Channel.NOTE or event.visible_for_customer
