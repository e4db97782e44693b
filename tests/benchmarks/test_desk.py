"""The benchmarks' desk and work: the product serves it, the peers say the same."""

import asyncio
import contextlib
import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks import servers, sockets, work
from benchmarks.__main__ import PEER_SQL
from benchmarks.desk import Desk, HalfFilled, articles_of, build, on_server
from benchmarks.load import Connection, Shot, WrongAnswer
from benchmarks.measure import Requests
from tessera.kit.ids import to_global
from tessera.testing.databases import available, fresh_database

A_PYTHON = 10_000_000
"""The bytes of memory that a server takes more than."""

TICKETS = 210


def ask(port: int, shots: list[Shot]) -> list[Any]:
    with contextlib.closing(Connection(port)) as connection:
        return [json.loads(connection.ask(shot))["data"] for shot in shots]


def test_the_agent_reads_forty_queues_of_fifty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "WORK_FOLDER", tmp_path)
    url = f"sqlite://{tmp_path}/desk.db"
    desk = build(url, tmp_path, TICKETS)
    assert build(url, tmp_path, TICKETS) == desk
    readable = desk.readable_tickets()
    hidden = next(number for number in range(1, TICKETS + 1) if number not in readable)
    assert (len(desk.queue_ids), len(desk.busy_queue_ids)) == (39, 4)
    assert TICKETS * 0.85 < len(readable) < TICKETS * 0.95

    works = work.product(desk)
    by_id = [work.graphql(work.Q1, {"id": to_global("Ticket", number)}) for number in (100, hidden)]
    first_of_each = [works[kind].shots[0] for kind in ("Q1", "Q1 with tags", "Q1 unseen", "Q2", "Q3", "M1")]
    server = servers.product("product", desk)
    try:
        server.wait()
        large, unseen, one, tagged, never_seen, listed, queue, made = ask(server.port, [*by_id, *first_of_each])
    finally:
        server.stop()

    assert [each["number"] for each in large["ticket"]["articles"]["nodes"]] == list(range(1, 21))
    assert articles_of(100) == 40
    assert unseen == {"ticket": None}
    assert one["ticket"]["number"] in {f"20240101{number:08d}" for number in readable}
    assert never_seen == one
    assert tagged["ticket"] == one["ticket"] | {"tags": []}
    assert {edge["node"]["state"]["name"] for edge in listed["tickets"]["edges"]} <= {"open"}
    assert queue["queue"]["tickets"]["nodes"]
    assert made["ticketCreate"]["userErrors"] == []


def test_sockets_hear_what_is_written_and_cost_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "WORK_FOLDER", tmp_path)
    server = servers.product("product", build(f"sqlite://{tmp_path}/desk.db", tmp_path, TICKETS))
    try:
        server.wait()
        server.sleep()
        for same in (True, False):
            assert sockets.deliveries(server, 3, 2, same=same)["rate"] > 0
        monkeypatch.setattr(sockets, "IDLE_SECONDS", 0.2)
        held = sockets.memory(server, 5)
        assert held["connected"] == (held["all_connected"] - held["before"]) / 5
        assert min(held["before"], held["all_connected"], held["all_subscribed"]) > A_PYTHON
        assert 0 <= held["connected_share"] < 1 > held["subscribed_share"] >= 0
        monkeypatch.setattr(sockets, "TOKEN", "ts_api_unknown")
        with pytest.raises(WrongAnswer, match="closes the socket"):
            sockets.deliveries(server, 1, 1, same=True)
    finally:
        server.stop()


def test_a_desk_whose_filling_was_interrupted_is_recognised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite://{tmp_path}/desk.db"

    def interrupt(_number: int, _place: int) -> None:
        raise InterruptedError

    with monkeypatch.context() as patched:
        patched.setattr("benchmarks.desk._article", interrupt)
        with pytest.raises(InterruptedError):
            build(url, tmp_path, TICKETS)
    with pytest.raises(HalfFilled):
        build(url, tmp_path, TICKETS)


def test_answers_are_compared_without_what_may_differ() -> None:
    ours = {
        "id": "QXJ0aWNsZTox",
        "senderType": "AGENT",
        "createdAt": "2024-01-01T01:00:00.000000Z",
        "author": {"name": "A", "agent": None},
    }
    theirs = {
        "id": "1",
        "senderType": "agent",
        "createdAt": "2024-01-01T02:00:00+01:00",
        "authorName": "A",
        "agent": None,
    }
    assert work.facts(json.dumps({"data": [ours]}).encode()) == work.facts(json.dumps({"data": [theirs]}).encode())
    other = theirs | {"authorName": "B"}
    assert work.facts(json.dumps({"data": [ours]}).encode()) != work.facts(json.dumps({"data": [other]}).encode())


@pytest.fixture
def on_postgres() -> None:
    if reason := available("postgres"):
        pytest.skip(reason)


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.usefixtures("on_postgres")
async def test_every_peer_says_what_the_product_says(tmp_path: Path) -> None:
    async with fresh_database("postgres") as url:
        desk = await asyncio.to_thread(build, url, tmp_path, 2_000)
        await asyncio.to_thread(on_server, url, PEER_SQL.read_text(encoding="utf-8"))
        await asyncio.to_thread(compare, desk)


def compare(desk: Desk) -> None:
    servers.WORK_FOLDER.mkdir(exist_ok=True)
    running = [
        servers.product("product", desk),
        servers.product("product without compiler", desk, "--reader", compiled=False),
        servers.product("product without rights", desk, "--reader", "--no-rights"),
        servers.floor(desk),
    ]
    try:
        for server in running:
            server.wait()
            server.sleep()
        for server in running[1:]:
            for kind in ("Q1", "Q2", "Q3"):
                cell = Requests(server, kind, running[0])
                cell.prepare()
                assert cell.measure(0.3).rate > 0
    finally:
        for server in running:
            server.stop()
