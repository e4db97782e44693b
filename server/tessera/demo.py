"""The demo desk: queues, people and sixty tickets with their history, all made through the services."""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from tessera.access import queries as access_queries
from tessera.access import service as access
from tessera.access.models import Group
from tessera.accounts import service as accounts
from tessera.accounts.models import Agent, CustomerUser
from tessera.articles import service as articles
from tessera.articles.models import SenderType
from tessera.articles.service import NewArticle, NewAttachment
from tessera.assembly.runtime import Runtime
from tessera.files import service as files
from tessera.kit.actor import RIGHTS, SYSTEM, Actor, ActorKind
from tessera.kit.clock import set_forward
from tessera.kit.secrets import hash_password
from tessera.kit.unit import Unit
from tessera.queues import service as queues
from tessera.queues.models import Queue
from tessera.tickets import queries as ticket_queries
from tessera.tickets import service as tickets
from tessera.tickets.models import Priority, State, Ticket

Writing = Callable[[Unit, Ticket, NewArticle], Awaitable[object]]

PASSWORD = "tessera-demo"  # noqa: S105 - printed on purpose: a demo desk is open to everybody
TICKETS = 60
DAYS = 45
SEED = 2026

QUEUES = (
    ("Support", None, "support", "support@desk.example"),
    ("1st Level", "Support", "first level", "help@desk.example"),
    ("2nd Level", "Support", "support", None),
    ("Sales", None, "sales", "sales@desk.example"),
    ("Facilities", None, "facilities", "facilities@desk.example"),
    ("Access", "Facilities", "facilities", None),
)

CUSTOMERS = (("EXAMPLE", "Example Ltd"), ("NORTHWIND", "Northwind Bakery"), ("HARBOUR", "Harbour Clinic"))

PEOPLE = (
    ("carla", "Carla Conti", "carla@example.com", "EXAMPLE"),
    ("dmitri", "Dmitri Doyle", "dmitri@example.com", "EXAMPLE"),
    ("esra", "Esra Eklund", "esra@northwind.example", "NORTHWIND"),
    ("farid", "Farid Fischer", "farid@northwind.example", "NORTHWIND"),
    ("grace", "Grace Gonzalez", "grace@harbour.example", "HARBOUR"),
)


@dataclass(frozen=True)
class Request:
    """A request customers have: what they write, what an agent notes and answers, and what is attached."""

    title: str
    words: str
    note: str
    answer: str
    queue: str = "Support::1st Level"
    attachment: tuple[str, str, str] | None = None


REQUESTS = (
    Request(
        "Printer on the second floor prints blank pages",
        "Since this morning every page comes out blank. The toner was changed last week.",
        "Same model as last month: the drum seal was left in.",
        "Please open the front cover and pull the orange strip out of the toner. Does it print then?",
        attachment=("test-page.txt", "text/plain", "Test page 1 of 1\n(blank)\n"),
    ),
    Request(
        "Cannot sign in after the password change",
        "I changed my password as the mail asked me to, and now the portal says it is wrong.",
        "Account was locked after five attempts. Unlocked.",
        "Your account was locked after several attempts; it is open again. Please try the new password once more.",
    ),
    Request(
        "VPN drops every ten minutes from home",
        "Working from home is hardly possible: the connection is gone every ten minutes.",
        "Keep-alive is off in the old profile. Needs the new one.",
        "Please install the attached profile and restart the client. The old one did not keep the line open.",
        attachment=("vpn.log", "text/plain", "08:10 connected\n08:20 peer silent, closing\n08:21 connected\n"),
    ),
    Request(
        "Invoice 4711 was charged twice",
        "The bank statement shows invoice 4711 two times. Please check and refund one.",
        "Confirmed with accounting, refund is on its way.",
        "You are right, and we are sorry. The second payment will be back on your account within three days.",
        queue="Sales",
    ),
    Request(
        "Offer for twenty additional licences",
        "We are growing. What would twenty more licences cost from January?",
        "Volume price from 20 on. Check with Anna.",
        "From twenty licences on you get the volume price. The offer is on its way to you.",
        queue="Sales",
    ),
    Request(
        "Door badge does not open the east entrance",
        "My badge works at the main door but not at the east entrance any more.",
        "East entrance was moved to the new controller on Monday.",
        "Your badge is now known at the east entrance, too. Please try again.",
        queue="Facilities::Access",
    ),
    Request(
        "Meeting room 3.14: the screen stays black",
        "The screen in 3.14 finds no signal, with three different laptops.",
        "Cable broken at the table. Ordered.",
        "We have replaced the cable. The screen works again.",
        queue="Facilities",
    ),
    Request(
        "Export of the address list stops half-way",
        "The export ends at the letter M without any message.",
        "Reproduced with a name that holds a quotation mark. For second level.",
        "We have found the cause and are working on it. As a way around, export the list in two halves.",
        queue="Support::2nd Level",
        attachment=("addresses.csv", "text/csv", 'name,city\nLopez,Porto\n"Mc"",Cork\n'),
    ),
    Request(
        "How do I set an out-of-office message?",
        "I am away next week. Where can I set up an automatic answer?",
        "FAQ candidate.",
        "In the mail program under Settings, Automatic replies. Set the first and the last day there.",
    ),
    Request(
        "Laptop is very loud and hot",
        "The fan runs all the time and the keyboard is hot.",
        "Runaway indexer, update available.",
        "An update is ready that ends this. Please leave the laptop on tonight so that it can be installed.",
    ),
)

CLOSING_NOTE = "Solved, confirmed by the customer."
THANKS = "Thank you, that did it!"


class Desk:
    """The people and places of the demo desk while it is being filled."""

    def __init__(self, runtime: Runtime) -> None:
        self.units = runtime.units
        self.random = random.Random(SEED)  # noqa: S311 - the same desk every time
        self.queues: dict[str, Queue] = {}
        self.people: list[CustomerUser] = []
        self.agents: dict[str, Actor] = {}
        self.states: dict[str, State] = {}
        self.priorities: list[Priority] = []

    async def build(self) -> None:
        """Make groups, queues, agents and customers."""
        password_hash = await hash_password(PASSWORD)
        await self.units.run(SYSTEM, self._queues)
        await self.units.run(SYSTEM, lambda unit: self._agents(unit, password_hash))
        await self.units.run(SYSTEM, lambda unit: self._customers(unit, password_hash))
        self.states = {state.name: state for state in await State.all()}
        self.priorities = await Priority.all().order_by("rank")

    async def _queues(self, unit: Unit) -> None:
        groups: dict[str, Group] = {}
        for name, parent, group, address in QUEUES:
            if group not in groups:
                groups[group] = await access.create_group(unit, name=group)
            queue = await queues.create_queue(
                unit,
                name=name,
                parent=self.queues[parent] if parent else None,
                group=groups[group],
                email_address=address,
                unlock_timeout_minutes=480,
            )
            self.queues[queue.path] = queue

    async def _agents(self, unit: Unit, password_hash: str) -> None:
        anna = await _agent(unit, "anna", "Anna Abel", password_hash)
        ben = await _agent(unit, "ben", "Ben Baptiste", password_hash)
        await access.grant_role(unit, anna, await access_queries.role_named("Administrators"))
        for group in await Group.filter(active=True):
            await access.grant_rights(unit, anna, group, RIGHTS)
        first_level = await access_queries.group_named("first level")
        await access.grant_rights(unit, ben, first_level, RIGHTS)

    async def _customers(self, unit: Unit, password_hash: str) -> None:
        customers = {
            number: await accounts.create_customer(unit, number=number, name=name) for number, name in CUSTOMERS
        }
        for login, name, email, number in PEOPLE:
            self.people.append(
                await accounts.create_customer_user(
                    unit, login=login, name=name, email=email, customer=customers[number], password_hash=password_hash
                )
            )

    async def fill(self) -> None:
        """Open the tickets and let some time pass on each."""
        for agent in await Agent.all():
            actor = await access_queries.actor_for(ActorKind.AGENT, agent.id)
            if actor is not None:
                self.agents[agent.login] = actor
        for number in range(TICKETS):
            age = timedelta(days=DAYS * (TICKETS - number) / TICKETS, minutes=-self.random.randrange(600))
            with set_forward(-age):
                ticket = await self._open(number)
            with set_forward(-age + timedelta(hours=self.random.uniform(0.5, 20))):
                await self._work_on(ticket, number)

    async def _open(self, number: int) -> Ticket:
        request = REQUESTS[number % len(REQUESTS)]
        person = self.people[number % len(self.people)]
        priority = self.priorities[self.random.choice((1, 2, 2, 2, 3, 4))]
        attachments = await _attachments(request)

        async def work(unit: Unit) -> Ticket:
            ticket, _ = await articles.open_ticket(
                unit,
                title=request.title,
                queue=self.queues[request.queue],
                priority=priority,
                customer_user=person,
                tags=("demo",) if number % 7 == 0 else (),
                article=NewArticle(
                    channel="email" if number % 3 else "web",
                    sender_type=SenderType.CUSTOMER,
                    visible_for_customer=True,
                    sender=f"{person.name} <{person.email}>",
                    subject=request.title,
                    body=f"Hello,\n\n{request.words}\n\n{person.name}",
                    attachments=attachments,
                ),
            )
            return ticket

        return await self.units.run(SYSTEM, work)

    async def _work_on(self, ticket: Ticket, number: int) -> None:
        """Let an agent do, by turns, nothing, a note, an answer, an answer and an end."""
        request = REQUESTS[number % len(REQUESTS)]
        agent = self.agents["ben" if request.queue == "Support::1st Level" and number % 2 else "anna"]
        steps = number % 5
        if steps >= 1:
            await self._as(agent, ticket, articles.add_note, NewArticle(channel="note", body=request.note))
        if steps >= 2:  # noqa: PLR2004 - the second step
            await self._as(agent, ticket, articles.reply, NewArticle(channel="email", body=request.answer))
        if steps == 3:  # noqa: PLR2004 - the third step
            await self._set_state(agent, ticket, "pending reminder")
        if steps == 4:  # noqa: PLR2004 - the last step
            await self._thank(ticket)
            await self._set_state(agent, ticket, "closed successful")

    async def _as(self, agent: Actor, ticket: Ticket, verb: Writing, article: NewArticle) -> None:
        async def work(unit: Unit) -> None:
            fresh = await ticket_queries.by_number(ticket.number)
            if fresh is not None:
                await verb(unit, fresh, article)

        await self.units.run(agent, work)

    async def _thank(self, ticket: Ticket) -> None:
        customer = next(person for person in self.people if person.id == ticket.customer_user_id)
        actor = await access_queries.actor_for(ActorKind.CUSTOMER_USER, customer.id)
        if actor is not None:
            await self._as(actor, ticket, articles.add_portal_message, NewArticle(channel="web", body=THANKS))

    async def _set_state(self, agent: Actor, ticket: Ticket, name: str) -> None:
        async def work(unit: Unit) -> None:
            await tickets.set_state(unit, await Ticket.get(id=ticket.id), self.states[name])

        await self.units.run(agent, work)


async def _agent(unit: Unit, login: str, name: str, password_hash: str) -> Agent:
    return await accounts.create_agent(
        unit, login=login, name=name, email=f"{login}@desk.example", password_hash=password_hash
    )


async def _attachments(request: Request) -> tuple[NewAttachment, ...]:
    if request.attachment is None:
        return ()
    filename, content_type, content = request.attachment
    blob = await files.store(None, content.encode())
    return (
        NewAttachment(filename=filename, content_type=content_type, digest=blob.digest, size=blob.size, inline=False),
    )


async def fill(runtime: Runtime) -> None:
    """Fill an empty, furnished house with the demo desk."""
    desk = Desk(runtime)
    await desk.build()
    await desk.fill()


async def is_demo() -> bool:
    """Tell whether an open house is a demo desk."""
    return await Agent.exists(login_key="anna")


def introduction(address: str) -> str:
    """Say where the demo desk is, who may come in, and what to try."""
    return f"""
Tessera's demo desk listens on {address}
A browser that opens it gets GraphiQL, a page to try the API with.

Accounts (password of all: {PASSWORD})
  anna   agent, administrator
  ben    agent with rights on Support::1st Level only
  carla  customer user of Example Ltd (sign in with asCustomerUser: true)

Three things to try
  1. Sign in:
     curl -s {address} -H 'Content-Type: application/json' -d '{{"query":
       "mutation {{ sessionCreate(login: \\"anna\\", password: \\"{PASSWORD}\\") {{ accessToken }} }}"}}'
  2. List what waits, with the token from 1:
     curl -s {address} -H 'Authorization: Bearer TOKEN' -H 'Content-Type: application/json' -d '{{"query":
       "{{ tickets(first: 5) {{ totalCount nodes {{ number title queue {{ path }} state {{ name }} }} }} }}"}}'
  3. Send the desk a mail and find it as a ticket:
     printf 'From: you@example.org\\nTo: help@desk.example\\nSubject: Hello\\n\\nIt works.\\n' | tessera mail deliver
"""
