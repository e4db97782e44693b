"""A subscriber whose connection breaks at random, and who goes on at its last cursor."""

import asyncio
import json
import random
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

from websockets import ClientConnection, ConnectionClosed, Subprotocol, connect

from tests.proofs.world import Caller

EVENTS = """subscription($cursor: String) {
    ticketEvents(after: $cursor) { cursor event { id kind ticket { id } } } }"""
CHANGES = """subscription($cursor: String, $queue: ID!) {
    ticketChanges(since: $cursor, filter: {queueId: {in: [$queue]}}, first: 7) {
        cursor reset removedIds upserts { id version title queue { id } } } }"""

EARLY = 0.3
PATIENCE = 3.0


@asynccontextmanager
async def connected(caller: Caller) -> AsyncIterator[ClientConnection]:
    """Open a WebSocket to any of the caller's servers, introduced."""
    url = f"ws://127.0.0.1:{random.choice(caller.ports)}/graphql"
    async with connect(url, subprotocols=[Subprotocol("graphql-transport-ws")], close_timeout=0.1) as socket:
        introduction = {"type": "connection_init", "payload": {"Authorization": f"Bearer {caller.token}"}}
        await socket.send(json.dumps(introduction))
        assert json.loads(await socket.recv()) == {"type": "connection_ack"}
        yield socket


async def payloads(socket: ClientConnection, document: str, **variables: Any) -> AsyncGenerator[Any, None]:
    """Yield what a subscription says, until the connection ends."""
    request = {"id": "1", "type": "subscribe", "payload": {"query": document, "variables": variables}}
    await socket.send(json.dumps(request))
    async for text in socket:
        message = json.loads(text)
        assert message["type"] == "next", message
        assert "errors" not in message["payload"], message
        (payload,) = message["payload"]["data"].values()
        yield payload


class Copy(Protocol):
    """What a subscriber keeps of a stream."""

    def take(self, payload: Any) -> None:
        """Keep a payload."""


@dataclass
class Log:
    """Every event in the order it came."""

    events: list[dict[str, Any]] = field(default_factory=list)

    def take(self, payload: Any) -> None:
        """Keep an event."""
        self.events.append(payload["event"])


@dataclass
class LocalTickets:
    """A local copy of some tickets, kept by deltas."""

    tickets: dict[str, dict[str, Any]] = field(default_factory=dict)
    removals: int = 0

    def take(self, payload: Any) -> None:
        """Apply a delta."""
        if payload["reset"]:
            self.tickets.clear()
        for gone in payload["removedIds"]:
            self.removals += self.tickets.pop(gone, None) is not None
        for ticket in payload["upserts"]:
            self.tickets[ticket["id"]] = ticket


@dataclass
class Follower:
    """Follows a stream over connections that are torn, without a goodbye, after a random time or number of payloads."""

    caller: Caller
    document: str
    variables: dict[str, Any]
    copy: Copy
    lifetime: tuple[float, float] = (0.05, 0.8)
    portion: int = 10
    """How many payloads a connection brings at most."""
    cursor: str | None = None
    cuts: int = 0

    async def follow(self, is_over: Callable[[], bool]) -> None:
        """Follow until it is over."""
        while not is_over():
            with suppress(ConnectionClosed, OSError):
                async with connected(self.caller) as socket:
                    await self._listen(socket, is_over)

    async def _listen(self, socket: ClientConnection, is_over: Callable[[], bool]) -> None:
        stream = payloads(socket, self.document, cursor=self.cursor, **self.variables)
        life = random.uniform(*self.lifetime)
        # some connections break before they brought anything, most after: else a busy machine gets nowhere
        end = time.monotonic() + (life if random.random() < EARLY else PATIENCE)
        with suppress(TimeoutError):
            for _ in range(random.randint(1, self.portion)):
                if is_over():
                    break
                async with asyncio.timeout(max(end - time.monotonic(), 0)):
                    payload = await anext(stream)
                self.copy.take(payload)
                self.cursor = payload["cursor"]
                end = min(end, time.monotonic() + life)
        self.cuts += 1
        socket.transport.abort()
