"""Reads of mail: what a message answers, what a mail that leaves consists of, what waits, what failed."""

import asyncio
from collections.abc import Collection, Sequence

from tortoise.exceptions import DBConnectionError, OperationalError
from tortoise.expressions import Subquery
from tortoise.queryset import QuerySet

from tessera.accounts import queries as accounts
from tessera.accounts.models import MAX_KEY, CustomerUser
from tessera.articles import queries as articles
from tessera.articles.models import Article, Channel
from tessera.files import queries as files
from tessera.kit.actor import SYSTEM, Actor
from tessera.kit.db import Contention, DatabaseUnavailable
from tessera.kit.events import from_json
from tessera.kit.ids import key_of
from tessera.kit.inputs import Field, existing
from tessera.kit.text import fold
from tessera.mail import _followup
from tessera.mail._addresses import Address, addresses
from tessera.mail._followup import FollowUpSettings, Key, KeyKind
from tessera.mail._parse import Message, parse
from tessera.mail.models import MAX_MESSAGE_ID, IncomingMessage, MailAccount, MailFilter, OutgoingMessage
from tessera.mail.permissions import MANAGE
from tessera.mail.settings import SEARCH_ATTACHMENTS, SEARCH_BODY
from tessera.queues import queries as queues
from tessera.queues.models import Queue
from tessera.settings import queries as settings
from tessera.tickets import queries as tickets
from tessera.tickets.models import Ticket
from tessera.tickets.settings import HOOK

OUTAGES = (Contention, DatabaseUnavailable, OSError, DBConnectionError, OperationalError)
"""What a database or a storage raises that is away or busy: no fault of the mail."""

MAX_INTERNAL = 200


def visible_messages(actor: Actor) -> QuerySet[IncomingMessage]:
    """Return the kept mails an actor sees: all with the permission `mail.manage`, none without."""
    return IncomingMessage.all() if actor.can(MANAGE.name) else IncomingMessage.filter(id__isnull=True)


def visible_accounts(actor: Actor) -> QuerySet[MailAccount]:
    """Return the mail accounts an actor sees: all with the permission `mail.manage`, none without."""
    return MailAccount.all() if actor.can(MANAGE.name) else MailAccount.filter(id__isnull=True)


def visible_filters(actor: Actor) -> QuerySet[MailFilter]:
    """Return the filter rules an actor sees: all with the permission `mail.manage`, none without."""
    return MailFilter.all() if actor.can(MANAGE.name) else MailFilter.filter(id__isnull=True)


def visible_deliveries(actor: Actor) -> QuerySet[OutgoingMessage]:
    """Return the owed and sent mails an actor sees.

    All with the permission `mail.manage`; other agents those of tickets they see, customer users none.
    """
    if actor.can(MANAGE.name):
        return OutgoingMessage.all()
    if actor.is_customer_user:
        return OutgoingMessage.filter(id__isnull=True)
    return OutgoingMessage.filter(ticket_id__in=Subquery(tickets.visible_to(actor).values("id")))


async def get_message(actor: Actor, global_id: str, *, field: Field = ("id",)) -> IncomingMessage:
    """Return a kept mail by its global id.

    Raises `NotFound` when it is unknown or hidden.
    """
    return existing(await visible_messages(actor).get_or_none(id=key_of(global_id, "MailMessage", field=field)), field)


async def get_account(actor: Actor, global_id: str, *, field: Field = ("id",)) -> MailAccount:
    """Return a mail account by its global id.

    Raises `NotFound` when it is unknown or hidden.
    """
    return existing(await visible_accounts(actor).get_or_none(id=key_of(global_id, "MailAccount", field=field)), field)


async def get_filter(actor: Actor, global_id: str, *, field: Field = ("id",)) -> MailFilter:
    """Return a filter rule by its global id.

    Raises `NotFound` when it is unknown or hidden.
    """
    return existing(await visible_filters(actor).get_or_none(id=key_of(global_id, "MailFilter", field=field)), field)


async def get_delivery(actor: Actor, global_id: str, *, field: Field = ("id",)) -> OutgoingMessage:
    """Return an owed or sent mail by its global id.

    Raises `NotFound` when it is unknown or hidden.
    """
    return existing(
        await visible_deliveries(actor).get_or_none(id=key_of(global_id, "ArticleDelivery", field=field)), field
    )


async def is_own(message_id: str) -> bool:
    """Tell whether a Message-ID is one of a mail this house sent."""
    return await sent_as(message_id) is not None


async def sent_as(message_id: str) -> OutgoingMessage | None:
    """Return the mail this house owed or sent by a Message-ID."""
    # what is longer than ours ever are is not asked for: a look-up refuses it
    return await OutgoingMessage.get_or_none(message_id=message_id) if len(message_id) <= MAX_MESSAGE_ID else None


async def twin_of(row: IncomingMessage, message: Message) -> int | None:
    """Return the id of the article that the same message became when it came by another way, None when there is none.

    A Message-ID alone proves nothing: what people see of both has to be the same.
    """
    article = await articles.by_message_id(message.message_id) if message.message_id else None
    earlier = await IncomingMessage.filter(article_id=article.id).exclude(id=row.id).first() if article else None
    if article is None or earlier is None:
        return None
    other = await asyncio.to_thread(parse, await files.read(earlier.digest))
    return article.id if _shown(other) == _shown(message) else None


def _shown(message: Message) -> tuple[object, ...]:
    return (message.subject, message.sender, message.date, message.text, message.html, message.attachments)


async def answered_ticket(message: Message) -> Ticket | None:
    """Return the ticket a message is about: by what it answers, then by a number it names."""
    wanted = FollowUpSettings(
        hook=await settings.value(HOOK),
        search_body=await settings.value(SEARCH_BODY),
        search_attachments=await settings.value(SEARCH_ATTACHMENTS),
    )
    for key in _followup.keys(message, wanted):
        ticket = await _ticket_by(key)
        if ticket is not None:
            return ticket
    return None


async def _ticket_by(key: Key) -> Ticket | None:
    if key.kind is KeyKind.TICKET_NUMBER:
        return await tickets.by_number(key.value)
    article = await articles.by_message_id(key.value)
    known = article or await sent_as(key.value)
    return None if known is None else await Ticket.get(id=known.ticket_id)


async def is_visible_follow_up(ticket: Ticket, message: Message) -> bool:
    """Tell whether the customer may see a message about their ticket.

    Not what answers an internal mail, and not what an agent writes to the desk, unless the agent is the customer.
    """
    internal = await (
        Article.filter(ticket_id=ticket.id, visible_for_customer=False, channel=Channel.EMAIL)
        .order_by("-id")
        .limit(MAX_INTERNAL)
    )
    customer = await CustomerUser.get_or_none(id=ticket.customer_user_id)
    recipients = {
        each.address for article in internal for text in from_json(article.recipients) for each in addresses(text)
    }
    return _followup.visible_to_customer(
        message,
        customer_addresses={customer.email} if customer and customer.email else set(),
        internal_addresses=recipients | await _agents_among(message),
        internal_message_ids={article.message_id for article in internal if article.message_id},
    )


async def _agents_among(message: Message) -> set[str]:
    senders = [each for each in (message.sender, *message.reply_to) if each is not None]
    keys = [fold(each.address)[:MAX_KEY] for each in senders]
    agents = accounts.visible_agents(SYSTEM).filter(email_key__in=keys, active=True)
    return {str(email) for email in await agents.values_list("email", flat=True)}


async def desk_address(queue: Queue) -> Address | None:
    """Return whom a queue's mail comes from; None when neither it nor a queue above it has an address."""
    found = await queues.mailbox_of(queue)
    return None if found is None else Address(*found)


async def named_digests(digests: Collection[str]) -> set[str]:
    """Return which of the digests are kept mails."""
    rows = await IncomingMessage.filter(digest__in=list(digests)).distinct().values_list("digest", flat=True)
    return {str(row) for row in rows}


async def deliveries_of(actor: Actor, article_ids: Sequence[int]) -> dict[int, OutgoingMessage]:
    """Return how articles left as mails, by article, as far as the actor sees that."""
    rows = await visible_deliveries(actor).filter(article_id__in=list(article_ids))
    return {row.article_id: row for row in rows if row.article_id is not None}
