"""Reads of articles and their attachments; `visible_to` decides who reads what was said."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from tortoise.expressions import Subquery
from tortoise.queryset import QuerySet

from tessera.accounts.models import Agent, Customer, CustomerUser
from tessera.articles import _content
from tessera.articles.models import Article, Attachment, SenderType
from tessera.kit import sql
from tessera.kit.actor import Actor
from tessera.kit.db import fetch_rows
from tessera.kit.events import from_json
from tessera.kit.ids import key_of
from tessera.kit.inputs import Field, existing
from tessera.kit.rows import having
from tessera.kit.secrets import digest
from tessera.kit.template import render_html, render_text
from tessera.kit.text import html_of_text, quote, safe_html, text_of_html
from tessera.queues.models import Queue, Salutation, Signature, Template
from tessera.tickets import queries as tickets
from tessera.tickets.models import Priority, State, Ticket

ARTICLES = Article._meta.db_table

# asked for each article that is added
_LAST_NUMBER = f'SELECT MAX("number") FROM "{ARTICLES}" WHERE "ticket_id" = {sql.VALUE}'  # noqa: S608 - names are ours
_ANSWER = f"""SELECT 1 FROM "{ARTICLES}" WHERE "ticket_id" = {sql.VALUE} AND "sender_type" = {sql.VALUE}
AND "visible_for_customer" = {sql.VALUE} LIMIT 1"""  # noqa: S608 - names are ours


def visible_to(actor: Actor) -> QuerySet[Article]:
    """Return the articles an actor reads: those of tickets they see, customer users only what is meant for them."""
    articles = visible_in_tickets(actor)
    if actor.is_system:
        return articles
    return articles.filter(ticket_id__in=Subquery(tickets.visible_to(actor).values("id")))


def visible_in_tickets(actor: Actor) -> QuerySet[Article]:
    """Return the articles an actor reads once they see the ticket: a condition that is half of `visible_to`."""
    return Article.filter(visible_for_customer=True) if actor.is_customer_user else Article.all()


def visible_attachments(actor: Actor) -> QuerySet[Attachment]:
    """Return the attachments an actor may open: those of articles they read."""
    if actor.is_system:
        return Attachment.all()
    return Attachment.filter(article_id__in=Subquery(visible_to(actor).values("id")))


async def get(actor: Actor, global_id: str, *, field: Field = ("id",)) -> Article:
    """Return an article by its global id.

    Raises `NotFound` when it is unknown or hidden.
    """
    return existing(await visible_to(actor).get_or_none(id=key_of(global_id, "Article", field=field)), field)


async def get_attachment(actor: Actor, global_id: str, *, field: Field = ("id",)) -> Attachment:
    """Return an attachment by its global id.

    Raises `NotFound` when it is unknown or hidden.
    """
    return existing(
        await visible_attachments(actor).get_or_none(id=key_of(global_id, "Attachment", field=field)), field
    )


def message_key(message_id: str) -> str:
    """Return what a Message-ID is found by, whatever its length."""
    return digest(message_id.strip())


async def by_message_id(message_id: str) -> Article | None:
    """Return the oldest article that came or went as the message with an id."""
    return await Article.filter(message_key=message_key(message_id)).order_by("id").first()


async def by_message_ids(message_ids: Sequence[str]) -> Article | None:
    """Return the article of the last known id of a thread, oldest id first."""
    keys = [message_key(message_id) for message_id in message_ids]
    found: dict[str, Article] = {}
    for article in await Article.filter(message_key__in=keys).order_by("id"):
        found.setdefault(str(article.message_key), article)
    return next((found[key] for key in reversed(keys) if key in found), None)


async def last_number(ticket_id: int) -> int:
    """Return the number of a ticket's last article, 0 when there is none."""
    found = await fetch_rows(sql.bound(_LAST_NUMBER), (ticket_id,))
    return int(found[0][0] or 0)


async def first_of(ticket_id: int) -> Article | None:
    """Return a ticket's first article."""
    return await Article.filter(ticket_id=ticket_id).order_by("number").first()


async def last_of(ticket_id: int) -> Article | None:
    """Return a ticket's last article."""
    return await Article.filter(ticket_id=ticket_id).order_by("-number").first()


async def last_from_customer(ticket_id: int) -> Article | None:
    """Return what the customer wrote last on a ticket."""
    return await Article.filter(ticket_id=ticket_id, sender_type=SenderType.CUSTOMER.value).order_by("-number").first()


async def last_customer_message(ticket_id: int) -> Article | None:
    """Return the last mail the customer wrote on a ticket: what an answer refers to."""
    mails = Article.filter(ticket_id=ticket_id, sender_type=SenderType.CUSTOMER.value, message_id__isnull=False)
    return await mails.order_by("-number").first()


async def is_answered(ticket_id: int) -> bool:
    """Tell whether an agent has said something the customer can see."""
    return bool(await fetch_rows(sql.bound(_ANSWER), (ticket_id, SenderType.AGENT.value, True)))


def references_for(article: Article) -> tuple[str, ...]:
    """Return the thread an answer to an article belongs to: Message-IDs, oldest first."""
    earlier: list[str] = from_json(article.reference_ids)
    return (*earlier, article.message_id) if article.message_id else tuple(earlier)


async def attachments_of(article_ids: Sequence[int]) -> dict[int, list[Attachment]]:
    """Return the attachments of articles, in their order; whoever reads an article opens them."""
    found: dict[int, list[Attachment]] = {article_id: [] for article_id in article_ids}
    for attachment in await having(Attachment, "article_id", article_ids):
        found[attachment.article_id].append(attachment)
    return found


async def named_digests(digests: Collection[str]) -> set[str]:
    """Return which of the digests attachments still name."""
    rows = await Attachment.filter(digest__in=list(digests)).distinct().values_list("digest", flat=True)
    return {str(row) for row in rows}


async def placeholders(actor: Actor, ticket: Ticket) -> dict[str, dict[str, str]]:
    """Return what texts of the desk may speak of: `ticket`, `queue`, `customer`, `agent`, and the last `article`.

    The article is the customer's last one; the agent is who acts, else the owner.
    """
    queue = await Queue.get(id=ticket.queue_id)
    state, priority = await State.get(id=ticket.state_id), await Priority.get(id=ticket.priority_id)
    return {
        "ticket": {
            "number": ticket.number,
            "title": ticket.title,
            "state": state.name,
            "priority": priority.name,
            "created": f"{ticket.created_at:%Y-%m-%d %H:%M} UTC",
        },
        "queue": {"name": queue.name, "path": queue.path, "email": queue.email_address or ""},
        "customer": await _customer(ticket),
        "agent": await _agent(actor, ticket),
        "article": await _article(ticket),
    }


async def _customer(ticket: Ticket) -> dict[str, str]:
    row = await CustomerUser.get_or_none(id=ticket.customer_user_id)
    company = await Customer.get_or_none(id=ticket.customer_id)
    person = {"name": row.name, "login": row.login, "email": row.email or ""} if row else {}
    return {**person, "company": company.name if company else ""}


async def _agent(actor: Actor, ticket: Ticket) -> dict[str, str]:
    row = await Agent.get_or_none(id=actor.agent_id if actor.is_agent else ticket.owner_id)
    return {"name": row.name, "login": row.login, "email": row.email or ""} if row else {}


async def _article(ticket: Ticket) -> dict[str, str]:
    row = await last_from_customer(ticket.id)
    if row is None:
        return {}
    return {"from": row.sender or "", "subject": row.subject or "", "body": row.body, "quote": quote(row.body)}


@dataclass(frozen=True, slots=True)
class FilledIn:
    """A template with its placeholders filled in, between salutation and signature."""

    subject: str
    body: str
    body_html: str


async def filled_in(actor: Actor, template: Template, ticket: Ticket) -> FilledIn:
    """Fill a template in for a ticket; without a subject of its own it answers the ticket's.

    Raises `BadTemplate` and `LimitExceeded` as `kit.template` does.
    """
    values = await placeholders(actor, ticket)
    queue = await Queue.get(id=ticket.queue_id)
    salutation = await Salutation.get_or_none(id=queue.salutation_id, active=True)
    signature = await Signature.get_or_none(id=queue.signature_id, active=True)
    parts = [
        html_of_text(render_text(salutation.text, values)) if salutation else "",
        render_html(template.body, values),
        html_of_text(render_text(signature.text, values)) if signature else "",
    ]
    html = safe_html("\n".join(f"<div>{part}</div>" for part in parts if part))
    subject = render_text(template.subject, values) if template.subject else _content.answering(ticket.title)
    return FilledIn(subject=" ".join(subject.split()), body=text_of_html(html), body_html=html)
