"""Server-sent events over a real socket."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from tessera.kit.clock import now
from tests.transport.toy import Served, served, short, until

EVENTS = {"Accept": "text/event-stream"}
Event = tuple[str, Any]


async def frames(response: httpx2.Response) -> AsyncIterator[str]:
    """Split a stream as clients do: at empty lines made of LF alone."""
    pending = ""
    async for text in response.aiter_text():
        pending += text
        while "\n\n" in pending:
            frame, pending = pending.split("\n\n", 1)
            yield frame


def event_of(frame: str) -> Event:
    lines = dict(line.split(": ", 1) for line in frame.split("\n"))
    return lines["event"], json.loads(lines["data"]) if lines["data"] else None


async def read(http: httpx2.AsyncClient, query: str, **headers: str) -> list[Event]:
    async with http.stream("POST", "", json={"query": query}, headers={**EVENTS, **headers}) as response:
        assert response.status_code == 200
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
        return [event_of(frame) async for frame in frames(response)]


async def test_a_subscription_streams_its_results_and_completes(http: httpx2.AsyncClient) -> None:
    events = await read(http, "subscription{count(to: 2)}")
    assert events == [("next", {"data": {"count": 0}}), ("next", {"data": {"count": 1}}), ("complete", None)]


async def test_a_query_streams_when_nothing_else_is_accepted(http: httpx2.AsyncClient) -> None:
    assert await read(http, "{hello}") == [("next", {"data": {"hello": "Hello world"}}), ("complete", None)]


async def test_a_query_of_a_client_that_also_accepts_json_gets_json(http: httpx2.AsyncClient) -> None:
    accept = "application/graphql-response+json, application/json, text/event-stream"
    response = await http.post("", json={"query": "{hello}"}, headers={"Accept": accept})
    assert response.headers["content-type"].startswith("application/graphql-response+json")
    assert len(await read(http, "subscription{count(to: 1)}", Accept=accept)) == 2


async def test_request_errors_arrive_in_the_stream(http: httpx2.AsyncClient) -> None:
    for query, expected in [("{", "GRAPHQL_PARSE_FAILED"), ("subscription{nothing}", "GRAPHQL_VALIDATION_FAILED")]:
        (kind, payload), end = await read(http, query)
        assert (kind, end) == ("next", ("complete", None))
        assert payload["errors"][0]["extensions"]["code"] == expected
        assert "data" not in payload


@pytest.mark.parametrize(("field", "code"), [("breaks", "INTERNAL_SERVER_ERROR"), ("neverBegins", "FORBIDDEN")])
async def test_a_failing_source_ends_the_stream_with_its_error(http: httpx2.AsyncClient, field: str, code: str) -> None:
    *_, (kind, payload), end = await read(http, f"subscription{{{field}}}")
    assert (kind, end) == ("next", ("complete", None))
    assert payload["errors"][0]["extensions"]["code"] == code
    assert "secret" not in str(payload)


async def test_leaving_closes_the_source(http: httpx2.AsyncClient, server: Served) -> None:
    body = {"query": "subscription{count(to: 1000000, pause: 0.01)}"}
    async with http.stream("POST", "", json=body, headers=EVENTS) as response:
        async for _ in frames(response):
            break
    await until(lambda: server.world.closed == ["count"])


async def test_an_idle_stream_sends_comments() -> None:
    async with served(short(keep_alive=0.05)) as server, httpx2.AsyncClient(base_url=server.http) as http:
        seen: list[str] = []
        async with http.stream("POST", "", json={"query": "subscription{gated}"}, headers=EVENTS) as response:
            async for frame in frames(response):
                seen.append(frame)
                if seen.count(":") == 2:
                    server.world.gate.set()
        assert [event_of(frame) for frame in seen if frame != ":"] == [
            ("next", {"data": {"gated": 1}}),
            ("next", {"data": {"gated": 2}}),
            ("complete", None),
        ]


async def test_a_stream_ends_with_its_credential(http: httpx2.AsyncClient, server: Served) -> None:
    server.world.tokens["brief"] = now() + timedelta(seconds=0.3)
    events = await asyncio.wait_for(read(http, "subscription{gated}", Authorization="Bearer brief"), 5)
    assert events == [("next", {"data": {"gated": 1}}), ("complete", None)]


async def test_a_revoked_credential_ends_the_stream_at_the_next_event(http: httpx2.AsyncClient, server: Served) -> None:
    server.world.tokens["revocable"] = None
    asyncio.get_running_loop().call_later(0.2, server.world.tokens.pop, "revocable")
    asyncio.get_running_loop().call_later(0.3, server.world.gate.set)
    first, (_, payload), end = await read(http, "subscription{gated}", Authorization="Bearer revocable")
    assert (first, end) == (("next", {"data": {"gated": 1}}), ("complete", None))
    assert payload["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
