"""Kept connections: how long they are kept, and that a request's headers are its own."""

import asyncio
import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest

from tessera.transport.connections import HEADS, LONGEST_HEAD, HttpConnection
from tests.transport.toy import Served, served


def request(query: str, *headers: str, host: str = "localhost") -> bytes:
    """Return a request's bytes."""
    body = json.dumps({"query": query}).encode()
    own = [f"Host: {host}", "Content-Type: application/json", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(["POST /graphql HTTP/1.1", *own, "", ""]).encode() + body


class Kept:
    """One connection over which requests go one after the other."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def ask(self, query: str, *headers: str, host: str = "localhost") -> tuple[int, Any]:
        """Return the status and the answer."""
        self.send(query, *headers, host=host)
        return await self.hear()

    def send(self, query: str, *headers: str, host: str = "localhost") -> None:
        """Send a request, whatever is being answered."""
        self.writer.write(request(query, *headers, host=host))

    async def hear(self) -> tuple[int, Any]:
        """Return the status and the body of the next answer."""
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
        return int(head.split()[1]), json.loads(await self.reader.readexactly(length))

    async def ended(self, *, within: float) -> bool:
        """Say whether the server closes the connection in some seconds."""
        try:
            async with asyncio.timeout(within):
                return await self.reader.read(1) == b""
        except TimeoutError:
            return False


@asynccontextmanager
async def kept(server: Served) -> AsyncIterator[Kept]:
    where = urlsplit(server.http)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    try:
        yield Kept(reader, writer)
    finally:
        writer.close()


async def test_a_connection_that_is_used_stays_and_an_idle_one_goes() -> None:
    async with served(keep_alive=1) as server, kept(server) as used, kept(server) as idle:
        assert (await idle.ask("{ hello }"))[0] == 200
        for _ in range(8):
            assert await used.ask("{ hello }") == (200, {"data": {"hello": "Hello world"}})
            await asyncio.sleep(0.3)
        assert await idle.ended(within=0.1)
        assert not await used.ended(within=0.2)
        assert await used.ended(within=5)


async def test_an_answer_may_take_longer_than_an_idle_connection_is_kept() -> None:
    async with served(keep_alive=1) as server, kept(server) as connection:
        await connection.ask("{ hello }")
        asking = asyncio.create_task(connection.ask("mutation { slow }"))
        await asyncio.sleep(2.5)
        assert not asking.done()
        server.world.gate.set()
        assert await asking == (200, {"data": {"slow": 1}})
        assert not await connection.ended(within=0.5)
        assert await connection.ended(within=5)


async def test_so_may_one_that_was_asked_for_before_the_last_was_answered() -> None:
    async with served(keep_alive=1) as server, kept(server) as connection:
        await connection.ask("{ hello }")
        connection.send("{ hello }")
        connection.send("mutation { slow }")
        assert (await connection.hear())[0] == 200
        await asyncio.sleep(2.5)
        server.world.gate.set()
        assert await connection.hear() == (200, {"data": {"slow": 1}})


async def test_each_request_is_its_own_headers(server: Served) -> None:
    async with kept(server) as connection:
        seen = []
        for host, token in (("a", "good"), ("a", "good"), ("b", "good"), ("b", "bad"), ("b", "good"), ("a", "good")):
            status, answer = await connection.ask("{ baseUrl }", f"Authorization: Bearer {token}", host=host)
            seen.append((status, answer.get("data") and answer["data"]["baseUrl"]))
        a, b = (200, "http://a"), (200, "http://b")
        assert seen == [a, a, b, (401, None), b, a]
        assert (await connection.ask("{ hello }", "Content-Type: text/plain"))[0] == 415
        assert (await connection.ask("{ hello }"))[0] == 200


async def test_a_request_keeps_the_id_it_came_with(server: Served) -> None:
    async with kept(server) as connection:
        for given in ("one", "one", "two"):
            connection.writer.write(
                b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                b"Content-Length: 19\r\nX-Request-Id: %s\r\n\r\n" % given.encode() + b'{"query":"{hello}"}'
            )
            head = await connection.reader.readuntil(b"\r\n\r\n")
            assert f"x-request-id: {given}\r\n".encode() in head
            await connection.reader.readuntil(b"}}")


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The heads that had to be parsed, by their addresses."""
    parsed: list[bytes] = []
    complete = HttpConnection.on_headers_complete

    def noting(connection: HttpConnection) -> None:
        parsed.append(connection.url)
        complete(connection)

    monkeypatch.setattr(HttpConnection, "on_headers_complete", noting)
    return parsed


async def test_a_head_that_came_before_is_not_parsed_again(server: Served, parsed: list[bytes]) -> None:
    async with kept(server) as connection:
        for name in "abcabc":
            assert await connection.ask(f"{{ {name}: hello }}") == (200, {"data": {name: "Hello world"}})
        assert len(parsed) == 1
        for number in range(HEADS):
            await connection.ask("{ hello }", f"X-Number: {number}")
            await connection.ask("{ hello }", f"X-Number: {number}")
        assert len(parsed) == 1 + HEADS
        long = f"X-Long: {'x' * LONGEST_HEAD}"
        await connection.ask("{ hello }", long)
        await connection.ask("{ hello }", long)
        assert len(parsed) == 1 + HEADS + 2


async def test_what_only_looks_like_a_head_that_came_before_is_parsed(server: Served, parsed: list[bytes]) -> None:
    async with kept(server) as connection:
        whole = request("{ hello }")
        head, _, body = whole.partition(b"\r\n\r\n")
        assert (await connection.ask("{ hello }"))[0] == 200
        connection.writer.write(head + b"\r\n\r\n" + body[:5])  # not all of it
        await asyncio.sleep(0.05)
        connection.writer.write(body[5:])
        assert await connection.hear() == (200, {"data": {"hello": "Hello world"}})
        connection.writer.write(whole + whole)  # more than it
        assert await connection.hear() == await connection.hear() == (200, {"data": {"hello": "Hello world"}})
        assert len(parsed) == 4
        connection.writer.write(head + b"\r\n\r\n" + b"x" * len(body))  # no JSON
        assert (await connection.hear())[0] == 400
        assert (await connection.ask("{ hello }"))[0] == 200


@pytest.mark.parametrize("seed", range(6))
async def test_requests_mean_the_same_however_they_are_cut_and_joined(server: Served, seed: int) -> None:
    draw = random.Random(seed)
    async with kept(server) as connection:
        pending: list[tuple[int, Any]] = []
        together = b""

        async def hear_all() -> None:
            while pending:
                assert await connection.hear() == pending.pop(0)

        for _ in range(80):
            name, host = draw.choice(("a", "b", "longer")), draw.choice(("one", "two"))
            together += request(f"{{ {name}: baseUrl }}", host=host)
            pending.append((200, {"data": {name: f"http://{host}"}}))
            if draw.random() < 0.2:
                continue  # in one packet with the next
            if draw.random() < 0.3:
                cut = draw.randrange(len(together))
                connection.writer.write(together[:cut])
                await asyncio.sleep(0.005)
                together = together[cut:]
            connection.writer.write(together)
            together = b""
            if draw.random() < 0.8:
                await hear_all()
        connection.writer.write(together)
        await hear_all()
