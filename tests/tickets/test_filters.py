"""What a list of tickets can be narrowed to, on every database."""

from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from tessera.kit.actor import SYSTEM
from tessera.kit.clock import isoformat, now
from tessera.testing.fixtures import every_database
from tessera.tickets import queries, service
from tests.tickets.desk import Desk, gid, state

QUERY = """query($filter: TicketFilter) {
  tickets(filter: $filter, orderBy: [{field: TITLE}]) { nodes { title } totalCount }
}"""


async def found(desk: Desk, **filter_: Any) -> str:
    """Return the titles that match, one letter each."""
    page = (await desk.house.ask(QUERY, {"filter": filter_}, actor=desk.anna))["tickets"]
    assert page["totalCount"] == len(page["nodes"])
    return "".join(node["title"][0] for node in page["nodes"])


@pytest_asyncio.fixture
async def scene(desk: Desk) -> dict[str, Any]:
    """Make tickets A to E, each different in its own way; return what conditions name."""
    high, kind = await queries.priority_named("4 high"), await queries.type_named("Unclassified")
    anna = await desk.agent(desk.anna)
    later = now() + timedelta(days=3)
    a = await desk.ticket(title="A Ärger 100%", tags=["red", "Blue"], priority=high, type=kind)
    b = await desk.ticket(title="B Drucker", queue=desk.sub_queue, tags=["blue"], owner=anna, responsible=anna)
    c = await desk.ticket(title="C arger", customer_user=await desk.customer_user(desk.stranger))
    d = await desk.ticket(title="D waits", state=await state("pending reminder"), pending_until=later)
    await desk.run(desk.anna, service.lock, c)
    await desk.run(desk.anna, service.watch, d)
    await desk.run(desk.anna, service.close, a, state=await state("closed successful"))
    e = await desk.ticket(title="E gone")
    await desk.run(SYSTEM, service.set_state, e, await state("removed"))
    return {"a": a, "b": b, "c": c, "d": d, "anna": gid(anna), "high": gid(high, "TicketPriority"), "kind": gid(kind)}


async def holds(desk: Desk, *cases: tuple[dict[str, Any], str]) -> None:
    for given, expected in cases:
        assert await found(desk, **given) == expected, given


@every_database
async def test_text_queues_and_states_narrow_the_list(desk: Desk, scene: dict[str, Any]) -> None:
    a, b, c, d = (scene[name] for name in "abcd")
    new, removed = [gid(await state(name), "TicketState") for name in ("new", "removed")]
    support = gid(desk.queue)
    await holds(
        desk,
        ({}, "ABCD"),
        ({"stateType": ["REMOVED"]}, "E"),
        ({"stateId": {"in": [removed]}}, "E"),
        ({"stateId": {"in": [new]}}, "BC"),
        ({"stateType": ["NEW", "CLOSED"]}, "ABC"),
        ({"ids": [gid(a), gid(b), "nonsense"]}, "AB"),
        ({"number": {"eq": c.number}}, "C"),
        ({"number": {"in": [c.number, d.number]}}, "CD"),
        ({"title": {"contains": "ärg"}}, "AC"),
        ({"title": {"startsWith": "B D"}}, "B"),
        ({"queueId": {"in": [support]}}, "ACD"),
        ({"queueId": {"in": [support]}, "includeSubQueues": True}, "ABCD"),
        ({"queueId": {"notIn": [support]}}, "B"),
        ({"queueId": {"notIn": [support]}, "includeSubQueues": True}, ""),
    )


@every_database
@pytest.mark.parametrize("text", ["\0", "Ä\0", "\ud800x", "x" * 1_000])
async def test_a_text_that_no_ticket_can_have_finds_none(desk: Desk, text: str) -> None:
    await desk.ticket(title="Ä", tags=["red"])
    for name in ("number", "title"):
        await holds(desk, *(({name: {how: given}}, "") for how, given in (("eq", text), ("in", [text, f"y{text}"]))))
        await holds(desk, *(({name: {how: f"x{text}"}}, "") for how in ("contains", "startsWith")))
    await holds(desk, ({"tagsAny": [text]}, ""), ({"tagsAll": [text, "red"]}, ""), ({"query": f"red{text}"}, ""))


@every_database
async def test_people_times_and_alternatives_narrow_the_list(desk: Desk, scene: dict[str, Any]) -> None:
    sid = gid(await desk.customer_user(desk.stranger))
    await holds(
        desk,
        ({"priorityId": {"in": [scene["high"]]}}, "A"),
        ({"typeId": {"isNull": True}}, "BCD"),
        ({"typeId": {"in": [scene["kind"]]}}, "A"),
        ({"ownerId": {"in": [scene["anna"]]}}, "BC"),
        ({"ownerId": {"notIn": [scene["anna"]]}}, "AD"),
        ({"responsibleId": {"isNull": False}}, "B"),
        ({"customerUserId": {"in": [sid]}}, "C"),
        ({"customerId": {"isNull": True}}, "C"),
        ({"locked": True}, "C"),
        ({"locked": False}, "ABD"),
        ({"archived": True}, ""),
        ({"archived": None}, "ABCD"),
        ({"watchedByViewer": True}, "D"),
        ({"watchedByViewer": False}, "ABC"),
        ({"tagsAll": ["RED", "blue"]}, "A"),
        ({"tagsAny": ["red", "blue"]}, "AB"),
        ({"tagsAny": []}, ""),
        ({"pendingUntil": {"lt": isoformat(now() + timedelta(days=9))}}, "D"),
        ({"pendingUntil": {"isNull": True}}, "ABC"),
        ({"closedAt": {"isNull": False}}, "A"),
        ({"createdAt": {"gte": isoformat(scene["a"].created_at), "lt": isoformat(scene["c"].created_at)}}, "AB"),
        ({"anyOf": [{"locked": True}, {"title": {"startsWith": "B"}}]}, "BC"),
        ({"anyOf": []}, ""),
        ({"locked": False, "anyOf": [{"locked": True}, {"title": {"startsWith": "B"}}]}, "B"),
        ({"not": {"ownerId": {"in": [scene["anna"]]}}}, "AD"),
        ({"not": {"tagsAny": ["blue"]}, "stateType": ["NEW"]}, "C"),
    )


@pytest.mark.parametrize(
    "filter_",
    [
        {"anyOf": [{}] * 11},
        {"anyOf": [{"anyOf": [{}]}]},
        {"not": {"not": {}}},
        {"anyOf": [{"not": {}}]},
        {"title": {"contains": "x"}},
        {"tagsAll": ["x"] * 21},
        {"ids": ["x"] * 501},
    ],
)
async def test_a_filter_that_asks_for_too_much_is_refused(desk: Desk, filter_: dict[str, Any]) -> None:
    answer = await desk.house.graphql(QUERY, {"filter": filter_}, actor=desk.anna)
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_a_filter_never_shows_what_is_hidden(desk: Desk) -> None:
    ticket = await desk.ticket()
    hidden: list[dict[str, Any]] = [
        {"ids": [gid(ticket)]},
        {"archived": None},
        {"stateType": ["NEW"]},
        {"anyOf": [{"ids": [gid(ticket)]}]},
        {"not": {"locked": True}},
    ]
    for filter_ in hidden:
        for by in (desk.eve, desk.stranger):
            page = (await desk.house.ask(QUERY, {"filter": filter_}, actor=by))["tickets"]
            assert page == {"nodes": [], "totalCount": 0}
