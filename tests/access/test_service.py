import asyncio
from functools import partial
from typing import Any

import pytest

from tessera.access import queries, service
from tessera.access.errors import (
    AdministratorProtected,
    LastAdministrator,
    NameTaken,
    UnknownPermission,
    UnknownRight,
)
from tessera.access.models import Group, GroupGrant, Role
from tessera.accounts import service as accounts
from tessera.accounts.models import Agent
from tessera.kit.actor import SYSTEM
from tessera.kit.errors import Forbidden, Invalid, LimitExceeded, NotFound, Problem, Required, StaleVersion
from tessera.kit.journal import Entry
from tessera.kit.secrets import hash_password
from tessera.testing.fixtures import every_database
from tessera.testing.house import House
from tests.accounts import people


async def create_role(house: House, name: str = "desk", **values: Any) -> Role:
    return await house.run(lambda unit: service.create_role(unit, name=name, **values))


@every_database
async def test_groups_and_roles_are_told_to_the_journal(house: House) -> None:
    root = await people.administrator(house)
    group = await house.run(lambda unit: service.create_group(unit, name=" Desk "), actor=root)
    await house.run(lambda unit: service.update_group(unit, group, name="DESK", active=False), actor=root)
    assert await people.facts("group", group.id) == [
        ("group.created", {"label": "Desk"}),
        ("group.changed", {"field": "name", "before": "Desk", "after": "DESK"}),
        ("group.changed", {"field": "active", "before": "true", "after": "false"}),
    ]
    role = await house.run(
        lambda unit: service.create_role(unit, name="Desk", permissions=["accounts.manage"]), actor=root
    )
    await house.run(
        lambda unit: service.update_role(unit, role, name="Desks", permissions=["access.manage", "accounts.manage"]),
        actor=root,
    )
    await house.run(lambda unit: service.grant_rights(unit, role, group, ["rw", "ro", "rw"]), actor=root)
    await house.run(lambda unit: service.grant_rights(unit, role, group, ["note"]), actor=root)
    assert await people.facts("role", role.id) == [
        ("role.created", {"label": "Desk"}),
        ("role.changed", {"field": "permissions", "before": "", "after": "accounts.manage"}),
        ("role.changed", {"field": "name", "before": "Desk", "after": "Desks"}),
        (
            "role.changed",
            {"field": "permissions", "before": "accounts.manage", "after": "access.manage, accounts.manage"},
        ),
        ("access.rights_changed", {"group": "DESK", "group_id": group.id, "before": "", "after": "ro, rw"}),
        ("access.rights_changed", {"group": "DESK", "group_id": group.id, "before": "ro, rw", "after": "note"}),
    ]
    assert {entry.actor_id for entry in await Entry.filter(subject_kind="role", subject_id=role.id)} == {root.id}


async def test_every_verb_needs_the_permission(house: House) -> None:
    row = await people.agent(house, "ben", permissions=["accounts.manage"], rights={"users": ["rw"]})
    ben, group, role = await people.actor(row), await queries.group_named("users"), await create_role(house)
    carla = await people.actor(await people.customer_user(house, "carla"))
    entries = await Entry.all().count()
    for actor in (ben, carla):
        for verb in (
            lambda unit: service.create_group(unit, name="x"),
            lambda unit: service.update_group(unit, group, name="x"),
            lambda unit: service.create_role(unit, name="x"),
            lambda unit: service.update_role(unit, role, name="x"),
            lambda unit: service.grant_permission(unit, role, "access.manage"),
            lambda unit: service.grant_role(unit, row, role),
            lambda unit: service.revoke_role(unit, row, role),
            lambda unit: service.set_roles(unit, row, [role]),
            lambda unit: service.grant_rights(unit, role, group, ["rw"]),
        ):
            with pytest.raises(Forbidden, match=r"access\.manage"):
                await house.run(verb, actor=actor)
    assert await Entry.all().count() == entries


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        (" ", Required),
        ("x" * 201, LimitExceeded),
        ("\ufdfa" * 200, LimitExceeded),
        ("a\x00", Invalid),
        ("USERS", NameTaken),
    ],
)
async def test_unfit_names_are_refused(house: House, name: str, problem: type[Problem]) -> None:
    if problem is NameTaken:
        await create_role(house, "users")
    group = await house.run(lambda unit: service.create_group(unit, name="other"))
    role = await create_role(house, "other")
    for verb in (
        lambda unit: service.create_group(unit, name=name),
        lambda unit: service.update_group(unit, group, name=name),
        lambda unit: service.create_role(unit, name=name),
        lambda unit: service.update_role(unit, role, name=name),
    ):
        with pytest.raises(problem) as caught:
            await house.run(verb)
        assert caught.value.field == ("input", "name")


@every_database
async def test_of_two_groups_created_at_once_with_one_name_one_is_told(house: House) -> None:
    outcomes = await asyncio.gather(
        *(house.run(partial(service.create_group, name=name)) for name in ("New", "new")),
        return_exceptions=True,
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Group", "NameTaken"]


async def test_unknown_permissions_and_rights_are_refused(house: House) -> None:
    role, group = await create_role(house), await queries.group_named("USERS")
    with pytest.raises(UnknownPermission) as unknown:
        await house.run(lambda unit: service.grant_permission(unit, role, "no.such"))
    assert unknown.value.field == ("input", "permissions")
    with pytest.raises(UnknownRight):
        await house.run(lambda unit: service.grant_rights(unit, role, group, ["ro", "everything"]))
    assert not await GroupGrant.exists(holder_kind="role", holder_id=role.id)


async def test_doing_it_twice_changes_nothing(house: House) -> None:
    await people.administrator(house)
    agent, role = await people.agent(house, "ben"), await create_role(house)
    group = await queries.group_named("users")
    for _ in range(2):
        await house.run(lambda unit: service.grant_role(unit, agent, role))
        await house.run(lambda unit: service.grant_rights(unit, agent, group, ["ro"]))
        await house.run(lambda unit: service.grant_permission(unit, role, "accounts.manage"))
    assert [row.name for row in (await queries.roles_of([agent.id]))[agent.id]] == ["desk", "role of ben"]
    for _ in range(2):
        await house.run(lambda unit: service.revoke_role(unit, agent, role))
        await house.run(lambda unit: service.grant_rights(unit, agent, group, []))
    told = [name for name, _ in await people.facts("agent", agent.id)]
    assert told == [
        "agent.created",
        "agent.role_granted",
        "agent.role_granted",
        "access.rights_changed",
        "agent.role_revoked",
        "access.rights_changed",
    ]


async def test_an_expected_version_that_is_not_current_is_a_conflict(house: House) -> None:
    role, group = await create_role(house), await queries.group_named("users")
    with pytest.raises(StaleVersion):
        await house.run(lambda unit: service.update_role(unit, role, expected_version=7, permissions=["access.manage"]))
    with pytest.raises(StaleVersion):
        await house.run(lambda unit: service.update_group(unit, group, expected_version=7, name="x"))
    assert (await queries.permissions_of([role.id]))[role.id] == []


async def administrator(house: House) -> tuple[Agent, Role]:
    agent = await people.agent(house, "root", permissions=["access.manage", "accounts.manage"])
    return agent, (await queries.roles_of([agent.id]))[agent.id][0]


LAST_STEPS = {
    "revoke": service.revoke_role,
    "set other roles": lambda unit, agent, role: service.set_roles(unit, agent, []),
    "switch the role off": lambda unit, agent, role: service.update_role(unit, role, active=False),
    "take the permission": lambda unit, agent, role: service.update_role(unit, role, permissions=["accounts.manage"]),
    "switch the agent off": lambda unit, agent, role: accounts.update_agent(unit, agent, active=False),
}


@pytest.mark.parametrize("step", LAST_STEPS.values(), ids=LAST_STEPS.keys())
async def test_the_last_administrator_stays(house: House, step: Any) -> None:
    agent, role = await administrator(house)
    asleep = await people.agent(house, "asleep", permissions=["access.manage"])
    await house.run(lambda unit: accounts.update_agent(unit, asleep, active=False))
    for actor in (SYSTEM, await people.actor(agent)):
        with pytest.raises(LastAdministrator) as caught:
            await house.run(partial(step, agent=agent, role=role), actor=actor)
        assert (caught.value.code, caught.value.reason) == ("STATE", "access.last_administrator")
        agent, role = await Agent.get(id=agent.id), await Role.get(id=role.id)
        assert agent.active
        assert (await people.actor(agent)).can("access.manage")
    await people.agent(house, "second", permissions=["access.manage"])
    await house.run(partial(step, agent=agent, role=role))


@every_database
async def test_two_administrators_cannot_take_each_other_away_at_once(house: House) -> None:
    one = await people.agent(house, "one", permissions=["access.manage", "accounts.manage"])
    two = await people.agent(house, "two", permissions=["access.manage", "accounts.manage"])

    async def switch_off(by: Agent, whom: int) -> None:
        actor = await people.actor(by)

        async def work(unit: Any) -> None:
            await accounts.update_agent(unit, await Agent.get(id=whom), active=False)

        await house.run(work, actor=actor)

    outcomes = await asyncio.gather(switch_off(one, two.id), switch_off(two, one.id), return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["LastAdministrator", "NoneType"]
    assert await queries.administrators().count() == 1


async def test_who_gives_no_rights_takes_over_no_administrator(house: House) -> None:
    root, _ = await administrator(house)
    manager = await people.agent(house, "mia", permissions=["accounts.manage"])
    ben = await people.agent(house, "ben")
    hashed = await hash_password(people.PASSWORD)
    mia = await people.actor(manager)
    with pytest.raises(AdministratorProtected):
        await house.run(lambda unit: accounts.change_password(unit, root, hashed), actor=mia)
    await house.run(lambda unit: accounts.change_password(unit, ben, hashed), actor=mia)
    for actor in (SYSTEM, await people.actor(root)):
        await house.run(lambda unit: accounts.change_password(unit, root, hashed), actor=actor)


async def test_names_that_nobody_bears_are_not_found(house: House) -> None:
    for look_up in (queries.group_named, queries.role_named):
        with pytest.raises(NotFound, match="nobody"):
            await look_up("nobody")
    assert isinstance(await queries.group_named(" USERS "), Group)
