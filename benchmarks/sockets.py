"""Measures subscriptions: what a delivery costs when many follow the same, and what a socket holds while it waits."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from benchmarks import work
from benchmarks.desk import TOKEN, Desk
from benchmarks.load import Connection
from benchmarks.measure import in_a_process_of_its_own
from benchmarks.meter import Meter
from benchmarks.servers import Server
from tessera.kit.ids import to_global

FOLLOW = """subscription Follow($queue: ID!) { ticketEvents(queueIds: [$queue], kinds: ["article.added"]) {
  cursor event { kind at summary actor { name } ticket { id number title queue { id name } state { id name }
  owner { id name } } article { subject } } } }"""
NOTE = """mutation Note($id: ID!, $subject: String!) {
  articleCreate(ticketId: $id, input: {channel: "note", subject: $subject, body: "One more."}) {
    article { id } userErrors { message } } }"""

PATIENCE_SECONDS = 120.0
TRY_SECONDS = 5.0
SOME = 20
AT_ONCE = 20
"""Sockets that are opened at the same time."""


@dataclass
class Followers:
    """Sockets that follow one queue; `got` counts, per socket, the deliveries that carry the mark."""

    sockets: list[ClientConnection]
    mark: str = ""
    awaited: int = 0
    got: list[int] = field(default_factory=list)
    complete: asyncio.Event = field(default_factory=asyncio.Event)

    def expect(self, mark: str, deliveries: int) -> None:
        """Count anew: so many deliveries with a mark for each socket."""
        self.mark, self.awaited, self.got = mark, deliveries, [0] * len(self.sockets)
        self.complete.clear()

    async def follow(self, place: int) -> None:
        """Read one socket for ever."""
        async for message in self.sockets[place]:
            text = str(message)
            if '"type":"next"' not in text.replace(" ", "") or '"errors"' in text:
                raise RuntimeError(f"A stream says {text[:600]}")
            if self.mark in text:
                self.got[place] += 1
                if all(count >= self.awaited for count in self.got):
                    self.complete.set()


def deliveries(server: Server, sockets: int, events: int, *, same: bool) -> dict[str, float]:
    """Let sockets follow a queue and write into it; return deliveries per second and CPU per delivery in µs.

    With `same` all sockets send the same document; else each sends its own, so that nothing can be shared.
    The cost of writing is measured beforehand and taken off.
    """
    with server.awake():
        return in_a_process_of_its_own(
            lambda: asyncio.run(_deliveries(server, sockets, events, same=same)),
        )


def memory(server: Server, sockets: int) -> dict[str, float]:
    """Return what a socket takes in the server, in bytes: only connected, and with a subscription that waits."""
    with server.awake():
        return in_a_process_of_its_own(lambda: asyncio.run(_memory(server, sockets)))


async def _deliveries(server: Server, sockets: int, events: int, *, same: bool) -> dict[str, float]:
    alone = await _cost(server, _write(server, "alone", events))
    async with _connected(server.port, sockets) as opened, _following(server.desk, opened, same=same) as followers:
        await _until_all_follow(server, followers)
        followers.expect("counted", events)
        begin = time.perf_counter()

        async def write_and_wait() -> None:
            await _write(server, "counted", events)
            async with asyncio.timeout(PATIENCE_SECONDS):
                await followers.complete.wait()

        together = await _cost(server, write_and_wait(), settle=False)
        seconds = time.perf_counter() - begin
        if set(followers.got) != {events}:
            raise RuntimeError(f"Each socket should have got {events} deliveries: {sorted(set(followers.got))}.")
    count = sockets * events
    return {"rate": count / seconds, "cpu": max(0.0, together - alone) / count / 1e3}


async def _memory(server: Server, sockets: int) -> dict[str, float]:
    async with _connected(server.port, SOME) as few, _following(server.desk, few, same=True):
        await asyncio.to_thread(server.rest)
    before = server.resident
    async with _connected(server.port, sockets) as opened:
        await asyncio.to_thread(server.rest)
        connected = server.resident
        async with _following(server.desk, opened, same=True):
            await asyncio.to_thread(server.rest)
            subscribed = server.resident
    return {"connected": (connected - before) / sockets, "subscribed": (subscribed - before) / sockets}


async def _until_all_follow(server: Server, followers: Followers) -> None:
    """Write until everybody got something: the protocol does not say when a subscription has begun."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    followers.expect("warming up", 1)
    while not followers.complete.is_set():
        if time.monotonic() > deadline:
            raise TimeoutError("Some sockets never got a delivery.")
        await _write(server, "warming up", 1)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(TRY_SECONDS):
                await followers.complete.wait()


async def _write(server: Server, mark: str, events: int) -> None:
    """Add articles whose subject is a mark, each over a connection of its own."""
    desk = server.desk
    ticket = next(n for n in desk.readable_tickets() if desk.queue_of(n) == desk.writing_queue_id)
    given = {"id": to_global("Ticket", ticket), "subject": mark}
    shot = work.graphql(NOTE, given, b'"userErrors":[]')
    for _ in range(events):
        with contextlib.closing(Connection(server.port)) as connection:
            await asyncio.to_thread(connection.ask, shot)


async def _cost(server: Server, doing: Any, *, settle: bool = True) -> int:
    with Meter(server.processes) as meter:
        await doing
        if settle:
            await asyncio.to_thread(meter.settle)
    return meter.used


@asynccontextmanager
async def _connected(port: int, sockets: int) -> AsyncIterator[list[ClientConnection]]:
    turnstile = asyncio.Semaphore(AT_ONCE)

    async def open_one() -> ClientConnection:
        async with turnstile:
            socket = await connect(
                f"ws://127.0.0.1:{port}/graphql",
                subprotocols=["graphql-transport-ws"],  # type: ignore[list-item]  # a NewType of str
                compression=None,
                ping_interval=None,
                open_timeout=PATIENCE_SECONDS,
                close_timeout=1,
            )
            await socket.send(json.dumps({"type": "connection_init", "payload": {"Authorization": f"Bearer {TOKEN}"}}))
            if json.loads(await socket.recv())["type"] != "connection_ack":
                raise RuntimeError("The server did not take the connection.")
            return socket

    opened = await asyncio.gather(*(open_one() for _ in range(sockets)))
    try:
        yield opened
    finally:
        await asyncio.gather(*(socket.close() for socket in opened))


@asynccontextmanager
async def _following(desk: Desk, sockets: list[ClientConnection], *, same: bool) -> AsyncIterator[Followers]:
    followers = Followers(sockets)
    variables = {"queue": to_global("Queue", desk.writing_queue_id)}
    followers.expect("", 0)
    async with asyncio.TaskGroup() as tasks:
        readers = [tasks.create_task(followers.follow(place)) for place in range(len(sockets))]
        for place, socket in enumerate(sockets):
            text = FOLLOW if same else FOLLOW.replace("Follow(", f"Follow{place}(")
            payload = {"query": text, "variables": variables}
            await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))
        yield followers
        for reader in readers:
            reader.cancel()
