"""What a connection leaves behind when it is over: nothing that only the garbage collector would find."""

import gc
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx2
import pytest

from tessera.transport.connections import HttpConnection, WebSocketConnection
from tessera.transport.socket import Socket
from tessera.transport.streaming import StreamedResponse
from tests.transport.raw import TEXT, connected
from tests.transport.toy import Served, served, short, until

UNKNOWN = 3
"""An opcode that no frame may have."""

OURS = (HttpConnection, WebSocketConnection, Socket, StreamedResponse)


@pytest.fixture
async def server() -> AsyncIterator[Served]:
    async with served(short(patience=1.0)) as running:
        yield running


@pytest.fixture
def uncollected() -> Iterator[None]:
    """Let no collector run, and none find what was left before."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def left() -> list[str]:
    return [type(each).__name__ for each in gc.get_objects() if isinstance(each, OURS)]


async def nothing_is_left() -> None:
    await until(lambda: not left())


@pytest.mark.usefixtures("uncollected")
@pytest.mark.parametrize("origin", [{}, {"Origin": "http://127.0.0.1"}], ids=["short way", "long way"])
async def test_a_connection_over_which_requests_went(server: Served, origin: dict[str, str]) -> None:
    async with httpx2.AsyncClient(verify=False) as http:
        for _ in range(2):
            answer = await http.post(server.http, json={"query": "{hello}"}, headers=origin)
            assert answer.json() == {"data": {"hello": "Hello world"}}
        assert left() == ["HttpConnection"]
    await nothing_is_left()


@pytest.mark.usefixtures("uncollected")
@pytest.mark.parametrize("origin", [{}, {"Origin": "http://127.0.0.1"}], ids=["short way", "long way"])
async def test_a_connection_that_breaks_before_the_answer(server: Served, origin: dict[str, str]) -> None:
    async with httpx2.AsyncClient(verify=False, timeout=0.2) as http:
        with pytest.raises(httpx2.ReadTimeout):
            await http.post(server.http, json={"query": "mutation { slow }"}, headers=origin)
    await until(lambda: all(each.parser is None for each in gc.get_objects() if isinstance(each, HttpConnection)))
    server.world.gate.set()
    await nothing_is_left()
    assert server.world.seen == ["began", "ended"]


@pytest.mark.usefixtures("uncollected")
@pytest.mark.parametrize("document", ["{ hello }", "subscription { count }", "subscription { gated }"])
async def test_a_socket_with_an_operation(server: Served, document: str) -> None:
    async with connected(server) as raw:
        await raw.introduce()
        raw.subscribe("1", document)
        assert (await raw.hear())["type"] == "next"
        assert sorted(left()) == ["Socket", "WebSocketConnection"]
    await nothing_is_left()


@pytest.mark.usefixtures("uncollected")
@pytest.mark.parametrize(("message", "code"), [([], 4400), ({"type": "subscribe", "id": "1", "payload": {}}, 4401)])
async def test_a_socket_that_the_server_closes(server: Served, message: Any, code: int) -> None:
    async with connected(server) as raw:
        raw.send(TEXT, json.dumps(message).encode())
        assert await raw.closed() == code
    await nothing_is_left()


@pytest.mark.usefixtures("uncollected")
async def test_a_socket_whose_client_breaks_the_protocol(server: Served) -> None:
    async with connected(server) as raw:
        await raw.introduce()
        raw.send(UNKNOWN, b"")
        assert await raw.closed() == 1002
    await nothing_is_left()


async def test_a_handshake_that_is_refused_ends_without_a_traceback(
    server: Served, caplog: pytest.LogCaptureFixture
) -> None:
    headers = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    async with httpx2.AsyncClient(verify=False) as http:
        assert (await http.get(server.http, headers=headers)).status_code == 400
    await until(lambda: all(each.disconnected for each in gc.get_objects() if isinstance(each, WebSocketConnection)))
    assert caplog.records == []


@pytest.mark.usefixtures("uncollected")
@pytest.mark.parametrize("accept", ["text/event-stream", 'multipart/mixed;subscriptionSpec="1.0"'])
@pytest.mark.parametrize("document", ["subscription { count }", "subscription { gated }"])
async def test_a_stream(server: Served, accept: str, document: str) -> None:
    headers = {"Accept": accept}
    async with (
        httpx2.AsyncClient(verify=False, headers=headers) as http,
        http.stream("POST", server.http, json={"query": document}) as answer,
    ):
        assert answer.headers["content-type"].startswith(accept.partition(";")[0])
        async for part in answer.aiter_bytes():
            if b"data" in part:
                break
    await nothing_is_left()
