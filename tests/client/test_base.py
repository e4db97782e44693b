"""The thin base under the generated client, over real sockets: what the generator's own would lose."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from websockets import ServerConnection, Subprotocol, serve

from tessera_client import DateTimeFilter, TesseraClient, TicketFilter, TicketStateType
from tessera_client.errors import GraphQLFailed, HttpFailed, StreamLost

Play = Callable[[ServerConnection], Awaitable[None]]
SINCE = datetime(2026, 11, 1, 12, 30, tzinfo=UTC)
FILTER = TicketFilter(created_at=DateTimeFilter(gte=SINCE), state_type=[TicketStateType.OPEN])
PAGE = {"ticketChanges": {"upserts": [], "removedIds": ["T1"], "cursor": "c1", "hasMore": False, "reset": False}}


@asynccontextmanager
async def answering(status: int, body: str) -> AsyncIterator[tuple[str, list[bytes]]]:
    """Serve one answer to every HTTP request; yield the address and the requests that came."""
    requests: list[bytes] = []

    async def respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        requests.append(head + await reader.readexactly(length))
        data = body.encode()
        writer.write(b"HTTP/1.1 %d X\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % (status, len(data)) + data)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(respond, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/graphql", requests


@asynccontextmanager
async def streaming(play: Play) -> AsyncIterator[tuple[str, list[dict[str, Any]]]]:
    """Serve one scripted stream; yield the address and the messages that came."""
    came: list[dict[str, Any]] = []

    async def respond(socket: ServerConnection) -> None:
        came.append(json.loads(await socket.recv()))
        await say(socket, type="ping")
        await say(socket, type="connection_ack")
        came.extend([json.loads(await socket.recv()), json.loads(await socket.recv())])
        await play(socket)

    async with serve(respond, "127.0.0.1", 0, subprotocols=[Subprotocol("graphql-transport-ws")]) as server:
        yield f"http://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}/graphql", came


async def say(socket: ServerConnection, **message: object) -> None:
    await socket.send(json.dumps({"id": "1", **message}))


async def collect(url: str) -> list[str]:
    async with TesseraClient(url, token="secret") as client:
        return [page.cursor async for page in client.ticket_changes(filter_=FILTER)]


async def test_a_stream_sends_its_token_and_instants_and_ends_when_the_server_completes_it() -> None:
    async def play(socket: ServerConnection) -> None:
        await say(socket, type="next", payload={"data": PAGE})
        await say(socket, type="ping")
        await say(socket, type="complete")

    async with streaming(play) as (url, came):
        assert await collect(url) == ["c1"]
    init, pong, subscribe = came
    assert init == {"type": "connection_init", "payload": {"Authorization": "Bearer secret"}}
    assert pong == {"type": "pong"}
    assert subscribe["payload"]["operationName"] == "TicketChanges"
    assert subscribe["payload"]["variables"] == {
        "filter": {"createdAt": {"gte": "2026-11-01T12:30:00Z"}, "stateType": ["OPEN"]}
    }


@pytest.mark.parametrize(
    "message",
    [
        {"type": "next", "payload": {"data": None, "errors": [{"message": "no", "extensions": {"code": "FORBIDDEN"}}]}},
        {"type": "error", "payload": [{"message": "no", "extensions": {"code": "FORBIDDEN"}}]},
    ],
    ids=["data null", "error"],
)
async def test_an_error_in_a_stream_is_raised(message: dict[str, object]) -> None:
    async with streaming(lambda socket: say(socket, **message)) as (url, _):
        with pytest.raises(GraphQLFailed, match="no") as failure:
            await collect(url)
    assert failure.value.codes == ("FORBIDDEN",)


async def test_a_stream_that_is_cut_off_does_not_look_finished() -> None:
    async with streaming(lambda socket: socket.close(4403, "The session ended")) as (url, _):
        with pytest.raises(StreamLost, match="4403 The session ended"):
            await collect(url)


async def test_unset_and_null_are_told_apart_in_a_request() -> None:
    body = '{"data": {"ticketAssign": {"ticket": null, "userErrors": [], "clientMutationId": null}}}'
    async with answering(200, body) as (url, requests), TesseraClient(url, token="secret") as client:
        payload = await client.ticket_assign(id="T1", owner_id=None)
    assert payload.ticket is None
    head, _, sent = requests[0].partition(b"\r\n\r\n")
    assert json.loads(sent)["variables"] == {"id": "T1", "ownerId": None}
    assert b"authorization: bearer secret" in head.lower()


@pytest.mark.parametrize("status", [200, 400, 500])
async def test_graphql_errors_are_raised_whatever_the_status(status: int) -> None:
    body = {"errors": [{"message": "Too deep.", "extensions": {"code": "LIMIT_EXCEEDED"}}]}
    async with answering(status, json.dumps(body)) as (url, _), TesseraClient(url) as client:
        with pytest.raises(GraphQLFailed, match="Too deep") as failure:
            await client.viewer()
    assert failure.value.codes == ("LIMIT_EXCEEDED",)


@pytest.mark.parametrize(("status", "body"), [(502, "Bad gateway"), (200, "[]"), (200, '{"data": null}')])
async def test_what_is_no_graphql_answer_is_told_by_its_status(status: int, body: str) -> None:
    async with answering(status, body) as (url, _), TesseraClient(url) as client:
        with pytest.raises(HttpFailed) as failure:
            await client.viewer()
    assert failure.value.status == status
