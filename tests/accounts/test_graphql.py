from typing import Any

import pytest

from tessera.access import queries as access
from tessera.accounts import queries, service
from tessera.accounts.models import Agent, Credential, Customer, CustomerUser
from tessera.kit.actor import Actor, ActorKind
from tessera.kit.ids import key_of, to_global
from tessera.testing.house import House
from tests.accounts import people
from tests.accounts.people import mutation

AGENT_CREATE = mutation(
    "agentCreate", "agent { id login email roles { name } } clientMutationId", input="AgentCreateInput!"
)
AGENT_UPDATE = mutation(
    "agentUpdate",
    "agent { name active version email outOfOfficeFrom roles { name } }",
    id="ID!",
    input="AgentUpdateInput!",
    expectedVersion="Int",
)
CUSTOMER_CREATE = mutation("customerCreate", "customer { id number } clientMutationId", input="CustomerCreateInput!")
CUSTOMER_UPDATE = mutation("customerUpdate", "customer { name version }", id="ID!", input="CustomerUpdateInput!")
CUSTOMER_USER_CREATE = mutation(
    "customerUserCreate",
    "customerUser { id login locale customer { name } } clientMutationId",
    input="CustomerUserCreateInput!",
)
CUSTOMER_USER_UPDATE = mutation(
    "customerUserUpdate",
    "customerUser { name version customer { number } }",
    id="ID!",
    input="CustomerUserUpdateInput!",
    expectedVersion="Int",
)
TOKEN_CREATE = mutation(
    "apiTokenCreate",
    "apiToken { id name scopes lastUsedAt expiresAt } secret",
    name="String!",
    scopes="[String!]!",
    expiresAt="DateTime",
)
TOKEN_REVOKE = mutation("apiTokenRevoke", "id", id="ID!")


def agent_id(row: Any) -> str:
    return to_global("Agent", row.id)


async def test_the_viewer_is_who_asks(house: House) -> None:
    document = "{ viewer { agent { login } customerUser { login } permissions } }"
    ben = await people.agent(house, "ben", permissions=["accounts.manage", "access.manage"])
    carla = await people.customer_user(house, "carla")
    assert await house.ask(document) == {"viewer": None}
    assert await house.ask(document, actor=await people.actor(ben)) == {
        "viewer": {"agent": {"login": "ben"}, "customerUser": None, "permissions": ["access.manage", "accounts.manage"]}
    }
    assert await house.ask(document, actor=await people.actor(ben, scopes=["accounts.manage"])) == {
        "viewer": {"agent": {"login": "ben"}, "customerUser": None, "permissions": ["accounts.manage"]}
    }
    assert await house.ask(document, actor=await people.actor(carla)) == {
        "viewer": {"agent": None, "customerUser": {"login": "carla"}, "permissions": []}
    }


ANYTHING = (
    "{ agents { nodes { id } } }",
    "{ customerUsers { nodes { id } } }",
    "{ customers { nodes { id } } }",
    "{ apiTokens { id } }",
    "{ groups { id } }",
    "{ roles { id } }",
    f'{{ agent(id: "{to_global("Agent", 1)}") {{ id }} }}',
    f'{{ node(id: "{to_global("CustomerUser", 1)}") {{ id }} }}',
    'mutation { apiTokenCreate(name: "x", scopes: []) { secret } }',
    "mutation { sessionRevoke { id } }",
    'mutation { customerCreate(input: {number: "1", name: "x"}) { customer { id } } }',
    f'mutation {{ agentUpdate(id: "{to_global("Agent", 1)}", input: {{}}) {{ agent {{ id }} }} }}',
)


async def test_whoever_is_not_signed_in_is_told_so(house: House) -> None:
    for document in ANYTHING:
        answer = await house.graphql(document)
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHENTICATED"], document


async def test_lists_are_pages_by_name(house: House) -> None:
    root = await people.administrator(house)
    company = await people.customer(house, "1", "Example Ltd")
    for login in ("dora", "Änne", "carl"):
        await people.customer_user(house, login, customer=company)
    document = """query($after: String) { customerUsers(first: 2, after: $after) {
        totalCount nodes { login customer { name customerUsers(first: 1) { totalCount nodes { login } } } }
        pageInfo { hasNextPage endCursor } } }"""
    first = (await house.ask(document, actor=root))["customerUsers"]
    assert [node["login"] for node in first["nodes"]] == ["Änne", "carl"]
    assert first["totalCount"] == 3
    nested = first["nodes"][0]["customer"]
    assert nested == {"name": "Example Ltd", "customerUsers": {"totalCount": 3, "nodes": [{"login": "Änne"}]}}
    second = (await house.ask(document, {"after": first["pageInfo"]["endCursor"]}, actor=root))["customerUsers"]
    assert [node["login"] for node in second["nodes"]] == ["dora"]
    found = await house.ask(
        '{ customers(query: "EXAMPLE") { nodes { number } } agents(query: "nobody") { nodes { id } } }', actor=root
    )
    assert found == {"customers": {"nodes": [{"number": "1"}]}, "agents": {"nodes": []}}


async def test_a_customer_user_gets_at_nobody_else(house: House) -> None:
    ben = await people.agent(house, "ben")
    one, two = await people.customer(house, "1"), await people.customer(house, "2")
    carla = await people.customer_user(house, "carla", customer=one)
    cora = await people.customer_user(house, "cora", customer=one)
    dora = await people.customer_user(house, "dora", customer=two)
    ids = [
        agent_id(ben),
        to_global("CustomerUser", carla.id),
        to_global("CustomerUser", cora.id),
        to_global("CustomerUser", dora.id),
        to_global("Customer", one.id),
        to_global("Customer", two.id),
        to_global("Group", 1),
        to_global("Role", 1),
    ]
    document = """query($ids: [ID!]!, $agent: ID!, $other: ID!, $company: ID!) {
        nodes(ids: $ids) { __typename } agent(id: $agent) { id } customerUser(id: $other) { id }
        customer(id: $company) { id } agents { totalCount } customerUsers { totalCount } customers { totalCount }
        groups { id } roles { id } }"""
    variables = {"ids": ids, "agent": ids[0], "other": ids[3], "company": ids[5]}
    found = await house.ask(document, variables, actor=await people.actor(carla))
    names = [node and node["__typename"] for node in found.pop("nodes")]
    assert names == [None, "CustomerUser", "CustomerUser", None, "Customer", None, None, None]
    assert found == {
        "agent": None,
        "customerUser": None,
        "customer": None,
        "agents": {"totalCount": 0},
        "customerUsers": {"totalCount": 2},
        "customers": {"totalCount": 1},
        "groups": [],
        "roles": [],
    }


async def test_an_agent_is_created_once_with_password_and_roles(house: House) -> None:
    root = await people.administrator(house)
    role = await access.role_named("role of root")
    values = {
        "login": "Ben",
        "name": "Ben",
        "email": "ben@example.test",
        "password": people.PASSWORD,
        "roleIds": [to_global("Role", role.id)],
        "clientMutationId": "once",
    }
    first = (await house.ask(AGENT_CREATE, {"input": values}, actor=root))["agentCreate"]
    assert first["userErrors"] == []
    assert first["agent"] | {"id": ""} == {
        "id": "",
        "login": "Ben",
        "email": "ben@example.test",
        "roles": [{"name": "role of root"}],
    }
    assert (await house.ask(AGENT_CREATE, {"input": values}, actor=root))["agentCreate"] == first
    assert await Agent.filter(login="Ben").count() == 1
    tokens = await service.sign_in(house.runtime.units, kind=ActorKind.AGENT, login="ben", password=people.PASSWORD)
    assert tokens.session.actor_id == key_of(first["agent"]["id"], "Agent")


@pytest.mark.parametrize(
    ("values", "code", "field", "reason"),
    [
        ({"login": "root"}, "TAKEN", ["input", "login"], "accounts.login_taken"),
        ({"email": "x"}, "INVALID", ["input", "email"], "accounts.email"),
        ({"password": "short"}, "INVALID", ["input", "password"], "accounts.weak_password"),
        ({"password": "\ud800" * 3}, "INVALID", ["input", "password"], "accounts.weak_password"),
        ({"roleIds": ["nonsense"]}, "NOT_FOUND", ["input", "roleIds"], None),
        ({"name": "x" * 201}, "LIMIT", ["input", "name"], None),
    ],
)
async def test_what_is_wrong_with_a_new_agent_is_said(
    house: House, values: dict[str, Any], code: str, field: list[str], reason: str | None
) -> None:
    root = await people.administrator(house)
    given = {"login": "ben", "name": "Ben", "email": "ben@example.test", **values}
    payload = (await house.ask(AGENT_CREATE, {"input": given}, actor=root))["agentCreate"]
    assert payload["agent"] is None
    assert [(error["code"], error["field"], error["reason"]) for error in payload["userErrors"]] == [
        (code, field, reason)
    ]
    assert await Agent.all().count() == 1


async def test_a_manager_without_the_right_to_give_rights_gives_none(house: House) -> None:
    manager = await people.agent(house, "mia", permissions=["accounts.manage"])
    mia, role = await people.actor(manager), to_global("Role", (await access.role_named("role of mia")).id)
    values = {"login": "x", "name": "X", "email": "x@example.test", "roleIds": [role]}
    created = (await house.ask(AGENT_CREATE, {"input": values}, actor=mia))["agentCreate"]
    updated = (await house.ask(AGENT_UPDATE, {"id": agent_id(manager), "input": {"roleIds": []}}, actor=mia))[
        "agentUpdate"
    ]
    for payload in (created, updated):
        assert payload["agent"] is None
        assert [error["code"] for error in payload["userErrors"]] == ["FORBIDDEN"]
    assert await Agent.filter(login="x").count() == 0


async def test_agents_change_their_own_profile(house: House) -> None:
    ben, anna = await people.agent(house, "ben"), await people.agent(house, "anna")
    actor = await people.actor(ben)
    values = {
        "name": "Ben B.",
        "email": None,
        "outOfOfficeFrom": "2026-12-01T08:00:00+01:00",
        "password": people.PASSWORD,
    }
    payload = (
        await house.ask(AGENT_UPDATE, {"id": agent_id(ben), "input": values, "expectedVersion": 1}, actor=actor)
    )["agentUpdate"]
    assert payload["userErrors"] == []
    assert payload["agent"] == {
        "name": "Ben B.",
        "active": True,
        "version": 2,
        "email": None,
        "outOfOfficeFrom": "2026-12-01T07:00:00Z",
        "roles": [{"name": "role of ben"}],
    }
    assert await Credential.filter(actor_id=ben.id).exists()
    for target, refused in (
        (ben, {"active": False}),
        (ben, {"roleIds": []}),
        (ben, {"login": "x"}),
        (anna, {"name": "x"}),
        (anna, {"password": people.PASSWORD}),
    ):
        payload = (await house.ask(AGENT_UPDATE, {"id": agent_id(target), "input": refused}, actor=actor))[
            "agentUpdate"
        ]
        assert [error["code"] for error in payload["userErrors"]] == ["FORBIDDEN"]


async def test_a_stale_version_shows_the_agent_as_it_is(house: House) -> None:
    root, ben = await people.administrator(house), await people.agent(house, "ben")
    variables = {"id": agent_id(ben), "input": {"name": "One"}, "expectedVersion": 1}
    await house.ask(AGENT_UPDATE, variables, actor=root)
    payload = (await house.ask(AGENT_UPDATE, {**variables, "input": {"name": "Two"}}, actor=root))["agentUpdate"]
    assert [(error["code"], error["reason"]) for error in payload["userErrors"]] == [("CONFLICT", "version")]
    assert (payload["agent"]["name"], payload["agent"]["version"]) == ("One", 2)


async def test_what_cannot_be_cleared_is_required(house: House) -> None:
    root, ben = await people.administrator(house), await people.agent(house, "ben")
    carla = await people.customer_user(house, "carla")
    for name in ("name", "locale", "timezone", "active", "password", "login"):
        await cannot_clear(house, root, ben, carla, name)


async def cannot_clear(house: House, root: Actor, ben: Agent, carla: CustomerUser, name: str) -> None:
    agent = await house.ask(AGENT_UPDATE, {"id": agent_id(ben), "input": {name: None}}, actor=root)
    variables = {"id": to_global("CustomerUser", carla.id), "input": {name: None}}
    customer_user = await house.ask(CUSTOMER_USER_UPDATE, variables, actor=root)
    for payload in (agent["agentUpdate"], customer_user["customerUserUpdate"]):
        assert [(error["code"], error["field"]) for error in payload["userErrors"]] == [("REQUIRED", ["input", name])]


async def test_customer_users_and_customers_are_kept_by_a_manager(house: House) -> None:
    root = await people.administrator(house)
    given = {"number": "K1", "name": "Example Ltd", "clientMutationId": "k"}
    company = (await house.ask(CUSTOMER_CREATE, {"input": given}, actor=root))["customerCreate"]
    assert (await house.ask(CUSTOMER_CREATE, {"input": given}, actor=root))["customerCreate"] == company
    assert await Customer.all().count() == 1
    taken = (await house.ask(CUSTOMER_CREATE, {"input": {"number": "k1", "name": "x"}}, actor=root))["customerCreate"]
    assert [(error["code"], error["reason"]) for error in taken["userErrors"]] == [("TAKEN", "accounts.number_taken")]
    changes = {"id": company["customer"]["id"], "input": {"name": "Example plc"}}
    changed = await house.ask(CUSTOMER_UPDATE, changes, actor=root)
    assert changed["customerUpdate"]["customer"] == {"name": "Example plc", "version": 2}

    values = {
        "login": "carla",
        "name": "Carla",
        "customerId": company["customer"]["id"],
        "password": people.PASSWORD,
        "clientMutationId": "c",
    }
    made = (await house.ask(CUSTOMER_USER_CREATE, {"input": values}, actor=root))["customerUserCreate"]
    assert made["userErrors"] == []
    assert made["customerUser"]["customer"] == {"name": "Example plc"}
    assert made["customerUser"]["locale"] == "en"
    assert (await house.ask(CUSTOMER_USER_CREATE, {"input": values}, actor=root))["customerUserCreate"] == made
    assert await CustomerUser.all().count() == 1
    carla = {
        "id": made["customerUser"]["id"],
        "input": {"customerId": None, "name": "C", "password": "another good one"},
    }
    moved = (await house.ask(CUSTOMER_USER_UPDATE, carla, actor=root))["customerUserUpdate"]
    assert (moved["customerUser"], moved["userErrors"]) == ({"name": "C", "version": 2, "customer": None}, [])
    await service.sign_in(house.runtime.units, kind=ActorKind.CUSTOMER_USER, login="carla", password="another good one")
    wrong = {"id": made["customerUser"]["id"], "input": {"customerId": made["customerUser"]["id"]}}
    refused = (await house.ask(CUSTOMER_USER_UPDATE, wrong, actor=root))["customerUserUpdate"]
    assert [(error["code"], error["field"]) for error in refused["userErrors"]] == [
        ("NOT_FOUND", ["input", "customerId"])
    ]


async def test_a_token_is_shown_once_and_listed_for_its_owner(house: House) -> None:
    ben = await people.actor(await people.agent(house, "ben", permissions=["accounts.manage"]))
    root = await people.administrator(house)
    variables = {"name": "script", "scopes": ["accounts.manage"], "expiresAt": "2990-01-01T00:00:00Z"}
    made = (await house.ask(TOKEN_CREATE, variables, actor=ben))["apiTokenCreate"]
    assert made["userErrors"] == []
    token = made["apiToken"]
    assert token | {"id": ""} == {
        "id": "",
        "name": "script",
        "scopes": ["accounts.manage"],
        "lastUsedAt": None,
        "expiresAt": "2990-01-01T00:00:00Z",
    }
    assert await queries.by_access_token(made["secret"]) is not None
    assert await house.ask("{ apiTokens { id } }", actor=ben) == {"apiTokens": [{"id": token["id"]}]}
    assert await house.ask("{ apiTokens { id } }", actor=root) == {"apiTokens": []}
    refused = (await house.ask(TOKEN_REVOKE, {"id": token["id"]}, actor=root))["apiTokenRevoke"]
    assert [error["code"] for error in refused["userErrors"]] == ["NOT_FOUND"]
    assert (await house.ask(TOKEN_REVOKE, {"id": token["id"]}, actor=ben))["apiTokenRevoke"] == {
        "id": token["id"],
        "userErrors": [],
    }
    assert await queries.by_access_token(made["secret"]) is None


async def test_only_a_session_can_be_revoked(house: House) -> None:
    ben = await people.actor(await people.agent(house, "ben"))
    payload = (await house.ask("mutation { sessionRevoke { userErrors { code reason } } }", actor=ben))["sessionRevoke"]
    assert [(error["code"], error["reason"]) for error in payload["userErrors"]] == [("STATE", "accounts.no_session")]
