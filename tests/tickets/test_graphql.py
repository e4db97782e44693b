"""What the API adds: shapes, problems, constant numbers of statements."""

from datetime import timedelta
from typing import Any

import pytest

from tessera.kit import clock
from tessera.kit.actor import SYSTEM, Actor
from tessera.kit.clock import isoformat, now
from tessera.tickets import service
from tessera.tickets.models import Ticket
from tests.tickets.desk import Desk, gid, state

TICKET = """
  id number title version tags archived pendingUntil createdAt updatedAt closedAt
  queue { path } state { name type } priority { name rank } type { name } owner { login } responsible { login }
  customerUser { login } customer { name } lock { holder { login } since expiresAt } mergedInto { number }
  watchers { login } viewerIsWatching viewerLastSeenAt
  viewerCan { update move assign lock close reply note priority merge }
"""


async def mutate(
    desk: Desk, by: Actor, name: str, arguments: str, fields: str = "number version", **variables: Any
) -> dict[str, Any]:
    document = (
        f"mutation {{ {name}({arguments}) {{ ticket {{ {fields} }} userErrors {{ code field reason message }} }} }}"
    )
    answer = await desk.house.ask(document, variables, actor=by)
    payload: dict[str, Any] = answer[name]
    return payload


def errors(payload: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [(each["code"], each["field"], each["reason"]) for each in payload["userErrors"]]


async def test_a_ticket_shows_everything_an_agent_asks_for(desk: Desk) -> None:
    ticket = await desk.ticket(tags=["a"], owner=await desk.agent(desk.bert))
    await desk.run(desk.anna, service.lock, ticket)
    await desk.run(desk.ben, service.watch, ticket)
    await desk.run(desk.ben, service.mark_seen, ticket)
    found = await desk.house.ask(
        f"query($id: ID!) {{ ticket(id: $id) {{ {TICKET} }} }}", {"id": gid(ticket)}, actor=desk.ben
    )
    shown = found["ticket"]
    assert (shown["number"], shown["tags"], shown["version"]) == (ticket.number, ["a"], 2)
    assert shown["state"] == {"name": "new", "type": "NEW"}
    assert shown["queue"] == {"path": "Support"}
    assert shown["owner"] == {"login": "anna"}
    assert shown["lock"]["holder"] == {"login": "anna"}
    assert shown["lock"]["expiresAt"] > isoformat(now())
    assert (shown["customerUser"], shown["customer"]) == ({"login": "carla"}, {"name": "Example Ltd"})
    assert shown["watchers"] == [{"login": "ben"}]
    assert shown["viewerIsWatching"] is True
    assert shown["viewerLastSeenAt"] is not None
    assert not any(shown["viewerCan"].values())


async def test_a_customer_user_sees_their_ticket_and_no_agents(desk: Desk) -> None:
    ticket = await desk.ticket(owner=await desk.agent(desk.anna))
    await desk.run(desk.anna, service.lock, ticket)
    await desk.run(desk.anna, service.watch, ticket)
    query = f"query($number: String!) {{ ticketByNumber(number: $number) {{ {TICKET} }} }}"
    shown = (await desk.house.ask(query, {"number": ticket.number}, actor=desk.carla))["ticketByNumber"]
    assert shown["queue"] == {"path": "Support"}
    assert (shown["owner"], shown["lock"], shown["watchers"]) == (None, None, [])
    allowed = {name for name, may in shown["viewerCan"].items() if may}
    assert allowed == {"reply", "close"}
    assert (await desk.house.ask(query, {"number": ticket.number}, actor=desk.stranger))["ticketByNumber"] is None


@pytest.mark.parametrize("door", ["ticket(id: $id)", "node(id: $id)", "nodes(ids: [$id])"])
async def test_a_hidden_ticket_is_not_there(desk: Desk, door: str) -> None:
    ticket = await desk.ticket()
    query = f"query($id: ID!) {{ found: {door} {{ id }} }}"
    shown = await desk.house.ask(query, {"id": gid(ticket)}, actor=desk.anna)
    assert gid(ticket) in str(shown)
    hidden = await desk.house.ask(query, {"id": gid(ticket)}, actor=desk.eve)
    assert hidden["found"] in (None, [None])


async def test_nobody_reads_without_signing_in(desk: Desk) -> None:
    for query in ("{ tickets { nodes { id } } }", "{ ticketStates { id } }", '{ ticketByNumber(number: "1") { id } }'):
        answer = await desk.house.graphql(query)
        assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_an_update_changes_what_is_given_and_clears_what_is_null(desk: Desk) -> None:
    ticket = await desk.ticket()
    later = isoformat(now() + timedelta(days=1))
    waiting = gid(await state("pending reminder"), "TicketState")
    payload = await mutate(
        desk,
        desk.anna,
        "ticketUpdate",
        f'id: "{gid(ticket)}", expectedVersion: 1, '
        f'input: {{title: "Smoke", stateId: "{waiting}", pendingUntil: "{later}", customerUserId: null}}',
        "title version pendingUntil state { name } customerUser { login } customer { name } priority { name }",
    )
    assert errors(payload) == []
    assert payload["ticket"] == {
        "title": "Smoke",
        "version": 2,
        "pendingUntil": later,
        "state": {"name": "pending reminder"},
        "customerUser": None,
        "customer": None,
        "priority": {"name": "3 normal"},
    }


async def test_what_is_wrong_with_an_update_is_named(desk: Desk) -> None:
    ticket = await desk.ticket()
    here = f'id: "{gid(ticket)}", input: '
    cases: list[tuple[str, tuple[Any, ...]]] = [
        ('{title: ""}', ("REQUIRED", ["input", "title"], None)),
        ("{title: null}", ("REQUIRED", ["input", "title"], None)),
        (f'{{title: "{"x" * 501}"}}', ("LIMIT", ["input", "title"], None)),
        ('{stateId: "nonsense"}', ("NOT_FOUND", ["input", "stateId"], None)),
        (f'{{priorityId: "{gid(ticket)}"}}', ("NOT_FOUND", ["input", "priorityId"], None)),
        ('{responsibleId: "QWdlbnQ6OTk5"}', ("NOT_FOUND", ["input", "responsibleId"], None)),
        (f'{{pendingUntil: "{isoformat(now())}"}}', ("INVALID", ["input", "pendingUntil"], "tickets.not_pending")),
        (
            f'{{stateId: "{gid(await state("merged"), "TicketState")}"}}',
            ("STATE", None, "tickets.state_not_allowed"),
        ),
    ]
    for given, expected in cases:
        payload = await mutate(desk, desk.anna, "ticketUpdate", here + given)
        assert (errors(payload), payload["ticket"]) == ([expected], None), given
    assert errors(await mutate(desk, desk.ben, "ticketUpdate", here + '{title: "a"}')) == [
        ("FORBIDDEN", None, "queues.right_missing")
    ]
    assert errors(await mutate(desk, desk.eve, "ticketUpdate", here + '{title: "a"}')) == [("NOT_FOUND", ["id"], None)]
    assert (await Ticket.get(id=ticket.id)).version == 1


async def test_a_stale_update_shows_the_ticket_as_it_is(desk: Desk) -> None:
    ticket = await desk.ticket()
    await desk.run(desk.anna, service.update, ticket, title="Changed")
    payload = await mutate(
        desk,
        desk.bert,
        "ticketUpdate",
        f'id: "{gid(ticket)}", input: {{title: "Mine"}}, expectedVersion: 1',
        "title version",
    )
    assert errors(payload) == [("CONFLICT", None, "version")]
    assert payload["ticket"] == {"title": "Changed", "version": 2}


async def test_a_lock_is_claimed_refused_taken_over_and_released(desk: Desk) -> None:
    here = f'id: "{gid(await desk.ticket())}"'
    holder = "lock { holder { login } }"
    assert (await mutate(desk, desk.anna, "ticketLock", here, holder))["ticket"]["lock"]["holder"]["login"] == "anna"
    refused = await mutate(desk, desk.bert, "ticketLock", here, holder)
    assert errors(refused) == [("CONFLICT", None, "tickets.locked")]
    assert refused["ticket"]["lock"]["holder"]["login"] == "anna"
    assert "Anna has held the lock" in refused["userErrors"][0]["message"]
    taken = await mutate(desk, desk.bert, "ticketLock", here + ", force: true", holder)
    assert taken["ticket"]["lock"]["holder"]["login"] == "bert"
    assert (await mutate(desk, desk.bert, "ticketUnlock", here, holder))["ticket"] == {"lock": None}


async def test_labels_watching_and_reading(desk: Desk) -> None:
    here = f'id: "{gid(await desk.ticket())}"'
    tagged = await mutate(desk, desk.anna, "ticketTagsAdd", here + ', tags: ["b", "a"]', "tags version")
    assert tagged["ticket"] == {"tags": ["a", "b"], "version": 2}
    untagged = await mutate(desk, desk.anna, "ticketTagsRemove", here + ', tags: ["B"]', "tags")
    assert untagged["ticket"] == {"tags": ["a"]}
    for verb, watching in (("ticketWatch", True), ("ticketUnwatch", False)):
        shown = await mutate(desk, desk.ben, verb, here, "viewerIsWatching")
        assert shown["ticket"] == {"viewerIsWatching": watching}
    seen = await mutate(desk, desk.carla, "ticketMarkSeen", here, "viewerLastSeenAt version")
    assert seen["ticket"]["viewerLastSeenAt"] is not None
    assert seen["ticket"]["version"] == 3


async def test_states_priorities_and_types_are_listed_in_their_order(desk: Desk) -> None:
    shown = await desk.house.ask(
        "{ ticketStates { name } ticketPriorities { name } ticketTypes { name active } }", actor=desk.carla
    )
    assert len(shown["ticketStates"]) == 9
    ranks = [each["name"][0] for each in shown["ticketPriorities"]]
    assert ranks == ["5", "4", "3", "2", "1"]
    assert shown["ticketTypes"] == [{"name": "Unclassified", "active": True}]


async def test_an_administrator_configures_and_nobody_else(desk: Desk) -> None:
    manager = await desk.agent_with("mona", ["ro"], permissions=["tickets.manage"])
    create = 'mutation { made: ticketTypeCreate(input: {name: "Incident"}) { ticketType { id } userErrors { code } } }'
    refused = await desk.house.ask(create, actor=desk.anna)
    assert refused["made"] == {"ticketType": None, "userErrors": [{"code": "FORBIDDEN"}]}
    made = await desk.house.ask(create, actor=manager)
    again = await desk.house.ask(create, actor=manager)
    assert again["made"]["userErrors"] == [{"code": "TAKEN"}]
    update = """mutation($id: ID!) { changed: ticketTypeUpdate(id: $id, input: {active: false}, expectedVersion: 1) {
      ticketType { active version } userErrors { code } } }"""
    variables = {"id": made["made"]["ticketType"]["id"]}
    changed = await desk.house.ask(update, variables, actor=manager)
    assert changed["changed"]["ticketType"] == {"active": False, "version": 2}
    conflict = await desk.house.ask(update, variables, actor=manager)
    assert conflict["changed"] == {"ticketType": {"active": False, "version": 2}, "userErrors": [{"code": "CONFLICT"}]}
    assert len((await desk.house.ask("{ ticketTypes { id } }", actor=desk.anna))["ticketTypes"]) == 1
    states = """mutation {
      a: ticketStateCreate(input: {name: "on hold", type: PENDING_REMINDER}) { ticketState { name type } }
      b: ticketPriorityCreate(input: {name: "6 dire", rank: 6, color: "#ff0000"}) { ticketPriority { rank color } }
      c: ticketPriorityCreate(input: {name: "7", rank: 6, color: "red"}) { userErrors { code field } } }"""
    made = await desk.house.ask(states, actor=manager)
    assert made["a"]["ticketState"] == {"name": "on hold", "type": "PENDING_REMINDER"}
    assert made["b"]["ticketPriority"] == {"rank": 6, "color": "#ff0000"}
    assert made["c"]["userErrors"] == [{"code": "INVALID", "field": ["input", "color"]}]


LISTS = {
    "tickets": f"{{ tickets(first: 50) {{ totalCount nodes {{ {TICKET} }} }} }}",
    "queues": f"{{ queues {{ openTicketCount tickets(first: 20) {{ totalCount nodes {{ {TICKET} }} }} }} }}",
    "people": """{ customerUsers { nodes {
      tickets { totalCount nodes { id } } customer { tickets { nodes { id } } } } } }""",
}


@pytest.mark.parametrize("name", LISTS)
async def test_a_list_takes_as_many_statements_for_one_ticket_as_for_many(desk: Desk, name: str) -> None:
    async def fill(**values: Any) -> None:
        ticket = await desk.ticket(owner=await desk.agent(desk.anna), tags=["a"], **values)
        await desk.run(desk.anna, service.lock, ticket)
        await desk.run(desk.anna, service.watch, ticket)

    async def counted() -> int:
        return len(await desk.house.statements(LISTS[name], actor=desk.anna))

    await fill()
    one = await counted()
    for customer_user in (desk.carla, desk.colleague, desk.stranger):
        for queue in (desk.queue, desk.sub_queue):
            await fill(queue=queue, customer_user=await desk.customer_user(customer_user))
    assert await counted() == one
    assert one <= 2 * {"tickets": 16, "queues": 20, "people": 6}[name]  # the house answers in two ways


async def test_nested_lists_keep_to_their_parents(desk: Desk) -> None:
    own = await desk.ticket()
    await desk.ticket(queue=desk.sub_queue, customer_user=await desk.customer_user(desk.colleague))
    query = """{ queues { path openTicketCount tickets(filter: {title: {contains: "print"}}) { nodes { number } } }
      customerUsers { nodes { login tickets { totalCount nodes { number } } customer { tickets { totalCount } } } } }"""
    shown = await desk.house.ask(query, actor=desk.anna)
    queues = {each["path"]: each for each in shown["queues"]}
    assert queues["Support"]["tickets"]["nodes"] == [{"number": own.number}]
    assert queues["Support"]["openTicketCount"] == 1
    people = {each["login"]: each for each in shown["customerUsers"]["nodes"]}
    assert people["carla"]["tickets"] == {"totalCount": 1, "nodes": [{"number": own.number}]}
    assert people["carl"]["customer"]["tickets"]["totalCount"] == 2
    assert people["sid"]["tickets"]["totalCount"] == 0


async def test_a_merged_ticket_names_its_target_to_those_who_see_it(desk: Desk) -> None:
    source, target = await desk.ticket(), await desk.ticket(queue=desk.other_queue)
    await desk.run(SYSTEM, service.merge, source, target)
    query = "query($id: ID!) { ticket(id: $id) { mergedInto { number } } }"
    for by, expected in ((desk.anna, None), (desk.carla, {"number": target.number})):
        shown = await desk.house.ask(query, {"id": gid(source)}, actor=by)
        assert shown["ticket"]["mergedInto"] == expected


async def test_pages_are_stable_in_every_order(desk: Desk) -> None:
    for each in range(7):
        with clock.set_forward(timedelta(seconds=each)):
            name = "pending reminder" if each % 2 else "open"
            await desk.ticket(title=f"T{each % 3}", state=await state(name))
    for order in ("NUMBER", "TITLE", "CREATED_AT", "UPDATED_AT", "PRIORITY", "PENDING_UNTIL"):
        for direction in ("ASC", "DESC"):
            found, after = [], ""
            while True:
                arguments = f"first: 2, orderBy: [{{field: {order}, direction: {direction}}}]{after}"
                query = f"{{ tickets({arguments}) {{ nodes {{ number }} pageInfo {{ hasNextPage endCursor }} }} }}"
                page = (await desk.house.ask(query, actor=desk.anna))["tickets"]
                found += [node["number"] for node in page["nodes"]]
                if not page["pageInfo"]["hasNextPage"]:
                    break
                after = f', after: "{page["pageInfo"]["endCursor"]}"'
            assert len(found) == len(set(found)) == 7, (order, direction)
    newest = (await desk.house.ask("{ tickets { nodes { number } } }", actor=desk.anna))["tickets"]["nodes"]
    assert [each["number"] for each in newest] == sorted((each["number"] for each in newest), reverse=True)
