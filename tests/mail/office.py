"""A desk with two addresses, two agents and a customer, and short words for mail that comes and goes."""

from collections.abc import Mapping
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from tessera.access import queries as access
from tessera.access import service as access_service
from tessera.access.models import Group, Role
from tessera.accounts import service as accounts
from tessera.accounts.models import Agent
from tessera.articles import service as articles
from tessera.articles.models import Article
from tessera.articles.service import NewArticle
from tessera.kit.actor import RIGHTS, Actor, ActorKind
from tessera.kit.unit import Unit
from tessera.mail import service
from tessera.mail.models import IncomingMessage
from tessera.queues import queries as queue_queries
from tessera.queues import service as queues
from tessera.queues.models import AutoResponse, AutoResponseKind, FollowUpPolicy, Queue
from tessera.testing.house import House
from tessera.tickets.models import Ticket

DESK = "support@desk.example"
SALES = "sales@desk.example"
CARLA = "carla@customer.example"


def letter(body: str = "It is broken.\n", /, **headers: str) -> bytes:
    """Write a mail from Carla to the desk; `in_reply_to="<x>"` becomes the header In-Reply-To."""
    message = EmailMessage()
    given = {"From": f"Carla Customer <{CARLA}>", "To": DESK, "Subject": "Printer"}
    given |= {name.strip("_").replace("_", "-").title(): value for name, value in headers.items()}
    for name, value in given.items():
        if value:
            message[name] = value
    message.set_content(body)
    return message.as_bytes()


@dataclass
class Office:
    """A house with the queues Support and Support::Sales, each with an address, and the agents Anna and Ben."""

    house: House
    support: Queue
    sales: Queue
    anna: Agent
    ben: Agent

    async def actor(self, agent: Agent) -> Actor:
        """Return an agent as an actor, with the rights they have now."""
        found = await access.actor_for(ActorKind.AGENT, agent.id)
        assert found is not None
        return found

    async def receive(self, raw: bytes, *, source: str = "pipe", trusted: bool = False) -> IncomingMessage:
        """Let a mail come in, and do all that follows."""
        row = await service.receive(self.house.runtime.units, raw, source=source, trusted=trusted)
        await self.house.drain()
        return await IncomingMessage.get(id=row.id)

    async def ticket(self, row: IncomingMessage) -> Ticket:
        """Return the ticket on which a mail was filed."""
        article = await Article.get(id=row.article_id).prefetch_related("ticket")
        return article.ticket

    async def articles(self, ticket: Ticket) -> list[Article]:
        """Return a ticket's articles in order."""
        return await Article.filter(ticket_id=ticket.id).order_by("number")

    async def reply(self, ticket: Ticket, body: str = "We look at it.", *, agent: Agent | None = None) -> Article:
        """Let an agent answer, Anna unless said, and send the answer."""
        new = NewArticle(channel="email", body=body)

        async def work(unit: Unit) -> Article:
            return await articles.reply(unit, await Ticket.get(id=ticket.id), new)

        article = await self.house.run(work, actor=await self.actor(agent or self.anna))
        await self.house.drain()
        return article

    async def answers_with(self, kind: AutoResponseKind, subject: str, text: str, queue: Queue | None = None) -> None:
        """Give a queue, Support unless said, an auto response besides those it has."""

        async def work(unit: Unit) -> None:
            target = await Queue.get(id=(queue or self.support).id)
            rows = [await AutoResponse.get(id=each.id) for each in await _responses(target)]
            rows.append(
                await queues.create_auto_response(
                    unit, name=f"{target.path} {kind}", kind=kind, subject=subject, text=text
                )
            )
            await queues.update_queue(unit, target, auto_responses=rows)

        await self.house.run(work)

    async def follow_ups(self, policy: FollowUpPolicy) -> None:
        """Set what an answer to a closed ticket of Support does."""
        row = await Queue.get(id=self.support.id)
        await self.house.run(lambda unit: queues.update_queue(unit, row, follow_up_policy=policy))

    def outbox(self) -> list[EmailMessage]:
        """Return the mails that left, oldest first."""
        folder: Path = self.house.config.outbox
        files = sorted(folder.glob("*.eml"), key=lambda file: file.stat().st_mtime_ns) if folder.is_dir() else []
        return [_read(file.read_bytes()) for file in files]


def _read(raw: bytes) -> EmailMessage:
    message = message_from_bytes(raw, policy=default)
    assert isinstance(message, EmailMessage)
    return message


async def _responses(queue: Queue) -> list[AutoResponse]:
    found: Mapping[AutoResponseKind, AutoResponse | None] = {
        kind: await queue_queries.texts_for(queue, kind) for kind in AutoResponseKind
    }
    return [row for row in found.values() if row is not None]


async def open_office(house: House) -> Office:
    """Furnish a house as an office."""

    async def work(unit: Unit) -> Office:
        users = await Group.get(name="users")
        support = await queues.create_queue(unit, name="Support", group=users, email_address=DESK)
        sales = await queues.create_queue(unit, name="Sales", group=users, parent=support, email_address=SALES)
        role = await Role.get(name="Administrators")
        people = []
        for name in ("Anna", "Ben"):
            agent = await accounts.create_agent(
                unit, login=name.lower(), name=name, email=f"{name.lower()}@desk.example"
            )
            await access_service.grant_rights(unit, agent, users, RIGHTS)
            people.append(agent)
        await access_service.grant_role(unit, people[0], role)
        return Office(house, support, sales, people[0], people[1])

    return await house.run(work)
