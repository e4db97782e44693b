"""Apollo's multipart subscriptions over a real socket."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from tessera.kit.clock import now
from tests.transport.toy import Served, served, short, until

ACCEPT = {"Accept": 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0, application/json'}
FIRST: dict[str, Any] = {}
"""A heartbeat comes at once."""


def parts_of(body: str) -> list[Any]:
    """Split a whole body as RFC 2046 says."""
    preamble, *parts, epilogue = body.split("\r\n--graphql")
    assert (preamble, epilogue) == ("", "--\r\n")
    found = []
    for part in parts:
        head, _, content = part.partition("\r\n\r\n")
        assert head.strip().lower() == "content-type: application/json"
        found.append(json.loads(content))
    return found


async def read(http: httpx2.AsyncClient, query: str, **headers: str) -> list[Any]:
    response = await http.post("", json={"query": query}, headers={**ACCEPT, **headers})
    assert response.status_code == 200
    assert response.headers["content-type"] == 'multipart/mixed;boundary="graphql";subscriptionSpec="1.0"'
    return parts_of(response.text)


async def test_a_subscription_is_a_body_of_parts(http: httpx2.AsyncClient) -> None:
    parts = await read(http, "subscription{count(to: 2)}")
    assert parts == [FIRST, {"payload": {"data": {"count": 0}}}, {"payload": {"data": {"count": 1}}}]


async def test_each_part_is_complete_when_it_comes(http: httpx2.AsyncClient, server: Served) -> None:
    body = {"query": "subscription{gated}"}
    seen = ""
    async with http.stream("POST", "", json=body, headers=ACCEPT) as response:
        async for text in response.aiter_text():
            seen += text
            if '"gated":1' in seen and not server.world.gate.is_set():
                assert seen.endswith("}\r\n--graphql")
                server.world.gate.set()
    assert parts_of(seen) == [FIRST, {"payload": {"data": {"gated": 1}}}, {"payload": {"data": {"gated": 2}}}]


async def test_an_idle_stream_has_a_heartbeat() -> None:
    async with served(short(keep_alive=0.05)) as server, httpx2.AsyncClient(base_url=server.http) as http:
        seen = ""
        async with http.stream("POST", "", json={"query": "subscription{gated}"}, headers=ACCEPT) as response:
            async for text in response.aiter_text():
                seen += text
                if seen.count("\r\n\r\n{}") == 3:
                    server.world.gate.set()
        assert [part for part in parts_of(seen) if part] == [
            {"payload": {"data": {"gated": 1}}},
            {"payload": {"data": {"gated": 2}}},
        ]


@pytest.mark.parametrize(("field", "code"), [("breaks", "INTERNAL_SERVER_ERROR"), ("neverBegins", "FORBIDDEN")])
async def test_a_failing_source_ends_the_stream_with_its_error(http: httpx2.AsyncClient, field: str, code: str) -> None:
    last = (await read(http, f"subscription{{{field}}}"))[-1]
    assert last["payload"] is None
    assert last["errors"][0]["extensions"]["code"] == code
    assert "secret" not in str(last)


async def test_an_error_in_an_event_is_part_of_its_payload(http: httpx2.AsyncClient) -> None:
    first, part = await read(http, "subscription{trouble}")
    assert first == FIRST
    assert part["payload"]["data"] == {"trouble": None}
    assert part["payload"]["errors"][0]["path"] == ["trouble"]
    assert "errors" not in part


async def test_request_errors_are_json_and_queries_too(http: httpx2.AsyncClient) -> None:
    refused = await http.post("", json={"query": "subscription{nothing}"}, headers=ACCEPT)
    assert refused.headers["content-type"].startswith("application/json")
    assert refused.json()["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    answered = await http.post("", json={"query": "{hello}"}, headers=ACCEPT)
    assert answered.json() == {"data": {"hello": "Hello world"}}


async def test_a_stream_ends_with_its_credential(http: httpx2.AsyncClient, server: Served) -> None:
    server.world.tokens["brief"] = now() + timedelta(seconds=0.3)
    async with asyncio.timeout(5):
        parts = await read(http, "subscription{gated}", Authorization="Bearer brief")
    assert parts == [FIRST, {"payload": {"data": {"gated": 1}}}]


async def test_leaving_closes_the_source(http: httpx2.AsyncClient, server: Served) -> None:
    body = {"query": "subscription{count(to: 1000000, pause: 0.01)}"}
    async with http.stream("POST", "", json=body, headers=ACCEPT) as response:
        async for _ in response.aiter_text():
            break
    await until(lambda: server.world.closed == ["count"])
