"""Typical queries find their rows by indexes, and each root field takes one round trip to PostgreSQL."""

import re
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import orjson
import pytest
import pytest_asyncio

from tessera.engine.context import Context
from tessera.engine.engine import Engine
from tessera.kit import db
from tessera.kit.actor import Actor
from tessera.kit.db import connection, dialect
from tessera.kit.ids import to_global
from tessera.queues import service as queues
from tessera.testing.fixtures import every_database
from tessera.testing.house import House, base_assembly
from tessera.tickets.models import Ticket
from tests.articles.words import furnish, opened
from tests.engine.plenty import TICKETS, fill
from tests.tickets.desk import Desk

LARGE = ("ticket", "article", "entry", "customer_user", "attachment", "notification")
"""Tables that grow with the work done; others are read as a whole without harm."""

FEW = TICKETS // 10
"""So many rows may be sorted: those of one queue, or of one person."""

NARROW = r"\$(ticket|number|person|customer|agent)\b"
"""What a document names when it wants few rows of all there are."""

T = "id number title createdAt queue { path } state { name type } priority { name rank } owner { name }"
PAGE = "pageInfo { hasNextPage endCursor }"
DOCUMENTS = (
    f"{{ ticket(id: $ticket) {{ {T} customerUser {{ name email }} customer {{ name }} }} }}",
    "{ ticket(id: $ticket) { articles { nodes { number subject body author { name agent { name } } } } } }",
    "{ ticket(id: $ticket) { articles(last: 1) { nodes { subject attachments { filename size } } } } }",
    "{ ticket(id: $ticket) { history { nodes { kind at summary actor { name } } } } }",
    "{ ticket(id: $ticket) { history(first: 5) { nodes { article { number } changes { field } } } } }",
    "{ ticket(id: $ticket) { tags watchers { name } viewerCan { reply } viewerIsWatching viewerLastSeenAt } }",
    "{ ticket(id: $ticket) { links { kind ticket { number } } mergedInto { number } } }",
    "{ ticket(id: $ticket) { articles { totalCount } history { totalCount } } }",
    f"{{ ticketByNumber(number: $number) {{ {T} }} }}",
    f"{{ tickets {{ nodes {{ {T} }} {PAGE} }} }}",
    f"{{ tickets(first: 50) {{ edges {{ cursor node {{ {T} customerUser {{ name }} }} }} {PAGE} }} }}",
    f"{{ tickets(first: 50, after: $cursor) {{ edges {{ cursor node {{ {T} }} }} {PAGE} }} }}",
    f"{{ tickets(last: 20) {{ nodes {{ {T} }} {PAGE} }} }}",
    f"{{ tickets(last: 20, before: $cursor) {{ nodes {{ {T} }} {PAGE} }} }}",
    "{ tickets { nodes { number articles(last: 1) { nodes { subject createdAt } } } } }",
    "{ tickets { nodes { number tags viewerCan { update } lock { holder { name } } } } }",
    "{ tickets { nodes { number history(last: 1) { nodes { kind at } } } } }",
    "{ tickets(orderBy: [{field: UPDATED_AT, direction: DESC}]) { nodes { number } } }",
    "{ tickets(orderBy: [{field: PRIORITY, direction: DESC}]) { nodes { number } } }",
    "{ tickets(orderBy: [{field: NUMBER}]) { nodes { number } } }",
    "{ tickets(orderBy: [{field: TITLE}]) { nodes { title } } }",
    "{ tickets(filter: {queueId: {in: [$queue]}}) { nodes { number } } }",
    "{ tickets(filter: {queueId: {in: [$queue]}, includeSubQueues: true}) { nodes { number } } }",
    "{ tickets(filter: {queueId: {in: [$queue]}, stateType: [NEW, OPEN]}) { nodes { number } } }",
    "{ tickets(filter: {ownerId: {in: [$agent]}}) { nodes { number } } }",
    "{ tickets(filter: {customerUserId: {in: [$person]}}) { nodes { number } } }",
    "{ tickets(filter: {customerId: {in: [$customer]}}) { nodes { number } } }",
    "{ tickets(filter: {ids: [$ticket]}) { nodes { number } } }",
    '{ tickets(filter: {number: {eq: "T100007"}}) { nodes { number } } }',
    "{ tickets(filter: {watchedByViewer: true}) { nodes { number } } }",
    '{ tickets(filter: {tagsAny: ["demo"]}) { nodes { number } } }',
    '{ tickets(filter: {updatedAt: {gte: "2026-02-01T00:00:00Z"}}) { nodes { number } } }',
    "{ queues { path tickets(first: 3) { nodes { number title } } } }",
    f"{{ queue(id: $queue) {{ tickets {{ nodes {{ {T} articles(first: 5) {{ nodes {{ subject }} }} }} }} }} }}",
    "{ customerUser(id: $person) { name customer { name } tickets(first: 10) { nodes { number } } } }",
    "{ customer(id: $customer) { name customerUsers(first: 10) { nodes { name } } } }",
    "{ customer(id: $customer) { tickets(first: 10) { nodes { number } } } }",
    "{ customerUsers { nodes { name email } pageInfo { hasNextPage endCursor } } }",
    "{ customerUsers(last: 10) { edges { cursor node { name } } } }",
    "{ agents { nodes { name roles { name } groups { name } } } }",
    "{ viewer { agent { name } permissions } apiTokens { name } jobs { nodes { kind state } } }",
    f"{{ viewer {{ notifications {{ totalCount nodes {{ kind title readAt ticket {{ {T} }} }} {PAGE} }} }} }}",
    "{ viewer { notifications(last: 10) { edges { cursor node { title } } } } }",
    "{ viewer { notifications(unreadOnly: true) { totalCount nodes { title ticket { number } } } } }",
)
"""What clients ask; `$name` stands for an id, put in as a literal."""


@dataclass
class Recorder:
    """Keeps the statements that plans run."""

    statements: list[tuple[str, Sequence[Any]]] = field(default_factory=list)


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    found, rows, texts, each = Recorder(), db.fetch_rows, db.fetch_texts, db.fetch_rows_each

    async def fetch_rows(text: str, values: Sequence[Any]) -> Any:
        found.statements.append((text, values))
        return await rows(text, values)

    async def fetch_texts(text: str, values: Sequence[Any]) -> Any:
        found.statements.append((text, values))
        return await texts(text, values)

    async def fetch_rows_each(text: str, values: Sequence[Sequence[Any]]) -> Any:
        found.statements += [(text, given) for given in values[:1]]
        return await each(text, values)

    monkeypatch.setattr(db, "fetch_rows", fetch_rows)
    monkeypatch.setattr(db, "fetch_texts", fetch_texts)
    monkeypatch.setattr(db, "fetch_rows_each", fetch_rows_each)
    return found


@dataclass
class Plenty:
    """A house with many rows, who looks at it, and what documents name."""

    house: House
    agent: Actor
    customer: Actor
    names: dict[str, str]
    engine: Engine

    async def ask(self, document: str, viewer: Actor) -> dict[str, Any]:
        """Answer a document by its plan."""
        runtime = self.house.runtime
        for name, value in self.names.items():
            document = document.replace(f"${name}", f'"{value}"')
        prepared = self.engine.prepare(document, None, {})
        answer = await self.engine.planned(prepared, {}, Context(runtime.units, runtime.bus, viewer))
        assert answer is not None, document
        found: dict[str, Any] = orjson.loads(answer)["data"]
        return found


@pytest_asyncio.fixture
async def plenty(house: House) -> AsyncIterator[Plenty]:
    desk = await Desk.furnish(house)
    for number in range(10):
        await house.run(partial(queues.create_queue, name=f"Q{number}", group=desk.group))
    await fill()
    found = Plenty(house, desk.anna, desk.carla, {}, Engine(base_assembly().schema))
    ticket = await Ticket.filter(owner_id=desk.anna.id).order_by("-id").first() or Ticket()
    found.names |= {
        "ticket": to_global("Ticket", ticket.id),
        "number": ticket.number,
        "queue": to_global("Queue", desk.queue.id),
        "agent": to_global("Agent", desk.anna.id or 0),
        "person": to_global("CustomerUser", ticket.customer_user_id or 0),
        "customer": to_global("Customer", ticket.customer_id or 0),
    }
    page = await found.ask("{ tickets(first: 5) { pageInfo { endCursor } } }", desk.anna)
    found.names["cursor"] = page["tickets"]["pageInfo"]["endCursor"]
    yield found


@every_database
async def test_typical_queries_find_their_rows_by_indexes(plenty: Plenty, recorder: Recorder) -> None:
    complaints = []
    for viewer in (plenty.agent, plenty.customer):
        for document in DOCUMENTS:
            recorder.statements.clear()
            await plenty.ask(document, viewer)
            narrow = bool(re.search(NARROW, document))
            for text, values in list(recorder.statements):
                wrong = await _faults(text, values, narrow=narrow)
                if wrong:
                    complaints.append(f"{viewer.name}: {document}\n  {text}\n  {'; '.join(wrong)}")
    assert not complaints, "\n\n".join(["", *complaints])


async def _faults(text: str, values: Sequence[Any], *, narrow: bool) -> list[str]:
    """Say what the planner would do to a large table that it should not; `narrow`: few rows are wanted of all.

    Walking an index in the order of a page is fine where the page comes from all rows.
    """
    aliases = _aliases(text)
    if not aliases:
        return []
    match dialect():
        case "sqlite":
            _, rows = await connection().execute_query(f"EXPLAIN QUERY PLAN {text}", list(values))
            return list(_sqlite([tuple(dict(row).values()) for row in rows], aliases, narrow=narrow))
        case "postgres":
            _, rows = await connection().execute_query(f"EXPLAIN (FORMAT JSON) {text}", list(values))
            return list(_postgres(orjson.loads(dict(rows[0])["QUERY PLAN"])[0]["Plan"], narrow=narrow))
    _, rows = await connection().execute_query(f"EXPLAIN FORMAT=JSON {text}", list(values))
    return list(_mariadb(orjson.loads(dict(rows[0])["EXPLAIN"]), aliases, narrow=narrow))


def _aliases(text: str) -> set[str]:
    """Name the large tables of a statement as they are called in it."""
    found = re.findall(rf'["`]({"|".join(LARGE)})["`] (?:AS )?["`]?(\w+)["`]?', text)
    words = {"WHERE", "ON", "JOIN", "LEFT", "LIMIT", "ORDER", "GROUP"}
    return {table if alias in words else alias for table, alias in found} | {table for table, _ in found}


def _sqlite(rows: Sequence[tuple[Any, ...]], aliases: set[str], *, narrow: bool) -> Iterator[str]:
    """Read a plan's rows: number, number of the row they are part of, _, what is done."""
    made = [detail.split()[1] for *_, detail in rows if detail.startswith(("CO-ROUTINE", "MATERIALIZE"))]
    walked = set()
    for _, parent, _, detail in rows:
        words = detail.split()
        if words[0] != "SCAN" or words[1] not in aliases:
            continue
        if words[1] in made and "USING" not in words:
            made.remove(words[1])
            continue
        walked.add(parent)
        if narrow or "USING" not in words:
            yield detail
    for _, parent, _, detail in rows:
        if detail == "USE TEMP B-TREE FOR ORDER BY" and parent in walked:
            yield f"{detail}: {'; '.join(row[-1] for row in rows)}"


def _postgres(plan: dict[str, Any], *, narrow: bool) -> Iterator[str]:
    kind, table = plan["Node Type"], plan.get("Relation Name")
    if table in LARGE and (kind == "Seq Scan" or (narrow and "Index" in kind and "Index Cond" not in plan)):
        yield f"{kind} on {table}"
    if kind == "Sort" and plan["Plan Rows"] > FEW:
        yield f"Sort of {plan['Plan Rows']} rows"
    for each in plan.get("Plans", ()):
        yield from _postgres(each, narrow=narrow)


def _mariadb(plan: Any, aliases: set[str], *, narrow: bool, sorting: bool = False) -> Iterator[str]:
    if isinstance(plan, list):
        for each in plan:
            yield from _mariadb(each, aliases, narrow=narrow, sorting=sorting)
    elif isinstance(plan, dict):
        table, access = plan.get("table_name"), plan.get("access_type")
        if table in aliases and "materialized" not in plan:
            if access == "ALL" or (narrow and access == "index"):
                yield f"{table}: {access}"
            if sorting and plan.get("rows", 0) > FEW:
                yield f"{table}: {plan['rows']} rows are sorted"
        for name, each in plan.items():
            inner = sorting or name in {"filesort", "read_sorted_file"}
            yield from _mariadb(each, aliases, narrow=narrow, sorting=inner and name != "materialized")


ONE_TRIP = (
    "{ ticket(id: $ticket) { number customerUser { name } articles { nodes { subject author { name } } } } }",
    f"{{ tickets(first: 50) {{ edges {{ cursor node {{ {T} articles(last: 1) {{ nodes {{ subject }} }} }} }} }} }}",
    "{ queues { path tickets(first: 3) { totalCount nodes { number articles(first: 2) { nodes { body } } } } } }",
)


@pytest.mark.parametrize("database_kind", ["postgres"], indirect=True)
async def test_a_root_field_is_one_round_trip(house: House, recorder: Recorder) -> None:
    desk = await furnish(house)
    names = {"ticket": to_global("Ticket", (await opened(desk)).id)}
    some = Plenty(house, desk.anna, desk.carla, names, Engine(base_assembly().schema))
    for document in ONE_TRIP:
        await some.ask(document, some.agent)
        recorder.statements.clear()
        answer = await some.ask(document, some.agent)
        assert len(recorder.statements) == 1, recorder.statements
        assert all(answer.values())
