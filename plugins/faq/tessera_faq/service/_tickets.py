"""Verbs between items and tickets: take words from a ticket, link, unlink."""

import base64
from collections.abc import Sequence
from html import escape

from tessera.articles import queries as articles
from tessera.articles.models import Article, SenderType
from tessera.files import queries as files
from tessera.kit.actor import Actor
from tessera.kit.errors import Forbidden
from tessera.kit.ids import ObjectRef
from tessera.kit.inputs import Field
from tessera.kit.text import html_of_text
from tessera.kit.unit import Unit
from tessera.tickets import service as tickets
from tessera.tickets.models import Ticket
from tessera_faq import queries
from tessera_faq._refs import item_ref
from tessera_faq.errors import LinkMissing, NothingToTake
from tessera_faq.events import ItemLinked, ItemUnlinked, TicketLinked, TicketUnlinked
from tessera_faq.models import Item, ItemTicket

SYMPTOM = "symptom"
SOLUTION = "solution"

PICTURES = frozenset({"image/gif", "image/jpeg", "image/png", "image/webp"})
MAX_PICTURE = 100_000
"""Bytes of a picture that goes into a text; larger ones stay with the ticket."""

MAX_WITH_PICTURES = 400_000
"""Characters of a text that more pictures would not let it have."""


async def taken_from(actor: Actor, ticket: Ticket) -> dict[str, str]:
    """Return symptom and solution as a ticket the actor sees has them: the customer's first words, the last answer.

    Only what the customer sees is taken, and only texts that administrators configured. Raises `NothingToTake`.
    """
    said = articles.visible_to(actor).filter(ticket_id=ticket.id, visible_for_customer=True)
    question = await said.filter(sender_type=SenderType.CUSTOMER.value).order_by("number").first()
    answer = await said.filter(sender_type=SenderType.AGENT.value).order_by("-number").first()
    if question is None and answer is None:
        raise NothingToTake(number=ticket.number, field=("input", "from_ticket_id"))
    known = {each.name for each in await queries.texts()}
    found = {SYMPTOM: question, SOLUTION: answer}
    return {name: await _html(article) for name, article in found.items() if article is not None and name in known}


async def _html(article: Article) -> str:
    """Return what an article says, with the pictures in it: they are the article's files, not the item's."""
    html = article.body_html or html_of_text(article.body)
    if "cid:" not in html:
        return html
    for file in (await articles.attachments_of([article.id]))[article.id]:
        if file.content_id and file.content_type in PICTURES and file.size <= MAX_PICTURE:
            data = base64.b64encode(await files.read(file.digest)).decode()
            shown = html.replace(f'"cid:{escape(file.content_id)}"', f'"data:{file.content_type};base64,{data}"')
            html = shown if len(shown) <= MAX_WITH_PICTURES else html
    return html


async def link_tickets(unit: Unit, item: Item, rows: Sequence[Ticket]) -> Item:
    """Link an item with tickets; those it is linked with already stay so.

    Needs the right to change each ticket. Raises what `tickets.service.require_workable` raises.
    """
    for place, ticket in enumerate(rows):
        await _require_workable(unit, ticket, ("ticket_ids", str(place)))
        if not await ItemTicket.exists(item_id=item.id, ticket_id=ticket.id):
            await tickets.touch(unit, ticket)
            await note_link(unit, item, ticket)
    return item


async def unlink_tickets(unit: Unit, item: Item, rows: Sequence[Ticket]) -> Item:
    """Take the links between an item and tickets away.

    Needs the right to change each ticket. Raises `LinkMissing`, and what `tickets.service.require_workable` raises.
    """
    for place, ticket in enumerate(rows):
        field: Field = ("ticket_ids", str(place))
        await _require_workable(unit, ticket, field)
        if not await ItemTicket.filter(item_id=item.id, ticket_id=ticket.id).delete():
            raise LinkMissing(number=ticket.number, field=field)
        await tickets.touch(unit, ticket)
        await unit.record(TicketUnlinked(subject=item_ref(item), ticket_id=ticket.id, number=ticket.number))
        await unit.record(ItemUnlinked(subject=ObjectRef("ticket", ticket.id), item_id=item.id, number=item.number))
    return item


async def note_link(unit: Unit, item: Item, ticket: Ticket) -> None:
    """Write the link of an item and a ticket, and tell both; the caller asked for the rights."""
    await ItemTicket.create(item_id=item.id, ticket_id=ticket.id)
    await unit.record(TicketLinked(subject=item_ref(item), ticket_id=ticket.id, number=ticket.number))
    await unit.record(ItemLinked(subject=ObjectRef("ticket", ticket.id), item_id=item.id, number=item.number))


async def follow_merge(unit: Unit, ticket_id: int, into_id: int) -> None:
    """Let the ticket that carries on have the items of one that was merged into it, too; for the house's own rules.

    Raises `Forbidden` for anybody but the system.
    """
    if not unit.actor.is_system:
        raise Forbidden
    into = await Ticket.get(id=into_id)
    known = set(await ItemTicket.filter(ticket_id=into_id).values_list("item_id", flat=True))
    for key in await ItemTicket.filter(ticket_id=ticket_id).order_by("id").values_list("item_id", flat=True):
        if key not in known:
            await note_link(unit, await Item.get(id=key), into)


async def _require_workable(unit: Unit, ticket: Ticket, field: Field) -> None:
    if unit.actor.is_customer_user:
        raise Forbidden(field=field)
    await tickets.require_workable(unit, ticket, "rw")
