"""Verbs on whole tickets that concern what was said on them: opening, splitting, merging."""

from dataclasses import replace
from typing import Any

from tortoise.expressions import F

from tessera.accounts.models import CustomerUser
from tessera.articles import queries
from tessera.articles.errors import NotForCustomers
from tessera.articles.events import ArticlesMoved
from tessera.articles.models import Article, Channel, SenderType
from tessera.articles.service import _messages as messages
from tessera.articles.service._adding import NewArticle, add
from tessera.articles.service._writing import copies_of, require_staff
from tessera.kit.ids import ObjectRef
from tessera.kit.inputs import Field
from tessera.kit.unit import Unit
from tessera.tickets import service as tickets
from tessera.tickets.events import TicketSplit
from tessera.tickets.models import Ticket
from tessera.tickets.service.rules import require_right

REQUEST: Field = ("input", "article")


async def open_ticket(
    unit: Unit, *, article: NewArticle, field: Field = REQUEST, **values: Any
) -> tuple[Ticket, Article]:
    """Open a ticket with its first article; `values` are what `tickets.service.create` takes.

    What an agent records for a customer user (a call, a visit) counts as the customer's words; a mail is the
    agent's own and is sent. Customer users write on the channel `web`. Raises what `create`, `add` and, for mails,
    `reply` raise, and `NotForCustomers`.
    """
    if unit.actor.is_customer_user and (article.channel != Channel.WEB or not article.is_visible):
        raise NotForCustomers(field=(*field, "channel"))
    ticket = await tickets.create(unit, **values)
    request = await _request(unit, ticket, article, values.get("customer_user"), field)
    return ticket, await add(unit, ticket, request, field=field, opens=True)


async def split(
    unit: Unit, source: Article, *, article: NewArticle, field: Field = REQUEST, **values: Any
) -> tuple[Ticket, Ticket]:
    """Open a ticket out of an article and return it with the article's own ticket.

    Without words of its own the new ticket begins with the article's, and belongs to the same customer user. Needs
    `note` on the article's ticket. Raises `RightMissing` and what `open_ticket` raises.
    """
    require_staff(unit, field)
    origin = await Ticket.get(id=source.ticket_id)
    await require_right(unit, origin, "note")
    if values.get("customer_user") is None and origin.customer_user_id is not None:
        values["customer_user"] = await CustomerUser.get(id=origin.customer_user_id)
    ticket, _ = await open_ticket(unit, article=await _begun_with(source, article), field=field, **values)
    await unit.record(
        TicketSplit(subject=ObjectRef("ticket", origin.id), article_id=source.id, into=ticket.number, into_id=ticket.id)
    )
    return ticket, origin


async def merge(unit: Unit, source: Ticket, target: Ticket) -> Ticket:
    """Merge a ticket into another one, which gets its articles behind its own; return the merged one.

    Raises what `tickets.service.merge` raises.
    """
    await tickets.merge(unit, source, target)
    articles = await Article.filter(ticket_id=source.id).order_by("number")
    if not articles:
        return source
    offset = await queries.last_number(target.id)
    await Article.filter(ticket_id=source.id).update(ticket_id=target.id, number=F("number") + offset)
    await unit.record(
        ArticlesMoved(
            subject=ObjectRef("ticket", target.id),
            source=source.number,
            source_id=source.id,
            article_ids=tuple(article.id for article in articles),
        )
    )
    return source


async def _request(
    unit: Unit, ticket: Ticket, new: NewArticle, customer_user: CustomerUser | None, field: Field
) -> NewArticle:
    """Say whose words a ticket's first article holds."""
    if unit.actor.is_system:
        return new
    if unit.actor.is_customer_user:
        return replace(
            new, sender_type=SenderType.CUSTOMER, sender=await messages.own_mailbox(unit.actor), to=(), cc=()
        )
    subject = new.subject or ticket.title
    if new.channel == Channel.EMAIL:
        return await messages.outgoing(unit.actor, ticket, replace(new, subject=subject), field=field)
    customer = messages.mailbox_of(customer_user) if customer_user else None
    if new.channel == Channel.NOTE or customer is None:
        return replace(new, sender_type=SenderType.AGENT, sender=unit.actor.name, subject=subject)
    return replace(new, sender_type=SenderType.CUSTOMER, sender=customer, subject=subject)


async def _begun_with(source: Article, new: NewArticle) -> NewArticle:
    if (new.body and new.body.strip()) or (new.body_html and new.body_html.strip()):
        return new
    return replace(
        new,
        subject=new.subject or source.subject,
        body=source.body,
        body_html=source.body_html,
        attachments=new.attachments or await copies_of(source),
    )
