"""Builds the desk all peers serve: the product's own tables, filled with as many tickets as a run asks for.

Groups, queues, agents and rights are made by the product's services, rows in great numbers by its models, so that
every database holds the same rows with the same ids. What grows during a run goes into one queue that no query
asks for.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import asyncpg
from tortoise.models import Model

from tessera.access import service as access
from tessera.accounts import service as accounts
from tessera.accounts.models import AccessToken, CustomerUser
from tessera.accounts.queries import API_TOKEN
from tessera.articles.models import Article, Channel, SenderType
from tessera.assembly import assemble
from tessera.assembly.first_start import furnish
from tessera.assembly.runtime import Runtime, migrate_house, open_runtime
from tessera.kit.actor import SYSTEM, ActorKind
from tessera.kit.config import Config
from tessera.kit.db import connection, locate
from tessera.kit.secrets import digest
from tessera.kit.text import fold
from tessera.kit.unit import Unit
from tessera.queues import service as queues
from tessera.queues.models import Queue
from tessera.search import queries as search
from tessera.search.models import SearchKind
from tessera.tickets.models import Priority, State, Ticket

QUEUES = 50
BUSY = 4
"""The first queues, in which every second ticket lies: however small the desk, a page of theirs is full."""

GROUPS = 5
"""Each group holds as many queues; the agent of the benchmark reads all groups but the last."""

AGENTS = 200
CUSTOMER_USERS = 20_000
STRANGERS = 1_000
"""The first customer users write no mails, so that no author's id is an agent's id: a peer may join by it."""

TOKEN = f"{API_TOKEN}_benchmark"
"""The agent's API token. These databases hold made-up rows and live on loopback."""

BEGIN = datetime(2024, 1, 1, tzinfo=UTC)
BATCH = 5_000
SENTENCE = 'Lorem ipsum dolor sit amet "quoted" text, consectetur adipiscing elit. '
STATE_NAMES = ("open", "open", "open", *["closed successful"] * 4, "new", "pending reminder", "merged")


class HalfFilled(Exception):
    """A database has some of the desk's rows and not all: whoever filled it was interrupted."""


@dataclass(frozen=True)
class Desk:
    """What workloads need to know of a filled desk; ids are primary keys, in ascending order."""

    url: str
    tickets: int
    queue_ids: tuple[int, ...]
    """The queues the agent reads and the queries ask for."""
    writing_queue_id: int
    """The queue, readable as well, in which new tickets arrive."""
    state_ids: tuple[int, ...]
    """The states the list is asked for: open and closed successful."""
    priority_id: int
    customer_user_id: int

    @property
    def busy_queue_ids(self) -> tuple[int, ...]:
        """The queues whose lists are asked for."""
        return self.queue_ids[:BUSY]

    @property
    def database(self) -> str:
        """The name of the database, as its server's processes show it."""
        return locate(self.url).database

    def readable_tickets(self) -> list[int]:
        """Return the ids of the tickets the agent sees, new ones not counted."""
        wanted = {*self.queue_ids, self.writing_queue_id}
        return [number for number in range(1, self.tickets + 1) if self.queue_of(number) in wanted]

    def queue_of(self, number: int) -> int:
        """Return the id of the queue a ticket lies in."""
        return self.queue_ids[0] + queue_index(number)


def queue_index(number: int) -> int:
    """Return the place, from 0, of the queue a ticket lies in."""
    half, is_odd = divmod(number, 2)
    return half * 31 % QUEUES if is_odd else half % BUSY


def articles_of(number: int) -> int:
    """Return how many articles a ticket has: 1 to 5 mostly, 8 for one in ten, 40 for one in a hundred."""
    if number % 100 == 0:
        return 40
    return 8 if number % 10 == 1 else 1 + number * 7919 % 5


def build(url: str, data: Path, tickets: int) -> Desk:
    """Fill a database with a desk of so many tickets and describe it; one that has them is only described.

    Raises `HalfFilled` for a database that has a part of them.
    """
    return asyncio.run(_build(url, data, tickets))


def on_server(url: str, statements: str) -> str:
    """Run statements in a PostgreSQL database; return the server's version."""

    async def run() -> str:
        session = await asyncpg.connect(url)
        try:
            await session.execute(statements)
            version = session.get_server_version()
            return f"{version.major}.{version.micro}"
        finally:
            await session.close()

    return asyncio.run(run())


def tend(desk: Desk) -> None:
    """Do at once for a desk on PostgreSQL what its server does by and by, where that is not turned off.

    What a run of thousands of tickets leaves behind would else be read by all that follow, with plans for tables as
    empty as they were.
    """
    if locate(desk.url).dialect == "postgres":
        on_server(desk.url, "VACUUM (ANALYZE)")


async def _build(url: str, data: Path, tickets: int) -> Desk:
    assembly = assemble(Config(data=data, database_url=url))
    await migrate_house(assembly)
    async with open_runtime(assembly) as runtime:
        if await furnish(runtime):
            await runtime.units.run(SYSTEM, _organise)
            await _fill(tickets)
            await _leave_unsearched(runtime)
        elif not await Article.exists(ticket_id=tickets, number=articles_of(tickets)):  # the last row of all
            raise HalfFilled(f"{locate(url)} is not filled to the end.")
        return await _describe(url, tickets)


async def _organise(unit: Unit) -> None:
    """Make groups, queues, agents, and the agent of the benchmark with a token and rights on four groups of five."""
    role = await access.create_role(unit, name="Benchmark")
    for number in range(GROUPS):
        group = await access.create_group(unit, name=f"Group {number + 1}")
        if number < GROUPS - 1:
            await access.grant_rights(unit, role, group, ("rw",))
        for place in range(QUEUES // GROUPS):
            await queues.create_queue(unit, name=f"Queue {number * QUEUES // GROUPS + place + 1}", group=group)
    for number in range(1, AGENTS + 1):
        agent = await accounts.create_agent(
            unit, login=f"agent{number}", name=f"Agent Number {number}", email=f"agent{number}@example.com"
        )
        if number == 1:
            await access.grant_role(unit, agent, role)
            await AccessToken.create(
                actor_kind=ActorKind.AGENT.value, actor_id=agent.id, name="Benchmark", digest=digest(TOKEN)
            )


async def _fill(tickets: int) -> None:
    await _insert(CustomerUser, _customer_users())
    first_queue = (await Queue.get(path="Queue 1")).id
    states = {state.name: state.id for state in await State.all()}
    priorities = await Priority.all().order_by("rank")
    await _insert(Ticket, (_ticket(n, first_queue, states, priorities) for n in range(1, tickets + 1)))
    await _insert(
        Article, (_article(n, place) for n in range(1, tickets + 1) for place in range(1, articles_of(n) + 1))
    )
    newest = await Ticket.all().order_by("-id").first()
    if newest is None or newest.id != tickets:
        raise RuntimeError("The database gave other ids than 1, 2, 3, ...: it was not empty.")
    vacuum = "VACUUM " if connection().capabilities.dialect == "postgres" else ""
    await connection().execute_script(f"{vacuum}ANALYZE")


async def _leave_unsearched(runtime: Runtime) -> None:
    """Say that everything is in the search index, which no work asks: servers would build it while others run."""
    for kind in search.searchables(runtime.wiring).values():
        await SearchKind.create(kind=kind.kind, version=search.version_of(kind), built_at=BEGIN)


async def _insert(model: type[Model], rows: Iterator[Any]) -> None:
    """Write many rows: PostgreSQL by COPY, others in batches."""
    if connection().capabilities.dialect != "postgres":
        while batch := list(islice(rows, BATCH)):
            await model.bulk_create(batch)
        return
    columns = {name: column for name, column in model._meta.fields_db_projection.items() if name != "id"}
    records = (tuple(getattr(row, name) for name in columns) for row in rows)
    async with connection().acquire_connection() as session:
        await session.copy_records_to_table(model._meta.db_table, columns=list(columns.values()), records=records)


def _customer_users() -> Iterator[CustomerUser]:
    for number in range(1, CUSTOMER_USERS + 1):
        email, name = f"customer{number}@company{number % 500}.example", f"Customer Person {number}"
        yield CustomerUser(
            login=email,
            login_key=email,
            name=name,
            name_key=fold(name),
            email=email,
            email_key=email,
            created_at=BEGIN,
            updated_at=BEGIN,
        )


def _ticket(number: int, first_queue: int, states: dict[str, int], priorities: list[Priority]) -> Ticket:
    title = f"Cannot reach service number {number * 7919 % 1000} since the last maintenance window"
    created = BEGIN + number * timedelta(minutes=5)
    priority = priorities[number * 13 % len(priorities)]
    return Ticket(
        number=f"20240101{number:08d}",
        title=title,
        title_key=fold(title),
        queue_id=first_queue + queue_index(number),
        state_id=states[STATE_NAMES[number * 2_654_435_761 // 65_536 % len(STATE_NAMES)]],
        priority_id=priority.id,
        priority_rank=priority.rank,
        owner_id=_agent_of(number),
        customer_user_id=_customer_of(number),
        created_at=created,
        updated_at=created + timedelta(days=2),
    )


def _article(number: int, place: int) -> Article:
    by_customer = place % 2 == 1
    author = _customer_of(number) if by_customer else _agent_of(number)
    reply = "Re: " if place > 1 else ""
    return Article(
        ticket_id=number,
        number=place,
        channel=Channel.EMAIL.value,
        sender_type=(SenderType.CUSTOMER if by_customer else SenderType.AGENT).value,
        visible_for_customer=place % 5 != 0,
        author_kind=(ActorKind.CUSTOMER_USER if by_customer else ActorKind.AGENT).value,
        author_id=author,
        author_name=f"Customer Person {author}" if by_customer else f"Agent Number {author}",
        sender=f"customer{author}@example.com" if by_customer else "support@example.com",
        subject=f"{reply}Cannot reach service number {number * 7919 % 1000} since the last maintenance window",
        body=SENTENCE * (1 + (number + place) % 3) + f"\nRegards,\nUser {author}",
        message_id=f"<{number}.{place}@mail.example.com>",
        message_key=digest(f"<{number}.{place}@mail.example.com>"),
        created_at=BEGIN + number * timedelta(minutes=5) + place * timedelta(hours=3),
    )


def _agent_of(number: int) -> int:
    return 1 + number * 7 % AGENTS


def _customer_of(number: int) -> int:
    return STRANGERS + 1 + number * 104_729 % (CUSTOMER_USERS - STRANGERS)


async def _describe(url: str, tickets: int) -> Desk:
    first_queue = (await Queue.get(path="Queue 1")).id
    readable = tuple(range(first_queue, first_queue + QUEUES - QUEUES // GROUPS))
    states = {state.name: state.id for state in await State.all()}
    return Desk(
        url=url,
        tickets=tickets,
        queue_ids=readable[:-1],
        writing_queue_id=readable[-1],
        state_ids=(states["open"], states["closed successful"]),
        priority_id=(await Priority.get(rank=3)).id,
        customer_user_id=STRANGERS + 1,
    )
