"""Who stays connected is asked to go on elsewhere: no answer is cut off, and no stream looks as if it had ended."""

import asyncio
from collections.abc import AsyncIterator

import httpx2
import pytest

from tests.transport import test_multipart, test_sse
from tests.transport.test_websocket import closing, hear, ready, subscribe
from tests.transport.toy import Served, until

GATED = {"query": "subscription{gated}"}
SLOW = {"query": "mutation{slow}"}
RESTART = 1012
"""RFC 6455's registry: the server restarts, connect anew."""

formats = pytest.mark.parametrize(
    ("accept", "end"),
    [(test_sse.EVENTS, "event: complete"), (test_multipart.ACCEPT, "--graphql--")],
    ids=["events", "multipart"],
)


async def heard(texts: AsyncIterator[str], wanted: str) -> str:
    """Read until a text has come."""
    found = ""
    async with asyncio.timeout(10):
        while wanted not in found:
            found += await anext(texts)
    return found


@formats
async def test_a_stream_ends_without_its_last_words(
    server: Served, http: httpx2.AsyncClient, accept: dict[str, str], end: str
) -> None:
    async with http.stream("POST", "", json=GATED, headers=accept) as response:
        texts = aiter(response.aiter_text())
        await heard(texts, '{"gated":1}')
        await server.departures.bid(0)
        rest = "".join([text async for text in texts])
    assert end not in rest
    async with http.stream("POST", "", json=GATED, headers=accept) as response:  # who comes too late goes at once
        assert end not in "".join([text async for text in response.aiter_text()])


@formats
async def test_an_answer_that_is_streamed_comes_to_its_own_end(
    server: Served, http: httpx2.AsyncClient, accept: dict[str, str], end: str
) -> None:
    only = {"Accept": accept["Accept"].removesuffix(", application/json")}
    async with http.stream("POST", "", json=SLOW, headers=only) as response:
        await until(lambda: server.world.seen == ["began"])
        await server.departures.bid(0)
        server.world.gate.set()
        whole = "".join([text async for text in response.aiter_text()])
    assert '{"slow":1}' in whole
    assert end in whole


async def test_a_socket_is_closed_when_its_answers_are_given(server: Served) -> None:
    async with ready(server) as idle, ready(server) as busy:
        await subscribe(idle, "1", GATED["query"])
        assert (await hear(idle))["payload"] == {"data": {"gated": 1}}
        await subscribe(busy, "1", SLOW["query"])
        await until(lambda: server.world.seen == ["began"])
        await server.departures.bid(0.1)
        assert await closing(idle) == (RESTART, "Service restart")
        server.world.gate.set()
        assert (await hear(busy))["payload"] == {"data": {"slow": 1}}
        assert await closing(busy) == (RESTART, "Service restart")


async def test_all_go_one_after_the_other(server: Served) -> None:
    loop, ended = asyncio.get_running_loop(), []
    async with ready(server) as first, ready(server) as second:
        for socket in (first, second):
            asyncio.create_task(closing(socket)).add_done_callback(lambda _: ended.append(loop.time()))
        await server.departures.bid(1)
        await until(lambda: len(ended) == 2)
    assert ended[1] - ended[0] > 0.1  # half a second, less what a busy machine takes to notice the first
