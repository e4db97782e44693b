"""Who listens to the streams of a house in process: real agents with real sessions, and what they heard."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson

from tessera.access import queries as access
from tessera.access import service as access_service
from tessera.accounts import service as accounts
from tessera.accounts.models import Agent
from tessera.assembly.context import HouseContexts
from tessera.engine.context import Context
from tessera.engine.core import CoreEngine, Opened
from tessera.engine.groups import Subscriber, TooSlow
from tessera.engine.hub import Hub, Seat
from tessera.kit.actor import SYSTEM, ActorKind
from tessera.kit.ids import ObjectRef
from tessera.kit.secrets import hash_password
from tessera.kit.unit import Unit
from tessera.queues import service as queues
from tessera.testing.house import PASSWORD, House
from tessera.tickets import service as tickets
from tessera.tickets.events import TitleChanged
from tessera.transport.contexts import Caller
from tessera.transport.operations import render

EVENTS = "subscription($after: String) { ticketEvents(after: $after) { cursor event { kind changes { after } } } }"
WATCHED = "subscription { ticketEvents { event { changes { after } ticket { viewerIsWatching } } } }"
CHANGES = "subscription($since: String) { ticketChanges(since: $since) { cursor reset hasMore upserts { id title } } }"


@dataclass
class Listener:
    """A sink that keeps what it takes, and as much of it as the test allows."""

    capacity: int = 1 << 30
    taken: list[bytes] = field(default_factory=list)
    ended: list[Exception | None] = field(default_factory=list)
    patience: float = 30.0
    moved: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def full(self) -> bool:
        return len(self.taken) >= self.capacity

    def put(self, payload: bytes) -> None:
        self.taken.append(payload)
        self.moved.set()

    async def room(self) -> None:
        try:
            async with asyncio.timeout(self.patience):
                while self.full:
                    self.moved.clear()
                    await self.moved.wait()
        except TimeoutError:
            raise TooSlow("too slow") from None

    def end(self, error: Exception | None) -> None:
        self.ended.append(error)
        self.moved.set()

    def allow(self, capacity: int) -> None:
        self.capacity = capacity
        self.moved.set()

    @property
    def payloads(self) -> list[Any]:
        return [next(iter(orjson.loads(each)["data"].values())) for each in self.taken]

    @property
    def titles(self) -> list[str]:
        """What the titles of ticketEvents were changed into."""
        return [change["after"] for payload in self.payloads for change in payload["event"]["changes"]]

    async def heard(self, count: int) -> None:
        """Wait until so much was taken, and a moment for what should not be."""
        async with asyncio.timeout(30):
            while len(self.taken) < count and not self.ended:
                self.moved.clear()
                await self.moved.wait()

    async def over(self) -> Exception | None:
        async with asyncio.timeout(30):
            while not self.ended:
                self.moved.clear()
                await self.moved.wait()
        (error,) = self.ended
        return error


@dataclass
class Room:
    """A house with a hub, a queue whose tickets the agents may read, and one ticket in it."""

    house: House
    hub: Hub
    engine: CoreEngine
    group: Any
    ticket: int
    rendered: list[tuple[Opened, bytes]]

    async def agent(self, login: str, *rights: str) -> Context:
        """Make an agent with rights on the queue's group and a session; return their context."""
        password_hash = await hash_password(PASSWORD)

        async def work(unit: Unit) -> None:
            agent = await accounts.create_agent(unit, login=login, name=login, email=None, password_hash=password_hash)
            await access_service.grant_rights(unit, agent, self.group, list(rights))

        await self.house.run(work)
        units = self.house.runtime.units
        tokens = await accounts.sign_in(units, kind=ActorKind.AGENT, login=login, password=PASSWORD, peer=login)
        caller = Caller({}, {}, None, "http://testserver", {}, "test")
        payload = {"Authorization": f"Bearer {tokens.access_token}"}
        return await HouseContexts(self.house.runtime).for_connection(payload, caller)

    async def allow(self, login: str, *rights: str) -> None:
        """Change an agent's rights on the queue's group."""

        async def work(unit: Unit) -> None:
            agent = await Agent.get(login_key=login)
            await access_service.grant_rights(unit, agent, self.group, list(rights))

        await self.house.run(work)

    async def listen(
        self,
        viewer: Context,
        document: str = EVENTS,
        variables: Mapping[str, Any] | None = None,
        listener: Listener | None = None,
    ) -> tuple[Listener, Subscriber]:
        """Let somebody follow a stream."""
        listener = listener or Listener()
        prepared = self.engine.prepare(document, None, variables or {})
        opened = await self.engine.open(prepared, variables or {}, await viewer.fresh())
        return listener, await Seat(self.hub, viewer).subscribe(variables or {}, opened, listener)

    async def retitle(self, *titles: str) -> None:
        """Say that the ticket is called otherwise, once for each title."""
        for title in titles:
            event = TitleChanged(subject=ObjectRef("ticket", self.ticket), before="x", after=title)

            async def work(unit: Unit, event: TitleChanged = event) -> None:
                await unit.record(event)

            await self.house.run(work)


@asynccontextmanager
async def furnished(house: House) -> AsyncIterator[Room]:
    """Furnish a room; its hub counts what it renders."""
    rendered: list[tuple[Opened, bytes]] = []

    async def counting(opened: Opened, event: object, context: object) -> bytes:
        payload = await render(opened, event, context)
        rendered.append((opened, payload))
        return payload

    group = await access.group_named("users")

    async def work(unit: Unit) -> int:
        queue = await queues.create_queue(unit, name="Here", group=group, email_address="here@desk.test")
        ticket = await tickets.create(unit, queue=queue, title="First")
        return int(ticket.id)

    ticket = await house.run(work, actor=SYSTEM)
    await house.drain()
    hub = Hub(house.runtime.bus, counting)
    try:
        yield Room(house, hub, CoreEngine(house.runtime.assembly.schema), group, ticket, rendered)
    finally:
        await hub.close()
