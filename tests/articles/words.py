"""What the tests of articles say and look at; the desk is that of the tickets, with an address to answer from."""

from typing import Any

from tessera.articles import service
from tessera.articles.models import Article, Channel, SenderType
from tessera.articles.service import NewArticle, NewAttachment
from tessera.files import service as files
from tessera.kit.actor import SYSTEM, Actor
from tessera.queues import service as queues
from tessera.testing.house import House
from tessera.tickets.models import Ticket
from tests.tickets.desk import Desk

ADDRESS = "support@desk.example"


async def furnish(house: House) -> Desk:
    """Return the tickets' desk, whose first queue (and by it the one below) has an address."""
    desk = await Desk.furnish(house)
    desk.queue = await desk.run(SYSTEM, queues.update_queue, desk.queue, email_address=ADDRESS)
    return desk


def words(channel: str = Channel.WEB, body: str | None = "Please help", **values: Any) -> NewArticle:
    return NewArticle(channel=channel, body=body, **values)


def mail(body: str = "It still burns", **values: Any) -> NewArticle:
    """Return a mail as the postmaster brings it."""
    given: dict[str, Any] = {"sender_type": SenderType.CUSTOMER, "sender": "Carla <carla@customer.example>", **values}
    return NewArticle(channel=Channel.EMAIL, body=body, visible_for_customer=True, **given)


async def opened(desk: Desk, actor: Actor = SYSTEM, article: NewArticle | None = None, **values: Any) -> Ticket:
    """Open a ticket of carla in the first queue."""
    values = {"title": "Printer on fire", "queue": desk.queue, **values}
    if not actor.is_customer_user and "customer_user" not in values:
        values["customer_user"] = await desk.customer_user(desk.carla)
    ticket, _ = await desk.run(actor, service.open_ticket, article=article or mail("It burns"), **values)
    return ticket


async def attachment(name: str = "a.txt", data: bytes = b"hello", **values: Any) -> NewAttachment:
    blob = await files.store(None, data)
    return NewAttachment(
        filename=name,
        content_type=values.pop("content_type", "text/plain"),
        digest=blob.digest,
        size=blob.size,
        **values,
    )


async def articles(ticket: Ticket) -> list[Article]:
    return await Article.filter(ticket_id=ticket.id).order_by("number")
