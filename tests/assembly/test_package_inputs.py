"""Fields of packages on the kernel's inputs: their work is part of the verb, their conditions part of the list."""

from typing import Any

import pytest
import pytest_asyncio

from tessera.assembly import Assembly
from tessera.testing.fixtures import every_database
from tessera.testing.house import House
from tessera.tickets.models import Ticket
from tessera_dummy.models import Remark
from tests.beside import EVERYTHING
from tests.tickets.desk import Desk, gid, names

CREATE = """mutation ($input: TicketCreateInput!) { ticketCreate(input: $input) {
  ticket { id title dummy { text agent { name } } } userErrors { code reason field }
} }"""
UPDATE = """mutation ($id: ID!, $input: TicketUpdateInput!) { ticketUpdate(id: $id, input: $input) {
  ticket { title dummy { text } } userErrors { code field }
} }"""
BULK = """mutation ($ids: [ID!]!, $input: TicketUpdateInput!) { ticketBulkUpdate(ids: $ids, input: $input) {
  items { ticket { title dummy { text } } userErrors { field } } job { id } userErrors { code field }
} }"""
LIST = "query ($filter: TicketFilter) { tickets(filter: $filter, orderBy: {field: TITLE}) { nodes { title } } }"
CHANGES = "query ($filter: TicketFilter) { ticketChanges(filter: $filter) { upserts { title } } }"


@pytest.fixture
def assembly() -> Assembly:
    return EVERYTHING


@pytest_asyncio.fixture
async def desk(house: House) -> Desk:
    desk = await Desk.furnish(house)
    desk.anna = await desk.agent_with("rita", ("rw",), permissions=("dummy.remark",))
    return desk


async def create(desk: Desk, title: str, **dummy: Any) -> dict[str, Any]:
    values = {"title": title, "queueId": gid(desk.queue), "article": {"channel": "note", "body": "x"}, **dummy}
    answer = await desk.house.ask(CREATE, {"input": values}, actor=desk.anna)
    created: dict[str, Any] = answer["ticketCreate"]
    return created


@every_database
async def test_a_verbs_field_is_worked_off_in_the_verbs_unit(desk: Desk) -> None:
    made = await create(desk, "A", dummy={"text": "well"})
    assert made["ticket"]["dummy"] == {"text": "well", "agent": {"name": "Rita"}}
    ticket = await Ticket.get(title="A")
    assert (await names(ticket))[-1] == "dummy.remarked"
    refused = await create(desk, "B", dummy={"text": "mumble"})
    assert refused["userErrors"] == [
        {"code": "INVALID", "reason": "dummy.forbidden_word", "field": ["input", "dummy", "text"]}
    ]
    assert not await Ticket.filter(title="B").exists()
    assert (await create(desk, "C", dummy=None))["ticket"]["dummy"] is None
    assert (await create(desk, "D"))["ticket"]["dummy"] is None


async def test_null_clears_where_a_verb_changes(desk: Desk) -> None:
    key = (await create(desk, "A", dummy={"text": "well"}))["ticket"]["id"]

    async def update(**values: Any) -> dict[str, Any]:
        answer = await desk.house.ask(UPDATE, {"id": key, "input": values}, actor=desk.anna)
        found: dict[str, Any] = answer["ticketUpdate"]
        return found

    assert (await update(title="B"))["ticket"] == {"title": "B", "dummy": {"text": "well"}}
    assert (await update(dummy={"text": "better"}))["ticket"]["dummy"] == {"text": "better"}
    assert (await update(title="C", dummy={"text": ""}))["userErrors"] == [
        {"code": "REQUIRED", "field": ["input", "dummy", "text"]}
    ]
    assert (await update(dummy=None))["ticket"] == {"title": "B", "dummy": None}
    assert not await Remark.exists()


async def test_many_tickets_get_it_at_once_but_not_as_a_job(desk: Desk) -> None:
    ids = [(await create(desk, title))["ticket"]["id"] for title in "AB"]

    async def bulk(ids: list[str]) -> dict[str, Any]:
        values = {"ids": ids, "input": {"title": "Z", "dummy": {"text": "well"}}}
        found: dict[str, Any] = (await desk.house.ask(BULK, values, actor=desk.anna))["ticketBulkUpdate"]
        return found

    changed = {"ticket": {"title": "Z", "dummy": {"text": "well"}}, "userErrors": []}
    assert (await bulk([*ids, ids[0]]))["items"] == [changed] * 3
    assert await Remark.all().count() == 2
    assert await bulk([*ids, *(f"no{number}" for number in range(99))]) == {
        "items": [],
        "job": None,
        "userErrors": [{"code": "LIMIT", "field": ["input", "dummy"]}],
    }


@every_database
async def test_a_filters_field_narrows_every_list_of_tickets(desk: Desk) -> None:
    for title, text in (("A", "well done"), ("B", "100%"), ("C", None)):
        await create(desk, title, dummy=text and {"text": text})

    async def found(filter_: dict[str, Any]) -> str:
        """Return the titles, one letter each; both engines were asked."""
        answer = await desk.house.ask(LIST, {"filter": filter_}, actor=desk.anna)
        changed = await desk.house.ask(CHANGES, {"filter": filter_}, actor=desk.anna)
        titles = "".join(node["title"] for node in answer["tickets"]["nodes"])
        assert sorted(titles) == sorted(node["title"] for node in changed["ticketChanges"]["upserts"])
        return titles

    assert await found({"dummy": {}}) == "AB"
    assert await found({"dummy": None}) == "ABC"
    assert await found({"dummy": {"contains": "well"}}) == "A"
    assert await found({"dummy": {"contains": "%"}}) == "B"
    assert await found({"not": {"dummy": {}}}) == "C"
    assert await found({"anyOf": [{"dummy": {"contains": "well"}}, {"title": {"eq": "C"}}]}) == "AC"
    assert await found({"dummy": {}, "title": {"eq": "B"}}) == "B"
    refused = await desk.house.graphql(LIST, {"filter": {"dummy": {"contains": ""}}}, actor=desk.anna)
    assert refused["errors"][0]["extensions"]["field"] == ["filter", "dummy", "contains"]
