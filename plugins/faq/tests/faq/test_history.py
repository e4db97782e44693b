"""What happened to an item: told to agents who read it, and to nobody else, by every way."""

from typing import Any

import pytest

from tessera.kit.actor import SYSTEM, Actor
from tessera.kit.ids import to_global
from tessera.kit.journal import Entry
from tessera.testing.fixtures import every_database
from tessera_faq import service
from tessera_faq.models import Audience, Item
from tests.articles.words import opened
from tests.faq.world import World, gid

HISTORY = """query ($id: ID!, $kinds: [String!], $first: Int = 50, $after: String) { faqItem(id: $id) {
  history(kinds: $kinds, first: $first, after: $after) {
    totalCount pageInfo { hasNextPage endCursor }
    nodes { id kind at actor { kind name } item { number } changes { field before after } summary } } } }"""
NODE = "query ($id: ID!) { node(id: $id) { id ... on FaqItemEvent { kind item { number } } } }"


async def history(world: World, item: Item, actor: Actor | None, **arguments: Any) -> dict[str, Any]:
    data = await world.house.ask(HISTORY, {"id": gid(item), **arguments}, actor=actor)
    found: dict[str, Any] = data["faqItem"]["history"]
    return found


@every_database
async def test_agents_read_what_happened_in_order_in_words_and_pages(world: World) -> None:
    item = await world.item(world.editor, texts={"symptom": "<p>Smoke</p>"})
    await world.update(item, world.editor, texts={"symptom": "<p>Fire</p>"}, title="Printer ablaze")
    await world.run(world.desk.carla, service.vote, item, 75)
    found = await history(world, item, world.desk.anna)
    assert [each["kind"] for each in found["nodes"]] == [
        "faq.item_created",
        "faq.item_changed",
        "faq.item_changed",
        "faq.item_voted",
    ]
    created, *changed, voted = found["nodes"]
    assert (created["summary"], created["changes"]) == (f"The FAQ item {item.number} was created: {item.title}.", [])
    assert created["actor"] == {"kind": "AGENT", "name": world.editor.name}
    assert sorted(
        (change["field"], change["before"], change["after"]) for each in changed for change in each["changes"]
    ) == [
        ("symptom", "<p>Smoke</p>", "<p>Fire</p>"),
        ("title", "Printer on fire", "Printer ablaze"),
    ]
    assert voted["changes"] == [{"field": "vote", "before": None, "after": "75"}]
    assert {each["item"]["number"] for each in found["nodes"]} == {item.number}
    page = await history(world, item, world.desk.anna, first=3)
    assert (page["totalCount"], page["pageInfo"]["hasNextPage"]) == (4, True)
    rest = await history(world, item, world.desk.anna, after=page["pageInfo"]["endCursor"])
    assert [each["kind"] for each in rest["nodes"]] == ["faq.item_voted"]
    chosen = await history(world, item, world.desk.anna, kinds=["faq.item_voted", "no such\0kind", "x" * 101])
    assert [each["id"] for each in chosen["nodes"]] == [voted["id"]]


async def test_the_history_is_for_agents_who_read_the_item_alone(world: World) -> None:
    item = await world.item()
    hidden = await world.item(audience=Audience.INTERNAL)
    (fact,) = await Entry.filter(subject_kind="faq.item", subject_id=item.id)
    ids = {"id": to_global("FaqItemEvent", fact.id)}
    for name, actor in world.readers.items():
        reads = name not in {"outside", "outside editor"}
        told = name in {"editor", "approver", "agent"}
        if reads:
            found = await history(world, item, actor)
            assert (found["totalCount"], len(found["nodes"])) == ((1, 1) if told else (0, 0)), name
        if actor is not None:
            assert bool((await world.house.ask(NODE, ids, actor=actor))["node"]) is told, name
            data = await world.house.ask(HISTORY, {"id": gid(hidden)}, actor=actor)
            assert bool(data["faqItem"]) is told, name
    refused = await world.house.graphql(NODE, ids)
    assert refused["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_facts_of_tickets_are_no_facts_of_items(world: World) -> None:
    ticket = await opened(world.desk)
    facts = await Entry.filter(subject_kind="ticket", subject_id=ticket.id)
    for fact in facts:
        asked = {"id": to_global("FaqItemEvent", fact.id)}
        assert await world.house.ask(NODE, asked, actor=world.desk.anna) == {"node": None}
    assert facts


@pytest.mark.parametrize("verb", [service.link_tickets, service.unlink_tickets])
async def test_a_link_names_no_ticket_that_the_reader_does_not_see(world: World, verb: Any) -> None:
    item = await world.item()
    own, foreign = await opened(world.desk), await opened(world.desk, queue=world.desk.other_queue)
    await world.run(SYSTEM, service.link_tickets, item, [own, foreign])
    if verb is service.unlink_tickets:
        await world.run(SYSTEM, verb, item, [own, foreign])
    kind = "faq.ticket_linked" if verb is service.link_tickets else "faq.ticket_unlinked"
    found = await history(world, item, world.desk.anna, kinds=[kind])
    first, second = [each["summary"] for each in found["nodes"]]
    assert own.number in first
    assert foreign.number not in second
    assert "ticket" in second
