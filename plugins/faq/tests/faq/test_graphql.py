"""The API: shapes, problems, pages, statements, what nobody signed in gets, and which doors stay shut to them."""

import dataclasses
from datetime import timedelta
from typing import Any

import httpx2
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_required_argument,
    is_required_input_field,
)

from tessera.kit.clock import isoformat, now
from tessera.kit.ids import to_global
from tessera.testing.fixtures import every_database
from tessera.testing.house import House, base_assembly
from tessera_faq import service
from tessera_faq.models import Audience, Item
from tessera_faq.settings import LINK
from tests.articles.words import mail, opened
from tests.faq.test_attachments import file
from tests.faq.world import World, gid
from tests.tickets.desk import gid as ticket_gid

EVERYTHING = """
  id number title language audience approved active keywords rating voteCount viewCount viewerVote
  validFrom validUntil version createdAt updatedAt
  category { id name path active itemCount parent { path } children { path } groups { name } }
  fields { name label audience html } attachments { id filename } author { kind name agent { login } }
  translations { language title } tickets { totalCount nodes { number } edges { cursor } }
  viewerCan { update approve vote } reply { subject html text url }
"""
ONE = f"query ($id: ID!) {{ faqItem(id: $id) {{ {EVERYTHING} }} }}"
ALL = f"query ($first: Int) {{ faqItems(first: $first) {{ totalCount nodes {{ {EVERYTHING} }} }} }}"
CREATE = """mutation ($input: FaqItemCreateInput!) { faqItemCreate(input: $input) {
  faqItem { number title language approved fields { name html } keywords attachments { filename }
    tickets { nodes { number } } translations { language } category { path } author { name agent { login } } }
  userErrors { code reason field message } clientMutationId } }"""
UPDATE = """mutation ($id: ID!, $input: FaqItemUpdateInput!, $expected: Int) {
  faqItemUpdate(id: $id, input: $input, expectedVersion: $expected) {
    faqItem { title version keywords validUntil fields { name html } } userErrors { code reason field } } }"""
VOTE = """mutation ($id: ID!, $vote: Int) { faqItemVote(id: $id, vote: $vote) {
  faqItem { rating voteCount viewerVote } userErrors { code reason field message } } }"""
CATEGORIES = "query ($roots: Boolean) { faqCategories(rootsOnly: $roots) { path parent { path } children { path } } }"


async def full(world: World, **values: Any) -> Item:
    """Write an item with something of everything."""
    item = await world.item(keywords=["fire"], attachments=[await file()], **values)
    await world.item(language="de", title="Drucker brennt", translation_of=item)
    ticket = await opened(world.desk)
    await world.run(world.desk.anna, service.link_tickets, item, [ticket])
    await world.run(world.desk.carla, service.vote, item, 75)
    return item


@every_database
async def test_everything_is_told_to_whoever_may_know_it(world: World) -> None:
    item = await full(world)
    told = {
        name: (await world.house.ask(ONE, {"id": gid(item)}, actor=reader))["faqItem"]
        for name, reader in {**world.readers, "manager": world.manager}.items()
        if name not in {"outside", "outside editor"}
    }
    assert told["agent"]["category"]["groups"] == [{"name": "support"}]
    assert told["customer"]["category"]["groups"] == []
    assert [each["name"] for each in told["agent"]["fields"]] == ["symptom", "problem", "solution", "comment"]
    assert [each["name"] for each in told["anonymous"]["fields"]] == ["symptom", "problem", "solution"]
    assert [told[name]["tickets"]["totalCount"] for name in ("agent", "customer", "anonymous")] == [1, 1, 0]
    assert told["anonymous"]["author"] == {"kind": "SYSTEM", "name": "", "agent": None}
    assert told["customer"]["viewerVote"] == 75
    assert told["anonymous"]["translations"] == [{"language": "de", "title": "Drucker brennt"}]
    rights = {name: tuple(each["viewerCan"].values()) for name, each in told.items()}
    assert rights == {
        "editor": (True, False, True),
        "approver": (False, False, True),
        "agent": (False, False, True),
        "manager": (False, False, True),
        "customer": (False, False, True),
        "anonymous": (False, False, False),
    }


async def test_labels_are_in_the_readers_language(world: World) -> None:
    item = await world.item()
    german = await world.desk.agent_with("gerda", ("ro",))
    data = await world.house.ask(ONE, {"id": gid(item)}, actor=_speaking(german, "de"))
    labels = [each["label"] for each in data["faqItem"]["fields"]]
    assert labels == ["Symptom", "Problem", "Lösung", "Kommentar"]


def _speaking(actor: Any, locale: str) -> Any:
    return dataclasses.replace(actor, locale=locale, memory={})


async def test_many_items_cost_no_more_statements_than_two(world: World) -> None:
    await full(world)
    costs: list[dict[str, int]] = [{}, {}]
    for cost in costs:
        for name in ("agent", "customer", "anonymous"):
            cost[name] = len(await world.house.statements(ALL, {"first": 50}, actor=world.readers[name]))
        for number in range(4):
            await full(world, title=f"Item {number}")
    assert costs[0] == costs[1]
    assert all(10 < cost < 60 for cost in costs[0].values()), costs


async def test_the_items_of_many_tickets_cost_no_more_than_of_two(world: World) -> None:
    costs = []
    for _ in range(2):
        await full(world)
        await full(world)
        document = "query { tickets { nodes { number faq { items { totalCount nodes { title fields { html } } } } } } }"
        costs.append(len(await world.house.statements(document, actor=world.desk.anna)))
    assert costs[0] == costs[1] > 2


async def test_lists_are_narrowed_and_sorted(world: World) -> None:
    laser = await world.desk.run(
        world.manager, service.create_category, name="Laser", groups=[world.desk.group], parent=world.category
    )
    old = await world.item(title="b", keywords=["Fire"])
    await world.item(title="C", category=laser, language="de", audience=Audience.EXTERNAL)
    await world.item(title="a", approved=False, audience=Audience.INTERNAL)
    await world.run(world.desk.carla, service.vote, old, 50)
    category = {"in": [gid(world.category)]}
    for given, titles in (
        ({}, ["a", "C", "b"]),
        ({"orderBy": [{"field": "TITLE", "direction": "ASC"}]}, ["a", "b", "C"]),
        ({"orderBy": [{"field": "RATING"}]}, ["b", "a", "C"]),
        ({"orderBy": [{"field": "VIEW_COUNT"}, {"field": "CREATED_AT", "direction": "ASC"}]}, ["b", "C", "a"]),
        ({"filter": {"categoryId": category}}, ["a", "b"]),
        ({"filter": {"categoryId": category, "includeSubCategories": True}}, ["a", "C", "b"]),
        ({"filter": {"categoryId": {"notIn": [gid(laser)]}, "includeSubCategories": True}}, ["a", "b"]),
        ({"filter": {"language": ["de"]}}, ["C"]),
        ({"filter": {"audience": ["PUBLIC", "INTERNAL"]}}, ["a", "b"]),
        ({"filter": {"keywordsAny": ["fire", "water"]}}, ["b"]),
        ({"filter": {"approved": False}}, ["a"]),
        ({"filter": {"updatedAt": {"gte": isoformat(now() + timedelta(hours=1))}}}, []),
    ):
        document = """query ($filter: FaqItemFilter, $orderBy: [FaqItemOrder!]) {
          faqItems(filter: $filter, orderBy: $orderBy) { nodes { title } } }"""
        found = await world.house.ask(document, given, actor=world.editor)
        assert [each["title"] for each in found["faqItems"]["nodes"]] == titles, given


@every_database
async def test_pages_go_on_where_they_ended(world: World) -> None:
    for mark in (None, 25, 100, 100):
        item = await world.item()
        if mark is not None:
            await world.run(world.desk.carla, service.vote, item, mark)
    document = """query ($after: String) { faqItems(first: 1, after: $after, orderBy: [{field: RATING}]) {
      nodes { rating } pageInfo { endCursor hasNextPage } } }"""
    after, found = None, []
    while True:
        page = (await world.house.ask(document, {"after": after}, actor=world.desk.anna))["faqItems"]
        found += [each["rating"] for each in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert found == [100, 100, 25, None]


async def test_the_tree_begins_where_the_viewer_sees_it(world: World) -> None:
    inner = await world.desk.run(
        world.manager, service.create_category, name="Inner", groups=[world.desk.group], parent=world.other
    )
    await world.item(category=inner)
    roots = (await world.house.ask(CATEGORIES, {"roots": True}, actor=world.desk.anna))["faqCategories"]
    assert roots == [
        {"path": "Elsewhere::Inner", "parent": None, "children": []},
        {"path": "Printers", "parent": None, "children": []},
    ]
    public = (await world.house.ask(CATEGORIES))["faqCategories"]
    assert public == [
        {"path": "Elsewhere", "parent": None, "children": [{"path": "Elsewhere::Inner"}]},
        {"path": "Elsewhere::Inner", "parent": {"path": "Elsewhere"}, "children": []},
    ]


async def test_an_item_is_written_with_everything_at_once_and_once(world: World) -> None:
    ticket = await opened(world.desk, article=mail("It smokes"))
    original = await world.item(language="de", title="Rauch")
    given = {
        "title": "Smoke",
        "language": "en",
        "categoryId": gid(world.category),
        "fields": [{"name": "problem", "html": "<p>Heat</p>"}],
        "keywords": ["smoke"],
        "fromTicketId": ticket_gid(ticket),
        "translationOfId": gid(original),
        "clientMutationId": "once",
    }
    one = (await world.house.ask(CREATE, {"input": given}, actor=world.editor))["faqItemCreate"]
    two = (await world.house.ask(CREATE, {"input": given}, actor=world.editor))["faqItemCreate"]
    assert one == two
    assert one["userErrors"] == []
    item = one["faqItem"]
    assert {each["name"]: each["html"] for each in item["fields"]} == {
        "symptom": "It smokes",
        "problem": "<p>Heat</p>",
        "solution": "",
        "comment": "",
    }
    assert item["translations"] == [{"language": "de"}]
    assert item["tickets"] == {"nodes": [{"number": ticket.number}]}
    assert item["author"] == {"name": "Edith", "agent": {"login": "edith"}}


async def test_what_is_wrong_is_told_with_its_place(world: World) -> None:
    wrong: list[tuple[dict[str, Any], str, list[str]]] = [
        ({"title": ""}, "REQUIRED", ["input", "title"]),
        ({"language": "x"}, "INVALID", ["input", "language"]),
        ({"categoryId": "nonsense"}, "NOT_FOUND", ["input", "categoryId"]),
        ({"fromTicketId": to_global("Ticket", 99)}, "NOT_FOUND", ["input", "fromTicketId"]),
        ({"translationOfId": to_global("FaqItem", 99)}, "NOT_FOUND", ["input", "translationOfId"]),
        ({"fields": [{"name": "x", "html": ""}]}, "INVALID", ["input", "fields", "0", "name"]),
        ({"attachments": [{"uploadToken": "x"}]}, "NOT_FOUND", ["input", "attachments", "0", "uploadToken"]),
    ]
    for changed, code, field in wrong:
        given = {"title": "Smoke", "language": "en", "categoryId": gid(world.category), **changed}
        made = (await world.house.ask(CREATE, {"input": given}, actor=world.editor))["faqItemCreate"]
        assert made["faqItem"] is None
        assert [(each["code"], each["field"]) for each in made["userErrors"]] == [(code, field)]


async def test_a_hidden_category_and_ticket_are_unknown_to_an_editor(world: World) -> None:
    ticket = await opened(world.desk, queue=world.desk.other_queue, article=mail("Secret"))
    for changed in ({"categoryId": gid(world.other)}, {"fromTicketId": ticket_gid(ticket)}):
        given = {"title": "Smoke", "language": "en", "categoryId": gid(world.category), **changed}
        made = (await world.house.ask(CREATE, {"input": given}, actor=world.editor))["faqItemCreate"]
        assert made["userErrors"][0]["code"] == "NOT_FOUND"


async def test_an_update_changes_what_is_given_and_clears_what_is_null(world: World) -> None:
    item = await world.item(keywords=["fire"], valid_until=now() + timedelta(days=1))
    given = {"keywords": None, "validUntil": None, "fields": [{"name": "symptom", "html": "<p>New</p>"}]}
    made = (await world.house.ask(UPDATE, {"id": gid(item), "input": given}, actor=world.editor))["faqItemUpdate"]
    assert (made["faqItem"]["title"], made["faqItem"]["keywords"], made["faqItem"]["validUntil"]) == (
        item.title,
        [],
        None,
    )
    assert made["faqItem"]["fields"][0] == {"name": "symptom", "html": "<p>New</p>"}
    assert made["faqItem"]["fields"][2] == {"name": "solution", "html": "<p>Pour water</p>"}
    stale = {"id": gid(item), "input": {"title": "Late"}, "expected": 1}
    made = (await world.house.ask(UPDATE, stale, actor=world.editor))["faqItemUpdate"]
    assert (made["userErrors"][0]["code"], made["faqItem"]["version"]) == ("CONFLICT", 2)
    for name in ("title", "categoryId", "audience", "active"):
        made = await world.house.ask(UPDATE, {"id": gid(item), "input": {name: None}}, actor=world.editor)
        assert made["faqItemUpdate"]["userErrors"] == [{"code": "REQUIRED", "reason": None, "field": ["input", name]}]


async def test_votes_in_the_viewers_language(world: World) -> None:
    item = await world.item()
    made = (await world.house.ask(VOTE, {"id": gid(item), "vote": 100}, actor=world.desk.carla))["faqItemVote"]
    assert made == {"faqItem": {"rating": 100.0, "voteCount": 1, "viewerVote": 100}, "userErrors": []}
    wrong = await world.house.ask(VOTE, {"id": gid(item), "vote": 99}, actor=_speaking(world.desk.carla, "de"))
    assert wrong["faqItemVote"]["userErrors"][0]["message"] == "Eine Bewertung ist 0, 25, 50, 75 oder 100."
    internal = await world.item(audience=Audience.INTERNAL)
    hidden = await world.house.ask(VOTE, {"id": gid(internal), "vote": 100}, actor=world.desk.carla)
    assert hidden["faqItemVote"]["userErrors"][0]["code"] == "NOT_FOUND"


async def test_a_reply_holds_what_its_reader_may_read(world: World) -> None:
    item = await world.item(audience=Audience.EXTERNAL)
    document = "query ($id: ID!, $to: FaqAudience!) { faqItem(id: $id) { reply(audience: $to) { html text url } } }"

    async def reply(to: str, actor: Any, row: Item = item) -> Any:
        return (await world.house.ask(document, {"id": gid(row), "to": to}, actor=actor))["faqItem"]["reply"]

    external = await reply("EXTERNAL", world.desk.anna)
    assert external["text"] == "Symptom\n\nIt burns\n\nSolution\n\nPour water"
    assert "Igor" not in external["html"]
    assert "Igor" in (await reply("INTERNAL", world.desk.anna))["html"]
    assert "Igor" not in (await reply("INTERNAL", world.desk.carla))["html"]
    assert await reply("PUBLIC", world.desk.anna) is None
    assert await reply("EXTERNAL", world.editor, await world.item(approved=False)) is None
    assert external["url"] == f"http://testserver/x/faq/items/{item.number}"
    await world.set(LINK, "https://help.example.com/{number}?lang=en")
    assert (await reply("EXTERNAL", world.desk.anna))["url"] == f"https://help.example.com/{item.number}?lang=en"


ROOTS = {"faqItem", "faqItems", "faqCategories", "faqSuggestions"}
ALSO_OPEN = {"viewer", "serverInfo", "rateLimit", "node", "nodes"}


async def test_nobody_signed_in_gets_through_no_other_door(world: World) -> None:
    item = await full(world)
    ticket = await opened(world.desk)
    schema = base_assembly().schema._schema
    assert schema.query_type is not None
    assert schema.mutation_type is not None
    for name, field in schema.query_type.fields.items():
        if name not in ROOTS | ALSO_OPEN:
            answer = await world.house.graphql(f"query {{ {_call(name, field)} }}")
            assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED", (name, answer)
    for global_id in (gid(item), gid(world.category), ticket_gid(ticket)):
        answer = await world.house.graphql("query ($id: ID!) { node(id: $id) { id } }", {"id": global_id})
        assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    for name in schema.mutation_type.fields:
        if name.startswith("faq"):
            answer = await world.house.graphql(_mutation(name, gid(item), gid(world.category)))
            assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED", (name, answer)


def _call(name: str, field: GraphQLField) -> str:
    kind = get_named_type(field.type)
    given = ", ".join(
        f"{argument}: {_example(each.type, kind.name)}"
        for argument, each in field.args.items()
        if is_required_argument(each)
    )
    return f"{name}{f'({given})' if given else ''} {'' if is_leaf_type(kind) else '{ __typename }'}"


def _example(type_: GraphQLInputType, kind: str) -> str:
    """Return a value of an argument's type; an id is one of the kind that the field returns."""
    match get_nullable_type(type_):
        case GraphQLList():
            return "[]"
        case GraphQLEnumType(values=values):
            return str(next(iter(values)))
        case GraphQLInputObjectType(fields=fields):
            needed = ((name, each) for name, each in fields.items() if is_required_input_field(each))
            return f"{{{', '.join(f'{name}: {_example(each.type, kind)}' for name, each in needed)}}}"
        case scalar:
            plain: dict[str, str] = {"ID": f'"{to_global(kind, 1)}"', "Int": "1", "Float": "1", "Boolean": "true"}
            return plain.get(str(scalar), '"x"')


def _mutation(name: str, item: str, category: str) -> str:
    category_input = '{name: "x", groupIds: []}'
    arguments = {
        "faqItemCreate": f'input: {{title: "x", language: "en", categoryId: "{category}"}}',
        "faqItemUpdate": f'id: "{item}", input: {{title: "x"}}',
        "faqItemApprove": f'id: "{item}"',
        "faqItemVote": f'id: "{item}", vote: 100',
        "faqItemLinkTickets": f'id: "{item}", ticketIds: []',
        "faqItemUnlinkTickets": f'id: "{item}", ticketIds: []',
        "faqCategoryCreate": f"input: {category_input}",
        "faqCategoryUpdate": f'id: "{category}", input: {category_input}',
    }[name]
    return f"mutation {{ {name}({arguments}) {{ userErrors {{ code }} }} }}"


async def test_nobody_signed_in_leaves_the_open_fields_nowhere(world: World) -> None:
    """What public items lead to holds nothing that is not public."""
    item = await full(world)
    internal = await world.item(language="fr", title="Interne", audience=Audience.INTERNAL, translation_of=item)
    document = """query ($id: ID!) { faqItem(id: $id) { tickets { totalCount edges { node { title } } }
      category { groups { name } children { name } itemCount } translations { title }
      viewerVote viewerCan { vote } } }"""
    data = (await world.house.ask(document, {"id": gid(item)}))["faqItem"]
    assert data["tickets"] == {"totalCount": 0, "edges": []}
    assert data["category"] == {"groups": [], "children": [], "itemCount": 2}
    assert internal.title not in str(data)


async def test_the_page_of_an_item_is_for_its_readers(served: House) -> None:
    world = await World.furnish(served)
    item = await world.item(title="<b>Fire</b>")
    external = await world.item(audience=Audience.EXTERNAL)
    async with httpx2.AsyncClient() as client:
        page = await client.get(f"{served.url}/x/faq/items/{item.number}")
        assert page.status_code == 200
        assert "&lt;b&gt;Fire&lt;/b&gt;" in page.text
        assert "Pour water" in page.text
        assert "Igor" not in page.text
        assert page.headers["content-security-policy"].startswith("default-src 'none'")
        for number in (external.number, "0", "x'--", "%00"):
            assert (await client.get(f"{served.url}/x/faq/items/{number}")).status_code == 404
