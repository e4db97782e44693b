from typing import Any

import pytest

from tessera.kit.actor import SYSTEM, Actor
from tessera.kit.ids import to_global
from tests.queues.desk import CUSTOMER, MANAGER, Desk

CREATE = """
mutation Create($input: QueueCreateInput!) {
  queueCreate(input: $input) {
    queue { id name path parent { path } group { name } emailAddress followUpPolicy followUpLock unlockTimeoutMinutes
            active version salutation { name } signature { name } autoResponses { name kind }
            systemAddresses { address queue { path } } }
    userErrors { code field reason message }
  }
}
"""
UPDATE = """
mutation Update($id: ID!, $input: QueueUpdateInput!, $expectedVersion: Int) {
  queueUpdate(id: $id, input: $input, expectedVersion: $expectedVersion) {
    queue { path emailAddress active version salutation { name } unlockTimeoutMinutes autoResponses { name } }
    userErrors { code field reason }
  }
}
"""


def text_mutation(kind: str, fields: str) -> str:
    return f"""
    mutation Create($input: {kind}CreateInput!) {{
      made: {kind[0].lower() + kind[1:]}Create(input: $input) {{
        row: {kind[0].lower() + kind[1:]} {{ id version {fields} }} userErrors {{ code field reason }}
      }}
    }}
    """


async def make(desk: Desk, type_name: str, fields: str, **values: object) -> dict[str, Any]:
    answer = await desk.house.ask(text_mutation(type_name, fields), {"input": values}, actor=MANAGER)
    assert answer["made"]["userErrors"] == []
    row: dict[str, Any] = answer["made"]["row"]
    return row


async def update(
    desk: Desk, queue_id: int, *, actor: Actor = MANAGER, version: int | None = None, **values: Any
) -> Any:
    variables = {"id": to_global("Queue", queue_id), "input": values, "expectedVersion": version}
    return (await desk.house.ask(UPDATE, variables, actor=actor))["queueUpdate"]


async def test_a_queue_is_created_with_all_it_says(desk: Desk) -> None:
    salutation = await make(desk, "Salutation", "name text", name="Formal", text="Dear {{ customer.name }},")
    signature = await make(desk, "Signature", "name text", name="Team", text="-- \n{{ queue.path }}")
    reply = await make(desk, "AutoResponse", "kind", name="Reply", kind="REPLY", subject="Got it", text="Thanks")
    given = {
        "name": "3rd Level",
        "parentId": to_global("Queue", desk.second.id),
        "groupId": to_global("Group", desk.everybody.id),
        "emailAddress": "third@example.com",
        "followUpPolicy": "NEW_TICKET",
        "followUpLock": True,
        "unlockTimeoutMinutes": 90,
        "salutationId": salutation["id"],
        "signatureId": signature["id"],
        "autoResponseIds": [reply["id"]],
    }
    created = (await desk.house.ask(CREATE, {"input": given}, actor=SYSTEM))["queueCreate"]
    assert created["userErrors"] == []
    path = "Support::1st Level::2nd Level::3rd Level"
    assert created["queue"].pop("id")
    assert created["queue"] == {
        "name": "3rd Level",
        "path": path,
        "parent": {"path": "Support::1st Level::2nd Level"},
        "group": {"name": "everybody"},
        "emailAddress": "third@example.com",
        "followUpPolicy": "NEW_TICKET",
        "followUpLock": True,
        "unlockTimeoutMinutes": 90,
        "active": True,
        "version": 1,
        "salutation": {"name": "Formal"},
        "signature": {"name": "Team"},
        "autoResponses": [{"name": "Reply", "kind": "REPLY"}],
        "systemAddresses": [{"address": "third@example.com", "queue": {"path": path}}],
    }


async def test_absent_is_unchanged_and_null_is_cleared(desk: Desk) -> None:
    salutation = await make(desk, "Salutation", "name", name="Formal", text="Dear")
    changed = await update(desk, desk.sales.id, salutationId=salutation["id"], unlockTimeoutMinutes=5)
    assert changed["queue"]["salutation"] == {"name": "Formal"}
    assert changed["queue"]["emailAddress"] == "Sales@Example.com"
    cleared = await update(desk, desk.sales.id, salutationId=None, unlockTimeoutMinutes=None, emailAddress=None)
    assert cleared["userErrors"] == []
    assert cleared["queue"]["salutation"] is cleared["queue"]["unlockTimeoutMinutes"] is None
    assert cleared["queue"]["emailAddress"] is None
    refused = await update(desk, desk.sales.id, groupId=None)
    assert refused["userErrors"] == [{"code": "REQUIRED", "field": ["input", "groupId"], "reason": None}]


async def test_a_conflict_shows_the_queue_as_it_is(desk: Desk) -> None:
    first = await update(desk, desk.sales.id, name="Shop", version=1)
    assert first["queue"]["version"] == 2
    conflict = await update(desk, desk.sales.id, name="Store", version=1)
    assert conflict["userErrors"] == [{"code": "CONFLICT", "field": None, "reason": "version"}]
    assert (conflict["queue"]["path"], conflict["queue"]["version"]) == ("Shop", 2)


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"name": "support"}, ("TAKEN", ["input", "name"], "queues.path_taken")),
        ({"name": "a::b"}, ("INVALID", ["input", "name"], "queues.name")),
        ({"name": " "}, ("REQUIRED", ["input", "name"], None)),
        ({"name": "x" * 201}, ("LIMIT", ["input", "name"], None)),
        ({"name": "x\u0000"}, ("INVALID", ["input", "name"], None)),
        ({"emailAddress": "nobody"}, ("INVALID", ["input", "emailAddress"], "queues.address")),
        ({"unlockTimeoutMinutes": 0}, ("INVALID", ["input", "unlockTimeoutMinutes"], None)),
        ({"parentId": "nonsense"}, ("NOT_FOUND", ["input", "parentId"], None)),
        ({"groupId": "UXVldWU6MQ"}, ("NOT_FOUND", ["input", "groupId"], None)),
        ({"signatureId": "x"}, ("NOT_FOUND", ["input", "signatureId"], None)),
        ({"autoResponseIds": ["x"]}, ("NOT_FOUND", ["input", "autoResponseIds"], None)),
    ],
)
async def test_a_refusal_names_its_argument(
    desk: Desk, values: dict[str, Any], error: tuple[str, list[str], str | None]
) -> None:
    answer = await update(desk, desk.sales.id, **values)
    [found] = answer["userErrors"]
    assert (found["code"], found["field"], found["reason"]) == error


async def test_everybody_sees_what_is_theirs(desk: Desk) -> None:
    document = """{ queues { path children { path } viewerCan { ro moveInto note rw } parent { path } }
                    roots: queues(rootsOnly: true) { path } }"""
    agent = desk.agent(everybody=frozenset({"note"}))
    seen = await desk.house.ask(document, actor=agent)
    assert [queue["path"] for queue in seen["queues"]] == [
        "Support",
        "Support::1st Level",
        "Support::1st Level::2nd Level",
    ]
    assert seen["queues"][0]["children"] == [{"path": "Support::1st Level"}]
    assert seen["queues"][0]["viewerCan"] == {"ro": False, "moveInto": False, "note": True, "rw": False}
    assert seen["roots"] == [{"path": "Support"}]
    portal = await desk.house.ask(document, actor=CUSTOMER)
    assert "Sales" in [queue["path"] for queue in portal["queues"]]
    assert not any(any(queue["viewerCan"].values()) for queue in portal["queues"])
    lonely = await desk.house.ask(
        "query($id: ID!) { queue(id: $id) { path } node(id: $id) { id } }",
        {"id": to_global("Queue", desk.sales.id)},
        actor=agent,
    )
    assert lonely == {"queue": None, "node": None}


async def test_a_tree_costs_a_handful_of_statements(desk: Desk) -> None:
    document = """{ queues { path parent { path } children { path group { name } } group { name } viewerCan { rw }
      autoResponses { name } systemAddresses { address } salutation { name } } }"""
    statements = await desk.house.statements(document, actor=SYSTEM)
    assert 0 < len(statements) <= 2 * 8, statements  # the house answers in two ways


async def test_configuration_is_for_managers(desk: Desk) -> None:
    agent = desk.agent(everybody=frozenset({"rw"}))
    for actor in (agent, CUSTOMER):
        refused = await update(desk, desk.first.id, actor=actor, name="Mine")
        assert refused["userErrors"][0]["code"] == "FORBIDDEN"
        for field in ("salutations { id }", "signatures { id }", "autoResponses { id }", "systemAddresses { id }"):
            answer = await desk.house.graphql("{ " + field + " }", actor=actor)
            assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    answer = await desk.house.graphql("{ queues { id } }")
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_customers_do_not_see_texts(desk: Desk) -> None:
    salutation = await make(desk, "Salutation", "name", name="Formal", text="Dear")
    await update(desk, desk.sales.id, salutationId=salutation["id"])
    document = "query($id: ID!) { node(id: $id) { id } queues { salutation { name } systemAddresses { address } } }"
    seen = await desk.house.ask(document, {"id": salutation["id"]}, actor=CUSTOMER)
    assert seen["node"] is None
    assert all(queue == {"salutation": None, "systemAddresses": []} for queue in seen["queues"])


async def test_texts_are_changed_and_switched_off(desk: Desk) -> None:
    for kind, values in (
        ("Salutation", {"name": "A", "text": "Dear"}),
        ("Signature", {"name": "A", "text": "Dear"}),
        ("AutoResponse", {"name": "A", "text": "Dear", "subject": "S", "kind": "REJECT"}),
        ("Template", {"name": "A", "body": "<p>Dear<script>x</script></p>", "kind": "ANSWER"}),
    ):
        row = await make(desk, kind, "name active", **values)
        field = kind[0].lower() + kind[1:]
        document = f"""mutation($id: ID!, $input: {kind}UpdateInput!) {{
          {field}Update(id: $id, input: $input, expectedVersion: 1) {{
            {field} {{ name active version }} userErrors {{ code field }} }} }}"""
        variables = {"id": row["id"], "input": {"name": "B", "active": False}}
        answer = (await desk.house.ask(document, variables, actor=MANAGER))[f"{field}Update"]
        assert answer == {field: {"name": "B", "active": False, "version": 2}, "userErrors": []}
        empty = await desk.house.ask(document, {"id": row["id"], "input": {"name": None}}, actor=MANAGER)
        assert empty[f"{field}Update"]["userErrors"] == [{"code": "REQUIRED", "field": ["input", "name"]}]


async def test_a_template_knows_its_queues(desk: Desk) -> None:
    row = await make(
        desk,
        "Template",
        "kind subject body queues { path }",
        name="Offer",
        kind="EMAIL",
        subject="Re: {{ ticket.title }}",
        body="<p onclick='x'>{{ customer.name }}</p>",
        queueIds=[to_global("Queue", desk.sales.id)],
    )
    assert row["body"] == "<p>{{ customer.name }}</p>"
    assert row["queues"] == [{"path": "Sales"}]
    seen = await desk.house.ask(
        "query($id: ID!) { node(id: $id) { id } }", {"id": row["id"]}, actor=desk.agent(everybody=frozenset({"ro"}))
    )
    assert seen["node"] is None


async def test_addresses_are_listed_and_moved(desk: Desk) -> None:
    row = await make(
        desk, "SystemAddress", "address displayName active queue { path }",
        address="more@example.com", displayName="More", queueId=to_global("Queue", desk.support.id),
    )  # fmt: skip
    assert row["queue"] == {"path": "Support"}
    document = """mutation($id: ID!, $input: SystemAddressUpdateInput!) { systemAddressUpdate(id: $id, input: $input) {
      systemAddress { address queue { path } } userErrors { code reason } } }"""
    moved = await desk.house.ask(
        document, {"id": row["id"], "input": {"queueId": to_global("Queue", desk.sales.id)}}, actor=MANAGER
    )
    assert moved["systemAddressUpdate"]["systemAddress"]["queue"] == {"path": "Sales"}
    taken = await desk.house.ask(document, {"id": row["id"], "input": {"address": "SALES@example.com"}}, actor=MANAGER)
    assert taken["systemAddressUpdate"]["userErrors"] == [{"code": "TAKEN", "reason": "queues.address_taken"}]
    listed = await desk.house.ask("{ systemAddresses { address } }", actor=MANAGER)
    assert [each["address"] for each in listed["systemAddresses"]] == ["more@example.com", "Sales@Example.com"]
