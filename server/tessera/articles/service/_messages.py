"""What a message that leaves the desk needs beyond its words: who sends it, to whom, as part of which thread."""

from dataclasses import replace

from tessera.accounts.models import CustomerUser
from tessera.articles import _content, queries
from tessera.articles.errors import RecipientMissing, SenderMissing
from tessera.articles.models import Article, Channel, SenderType
from tessera.articles.service._adding import NewArticle
from tessera.articles.settings import SENDER_NAME
from tessera.kit import rows
from tessera.kit.actor import Actor
from tessera.kit.inputs import Field
from tessera.queues import queries as queues
from tessera.settings import queries as settings
from tessera.tickets.models import Ticket


async def outgoing(actor: Actor, ticket: Ticket, new: NewArticle, *, field: Field) -> NewArticle:
    """Return an agent's mail about a ticket, complete: sender, recipients, subject, thread and Message-ID.

    Raises `SenderMissing`, `RecipientMissing`, `InvalidRecipient`, `TooManyRecipients`.
    """
    name, address = await sender_of(actor, ticket)
    to = _content.recipients(new.to, field=(*field, "to")) or await _to_customer(ticket, field)
    answered = new.in_reply_to or await queries.last_customer_message(ticket.id)
    return replace(
        new,
        channel=Channel.EMAIL,
        sender_type=SenderType.AGENT,
        sender=_content.mailbox(name, address),
        to=to,
        cc=_content.recipients(new.cc, field=(*field, "cc")),
        subject=new.subject or _content.answering(ticket.title),
        message_id=_content.new_message_id(ticket.number, address),
        references=queries.references_for(answered) if answered else (),
        in_reply_to=answered,
    )


async def sender_of(actor: Actor, ticket: Ticket) -> tuple[str, str]:
    """Return the name and the address that mails about a ticket come from: its queue's, else the nearest parent's.

    Raises `SenderMissing` when none of them has an address.
    """
    queue = await queues.known(ticket.queue_id)
    mailbox = await queues.mailbox_of(queue)
    if mailbox is None:
        raise SenderMissing(queue=queue.path)
    desk, address = mailbox
    form = await settings.value(SENDER_NAME)
    names = {"queue": desk, "agent": actor.name, "agent_queue": f"{actor.name} via {desk}" if desk else actor.name}
    return names[form], address


async def customer_mailbox(ticket: Ticket) -> str | None:
    """Return name and address of a ticket's customer user as one text, None where there is none."""
    customer_user = await rows.get(CustomerUser, ticket.customer_user_id)
    return mailbox_of(customer_user) if customer_user else None


def mailbox_of(customer_user: CustomerUser) -> str:
    """Return a customer user's name and address as one text."""
    return _content.mailbox(customer_user.name, customer_user.email or "")


async def own_mailbox(actor: Actor) -> str:
    """Return name and, of a customer user, address of who writes."""
    customer_user = await rows.get(CustomerUser, actor.customer_user_id)
    return _content.mailbox(actor.name, (customer_user.email or "") if customer_user else "")


async def _to_customer(ticket: Ticket, field: Field) -> tuple[str, ...]:
    customer_user = await rows.get(CustomerUser, ticket.customer_user_id)
    if customer_user is None or not customer_user.email:
        raise RecipientMissing(field=(*field, "to"))
    return (_content.mailbox(customer_user.name, customer_user.email),)


def header_of(article: Article) -> list[tuple[str, str | None]]:
    """Return what is said about an article above its words when it is sent on."""
    return [
        ("From", article.sender or article.author_name),
        ("Date", f"{article.created_at:%Y-%m-%d %H:%M} UTC"),
        ("Subject", article.subject),
    ]
