"""Clients that notice everything: a request that failed, an event that was lost or told twice."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from tessera.assembly import assemble
from tessera.assembly.runtime import open_runtime
from tessera.kit.config import Config
from tessera.kit.ids import to_global
from tessera.kit.journal import Entry, Seal
from tessera.tickets.models import Ticket
from tessera_client import ArticleInput, TesseraClient, TicketCreateInput
from tessera_client.errors import ClientError, StreamLost
from tests.supervisor.servers import PASSWORD

RECONNECT_SECONDS = 0.05
QUIET_SECONDS = 20
RESTART = 1012


@dataclass
class Load:
    """Clients of one server, all with the administrator's token; `failures` should stay empty."""

    url: str
    token: str
    failures: list[str] = field(default_factory=list)
    answers: int = 0
    opened: list[str] = field(default_factory=list)
    heard: list[list[str]] = field(default_factory=list)
    closed: list[int] = field(default_factory=list)
    place: str = ""
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)
    _streams: list[asyncio.Task[None]] = field(default_factory=list)

    def client(self) -> TesseraClient:
        """Return a client with connections of its own, which waits for long."""
        return TesseraClient(f"{self.url}/graphql", token=self.token, http=httpx2.AsyncClient(timeout=60))

    def run(self, queries: int, mutations: int, streams: int) -> None:
        """Begin; half of those who query keep their connection."""
        for number in range(queries):
            self._begin(self._query(keeps=number % 2 == 0))
        for _ in range(mutations):
            self._begin(self._mutate())
        for _ in range(streams):
            heard: list[str] = []
            self.heard.append(heard)
            self._streams.append(asyncio.create_task(self._listen(heard)))

    async def find_place(self) -> None:
        """Find out where the streams begin: behind an event that one heard."""
        made: list[str] = []
        async with self.client() as client:
            events = client.ticket_events(kinds=["ticket.created"])
            first = asyncio.ensure_future(anext(events))
            while not first.done():
                made.append(await self._open(client))
                await asyncio.wait((first,), timeout=1)
            news = first.result()
            assert news.event.ticket is not None
            self.place = news.cursor
            self.opened += made[made.index(news.event.ticket.id) + 1 :]
            assert isinstance(events, AsyncGenerator)
            await events.aclose()

    async def _open(self, client: TesseraClient) -> str:
        queue = next(each.id for each in await client.queues() if each.path == "Misc")
        wish = TicketCreateInput(title="A lamp flickers", queue_id=queue, article=ArticleInput(body="Help."))
        payload = await client.ticket_create(wish)
        assert payload.ticket is not None, payload.user_errors
        return payload.ticket.id

    async def stop(self) -> None:
        """Stop asking, wait until every stream has heard of everything, and hang up."""
        self._stopping.set()
        await asyncio.gather(*self._tasks)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(QUIET_SECONDS):
                while not all(len(heard) >= len(self.opened) for heard in self.heard):  # noqa: ASYNC110 - behind sockets
                    await asyncio.sleep(0.1)
        for stream in self._streams:
            stream.cancel()
        await asyncio.gather(*self._streams, return_exceptions=True)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.append(asyncio.create_task(work))

    async def _query(self, *, keeps: bool) -> None:
        async with contextlib.AsyncExitStack() as stack:
            kept = await stack.enter_async_context(self.client())
            while not self._stopping.is_set():
                try:
                    if keeps:
                        await kept.queues()
                    else:
                        async with self.client() as client:
                            await client.queues()
                    self.answers += 1
                except (ClientError, httpx2.HTTPError) as error:
                    self.failures.append(f"query: {error!r}")
                await asyncio.sleep(0.01)

    async def _mutate(self) -> None:
        async with self.client() as client:
            while not self._stopping.is_set():
                try:
                    self.opened.append(await self._open(client))
                    self.answers += 2
                except (ClientError, httpx2.HTTPError) as error:
                    self.failures.append(f"mutation: {error!r}")
                await asyncio.sleep(0.05)

    async def _listen(self, heard: list[str]) -> None:
        """Follow what is opened; whenever the connection ends, go on behind the last cursor."""
        cursor = self.place
        async with self.client() as client:
            while True:
                try:
                    async for news in client.ticket_events(after=cursor, kinds=["ticket.created"]):
                        cursor = news.cursor
                        assert news.event.ticket is not None
                        heard.append(news.event.ticket.id)
                except StreamLost as lost:
                    self.closed.append(lost.code)
                except (ClientError, OSError, httpx2.HTTPError) as error:
                    self.failures.append(f"stream: {error!r}")
                await asyncio.sleep(RECONNECT_SECONDS)


@asynccontextmanager
async def load(url: str, *, queries: int = 4, mutations: int = 2, streams: int = 6) -> AsyncIterator[Load]:
    """Put a load on a server while the block runs; afterwards all of it must have been answered and heard."""
    async with TesseraClient(f"{url}/graphql") as anonymous:
        session = await anonymous.session_create("admin", PASSWORD)
    assert session.access_token is not None
    running = Load(url, session.access_token)
    await running.find_place()
    running.run(queries, mutations, streams)
    try:
        yield running
    finally:
        await running.stop()
    assert running.failures == []
    assert set(running.closed) <= {RESTART}
    for heard in running.heard:
        assert sorted(heard) == sorted(running.opened), "an event was lost, or told twice"


async def journal(data: Path, **environment: Any) -> list[str]:
    """Return the ids of the tickets that a house's journal says were opened, in its order; all of them are there."""
    async with open_runtime(assemble(Config(data=data, **environment), packages=())):
        created = await Entry.filter(name="ticket.created").values_list("id", "subject_id")
        places = dict(await Seal.all().values_list("entry_id", "position"))
        assert await Ticket.all().count() == len(created)
    return [to_global("Ticket", ticket) for _, ticket in sorted((places[entry], ticket) for entry, ticket in created)]
