"""A small house in which every kind of row stands in every state that queries can tell apart."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial

from tessera.accounts import service as accounts
from tessera.accounts.models import Agent, CustomerUser
from tessera.articles import service as articles
from tessera.articles.models import Article, Channel, SenderType
from tessera.articles.service import NewArticle, NewAttachment
from tessera.engine.context import Context
from tessera.files import service as files
from tessera.kit.actor import SYSTEM, Actor
from tessera.kit.clock import now
from tessera.kit.ids import ObjectRef
from tessera.kit.jobs import Job, JobState
from tessera.kit.unit import Unit
from tessera.links import service as links
from tessera.mail import service as mail
from tessera.mail.models import IncomingMessage, OutgoingMessage
from tessera.notifications.models import Notification
from tessera.queues import service as queues
from tessera.queues.models import AutoResponseKind, TemplateKind
from tessera.testing.house import House
from tessera.tickets import service as tickets
from tessera.tickets.models import Priority, State, Ticket, TicketType
from tessera_dummy import service as dummy
from tessera_dummy.permissions import REMARK
from tests.rights.hidden import every_id
from tests.tickets.desk import Desk

TICKETS = 16
WORDS = ("Printer", "Schloß", "100%", "back\\slash", "under_score", "O'Brien", "tür", "日本")
ADDRESS = "http://desk.example"


@dataclass
class World:
    """The house, who looks at it, and the ids of all there is, by type."""

    house: House
    viewers: Mapping[str, Actor | None]
    ids: Mapping[str, list[str]]
    numbers: list[str]
    cursors: dict[tuple[str, ...], list[str]] = field(default_factory=dict)
    """Cursors by the type listed and its order, as `-CREATED_AT`; without an order, the list's own."""

    def context(self, viewer: str) -> Context:
        """Return what an operation of a viewer begins with."""
        runtime = self.house.runtime
        return Context(runtime.units, runtime.bus, self.viewers[viewer], base_url=ADDRESS)


async def build(house: House) -> World:
    """Fill an empty, furnished house."""
    desk = await Desk.furnish(house)
    builder = Builder(house, desk, await _administrator(house, desk))
    await builder.configure()
    await builder.open_tickets()
    await builder.change_tickets()
    await builder.add_mails_and_jobs()
    await builder.tell_people()
    await builder.remark()
    company = (await desk.customer_user(desk.carla)).customer_id
    viewers = {
        "administrator": builder.root,
        "restricted": desk.ben,
        "powerless": desk.eve,
        "customer": replace(desk.carla, customer_id=None, memory={}),
        "sharing customer": replace(desk.carla, customer_id=company, memory={}),
        "stranger": desk.stranger,
        "anonymous": None,
    }
    numbers = [ticket.number for ticket in await Ticket.all().order_by("id")]
    return World(house, viewers, await every_id(house.runtime.assembly), numbers)


async def _administrator(house: House, desk: Desk) -> Actor:
    permissions = sorted(house.runtime.assembly.permissions)
    return await desk.agent_with("root", ("rw",), permissions=permissions, elsewhere=("rw",))


@dataclass
class Builder:
    """Fills the house step by step."""

    house: House
    desk: Desk
    root: Actor
    tickets: list[Ticket] = field(default_factory=list)

    async def configure(self) -> None:
        """Configure texts, templates, mailboxes, rules and a token."""

        async def work(unit: Unit) -> None:
            salutation = await queues.create_salutation(unit, name="Hello", text="Hello ${customer.name},")
            signature = await queues.create_signature(unit, name="Bye", text="${queue.name}")
            reply = await queues.create_auto_response(
                unit, name="Got it", kind=AutoResponseKind.REPLY, subject="Got it", text="Thanks."
            )
            await queues.update_queue(
                unit,
                self.desk.queue,
                email_address="desk@desk.example",
                salutation=salutation,
                signature=signature,
                auto_responses=[reply],
            )
            await queues.create_template(
                unit, name="Answer", kind=TemplateKind.ANSWER, body="<p>${ticket.title}</p>", subject="Re"
            )
            await queues.create_template(
                unit, name="Inside", kind=TemplateKind.NOTE, body="<p>a note</p>", queues=[self.desk.other_queue]
            )
            box = partial(mail.create_account, unit, host="mail.example", port=993, security="tls", login="desk")
            await box(name="Main", protocol="imap", password="secret", queue=self.desk.queue)
            await box(name="Old", protocol="pop3", password="secret")
            await mail.create_filter(unit, name="Spam", matches={"Subject": "casino"}, sets={"Ignore": "yes"})
            await accounts.issue_token(unit, name="script", scopes=("accounts.manage",))

        await self.house.run(work, actor=self.root)

    async def open_tickets(self) -> None:
        """Open tickets of different queues, people and words, each with one to four articles."""
        priorities, kinds = await Priority.all().order_by("id"), await TicketType.all()
        people = [await self.desk.customer_user(each) for each in (self.desk.carla, self.desk.colleague)]
        people += [await self.desk.customer_user(self.desk.stranger)]
        agents = [await self.desk.agent(each) for each in (self.desk.anna, self.desk.bert)]
        places = (self.desk.queue, self.desk.sub_queue, self.desk.other_queue)

        async def work(unit: Unit) -> None:
            for number in range(TICKETS):
                ticket, _ = await articles.open_ticket(
                    unit,
                    title=f"{WORDS[number % len(WORDS)]} {number % 5}",
                    queue=places[number % 3],
                    priority=priorities[number * 7 % len(priorities)],
                    type=kinds[0] if kinds and number % 2 else None,
                    customer_user=people[number % 4] if number % 4 < len(people) else None,
                    owner=agents[number % 2] if number % 3 == 1 else None,
                    responsible=agents[0] if number % 6 < 2 else None,
                    tags=("demo", f"tag {number % 3}") if number % 3 else (),
                    article=await self._request(number),
                )
                self.tickets.append(ticket)

        await self.house.run(work)
        for number, ticket in enumerate(self.tickets):
            for place in range(number % 4):
                await self.desk.run(SYSTEM, articles.add_note, ticket, self._note(number, place))

    async def _request(self, number: int) -> NewArticle:
        blob = await files.store(None, f"file {number}".encode())
        attachment = NewAttachment(
            filename=f"file {number}.txt", content_type="text/plain", digest=blob.digest, size=blob.size
        )
        html = '<p>see <img src="cid:picture@desk"></p>' if number % 5 == 0 else None
        return NewArticle(
            channel=Channel.EMAIL if number % 2 else Channel.WEB,
            sender_type=SenderType.CUSTOMER,
            visible_for_customer=True,
            subject=None if number % 6 == 0 else WORDS[number % len(WORDS)],
            body=f"It is number {number}.",
            body_html=html,
            sender="Carla <carla@customer.example>",
            to=("desk@desk.example",),
            message_id=f"<{number}@customer.example>",
            attachments=(attachment,) if number % 3 == 0 else (),
        )

    def _note(self, number: int, place: int) -> NewArticle:
        shown = place == 1
        return NewArticle(
            channel=Channel.PHONE if shown else Channel.NOTE,
            visible_for_customer=shown,
            body=f"note {place}",
            references=(f"<{number}@customer.example>",) if number % 2 else (),
        )

    async def change_tickets(self) -> None:
        """Merge, remove, archive, lock, watch, read, link, suspend and close some of them."""
        run, given = self.desk.run, self.tickets
        anna = await self.desk.agent(self.desk.anna)
        states = {each.name: each for each in await State.all()}
        await run(SYSTEM, articles.merge, given[0], given[3])
        await run(SYSTEM, articles.merge, given[1], given[2])
        await run(SYSTEM, tickets.set_state, given[4], states["removed"])
        await run(SYSTEM, tickets.set_state, given[5], states["closed successful"])
        await run(SYSTEM, tickets.set_state, given[6], states["pending reminder"], pending_until=now() + timedelta(1))
        await run(SYSTEM, tickets.set_state, given[7], states["pending auto close+"], pending_until=now())
        await run(SYSTEM, tickets.lock, given[3], holder=anna)
        await run(SYSTEM, tickets.lock, given[10], holder=anna)
        for number in (3, 6, 9):
            await run(self.root, tickets.watch, given[number])
            await run(self.root, tickets.mark_seen, given[number])
        await run(self.desk.ben, tickets.watch, given[3])
        await run(self.desk.carla, tickets.mark_seen, given[12])
        await Ticket.filter(id=given[9].id).update(archived=True)
        for kind, source, target in (("normal", 3, 5), ("parent", 3, 6), ("child", 3, 8), ("parent", 9, 3)):
            ends = ObjectRef("ticket", given[source].id), ObjectRef("ticket", given[target].id)
            await self.house.run(partial(links.link, kind=kind, source=ends[0], target=ends[1]))
        await self.house.drain()

    async def add_mails_and_jobs(self) -> None:
        """Add mails and work in every state."""
        article = (await Article.filter(ticket_id=self.tickets[3].id).order_by("id").first() or Article()).id
        for number, state in enumerate(("received", "filed", "ignored", "quarantined")):
            await IncomingMessage.create(
                source="pipe",
                digest=f"{number:064}",
                state=state,
                reason="Who knows?" if number > 1 else None,
                article_id=article if state == "filed" else None,
                subject=WORDS[number],
                sender="x@y.example",
            )
        for number, state in enumerate(("queued", "sent", "failed", "bounced")):
            await OutgoingMessage.create(
                ticket_id=self.tickets[2 + number].id,
                article_id=article if state == "sent" else None,
                message_id=f"<out-{number}@desk.example>",
                envelope='["a@b.example"]',
                automatic=bool(number % 2),
                state=state,
                problem="550 no" if number > 1 else None,
                sent_at=now() if state == "sent" else None,
            )
        await self.add_jobs()
        await CustomerUser.filter(id=self.desk.stranger.id).update(phone="+1 555", active=False)
        await Agent.filter(id=self.desk.bert.id).update(out_of_office_from=now(), out_of_office_until=now())

    async def tell_people(self) -> None:
        """Tell the viewers of tickets, of some that they see no more, and of nothing; they have read some of it."""
        for viewer in (self.root, self.desk.ben, self.desk.carla):
            for number, word in enumerate(WORDS):
                await Notification.create(
                    person_kind=viewer.kind.value,
                    person_id=viewer.id,
                    kind="test.word",
                    title=word,
                    ticket_id=self.tickets[number].id if number % 4 else None,
                    read_at=now() if number % 3 == 0 else None,
                )

    async def remark(self) -> None:
        """Remark on every other ticket, where the dummy is there to do so."""
        if REMARK.name in self.house.runtime.assembly.permissions:
            for number, ticket in enumerate(self.tickets[::2]):
                await self.desk.run(self.root, dummy.remark, ticket, text=f"{WORDS[number]} demo")
            await self.house.drain()

    async def add_jobs(self) -> None:
        """Add work of different people."""
        for number, state in enumerate(JobState):
            owner = (self.root, self.desk.ben, self.desk.carla)[number % 3]
            await Job.create(
                name="files.sweep",
                payload="{}",
                run_at=now(),
                state=state.value,
                actor_kind=owner.kind.value,
                actor_id=owner.id,
                progress=number / 7,
                error="boom" if number % 2 else None,
            )
