"""Items by their words: for a query, while typing, for a ticket; never by words or items a reader may not read."""

from typing import Any

from tessera.testing.fixtures import every_database
from tessera_faq import service
from tessera_faq.models import Audience
from tessera_faq.settings import FIELDS
from tests.articles.words import mail, opened
from tests.faq.world import World
from tests.tickets.desk import gid as ticket_gid

FIND = "query ($query: String!) { faqItems(filter: {query: $query}) { totalCount nodes { title } } }"
SUGGEST = "query ($text: String!) { faqSuggestions(text: $text) { title } }"
FOR_TICKET = "query ($id: ID!) { ticket(id: $id) { faq { suggestions { title } } } }"
HITS = "query ($query: String!) { search(query: $query) { kind title faqItem { title keywords } } }"


async def found(world: World, query: str, actor: Any) -> list[str]:
    answer = (await world.house.ask(FIND, {"query": query}, actor=actor))["faqItems"]
    assert answer["totalCount"] == len(answer["nodes"])
    return sorted(each["title"] for each in answer["nodes"])


async def suggested(world: World, text: str, actor: Any) -> list[str]:
    return [each["title"] for each in (await world.house.ask(SUGGEST, {"text": text}, actor=actor))["faqSuggestions"]]


@every_database
async def test_items_are_found_by_title_texts_keywords_and_number(world: World) -> None:
    item = await world.item(keywords=["Toner"])
    await world.item(title="Café opening hours", texts={"symptom": "<p>Hungry</p>"})
    await world.indexed()
    for query in ("fire", "water", "toner", item.number, "print"):
        assert await found(world, query, world.desk.carla) == ["Printer on fire"]
    assert await found(world, "cafe", None) == ["Café opening hours"]
    assert await found(world, "nothing", world.desk.anna) == []
    await world.update(item, title="Printer is wet", texts={"solution": "<p>Dry it</p>"}, keywords=None)
    await world.indexed()
    assert [await found(world, query, None) for query in ("fire", "toner", "dry")] == [[], [], ["Printer is wet"]]


@every_database
async def test_words_of_a_hidden_text_find_nothing_for_who_does_not_read_it(world: World) -> None:
    await world.item()
    await world.indexed()
    assert await found(world, "igor", world.desk.anna) == ["Printer on fire"]
    for reader in (world.desk.carla, None):
        assert await found(world, "igor", reader) == []
        assert await suggested(world, "ask igor", reader) == []


async def test_a_text_that_becomes_internal_is_found_no_more(world: World) -> None:
    await world.item()
    await world.indexed()
    assert await found(world, "water", None) == ["Printer on fire"]
    await world.set(FIELDS, [{"name": "solution", "label": "Solution", "audience": "external"}])
    await world.indexed()
    assert await found(world, "water", None) == []
    assert await found(world, "water", world.desk.anna) == ["Printer on fire"]


@every_database
async def test_suggestions_are_published_and_readable(world: World) -> None:
    for title, values in (
        ("Printer burns", {}),
        ("Printer burns for customers", {"audience": Audience.EXTERNAL}),
        ("Printer burns inside", {"audience": Audience.INTERNAL}),
        ("Printer burns elsewhere", {"audience": Audience.INTERNAL, "category": world.other}),
        ("Printer burns draft", {"approved": False}),
    ):
        await world.item(title=title, texts={}, **values)
    await world.indexed()
    public, external, internal = "Printer burns", "Printer burns for customers", "Printer burns inside"
    for reader, titles in (
        (None, {public}),
        (world.desk.carla, {public, external}),
        (world.desk.anna, {public, external, internal}),
        (world.editor, {public, external, internal}),
    ):
        assert set(await suggested(world, "My printer burns!", reader)) == titles


@every_database
async def test_a_ticket_is_given_what_it_is_about_and_not_linked_with(world: World) -> None:
    burning, coffee = await world.item(), await world.item(title="Coffee machine", texts={})
    await world.indexed()
    ticket = await opened(world.desk, title="Help", article=mail("The coffee machine is on fire"))

    async def shown(actor: Any) -> set[str]:
        data = await world.house.ask(FOR_TICKET, {"id": ticket_gid(ticket)}, actor=actor)
        return {each["title"] for each in data["ticket"]["faq"]["suggestions"]}

    assert await shown(world.desk.anna) == await shown(world.desk.carla) == {burning.title, coffee.title}
    await world.run(world.desk.anna, service.link_tickets, coffee, [ticket])
    assert await shown(world.desk.anna) == {burning.title}


@every_database
async def test_the_search_over_everything_finds_items_too(world: World) -> None:
    await opened(world.desk, title="Fire drill", article=mail("Tomorrow"))
    item = await world.item(keywords=["Toner"])
    await world.item(title="Fire alarm", category=world.other)
    await world.indexed()
    hits = (await world.house.ask(HITS, {"query": "fire"}, actor=world.desk.anna))["search"]
    assert sorted((hit["kind"], hit["title"]) for hit in hits) == [
        ("faq.item", "Printer on fire"),
        ("ticket", "Fire drill"),
    ]
    assert {hit["kind"]: hit["faqItem"] for hit in hits} == {
        "faq.item": {"title": "Printer on fire", "keywords": ["Toner"]},
        "ticket": None,
    }
    exact = (await world.house.ask(HITS, {"query": item.number}, actor=world.desk.carla))["search"]
    assert [hit["title"] for hit in exact] == ["Printer on fire"]


async def test_suggestions_are_few(world: World) -> None:
    document = 'query ($first: Int) { faqSuggestions(text: "x", first: $first) { title } }'
    for first in (-1, 21):
        answer = await world.house.graphql(document, {"first": first})
        assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert await world.house.ask(document, {"first": None}) == {"faqSuggestions": []}


@every_database
async def test_no_text_breaks_the_search(world: World) -> None:
    await world.item()
    await world.indexed()
    for text in ("", " ", "' OR 1=1 --", '"', "%_", "\x00", "x" * 5000, "🔥 NEAR/2 *"):
        await suggested(world, text, None)
        assert await found(world, text, None) in ([], ["Printer on fire"])
        document = (
            "query ($words: [String!]) { faqItems(filter: {keywordsAny: $words, language: $words}) { totalCount } }"
        )
        assert await world.house.ask(document, {"words": [text]}) == {"faqItems": {"totalCount": 0}}
