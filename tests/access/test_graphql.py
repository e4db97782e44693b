from typing import Any

import pytest

from tessera.access import queries
from tessera.access.models import Group, Role
from tessera.kit.ids import to_global
from tessera.testing.house import House
from tests.accounts import people
from tests.accounts.people import mutation

ROLE = "role { id name active permissions version grants { group { name } rights } }"
ROLE_CREATE = mutation("roleCreate", f"{ROLE} clientMutationId", input="RoleCreateInput!")
ROLE_UPDATE = mutation("roleUpdate", ROLE, id="ID!", input="RoleUpdateInput!", expectedVersion="Int")
GROUP_CREATE = mutation("groupCreate", "group { id name active version } clientMutationId", input="GroupCreateInput!")
GROUP_UPDATE = mutation("groupUpdate", "group { name active version }", id="ID!", input="GroupUpdateInput!")
GRANT = mutation(
    "groupGrantSet",
    f"{ROLE} agent {{ grants {{ group {{ name }} rights }} groups {{ name }} }}",
    holderId="ID!",
    groupId="ID!",
    rights="[QueueRight!]!",
)
AGENT_UPDATE = mutation("agentUpdate", "agent { active }", id="ID!", input="AgentUpdateInput!")


async def test_groups_are_created_once_renamed_and_switched_off(house: House) -> None:
    root = await people.administrator(house)
    given = {"input": {"name": "Desk", "clientMutationId": "g"}}
    made = (await house.ask(GROUP_CREATE, given, actor=root))["groupCreate"]
    assert made["group"] | {"id": ""} == {"id": "", "name": "Desk", "active": True, "version": 1}
    assert (await house.ask(GROUP_CREATE, given, actor=root))["groupCreate"] == made
    assert await Group.filter(name="Desk").count() == 1
    changes = {"id": made["group"]["id"], "input": {"name": "Help desk", "active": False}}
    changed = (await house.ask(GROUP_UPDATE, changes, actor=root))["groupUpdate"]
    assert changed == {"group": {"name": "Help desk", "active": False, "version": 2}, "userErrors": []}
    for name in ("name", "active"):
        refused = (await house.ask(GROUP_UPDATE, changes | {"input": {name: None}}, actor=root))["groupUpdate"]
        assert [(error["code"], error["field"]) for error in refused["userErrors"]] == [("REQUIRED", ["input", name])]


async def test_a_role_carries_permissions_and_rights(house: House) -> None:
    root, users = await people.administrator(house), to_global("Group", (await queries.group_named("users")).id)
    given: dict[str, Any] = {
        "name": "Desk",
        "permissions": ["accounts.manage"],
        "grants": [{"groupId": users, "rights": ["NOTE", "RO"]}],
        "clientMutationId": "r",
    }
    made = (await house.ask(ROLE_CREATE, {"input": given}, actor=root))["roleCreate"]
    assert made["userErrors"] == []
    assert made["role"] | {"id": ""} == {
        "id": "",
        "name": "Desk",
        "active": True,
        "permissions": ["accounts.manage"],
        "version": 1,
        "grants": [{"group": {"name": "users"}, "rights": ["RO", "NOTE"]}],
    }
    assert (await house.ask(ROLE_CREATE, {"input": given}, actor=root))["roleCreate"] == made
    assert await Role.filter(name="Desk").count() == 1
    changes = {
        "id": made["role"]["id"],
        "expectedVersion": 1,
        "input": {"permissions": None, "grants": [{"groupId": users, "rights": []}]},
    }
    changed = (await house.ask(ROLE_UPDATE, changes, actor=root))["roleUpdate"]
    assert (changed["role"]["permissions"], changed["role"]["grants"], changed["role"]["version"]) == ([], [], 2)
    stale = (await house.ask(ROLE_UPDATE, changes, actor=root))["roleUpdate"]
    assert [error["code"] for error in stale["userErrors"]] == ["CONFLICT"]
    assert stale["role"]["version"] == 2


async def test_a_role_with_one_wrong_part_is_not_made_at_all(house: House) -> None:
    root, users = await people.administrator(house), to_global("Group", (await queries.group_named("users")).id)
    cases: tuple[tuple[dict[str, Any], str, list[str]], ...] = (
        ({"permissions": ["no.such"]}, "INVALID", ["input", "permissions"]),
        (
            {"grants": [{"groupId": users, "rights": ["RO"]}, {"groupId": "x", "rights": []}]},
            "NOT_FOUND",
            ["input", "grants"],
        ),
        ({"name": ""}, "REQUIRED", ["input", "name"]),
    )
    for values, code, field in cases:
        payload = (await house.ask(ROLE_CREATE, {"input": {"name": "New", **values}}, actor=root))["roleCreate"]
        assert [(error["code"], error["field"]) for error in payload["userErrors"]] == [(code, field)]
        assert not await Role.exists(name="New")


async def test_a_role_and_an_agent_are_granted_rights_on_a_group(house: House) -> None:
    root, group = await people.administrator(house), await queries.group_named("users")
    ben, role = await people.agent(house, "ben"), await queries.role_named("role of ben")
    variables = {"groupId": to_global("Group", group.id), "rights": ["RW", "MOVE_INTO"]}
    held = [{"group": {"name": "users"}, "rights": ["MOVE_INTO", "RW"]}]
    to_role = (await house.ask(GRANT, {"holderId": to_global("Role", role.id), **variables}, actor=root))[
        "groupGrantSet"
    ]
    assert (to_role["role"]["grants"], to_role["agent"], to_role["userErrors"]) == (held, None, [])
    to_agent = (await house.ask(GRANT, {"holderId": to_global("Agent", ben.id), **variables}, actor=root))[
        "groupGrantSet"
    ]
    assert (to_agent["role"], to_agent["agent"]) == (None, {"grants": held, "groups": [{"name": "users"}]})
    for holder in (to_global("Group", group.id), to_global("Agent", 4711), "nonsense"):
        payload = (await house.ask(GRANT, {"holderId": holder, **variables}, actor=root))["groupGrantSet"]
        assert [(error["code"], error["field"]) for error in payload["userErrors"]] == [("NOT_FOUND", ["holderId"])]


async def test_agents_show_their_groups_and_roles_in_a_bounded_number_of_statements(house: House) -> None:
    root = await people.administrator(house)
    for login in ("anna", "ben", "carl"):
        await people.agent(house, login, rights={"users": ["ro"]})
    found = await house.ask(
        "{ agents { nodes { login groups { name } roles { name } grants { rights } } } }", actor=root
    )
    assert found["agents"]["nodes"] == [
        *(
            {"login": login, "groups": [{"name": "users"}], "roles": [{"name": f"role of {login}"}], "grants": []}
            for login in ("anna", "ben", "carl")
        ),
        {"login": "root", "groups": [], "roles": [{"name": "role of root"}], "grants": []},
    ]


@pytest.mark.parametrize("permissions", [[], ["accounts.manage"]])
async def test_who_may_not_give_rights_gives_none(house: House, permissions: list[str]) -> None:
    ben = await people.actor(await people.agent(house, "ben", permissions=permissions))
    group, role = await queries.group_named("users"), await queries.role_named("role of ben")
    group_id, role_id = to_global("Group", group.id), to_global("Role", role.id)
    for document, variables in (
        (GROUP_CREATE, {"input": {"name": "x"}}),
        (GROUP_UPDATE, {"id": group_id, "input": {"name": "x"}}),
        (ROLE_CREATE, {"input": {"name": "x"}}),
        (ROLE_UPDATE, {"id": role_id, "input": {"permissions": ["access.manage"]}}),
        (GRANT, {"holderId": role_id, "groupId": group_id, "rights": ["RW"]}),
    ):
        (payload,) = (await house.ask(document, variables, actor=ben)).values()
        assert [error["code"] for error in payload["userErrors"]] == ["FORBIDDEN"]


async def test_the_last_administrator_stays(house: House) -> None:
    root = await people.administrator(house)
    assert root.id is not None
    takings: tuple[dict[str, Any], ...] = ({"active": False}, {"roleIds": []}, {"roleIds": None})
    for values in takings:
        payload = (await house.ask(AGENT_UPDATE, {"id": to_global("Agent", root.id), "input": values}, actor=root))[
            "agentUpdate"
        ]
        assert [(error["code"], error["reason"]) for error in payload["userErrors"]] == [
            ("STATE", "access.last_administrator")
        ]
