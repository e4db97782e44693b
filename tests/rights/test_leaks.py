"""Nothing invisible leaks: not through any field, any id, any filter, any refusal, any stream."""

from collections.abc import Sequence
from typing import Any

import pytest
import pytest_asyncio
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    get_named_type,
    get_nullable_type,
)

from tessera.kit.actor import SYSTEM, Actor
from tessera.kit.ids import to_global
from tessera.kit.journal import Entry
from tessera.testing.house import House
from tests.rights.crawl import Crawl
from tests.rights.documents import PROBLEMS, mutation_fields
from tests.rights.hidden import INSIDE, SECRET, VAULT, Hidden, every_id, hide
from tests.tickets.desk import gid


@pytest_asyncio.fixture
async def hidden(house: House) -> Hidden:
    return await hide(house)


async def crawl(hidden: Hidden, actor: Actor | None, words: Sequence[str]) -> Crawl:
    return await Crawl(hidden.house, await every_id(hidden.house.runtime.assembly), words).read(actor)


async def test_who_may_see_everything_finds_every_word(hidden: Hidden) -> None:
    """The counter-proof: the search that finds nothing for others finds all there is."""
    words = [SECRET, INSIDE, VAULT, "Example Ltd", "carla@customer.example", *hidden.numbers]
    assert (await crawl(hidden, SYSTEM, words)).found == set(words)


async def test_an_agent_without_rights_reads_nothing_about_tickets(hidden: Hidden) -> None:
    words = [SECRET, INSIDE, "lamp", "flickers", "chair", VAULT, "1st Level", *hidden.numbers, hidden.shown.number]
    assert (await crawl(hidden, hidden.desk.eve, words)).leaks == []


async def test_an_agent_reads_nothing_of_hidden_tickets_behind_a_visible_one(hidden: Hidden) -> None:
    found = await crawl(hidden, hidden.reader, [SECRET, VAULT, *hidden.numbers, INSIDE])
    assert {word for word, _ in found.leaks} == {INSIDE}


async def test_a_customer_user_reads_what_was_said_to_them_and_no_more(hidden: Hidden) -> None:
    found = await crawl(hidden, hidden.desk.carla, [SECRET, INSIDE, "@desk.example", *hidden.numbers, "lamp"])
    assert {word for word, _ in found.leaks} == {"lamp"}


async def test_a_stranger_reads_nothing_of_other_customers(hidden: Hidden) -> None:
    words = [SECRET, INSIDE, "lamp", "chair", "flickers", "Example Ltd", "carla", "@desk.example", *hidden.numbers]
    assert (await crawl(hidden, hidden.desk.stranger, words)).leaks == []


async def test_an_anonymous_caller_reads_nothing(hidden: Hidden) -> None:
    words = [SECRET, INSIDE, "lamp", VAULT, "1st Level", "Example", "carla", "anna", "3 normal", "Administrators"]
    assert (await crawl(hidden, None, words)).leaks == []


FILTERS = (
    {"query": SECRET},
    {"query": INSIDE},
    {"title": {"contains": SECRET}},
    {"title": {"startsWith": SECRET}},
    {"tagsAny": [f"label {SECRET} one"]},
    {"anyOf": [{"query": SECRET}, {"title": {"contains": SECRET}}]},
    {"not": {"title": {"contains": "lamp"}}, "query": SECRET},
)


@pytest.mark.parametrize("given", FILTERS, ids=lambda given: next(iter(given)))
async def test_no_filter_counts_or_finds_what_is_hidden(hidden: Hidden, given: dict[str, Any]) -> None:
    document = "query ($filter: TicketFilter) { tickets(filter: $filter) { totalCount nodes { number } } }"
    desk = hidden.desk
    for actor in (desk.eve, hidden.reader, desk.carla, desk.stranger):
        found = (await desk.house.ask(document, {"filter": given}, actor=actor))["tickets"]
        reads = actor is hidden.reader and given == {"query": INSIDE}
        assert found["nodes"] == [{"number": hidden.shown.number}] * reads, actor.name
        assert found["totalCount"] == reads
    everything = (await desk.house.ask(document, {"filter": given}, actor=SYSTEM))["tickets"]
    assert everything["totalCount"] > 0


async def test_no_search_finds_what_is_hidden(hidden: Hidden) -> None:
    document = "query ($query: String!) { search(query: $query) { title snippet ticket { number } } }"
    desk = hidden.desk
    for actor in (desk.eve, hidden.reader, desk.carla, desk.stranger):
        for word in (SECRET, f"{SECRET}*", VAULT, INSIDE, *hidden.numbers):
            found = (await desk.house.ask(document, {"query": word}, actor=actor))["search"]
            reads = actor is hidden.reader and word == INSIDE
            assert [hit["ticket"]["number"] for hit in found] == [hidden.shown.number] * reads, (actor.name, word)


async def test_hidden_and_unknown_are_told_alike(hidden: Hidden) -> None:
    """Id, number, filter by id: a hidden ticket answers what one answers that never was."""
    document = """query ($id: ID!, $number: String!, $template: ID!) {
      node(id: $id) { id } ticket(id: $id) { id } ticketByNumber(number: $number) { id } nodes(ids: [$id]) { id }
      tickets(filter: {ids: [$id]}) { totalCount } templates(ticketId: $id) { id }
      templatePreview(templateId: $template, ticketId: $id) { subject }
      ticketChanges(filter: {ids: [$id]}) { upserts { id } removedIds } }"""
    desk = hidden.desk
    for actor in (desk.eve, desk.stranger):
        answers = [
            await desk.house.ask(document, {"id": key, "number": number, "template": "x"}, actor=actor)
            for key, number in ((gid(hidden.secret), hidden.secret.number), (to_global("Ticket", 987654), "20260101"))
        ]
        assert answers[0] == answers[1], actor.name


async def test_no_refusal_tells_what_it_refuses(hidden: Hidden) -> None:
    """Every mutation, with the ids of everything: nothing is changed, and no answer names what is hidden."""
    ids = await every_id(hidden.house.runtime.assembly)
    own = {"apiTokenCreate", "agentUpdate", "ticketCreate"}
    for actor, allowed in ((hidden.desk.eve, own - {"ticketCreate"}), (hidden.desk.stranger, own), (None, set())):
        search = Crawl(hidden.house, {}, [SECRET, INSIDE, "lamp", *hidden.numbers])
        for name, field in mutation_fields().items():
            if name in allowed or name.startswith("session"):
                continue
            before = await Entry.all().count()
            for turn in range(2):
                arguments = {each: _value(arg.type, each, name, ids, turn) for each, arg in field.args.items()}
                document = _document(name, arguments)
                answer = await hidden.house.graphql(document, arguments, actor=actor)
                search.note(document, answer)
                assert await Entry.all().count() == before, (name, answer)
        assert search.leaks == []
        assert search.asked > 100


def _document(name: str, arguments: dict[str, Any]) -> str:
    types = mutation_fields()[name].args
    declared = ", ".join(f"${each}: {types[each].type}" for each in arguments)
    passed = ", ".join(f"{each}: ${each}" for each in arguments)
    head, tail = (f"({declared})", f"({passed})") if arguments else ("", "")
    return f"mutation{head} {{ {name}{tail} {{ {PROBLEMS} }} }}"


def _value(kind: Any, argument: str, mutation: str, ids: dict[str, list[str]], turn: int) -> Any:
    """Make up a value of an input type; ids are those of rows that exist, first or last."""
    nullable = get_nullable_type(kind)
    if isinstance(nullable, GraphQLList):
        return [_value(nullable.of_type, argument, mutation, ids, turn)]
    named = get_named_type(kind)
    if isinstance(named, GraphQLEnumType):
        return next(iter(named.values))
    if isinstance(named, GraphQLInputObjectType):
        return {
            name: _value(field.type, name, mutation, ids, turn)
            for name, field in named.fields.items()
            if isinstance(field.type, GraphQLNonNull) or name.endswith(("Id", "Ids"))
        }
    if named.name == "ID":
        found = ids.get(_kind_of(argument, mutation, ids)) or ids["Ticket"]
        return found[-1 if turn else 0]
    return {"Int": None if argument == "expectedVersion" else 1, "Boolean": True, "DateTime": None}.get(named.name, "x")


def _kind_of(argument: str, mutation: str, ids: dict[str, list[str]]) -> str:
    """Guess which type an id argument means: `ownerId` an agent, `id` what the mutation is called after."""
    known = {"owner": "Agent", "responsible": "Agent", "state": "TicketState", "into": "Ticket", "holder": "Role"}
    stem = argument.removesuffix("s").removesuffix("Id")
    if stem in {"id", ""}:
        return next(
            (kind for kind in sorted(ids, key=len, reverse=True) if mutation.startswith(_lower(kind))), "Ticket"
        )
    name = known.get(stem, stem[0].upper() + stem[1:])
    return name if name in ids else f"Ticket{name}"


def _lower(name: str) -> str:
    return name[0].lower() + name[1:]
