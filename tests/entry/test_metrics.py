"""What Prometheus reads: figures that are right, labels without anybody's words, and nobody else who reads them."""

import gc
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from time import perf_counter

import httpx2
import pytest
import pytest_asyncio
from prometheus_client.parser import text_string_to_metric_families
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from tessera.assembly.monitoring import may_read
from tessera.engine.core import CoreEngine
from tessera.kit.clock import now, stopped
from tessera.kit.jobs import enqueue
from tessera.kit.journal import Backlog, backlog, seal_pending
from tessera.kit.metrics import Metrics
from tessera.kit.unit import Unit
from tessera.settings import service as settings
from tessera.testing.fixtures import SECRET, every_database
from tessera.testing.house import House, base_assembly, serve_house
from tessera.tickets.settings import HOOK
from tessera.transport.observer import EXECUTED, PLANNED, Observer
from tests.accounts.people import PASSWORD, agent

TOKEN = "a token for Prometheus"
SIGN_IN = 'mutation ($password: String!) { sessionCreate(login: "dora", password: $password) { accessToken } }'
VERSION = "query Version { serverInfo { version } }"

Figures = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest_asyncio.fixture
async def client(served: House) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(base_url=served.url) as opened:
        yield opened


async def figures(client: httpx2.AsyncClient) -> Figures:
    answer = await client.get("/metrics")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def figure(found: Figures, name: str, **labels: str) -> float:
    return found.get((name, frozenset(labels.items())), 0)


async def test_operations_are_counted_by_kind_and_outcome(served: House, client: httpx2.AsyncClient) -> None:
    await agent(served, "dora", password=PASSWORD)
    signed_in = await client.post("/graphql", json={"query": SIGN_IN, "variables": {"password": PASSWORD}})
    token = signed_in.json()["data"]["sessionCreate"]["accessToken"]
    for query in (
        "{ tickets(first: 1) { totalCount } }",
        "{ __schema { queryType { name } } }",
        "{ tickets(first: -1) { totalCount } }",
        "{ nobodyKnowsThis }",
        "{ tickets(first: 1) ",
    ):
        await client.post("/graphql", json={"query": query}, headers={"Authorization": f"Bearer {token}"})
    found = await figures(client)
    total = "tessera_operations_total"
    assert figure(found, total, kind="mutation", outcome="executed") == 1
    assert figure(found, total, kind="query", outcome="planned") == 1
    assert figure(found, total, kind="query", outcome="executed") == 1
    assert figure(found, total, kind="query", outcome="errors") == 1
    assert figure(found, total, kind="unknown", outcome="refused") == 2
    assert figure(found, "tessera_operation_seconds_count", kind="query") == 3
    assert figure(found, "tessera_http_responses_total", status="200") == 6
    assert figure(found, "tessera_plans_total", event="answered") == 1
    assert figure(found, "tessera_plans_total", event="compiled") >= 1
    assert figure(found, "tessera_documents_remembered") == 4


async def test_no_label_holds_what_a_client_sent(client: httpx2.AsyncClient) -> None:
    name = "Zzyzx"
    await client.post("/graphql", json={"query": f"query {name} {{ serverInfo {{ version }} }}", "operationName": name})
    await client.post("/graphql", json={"query": f"{{ {name} }}"}, headers={"X-Request-Id": name})
    await client.request(name.upper(), "/graphql")
    assert name.lower() not in (await client.get("/metrics")).text.lower()


async def test_who_spends_too_much_is_counted(database_url: str, tmp_path: Path) -> None:
    async with (
        serve_house(database_url, tmp_path, secret=SECRET, rate_limit=1000) as house,
        httpx2.AsyncClient(base_url=house.url) as client,
    ):
        refused = 0
        for number in range(40):
            answer = await client.post("/graphql", json={"query": f"{{ serverInfo {{ v{number}: version }} }}"})
            refused += "RATE_LIMITED" in answer.text
        assert refused
        found = await figures(client)
        assert figure(found, "tessera_operations_total", kind="unknown", outcome="rate_limited") == refused


async def test_sockets_and_subscriptions_are_counted_while_they_are_open(
    served: House, client: httpx2.AsyncClient
) -> None:
    document = "subscription { schemaChanged { schemaRevision } }"
    async with connect(
        f"{served.url.replace('http', 'ws')}/graphql", subprotocols=[Subprotocol("graphql-transport-ws")]
    ) as socket:
        await socket.send(json.dumps({"type": "connection_init"}))
        await socket.recv()
        await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": {"query": document}}))
        assert json.loads(await socket.recv())["type"] == "next"
        found = await figures(client)
        assert figure(found, "tessera_websockets_open") == 1
        assert figure(found, "tessera_subscriptions_open") == 1
        assert figure(found, "tessera_operations_total", kind="subscription", outcome="opened") == 1


@every_database
async def test_jobs_journal_and_database_are_told(database_url: str, tmp_path: Path) -> None:
    async with (
        serve_house(database_url, tmp_path, works=False, secret=SECRET) as house,
        httpx2.AsyncClient(base_url=house.url) as client,
    ):

        async def owe(_unit: Unit) -> None:
            await enqueue("jobs.tidy", {}, run_at=now() - timedelta(minutes=5))

        await house.run(owe)
        found = await figures(client)
        assert figure(found, "tessera_jobs", state="queued") >= 1
        assert 300 <= figure(found, "tessera_jobs_overdue_seconds") < 400
        assert figure(found, "tessera_jobs_carrier_up") == 1
        assert figure(found, "tessera_database_up") == 1
        assert figure(found, "tessera_database_connections", state="open") >= 1
        assert figure(found, "tessera_database_connections", state="maximum") >= 4
        assert figure(found, "tessera_check_ok", check="mail") == 1
        assert ("tessera_check_fact", frozenset({("check", "mail"), ("fact", "late")})) in found


async def test_what_waits_for_its_seal_is_told_with_its_age(house: House) -> None:
    await seal_pending()
    assert await backlog() == Backlog(0, None)
    at = now() - timedelta(minutes=2)
    with stopped(at):
        await house.run(lambda unit: settings.change_setting(unit, HOOK, "Case#"))
    assert await backlog() == Backlog(1, at)


async def test_only_private_networks_may_read(served: House, client: httpx2.AsyncClient) -> None:
    through = await client.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"})
    assert (await client.get("/metrics")).status_code == 200
    assert (through.status_code, "tessera" in through.text) == (403, False)


@pytest.mark.parametrize(
    ("peer", "allowed"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("10.1.2.3", True),
        ("192.168.0.9", True),
        ("fd00::7", True),
        ("fe80::1%eth0", True),
        ("::ffff:10.0.0.1", True),
        ("::ffff:8.8.8.8", False),
        ("8.8.8.8", False),
        ("100.64.0.1", False),
        ("2001:4860:4860::8888", False),
        ("", False),
        ("testclient", False),
        (None, False),
    ],
)
def test_a_private_network_is_one_nobody_reaches_from_outside(peer: str | None, allowed: bool) -> None:
    assert may_read({}, peer, None) is allowed


@pytest.mark.parametrize(
    ("shown", "status"),
    [(None, 401), ("Bearer wrong", 401), (TOKEN, 401), (f"Bearer {TOKEN}", 200), (f"Bearer {TOKEN}x", 401)],
)
async def test_with_a_token_nothing_else_counts(
    database_url: str, tmp_path: Path, shown: str | None, status: int
) -> None:
    headers = {} if shown is None else {"Authorization": shown}
    async with (
        serve_house(database_url, tmp_path, secret=SECRET, metrics_token=TOKEN) as house,
        httpx2.AsyncClient(base_url=house.url, headers={"X-Forwarded-For": "8.8.8.8"}) as client,
    ):
        answer = await client.get("/metrics", headers=headers)
    assert answer.status_code == status
    assert ("tessera_info" in answer.text) is (status == 200)


def test_two_houses_count_apart() -> None:
    one, other = Metrics(), Metrics()
    one.operations["query", PLANNED] += 1
    assert b'tessera_operations_total{kind="query",outcome="planned"} 1.0' in one.text(())
    assert b"tessera_operations_total{" not in other.text(())


def test_observing_an_operation_costs_microseconds() -> None:
    observer = Observer()
    prepared = CoreEngine(base_assembly().schema).prepare(VERSION, None, {})
    rounds, best = 2000, 1.0
    gc.disable()
    try:
        for _ in range(5):
            begun = perf_counter()
            for _ in range(rounds):
                with observer.operation(prepared) as noted:
                    noted.outcome = EXECUTED
            best = min(best, (perf_counter() - begun) / rounds)
    finally:
        gc.enable()
    assert best < 50e-6, f"{best * 1e6:.1f} µs"
