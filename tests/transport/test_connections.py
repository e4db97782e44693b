"""Kept connections: how long they are kept, and that a request's headers are its own."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from tests.transport.toy import Served, served


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
        body = json.dumps({"query": query}).encode()
        own = [f"Host: {host}", "Content-Type: application/json", f"Content-Length: {len(body)}", *headers]
        self.writer.write("\r\n".join(["POST /graphql HTTP/1.1", *own, "", ""]).encode() + body)

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
