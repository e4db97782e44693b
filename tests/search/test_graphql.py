"""The search over the API: shapes, rights, limits, in a plan and out of it."""

from typing import Any

from tessera.articles import service as articles
from tessera.kit.actor import Actor
from tessera.testing.fixtures import every_database
from tessera.testing.house import House
from tests.articles.words import mail, opened, words
from tests.tickets.desk import Desk, gid

SEARCH = """query ($query: String!, $kinds: [String!], $first: Int) {
  search(query: $query, kinds: $kinds, first: $first) {
    kind id title snippet score ticket { number } customerUser { login } customer { number } } }"""


async def search(desk: Desk, actor: Actor, query: str, **values: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await desk.house.ask(SEARCH, {"query": query, **values}, actor=actor))["search"]
    return found


async def test_a_hit_has_what_was_found(house: House, desk: Desk) -> None:
    ticket = await opened(desk, title="Müller's printer")
    await house.drain()
    (hit,) = await search(desk, desk.anna, "burns")
    assert hit["ticket"] == {"number": ticket.number}
    assert (hit["kind"], hit["id"], hit["title"]) == ("ticket", gid(ticket), "Müller's printer")
    assert hit["snippet"] == "It <mark>burns</mark>"


FILTERED = "query ($filter: TicketFilter) { tickets(filter: $filter) { totalCount nodes { title } } }"


@every_database
async def test_lists_of_tickets_are_narrowed_by_text(house: House, desk: Desk) -> None:
    await opened(desk, title="Ärger 100%", article=mail("The printer smokes"))
    hidden = await opened(desk, title="Quiet", article=mail("Printer"))
    await desk.run(desk.anna, articles.add_article, hidden, words("note", "A zeppelin"))
    await house.drain()

    async def found(actor: Actor, **given: Any) -> list[str]:
        page = (await house.ask(FILTERED, {"filter": given}, actor=actor))["tickets"]
        assert page["totalCount"] == len(page["nodes"])
        return [node["title"] for node in page["nodes"]]

    assert await found(desk.anna, query="printer") == ["Quiet", "Ärger 100%"]
    assert await found(desk.anna, query="ARGER pri") == ["Ärger 100%"]
    assert await found(desk.anna, query="printer", title={"contains": "qui"}) == ["Quiet"]
    assert await found(desk.anna, **{"query": "printer", "not": {"query": "smokes"}}) == ["Quiet"]
    assert await found(desk.anna, anyOf=[{"query": "smokes"}, {"query": hidden.number}]) == ["Quiet", "Ärger 100%"]
    assert await found(desk.anna, query="%") == []
    assert await found(desk.anna, query="(" * 5000) == []
    assert await found(desk.anna, query="zeppelin") == ["Quiet"]
    assert await found(desk.carla, query="zeppelin") == []
    assert await found(desk.carla, query="printer -zeppelin") == ["Quiet", "Ärger 100%"]
    assert await found(desk.eve, query="printer") == []


async def test_a_snippet_shows_customers_nothing_internal(house: House, desk: Desk) -> None:
    ticket = await opened(desk, title="Lamp", article=mail("<b>Where</b> is it?"))
    await desk.run(desk.anna, articles.add_article, ticket, words("note", "The zeppelin lamp"))
    await house.drain()
    assert [hit["snippet"] for hit in await search(desk, desk.anna, "lamp")] == ["The zeppelin <mark>lamp</mark>"]
    assert [hit["snippet"] for hit in await search(desk, desk.carla, "lamp")] == [None]
    assert [hit["snippet"] for hit in await search(desk, desk.carla, "where")] == [
        "&lt;b&gt;<mark>Where</mark>&lt;/b&gt; is it?"
    ]


async def test_kinds_and_numbers_of_hits(house: House, desk: Desk) -> None:
    for number in range(3):
        await opened(desk, title=f"Carla's question {number}")
    await house.drain()
    assert {hit["kind"] for hit in await search(desk, desk.anna, "carla")} == {"ticket", "customer_user"}
    people = await search(desk, desk.anna, "carla", kinds=["customer_user", "nonsense"])
    assert [hit["customerUser"]["login"] for hit in people] == ["carla"]
    assert len(await search(desk, desk.anna, "question", first=2)) == 2
    assert await search(desk, desk.anna, "question", first=0) == []
    assert await search(desk, desk.anna, "question", kinds=[]) == []
    for first in (-1, 101):
        answer = await house.graphql(SEARCH, {"query": "x", "first": first}, actor=desk.anna)
        assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert (await house.graphql(SEARCH, {"query": "x"}))["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
