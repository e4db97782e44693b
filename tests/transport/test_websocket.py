"""graphql-transport-ws over a real socket: what the protocol says, message by message."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest
from websockets import ClientConnection, ConnectionClosed, InvalidStatus, Origin, Subprotocol, connect

from tessera.kit.clock import now
from tests.transport.toy import Served, served, short, until

PROTOCOL = Subprotocol("graphql-transport-ws")
ACK = {"type": "connection_ack"}


@asynccontextmanager
async def opened(server: Served, **more: Any) -> AsyncIterator[ClientConnection]:
    async with connect(server.websocket, subprotocols=[PROTOCOL], **more) as socket:
        yield socket


@asynccontextmanager
async def ready(server: Served, token: str | None = None) -> AsyncIterator[ClientConnection]:
    payload = {"Authorization": f"Bearer {token}"} if token else {}
    async with opened(server) as socket:
        await say(socket, type="connection_init", payload=payload)
        assert await hear(socket) == ACK
        yield socket


async def say(socket: ClientConnection, **message: Any) -> None:
    await socket.send(json.dumps(message))


async def subscribe(socket: ClientConnection, name: str, query: str, **more: Any) -> None:
    await say(socket, id=name, type="subscribe", payload={"query": query, **more})


async def hear(socket: ClientConnection) -> Any:
    return json.loads(await asyncio.wait_for(socket.recv(), 5))


async def closing(socket: ClientConnection) -> tuple[int, str]:
    """Read to the end; return the close frame's code and reason."""
    with suppress(ConnectionClosed):
        while True:
            await asyncio.wait_for(socket.recv(), 5)
    assert socket.close_code is not None
    return socket.close_code, socket.close_reason or ""


async def test_queries_mutations_and_subscriptions_run(server: Served) -> None:
    server.world.gate.set()
    async with ready(server) as socket:
        assert socket.subprotocol == PROTOCOL
        for query, data in [
            ("{hello}", {"hello": "Hello world"}),
            ("mutation{slow}", {"slow": 1}),
            ("subscription{count(to: 1)}", {"count": 0}),
        ]:
            await subscribe(socket, "a", query)
            assert await hear(socket) == {"id": "a", "type": "next", "payload": {"data": data}}
            assert await hear(socket) == {"id": "a", "type": "complete"}


async def test_variables_and_the_operations_name_are_used(server: Served) -> None:
    async with ready(server) as socket:
        query = "query A($v: Int){variables(value: $v)} query B{hello}"
        await subscribe(socket, "a", query, operationName="A", variables={"v": 2}, extensions={})
        assert (await hear(socket))["payload"] == {"data": {"variables": {"v": 2}}}


@pytest.mark.parametrize("init", [{}, {"payload": None}, {"payload": {}}])
async def test_the_init_payload_may_be_absent_null_or_empty(server: Served, init: dict[str, Any]) -> None:
    async with opened(server) as socket:
        await say(socket, type="connection_init", **init)
        assert await hear(socket) == ACK


async def test_pings_are_answered_before_and_after_the_acknowledgement(server: Served) -> None:
    async with opened(server) as socket:
        await say(socket, type="ping")
        assert await hear(socket) == {"type": "pong"}
        await say(socket, type="pong")
        await say(socket, type="pong", payload={"a": 1})
        await say(socket, type="connection_init")
        assert await hear(socket) == ACK
        await say(socket, type="ping", payload={"a": 1})
        assert await hear(socket) == {"type": "pong", "payload": {"a": 1}}
        await say(socket, type="ping", payload=None)
        assert await hear(socket) == {"type": "pong"}


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "1", "null", "[]", '"x"', "{}", '{"type": 1}', '{"type": "start"}', '{"type": "connection_ack"}',
        '{"type": "next", "id": "a"}', '{"type": "ping", "payload": 1}', '{"type": "connection_init", "payload": "x"}',
        '{"type": "connection_init", "payload": []}', '{"type": "subscribe", "id": "a"}',
        '{"type": "subscribe", "id": "a", "payload": null}', '{"type": "subscribe", "id": 1, "payload": {}}',
        '{"type": "subscribe", "id": "", "payload": {"query": "{hello}"}}', '{"type": "complete"}',
        '{"type": "complete", "id": 7}', '{"type": "subscribe", "payload": {"query": "{hello}"}}', "[" * 100_000,
    ],
)  # fmt: skip
async def test_an_invalid_message_closes_with_4400(server: Served, text: str) -> None:
    async with opened(server) as socket:
        await socket.send(text)
        code, reason = await closing(socket)
        assert code == 4400
        assert reason


@pytest.mark.parametrize(
    "payload",
    [{}, {"query": None}, {"query": 1}, {"query": "{hello}", "variables": []}, {"query": "{hello}", "extensions": 1},
     {"query": "{hello}", "operationName": {}}],
)  # fmt: skip
async def test_an_invalid_subscribe_payload_closes_with_4400(server: Served, payload: dict[str, Any]) -> None:
    async with ready(server) as socket:
        await say(socket, id="a", type="subscribe", payload=payload)
        assert (await closing(socket))[0] == 4400


async def test_a_binary_message_closes_with_4400(server: Served) -> None:
    async with opened(server) as socket:
        await socket.send(b'{"type": "ping"}')
        assert (await closing(socket))[0] == 4400


async def test_optional_parameters_may_be_null(server: Served) -> None:
    async with ready(server) as socket:
        await subscribe(socket, "a", "{hello}", variables=None, operationName=None, extensions=None)
        assert (await hear(socket))["type"] == "next"


async def test_silence_closes_with_4408() -> None:
    async with served(short(init_timeout=0.1)) as server, opened(server) as socket:
        assert await closing(socket) == (4408, "Connection initialisation timeout")


async def test_an_introduced_client_may_be_silent() -> None:
    async with served(short(init_timeout=0.1)) as server, ready(server) as socket:
        await asyncio.sleep(0.3)
        await say(socket, type="ping")
        assert await hear(socket) == {"type": "pong"}


async def test_subscribing_before_the_acknowledgement_closes_with_4401(server: Served) -> None:
    async with opened(server) as socket:
        await subscribe(socket, "a", "{hello}")
        assert await closing(socket) == (4401, "Unauthorized")


async def test_a_second_init_closes_with_4429(server: Served) -> None:
    async with ready(server) as socket:
        await say(socket, type="connection_init")
        assert await closing(socket) == (4429, "Too many initialisation requests")


@pytest.mark.parametrize(
    ("token", "reason"), [("wrong", "The token is unknown or expired."), ("suspended", "This account is suspended.")]
)
async def test_a_refused_credential_closes_with_4403(server: Served, token: str, reason: str) -> None:
    async with opened(server) as socket:
        await say(socket, type="connection_init", payload={"Authorization": f"Bearer {token}"})
        assert await closing(socket) == (4403, reason)


async def test_a_fault_of_the_server_closes_with_1011_and_tells_nothing(server: Served) -> None:
    async with opened(server) as socket:
        await say(socket, type="connection_init", payload={"Authorization": "Bearer bug"})
        assert await closing(socket) == (1011, "Internal error.")


async def test_an_id_in_use_closes_with_4409_and_a_finished_one_is_free(server: Served) -> None:
    async with ready(server) as socket:
        for _ in range(2):
            await subscribe(socket, "a", "{hello}")
            assert [(await hear(socket))["type"] for _ in range(2)] == ["next", "complete"]
        await subscribe(socket, "a", "subscription{gated}")
        await subscribe(socket, "a", "{hello}")
        assert await closing(socket) == (4409, "Subscriber for a already exists")


async def test_a_foreign_subprotocol_closes_with_4406(server: Served) -> None:
    async with connect(server.websocket, subprotocols=[Subprotocol("graphql-ws")]) as socket:
        assert await closing(socket) == (4406, "Subprotocol not acceptable")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{nothing}", "GRAPHQL_VALIDATION_FAILED"),
        ("query($v: Int!){variables(value: $v)}", "BAD_USER_INPUT"),
        ("query A{hello} query B{hello}", "OPERATION_RESOLUTION_FAILURE"),
        ("subscription{neverBegins}", "FORBIDDEN"),
    ],
)
async def test_a_request_error_ends_the_operation_and_not_the_socket(server: Served, query: str, code: str) -> None:
    async with ready(server) as socket:
        await subscribe(socket, "a", query)
        message = await hear(socket)
        assert (message["id"], message["type"]) == ("a", "error")
        assert message["payload"][0]["extensions"]["code"] == code
        await subscribe(socket, "a", "{hello}")
        assert (await hear(socket))["type"] == "next"


async def test_a_source_that_breaks_ends_with_a_masked_error(server: Served) -> None:
    async with ready(server) as socket:
        await subscribe(socket, "a", "subscription{breaks}")
        assert (await hear(socket))["payload"] == {"data": {"breaks": 1}}
        message = await hear(socket)
        assert (message["type"], message["payload"][0]["message"]) == ("error", "Internal error.")
        assert "secret" not in str(message)


async def test_a_persisted_hash_without_its_text_asks_for_the_text(server: Served) -> None:
    async with ready(server) as socket:
        await say(socket, id="a", type="subscribe", payload={"extensions": {"persistedQuery": {"version": 1}}})
        assert (await hear(socket))["payload"][0]["extensions"]["code"] == "PERSISTED_QUERY_NOT_SUPPORTED"


async def test_complete_stops_a_subscription_and_closes_its_source(server: Served) -> None:
    async with ready(server) as socket:
        await subscribe(socket, "a", "subscription{count(to: 1000000, pause: 0.01)}")
        await hear(socket)
        await say(socket, id="a", type="complete")
        await say(socket, id="unknown", type="complete")
        await until(lambda: server.world.closed == ["count"])
        await say(socket, type="ping")
        while (message := await hear(socket)) != {"type": "pong"}:
            assert message["type"] == "next"


async def test_leaving_closes_the_sources_and_lets_a_mutation_end(server: Served) -> None:
    async with ready(server) as socket:
        await subscribe(socket, "a", "subscription{count(to: 1000000, pause: 0.01)}")
        await subscribe(socket, "b", "mutation{slow}")
        while server.world.seen != ["began"]:
            await hear(socket)
    server.world.gate.set()
    await until(lambda: server.world.closed == ["count"] and server.world.seen == ["began", "ended"])


async def test_every_operation_and_every_event_has_a_context_of_its_own(server: Served) -> None:
    async with ready(server) as socket:
        numbers = []
        for _ in range(2):
            await subscribe(socket, "a", "{contextNumber}")
            numbers.append((await hear(socket))["payload"]["data"]["contextNumber"])
            await hear(socket)
        assert len(set(numbers)) == 2
        before = server.world.made
        await subscribe(socket, "b", "subscription{numbersAndContexts{number friend{number}}}")
        assert [(await hear(socket))["type"] for _ in range(4)] == ["next"] * 3 + ["complete"]
        assert server.world.made - before == 4


async def test_an_expired_credential_closes_with_4403(server: Served) -> None:
    server.world.tokens["brief"] = now() + timedelta(seconds=0.3)
    async with ready(server, "brief") as socket:
        assert await closing(socket) == (4403, "The credential has expired.")


async def test_a_prolonged_credential_keeps_the_socket(server: Served) -> None:
    server.world.tokens["brief"] = now() + timedelta(seconds=0.3)
    async with ready(server, "brief") as socket:
        server.world.tokens["brief"] = now() + timedelta(seconds=60)
        await asyncio.sleep(0.6)
        await subscribe(socket, "a", "{hello}")
        assert (await hear(socket))["type"] == "next"


@pytest.mark.parametrize("query", ["{hello}", "subscription{gated}"])
async def test_a_revoked_credential_closes_with_4403_at_its_next_use(server: Served, query: str) -> None:
    server.world.tokens["revocable"] = None
    async with ready(server, "revocable") as socket:
        if query != "{hello}":
            await subscribe(socket, "a", query)
            await hear(socket)
        del server.world.tokens["revocable"]
        server.world.gate.set()
        if query == "{hello}":
            await subscribe(socket, "a", query)
        assert await closing(socket) == (4403, "The token is unknown or expired.")


async def test_a_foreign_page_cannot_ride_on_the_cookie() -> None:
    async with served(short(allowed_origins=frozenset({"https://desk.example"}))) as server:
        cookie = {"Cookie": "tessera_session=good"}
        with pytest.raises(InvalidStatus) as refused:
            async with opened(server, origin=Origin("https://evil.example"), additional_headers=cookie):
                pass
        assert refused.value.response.status_code == 403
        own = server.http.removesuffix("/graphql")
        for origin in (own, "https://desk.example", None):
            async with opened(server, origin=origin and Origin(origin), additional_headers=cookie) as socket:
                await say(socket, type="connection_init")
                assert await hear(socket) == ACK
        async with opened(server, origin=Origin("https://evil.example")) as socket:
            await say(socket, type="connection_init")
            assert await hear(socket) == ACK


async def test_a_socket_runs_only_so_many_operations() -> None:
    async with served(short(operations_per_socket=2)) as server, ready(server) as socket:
        for name in "ab":
            await subscribe(socket, name, "subscription{gated}")
            await hear(socket)
        await subscribe(socket, "c", "{hello}")
        message = await hear(socket)
        assert (message["id"], message["type"]) == ("c", "error")
        assert message["payload"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"
        server.world.gate.set()
        for _ in range(4):
            await hear(socket)
        await subscribe(socket, "c", "{hello}")
        assert (await hear(socket))["type"] == "next"


async def test_a_message_beyond_the_limit_closes_with_1009() -> None:
    async with served(short(body_bytes=1000)) as server, opened(server) as socket:
        await socket.send(json.dumps({"type": "ping", "payload": {"x": "y" * 1000}}))
        assert (await closing(socket))[0] == 1009


async def test_a_reader_that_is_too_slow_is_closed_with_4408(server: Served) -> None:
    async with served(short(patience=0.5, queued_messages=4)) as slow, ready(slow) as socket:
        socket.transport.pause_reading()
        await subscribe(socket, "a", "subscription{flood}")
        await asyncio.sleep(1)
        socket.transport.resume_reading()
        assert await closing(socket) == (4408, "The client reads too slowly.")


async def test_a_reader_that_never_returns_holds_nothing() -> None:
    async with served(short(patience=0.2, queued_messages=4)) as server, ready(server) as socket:
        socket.transport.pause_reading()
        await subscribe(socket, "a", "subscription{flood}")
        await until(lambda: server.world.closed == ["flood"])
        socket.transport.abort()
