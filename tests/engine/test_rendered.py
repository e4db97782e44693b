"""Objects remembered by their rows: what is made once, what is made again, and how much is held."""

from dataclasses import dataclass, field
from sys import getsizeof
from typing import Any

import orjson
import pytest
import pytest_asyncio

from tessera.engine.context import Context
from tessera.engine.engine import Engine
from tessera.engine.plans import rendered
from tessera.engine.plans.rendered import Rendered, Renderings
from tessera.kit.actor import SYSTEM, Actor
from tessera.queues import service as queues
from tessera.queues.models import Queue
from tessera.testing.house import House
from tessera.tickets import service
from tests.tickets.desk import Desk, gid

on_postgres = pytest.mark.parametrize("database_kind", ["postgres"], indirect=True)

LIST = "{ tickets { nodes { number title queue { name } articles(first: 2) { nodes { subject } } } } }"


@pytest_asyncio.fixture
async def desk(house: House) -> Desk:
    return await Desk.furnish(house)


@dataclass
class Reader:
    """Asks by plans of its own and counts the objects that are made; it hears of facts only when it is told to."""

    desk: Desk
    house: House
    engine: Engine
    made: list[str] = field(default_factory=list)

    async def ask(self, document: str, by: Actor | None = None, **variables: Any) -> tuple[dict[str, Any], int]:
        """Return the data and the number of objects made for it."""
        self.made.clear()
        prepared = self.engine.prepare(document, None, variables)
        runtime, actor = self.house.runtime, by or self.desk.anna
        answer = await self.engine.planned(prepared, variables, Context(runtime.units, runtime.bus, actor))
        assert answer is not None
        data: dict[str, Any] = orjson.loads(answer)["data"]
        made = len(self.made)
        assert data == await self.desk.house.ask(document, variables, actor=actor)
        return data, made


@pytest.fixture
def reader(desk: Desk, house: House, monkeypatch: pytest.MonkeyPatch) -> Reader:
    reader, keep = Reader(desk, house, Engine(house.runtime.assembly.schema)), Rendered.keep

    def noting(self: Rendered, row: str, build: rendered.Build) -> orjson.Fragment:
        reader.made.append(row)
        return keep(self, row, build)

    monkeypatch.setattr(Rendered, "keep", noting)
    return reader


@on_postgres
async def test_only_what_changed_is_made_again(desk: Desk, reader: Reader) -> None:
    tickets = [await desk.ticket(title=f"Ticket {number}") for number in range(3)]
    first, anew = await reader.ask(LIST)
    assert anew == 3
    assert await reader.ask(LIST) == (first, 0)
    await desk.run(desk.anna, service.update, tickets[1], title="Renamed")
    second, anew = await reader.ask(LIST)
    assert anew == 1
    assert {each["title"] for each in second["tickets"]["nodes"]} == {"Ticket 0", "Renamed", "Ticket 2"}


@on_postgres
async def test_a_change_of_a_row_in_memory_makes_all_anew(desk: Desk, reader: Reader) -> None:
    await desk.ticket()
    reader.house.runtime.keep(reader.engine.kept)
    await reader.ask(LIST)

    async def rename(unit: Any) -> None:
        await queues.update_queue(unit, await Queue.get(id=desk.queue.id), name="Renamed")

    await desk.house.run(rename, actor=SYSTEM)
    data, anew = await reader.ask(LIST)
    assert data["tickets"]["nodes"][0]["queue"]["name"] == "Renamed"
    assert anew == 1


@on_postgres
async def test_pages_of_another_size_are_other_objects(desk: Desk, reader: Reader) -> None:
    ticket = await desk.ticket()
    document = """query ($id: ID!, $first: Int) { ticket(id: $id) { number
      articles(first: $first) { nodes { number } pageInfo { hasNextPage endCursor } } } }"""
    seen = []
    for first in (1, 0, 1):
        data, anew = await reader.ask(document, id=gid(ticket), first=first)
        seen.append((first, anew, len(data["ticket"]["articles"]["nodes"])))
    assert [anew for _, anew, _ in seen] == [1, 1, 0], seen


@on_postgres
async def test_an_edge_is_remembered_with_its_cursor_in_each_order(desk: Desk, reader: Reader) -> None:
    for number in range(3):
        await desk.ticket(title=f"Ticket {2 - number}")
    document = """query ($order: [TicketOrder!], $after: String) { tickets(orderBy: $order, first: 2, after: $after) {
      nodes { title } edges { cursor node { title } } pageInfo { startCursor endCursor hasNextPage } } }"""
    cursors = set()
    for name in ("NUMBER", "TITLE", "CREATED_AT", "PENDING_UNTIL"):
        order, after = [{"field": name, "direction": "DESC"}], None
        for size in (2, 1):
            data, anew = await reader.ask(document, order=order, after=after)
            assert anew == 2 * size  # a node and an edge of each row
            assert await reader.ask(document, order=order, after=after) == (data, 0)
            found = [edge["cursor"] for edge in data["tickets"]["edges"]]
            after = data["tickets"]["pageInfo"]["endCursor"]
            assert (data["tickets"]["pageInfo"]["startCursor"], after) == (found[0], found[-1])
            cursors |= set(found)
    assert len(cursors) == 4 * 3


@on_postgres
async def test_what_hangs_on_the_viewer_is_made_for_each(desk: Desk, reader: Reader) -> None:
    ticket = await desk.ticket()
    await desk.run(desk.anna, service.lock, ticket)
    document = "query ($id: ID!) { ticket(id: $id) { number lock { holder { name } } viewerCan { lock } } }"
    _, anew = await reader.ask(document, id=gid(ticket))
    assert anew == 0
    alone = "query ($id: ID!) { ticket(id: $id) { number } }"
    seen, anew = await reader.ask(alone, id=gid(ticket))
    assert anew == 1
    assert await reader.ask(alone, by=desk.eve, id=gid(ticket)) == ({"ticket": None}, 0)
    assert await reader.ask(alone, by=desk.ben, id=gid(ticket)) == (seen, 0)


@on_postgres
async def test_a_row_with_more_values_than_a_function_takes_comes_as_columns(desk: Desk, reader: Reader) -> None:
    await desk.ticket()
    fields = (
        "number title createdAt updatedAt closedAt archived pendingUntil version customerUser { id login name email }"
    )
    document = f"mergedInto {{ {fields} }}"
    for _ in range(6):
        document = f"mergedInto {{ {fields} {document} }}"
    data, made = await reader.ask(f"{{ tickets {{ nodes {{ {fields} {document} }} }} }}")
    assert not made
    assert data["tickets"]["nodes"][0]["mergedInto"] is None


def test_no_more_is_held_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendered, "ROOM", 20_000)
    monkeypatch.setattr(rendered, "LARGEST", 1_000)
    renderings, most = Renderings(), 0
    for number in range(2_000):
        ours = renderings.of("selection", number % 3)
        row = orjson.dumps([number] * (number % 200)).decode()
        made = ours.get(row) or ours.keep(row, lambda values: {"values": values})
        assert orjson.loads(orjson.dumps(made)) == {"values": [number] * (number % 200)}
        held = [_size(*item) for each in range(3) for item in renderings.of("selection", each).items()]
        most = max(most, sum(held))
        assert sum(held) <= 20_000
        assert all(size <= 1_000 for size in held)
    assert most > 15_000
    for number in range(1_000):
        renderings.of("page", number)
    assert not renderings.of("selection", 0), "selections without objects take room too"


def _size(row: str, made: orjson.Fragment) -> int:
    return getsizeof(row) + len(orjson.dumps(made)) + rendered.ENTRY
