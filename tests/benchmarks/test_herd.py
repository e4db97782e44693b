"""The herd of WebSockets: it stays connected while it waits, and counts what each one gets."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import pytest
from websockets.asyncio.server import ServerConnection, broadcast, serve
from websockets.typing import Subprotocol

from benchmarks.herd import Herd
from benchmarks.load import WrongAnswer

PING_SECONDS = 0.1
QUIET_SECONDS = 1.0
SIZE = 5


@asynccontextmanager
async def house() -> AsyncIterator[tuple[int, set[ServerConnection]]]:
    """Acknowledge and hold WebSockets, and close those that leave pings unanswered; give the port and who follows."""
    following: set[ServerConnection] = set()

    async def hold(connection: ServerConnection) -> None:
        await connection.recv()
        await connection.send(json.dumps({"type": "connection_ack"}))
        await connection.recv()
        following.add(connection)
        await connection.wait_closed()

    protocols = [Subprotocol("graphql-transport-ws")]
    async with serve(
        hold, "127.0.0.1", 0, subprotocols=protocols, ping_interval=PING_SECONDS, ping_timeout=PING_SECONDS
    ) as server:
        yield next(iter(server.sockets)).getsockname()[1], following


def follow(herd: Herd) -> None:
    herd.follow(lambda _place: "subscription { x }", {})
    herd.expect("now")


async def test_a_herd_answers_pings_while_it_waits_and_hears_what_comes_then() -> None:
    async with house() as (port, following):
        loop = asyncio.get_running_loop()

        def wait_and_hear() -> tuple[bool, set[int]]:
            with Herd(port, "token", SIZE) as herd:
                follow(herd)
                herd.meanwhile(partial(time.sleep, QUIET_SECONDS))
                next_one = json.dumps({"id": "1", "type": "next", "payload": {"data": "now"}}, separators=(",", ":"))
                loop.call_soon_threadsafe(broadcast, following, next_one)
                return herd.hear(1, within=10), herd.heard

        assert await asyncio.to_thread(wait_and_hear) == (True, {1})


async def test_a_herd_that_lost_a_socket_says_so() -> None:
    async with house() as (port, _):

        def sleep_and_hear() -> bool:
            with Herd(port, "token", SIZE) as herd:
                follow(herd)
                time.sleep(QUIET_SECONDS)
                return herd.hear(1, within=10)

        with pytest.raises(WrongAnswer, match="keepalive ping timeout"):
            await asyncio.to_thread(sleep_and_hear)
