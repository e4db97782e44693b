"""What the house says by itself: auto responses to who wrote, notices to who owns the ticket."""

from tortoise.expressions import F

from tessera.accounts.models import Agent, CustomerUser
from tessera.articles import queries as articles
from tessera.articles import service as articles_service
from tessera.articles.models import Article, Channel, SenderType
from tessera.articles.service import NewArticle
from tessera.kit import log
from tessera.kit.clock import now
from tessera.kit.db import Contention
from tessera.kit.errors import Problem
from tessera.kit.template import render_text
from tessera.kit.text import fold
from tessera.kit.unit import Unit, or_taken
from tessera.mail import _loop, queries
from tessera.mail._addresses import Address, addresses, written
from tessera.mail._compose import message_id
from tessera.mail.models import AutomaticMail, IncomingMessage
from tessera.mail.service._sending import owe_notice
from tessera.mail.settings import LOOP_LIMIT, TELL_OWNER
from tessera.queues import queries as queues
from tessera.queues.models import AutoResponseKind, Queue
from tessera.settings import queries as settings
from tessera.tickets.models import Ticket

MAX_KEY = 254
QUOTED = 4_000

KIND_OF = {
    "new": AutoResponseKind.REPLY,
    "follow_up": AutoResponseKind.FOLLOW_UP,
    "reject": AutoResponseKind.REJECT,
    "new_ticket": AutoResponseKind.REPLY_NEW_TICKET,
}
"""Which text answers a mail, by what became of it; delivery reports are not answered."""


async def answer(unit: Unit, ticket: Ticket, row: IncomingMessage, article: Article, how: str) -> Article | None:
    """Answer a filed mail with its queue's text for what became of it, if there is one and the loop guard agrees.

    The caller has made sure that no machine sent the mail.
    """
    kind = KIND_OF.get(how)
    to = next(iter(addresses(row.answer_to)), None)
    if kind is None or to is None:
        return None
    return await _respond(unit, ticket, kind, to, key=f"answer {row.id}", earlier=article)


async def answer_removal(unit: Unit, ticket: Ticket, *, key: str) -> Article | None:
    """Tell the customer user that their ticket was removed, if the queue has a text for that."""
    customer = await CustomerUser.get_or_none(id=ticket.customer_user_id)
    if customer is None or not customer.email:
        return None
    return await _respond(unit, ticket, AutoResponseKind.REMOVE, Address(customer.name, customer.email), key=key)


async def _respond(
    unit: Unit, ticket: Ticket, kind: AutoResponseKind, to: Address, *, key: str, earlier: Article | None = None
) -> Article | None:
    queue = await Queue.get(id=ticket.queue_id)
    text, sender = await queues.texts_for(queue, kind), await queries.desk_address(queue)
    if text is None or sender is None or not await _may_write_to(to, key=fold(to.address)):
        return None
    values = await articles.placeholders(unit.actor, ticket)
    try:
        subject, body = render_text(text.subject, values), render_text(text.text, values)
    except Problem as problem:
        log.get().warning("mail.auto_response_unusable", auto_response=text.id, problem=problem.message)
        return None
    new = NewArticle(
        channel=Channel.EMAIL,
        sender_type=SenderType.SYSTEM,
        visible_for_customer=True,
        subject=subject,
        body=body,
        sender=written(sender),
        to=(written(to),),
        message_id=message_id(key, sender.address.rpartition("@")[2]),
        references=articles.references_for(earlier) if earlier else (),
        in_reply_to=earlier,
    )
    return await articles_service.add_automatic(unit, ticket, new)


async def tell_owner(unit: Unit, ticket: Ticket, article: Article, owner: Agent) -> None:
    """Tell the owner of a ticket by mail that somebody wrote on it, unless they did so themselves."""
    sender = await queries.desk_address(await Queue.get(id=ticket.queue_id))
    if sender is None or not owner.email or not owner.active or not await settings.value(TELL_OWNER):
        return
    to = Address(owner.name, owner.email)
    authors = {fold(each.address) for each in addresses(article.sender or "")}
    if fold(to.address) in authors or not await _may_write_to(to, key=f"{ticket.id} {fold(to.address)}"):
        return
    await owe_notice(
        unit,
        ticket,
        key=f"notice {article.id} {owner.id}",
        sender=sender,
        to=to,
        subject=ticket.title,
        text=f"{article.sender or 'Somebody'} wrote on your ticket {ticket.number}:\n\n{article.body[:QUOTED]}",
    )


async def _may_write_to(to: Address, *, key: str) -> bool:
    """Tell whether one more automatic mail may go to an address today, and count it."""
    if _loop.is_machine(to.address) or to.address.casefold() in await queues.own_addresses():
        return False
    limit, today, kept = await settings.value(LOOP_LIMIT), now().date(), key[:MAX_KEY]
    counted = AutomaticMail.filter(address_key=kept, day=today)
    if await counted.filter(sent__lt=limit).update(sent=F("sent") + 1):
        return True
    if limit < 1 or await counted.exists():
        log.get().warning("mail.loop_limit_reached", address=to.address)
        return False
    async with or_taken(Contention("Two automatic mails to the same address at once.")):
        await AutomaticMail.create(address_key=kept, day=today, sent=1)
    return True
