"""What mail does when something happens: owes mails that articles are, answers what came in, tells owners."""

from tessera.accounts.models import Agent
from tessera.articles.events import ArticleAdded
from tessera.articles.models import Article, Channel, SenderType
from tessera.kit.journal import Entry
from tessera.kit.unit import Unit
from tessera.mail import service
from tessera.mail.models import IncomingMessage
from tessera.tickets.events import StateChanged
from tessera.tickets.models import Ticket

REMOVED = "removed"


def is_mail(event: ArticleAdded) -> bool:
    """Tell whether an article may be a mail that is to leave."""
    return event.channel == Channel.EMAIL and event.sender_type != SenderType.CUSTOMER


async def on_article_added(unit: Unit, entry: Entry) -> None:
    """Owe the mail that an article is."""
    await service.owe_article(unit, await Article.get(id=entry.facts["article_id"]))


async def on_filed(unit: Unit, entry: Entry) -> None:
    """Answer a mail with its queue's text, unless a machine sent it."""
    facts = entry.facts
    if facts["automatic"] is not None:
        return
    ticket, article = await Ticket.get(id=entry.subject_id), await Article.get(id=facts["article_id"])
    row = await IncomingMessage.get(id=facts["message_id"])
    await service.answer(unit, ticket, row, article, str(facts["how"]))


async def on_follow_up(unit: Unit, entry: Entry) -> None:
    """Tell the owner that somebody wrote on their ticket."""
    facts = entry.facts
    article, owner = await Article.get(id=facts["article_id"]), await Agent.get(id=facts["owner_id"])
    await service.tell_owner(unit, await Ticket.get(id=entry.subject_id), article, owner)


def is_removal(event: StateChanged) -> bool:
    """Tell whether a ticket was removed."""
    return event.after_type == REMOVED


async def on_state_changed(unit: Unit, entry: Entry) -> None:
    """Tell the customer user that their ticket was removed."""
    await service.answer_removal(unit, await Ticket.get(id=entry.subject_id), key=f"removal {entry.id}")
