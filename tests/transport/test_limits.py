"""Rate limits over HTTP and WebSocket: points for every operation, buckets of fields, and what is told of them."""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import httpx2
import pytest

from tessera.kit.buckets import SharedBuckets, open_buckets
from tessera.kit.clock import now, set_forward, stopped
from tessera.transport.limits import PREPARATION, network_of
from tests.kit.redis_world import REDIS_URL, needs_redis
from tests.transport.test_http import LEGACY, MODERN, ask, code
from tests.transport.test_websocket import hear, ready, subscribe
from tests.transport.toy import Served, served, short

ITEMS = "{items(first: 50){nodes{number}}}"
EVENTS = "text/event-stream"
GOOD = {"Authorization": "Bearer good"}


@asynccontextmanager
async def opened(**options: Any) -> AsyncIterator[tuple[httpx2.AsyncClient, Served]]:
    async with (
        served(short(**options)) as server,
        httpx2.AsyncClient(base_url=server.http, headers={"Accept": MODERN}) as http,
    ):
        yield http, server


async def prepared(http: httpx2.AsyncClient, *queries: str) -> None:
    """Let the server see documents at somebody else's expense."""
    for query in queries:
        await ask(http, query, headers=GOOD)


async def test_every_response_tells_the_caller_s_budget() -> None:
    async with opened(rate_limit=1000) as (http, _):
        await prepared(http, ITEMS)
        with stopped(now()):
            answers = [await ask(http, ITEMS) for _ in range(2)]
    told = [[each.headers[f"ratelimit-{name}"] for name in ("limit", "remaining", "reset")] for each in answers]
    assert told == [["1000", "949", "4"], ["1000", "898", "7"]]


async def test_a_document_nobody_has_seen_is_charged_once_and_an_invalid_one_each_time() -> None:
    async with opened(rate_limit=60_000) as (http, _):
        with stopped(now()):
            left = [int((await ask(http, "{hello}")).headers["ratelimit-remaining"]) for _ in range(2)]
    assert left == [60_000 - PREPARATION - 1, 60_000 - PREPARATION - 2]
    async with opened(rate_limit=PREPARATION * 2) as (http, _):
        statuses = [(await ask(http, "{nothing}")).status_code for _ in range(3)]
    assert statuses == [400, 400, 429]


async def test_beyond_the_limit_the_modern_type_is_refused_with_429_and_the_legacy_type_told_with_200() -> None:
    async with opened(rate_limit=102) as (http, server):
        await prepared(http, ITEMS)
        for _ in range(2):
            assert (await ask(http, ITEMS)).status_code == 200
        modern = await ask(http, ITEMS)
        assert (modern.status_code, code(modern)) == (429, "RATE_LIMITED")
        assert "data" not in modern.json()
        assert 25 <= int(modern.headers["retry-after"]) <= 31
        assert modern.headers["ratelimit-limit"] == "102"
        extensions = modern.json()["errors"][0]["extensions"]
        assert (extensions["bucket"], str(extensions["retryAfter"])) == ("points", modern.headers["retry-after"])
        legacy = await ask(http, ITEMS, headers={"Accept": LEGACY})
        assert (legacy.status_code, code(legacy)) == (200, "RATE_LIMITED")
        assert "retry-after" in legacy.headers
        events = await ask(http, ITEMS, headers={"Accept": EVENTS})
        assert "RATE_LIMITED" in events.text
        before = server.world.made
        with set_forward(timedelta(seconds=int(modern.headers["retry-after"]))):
            assert (await ask(http, ITEMS)).status_code == 200
        assert server.world.made == before + 1


async def test_each_token_has_its_own_budget_and_anonymous_callers_share_their_address_s() -> None:
    async with opened(rate_limit=51) as (http, server):
        server.world.tokens |= {"first": None, "second": None}
        await prepared(http, ITEMS)
        for headers in ({"Authorization": "Bearer first"}, {"Authorization": "Bearer second"}, {}):
            assert (await ask(http, ITEMS, headers=headers)).status_code == 200
            assert (await ask(http, ITEMS, headers=headers)).status_code == 429


async def test_without_a_limit_nobody_waits() -> None:
    async with opened() as (http, _):
        for _ in range(20):
            answer = await ask(http, ITEMS)
            assert answer.status_code == 200
        assert "ratelimit-limit" not in answer.headers


async def test_a_single_operation_may_cost_more_than_the_bucket_holds() -> None:
    async with opened(rate_limit=10) as (http, _):
        await prepared(http, ITEMS)
        assert (await ask(http, ITEMS)).headers["ratelimit-remaining"] == "0"
        assert (await ask(http, ITEMS)).status_code == 429


async def test_a_socket_is_refused_operation_by_operation_and_stays_open() -> None:
    async with opened(rate_limit=102) as (http, server):
        await prepared(http, ITEMS, "{hello}")
        async with ready(server) as socket:
            for _ in range(2):
                await subscribe(socket, "a", ITEMS)
                assert (await hear(socket))["type"] == "next"
                assert (await hear(socket))["type"] == "complete"
            await subscribe(socket, "a", ITEMS)
            refused = await hear(socket)
            assert (refused["type"], refused["payload"][0]["extensions"]["code"]) == ("error", "RATE_LIMITED")
            with set_forward(timedelta(minutes=1)):
                await subscribe(socket, "a", "{hello}")
                assert (await hear(socket))["type"] == "next"


async def test_the_cost_is_told_on_request() -> None:
    async with opened(rate_limit=1000) as (http, server):
        query = "query($n: Int){items(first: $n){nodes{number}}}"
        await prepared(http, query)
        silent = await ask(http, query, variables={"n": 10})
        assert "extensions" not in silent.json()
        told = await ask(http, query, variables={"n": 10}, extensions={"cost": True})
        cost = told.json()["extensions"]["cost"]
        assert (cost["cost"], cost["limit"]) == (11, 1000)
        assert 970 < cost["remaining"] < 1000
        assert now() < datetime.fromisoformat(cost["resetAt"]) < now() + timedelta(seconds=5)
        more = await ask(http, query, variables={"n": 90}, extensions={"cost": True})
        assert more.json()["extensions"]["cost"]["cost"] == 91
        async with ready(server) as socket:
            await subscribe(socket, "a", query, variables={"n": 20}, extensions={"cost": True})
            assert (await hear(socket))["payload"]["extensions"]["cost"]["cost"] == 21


async def test_resolvers_see_what_was_charged() -> None:
    async with opened(rate_limit=1000) as (http, server):
        query = "{budget items(first: 5){nodes{number}}}"
        await prepared(http, query)
        with stopped(now()):
            assert (await ask(http, query)).json()["data"]["budget"] == [6, 1000, 994]
            async with ready(server) as socket:
                await subscribe(socket, "a", query)
                assert (await hear(socket))["payload"]["data"]["budget"] == [6, 1000, 988]


async def test_a_field_s_own_bucket_is_each_caller_s() -> None:
    async with opened() as (http, _):
        twice = '{a: search(text: "x") b: search(text: "y")}'
        assert (await ask(http, twice)).status_code == 200
        refused = await ask(http, twice)
        assert (refused.status_code, code(refused)) == (429, "RATE_LIMITED")
        assert refused.json()["errors"][0]["extensions"]["bucket"] == "search"
        assert (await ask(http, "{hello}")).status_code == 200
        assert (await ask(http, twice, headers=GOOD)).status_code == 200


async def test_signing_in_is_limited_by_address_and_by_login_whoever_asks() -> None:
    log_in = "mutation($login: String!){logIn(login: $login)}"
    async with opened() as (http, server):
        server.world.tokens |= {str(number): None for number in range(9)}
        answers = [
            await ask(http, log_in, variables={"login": f"agent-{n}"}, headers={"Authorization": f"Bearer {n}"})
            for n in range(4)
        ]
        assert [each.status_code for each in answers] == [200, 200, 200, 429]
    async with opened(field_limits={"log_in": 1}) as (http, _):
        fewer = [(await ask(http, log_in, variables={"login": each})).status_code for each in "ab"]
        assert fewer == [200, 429]


async def test_one_login_is_limited_wherever_it_comes_from(monkeypatch: pytest.MonkeyPatch) -> None:
    addresses = iter(f"192.0.2.{number}" for number in range(9))
    monkeypatch.setattr("tessera.transport.admission.network_of", lambda _peer: f"peer:{next(addresses)}")
    async with opened() as (http, _):
        log_in = "mutation($login: String!){logIn(login: $login)}"
        statuses = [
            (await ask(http, log_in, variables={"login": login})).status_code
            for login in ("alice", "Alice ", "bob", "ALICE", "alice", "bob")
        ]
    assert statuses == [200, 200, 200, 200, 429, 200]


@needs_redis
async def test_servers_on_one_redis_share_the_buckets() -> None:
    namespace = uuid.uuid4().hex
    one, two = (open_buckets(REDIS_URL, namespace=namespace) for _ in range(2))
    assert isinstance(one, SharedBuckets)
    assert isinstance(two, SharedBuckets)
    log_in = {"query": 'mutation{logIn(login: "alice")}'}
    try:
        async with served(buckets=one) as first, served(buckets=two) as second, httpx2.AsyncClient() as http:
            statuses = [(await http.post(first.http, json=log_in)).json() for _ in range(3)]
            assert statuses == [{"data": {"logIn": True}}] * 3
            await one.settle()
            assert (await http.post(second.http, json=log_in)).json() == {"data": {"logIn": True}}
            await two.settle()
            refused = (await http.post(second.http, json=log_in)).json()["errors"][0]["extensions"]
        assert (refused["code"], refused["bucket"]) == ("RATE_LIMITED", "log_in")
        assert refused["retryAfter"] > 20, "all four counted, where three fit"
    finally:
        await one.close()
        await two.close()


@pytest.mark.parametrize(
    ("peer", "network"),
    [
        ("192.0.2.7", "peer:192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "peer:2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::1", "peer:2001:db8:1:2::"),
        ("fe80::1%eth0", "peer:fe80::"),
        ("::ffff:192.0.2.7", "peer:192.0.2.7"),
        ("unix:socket", "peer:unix:socket"),
        (None, "peer:"),
    ],
)
def test_an_ipv6_network_is_one_caller(peer: str | None, network: str) -> None:
    assert network_of(peer) == network
