"""A desk full of words that some people must never read."""

from dataclasses import dataclass
from functools import partial

from tessera.access import queries as access
from tessera.accounts import service as accounts
from tessera.articles import service as articles
from tessera.articles.models import Article, Attachment, Channel, SenderType
from tessera.articles.service import NewArticle, NewAttachment
from tessera.assembly import Assembly
from tessera.engine.nodes import NodeSpec, spec_of
from tessera.files import service as files
from tessera.kit.actor import SYSTEM, Actor
from tessera.kit.ids import ObjectRef, to_global
from tessera.kit.unit import Unit
from tessera.links import service as links
from tessera.notifications.models import Notification
from tessera.queues import service as queues
from tessera.queues.models import Queue
from tessera.testing.house import House
from tessera.tickets import service as tickets
from tessera.tickets.models import Ticket
from tests.tickets.desk import Desk

SECRET, INSIDE, VAULT = "quokka", "wombat", "Bilby"
"""`quokka` is in all there is of hidden tickets, `wombat` in what only agents say, `Bilby` is a hidden queue."""


@dataclass
class Hidden:
    """Carla's ticket `shown`, which the reader sees too, and what is hidden from both behind it."""

    house: House
    desk: Desk
    reader: Actor
    shown: Ticket
    secret: Ticket
    absorbed: Ticket
    split: Ticket
    gone: Ticket
    note: Article
    inner_file: Attachment

    @property
    def numbers(self) -> list[str]:
        """The numbers of the tickets that carla and the reader do not see."""
        return [each.number for each in (self.secret, self.absorbed, self.split)]


async def hide(house: House) -> Hidden:
    """Furnish a desk, tell it secrets, and tie them to a ticket that others see."""
    desk = await Desk.furnish(house)
    reader = await desk.agent_with("reader", ("ro",))
    vault = await house.run(partial(queues.create_queue, name=VAULT, group=await access.group_named("elsewhere")))
    shown = await _open(desk, desk.queue, "A lamp", "It flickers.", customer=True)
    secret = await _open(desk, vault, f"{SECRET} one", f"{SECRET} words")
    absorbed = await _open(desk, vault, f"{SECRET} two", "moved words")
    gone = await _open(desk, desk.queue, "A chair", "It wobbles.", customer=True)
    words = NewArticle(
        channel=Channel.NOTE,
        subject=f"{INSIDE} subject",
        body=f"{INSIDE} body",
        body_html=f"<p>{INSIDE} <b>html</b></p>",
        attachments=(await _file(f"{INSIDE}.txt"),),
    )
    note = await desk.run(SYSTEM, articles.add_note, shown, words)
    await desk.run(SYSTEM, articles.merge, absorbed, shown)
    await desk.run(SYSTEM, articles.merge, gone, secret)
    await desk.run(SYSTEM, tickets.lock, shown, holder=await desk.agent(desk.anna))
    await desk.run(desk.anna, tickets.watch, shown)
    await house.run(lambda unit: queues.update_queue(unit, desk.queue, email_address="office@help.example"))
    await desk.run(desk.anna, articles.forward, note, to=(f"{INSIDE}@outside.example",))

    ends = ObjectRef("ticket", shown.id), ObjectRef("ticket", secret.id)
    await house.run(lambda unit: links.link(unit, "normal", *ends))
    split = await house.run(lambda unit: _split(unit, note, vault))
    for each in (reader, desk.carla, desk.eve, desk.stranger):
        await _tell(each, secret)
    await house.drain()
    inner_file = await Attachment.get(article_id=note.id)
    return Hidden(house, desk, reader, shown, secret, absorbed, split, gone, note, inner_file)


async def _tell(actor: Actor, ticket: Ticket) -> None:
    """Leave somebody a notification from a time when they saw a ticket."""
    await Notification.create(
        person_kind=actor.kind.value, person_id=actor.id, kind="test.told", title=ticket.title, ticket_id=ticket.id
    )


async def _open(desk: Desk, queue: Queue, title: str, body: str, *, customer: bool = False) -> Ticket:
    word = body.split(maxsplit=1)[0].lower()
    article = NewArticle(
        channel=Channel.EMAIL,
        sender_type=SenderType.CUSTOMER,
        visible_for_customer=True,
        subject=f"about {word}",
        body=body,
        sender=f"{word} <x@{word}.example>",
        attachments=(await _file(f"{word}.txt"),),
    )
    person = await desk.customer_user(desk.carla) if customer else None
    values = {"title": title, "queue": queue, "customer_user": person, "tags": (f"label {title}",)}
    ticket, _ = await desk.run(SYSTEM, articles.open_ticket, article=article, **values)
    return ticket


async def _split(unit: Unit, note: Article, queue: Queue) -> Ticket:
    olga = await accounts.create_customer_user(unit, login="olga", name="Olga", email="olga@elsewhere.example")
    article = NewArticle(channel=Channel.NOTE, body=f"{SECRET} split off")
    ticket, _ = await articles.split(
        unit, note, article=article, title=f"{SECRET} three", queue=queue, customer_user=olga
    )
    return ticket


async def _file(name: str) -> NewAttachment:
    blob = await files.store(None, f"content of {name}".encode())
    return NewAttachment(filename=name, content_type="text/plain", digest=blob.digest, size=blob.size)


def node_types(assembly: Assembly) -> list[NodeSpec]:
    """Give every type that `node` can load."""
    schema = assembly.schema
    definitions = [schema.get_type_by_name(name) for name in schema._schema.type_map]
    specs = [spec_of(getattr(definition, "origin", None)) for definition in definitions]
    return [spec for spec in specs if spec is not None]


async def every_id(assembly: Assembly) -> dict[str, list[str]]:
    """Give the global ids of all rows there are, by type."""
    return {
        spec.name: [to_global(spec.name, row.id) for row in await spec.model.all().order_by("id")]
        for spec in node_types(assembly)
    }
