from collections.abc import Collection

import pytest

from tessera.access import queries, service
from tessera.access.models import Group
from tessera.accounts import service as accounts
from tessera.kit.actor import RIGHTS, SYSTEM, ActorKind
from tessera.kit.unit import Unit
from tessera.testing.fixtures import every_database
from tessera.testing.house import House
from tessera.testing.statements import asked
from tests.accounts import people


async def group(house: House, name: str) -> Group:
    return await house.run(lambda unit: service.create_group(unit, name=name))


@every_database
async def test_an_actor_holds_what_its_roles_and_its_own_grants_say(house: House) -> None:
    first, second, off = [await group(house, name) for name in ("first", "second", "off")]
    row = await people.agent(
        house, "ben", permissions=["accounts.manage"], rights={"first": ["ro", "note"], "off": ["rw"]}
    )

    async def more(unit: Unit) -> None:
        await service.grant_rights(unit, row, first, ["create"])
        await service.grant_rights(unit, row, second, ["rw"])
        sleeping = await service.create_role(unit, name="sleeping", permissions=["access.manage"])
        await service.grant_rights(unit, sleeping, second, ["owner"])
        await service.grant_role(unit, row, sleeping)
        await service.update_role(unit, sleeping, active=False)
        await service.update_group(unit, off, active=False)

    await people.administrator(house)
    await house.run(more)
    actor = await people.actor(row)
    assert actor.permissions == {"accounts.manage"}
    assert dict(actor.grants) == {first.id: {"ro", "note", "create"}, second.id: {"rw"}}
    assert actor.groups_with("ro") == (first.id, second.id)
    assert actor.groups_with("owner") == (second.id,)
    assert actor.groups_with("rw") == (second.id,)
    assert (actor.login, actor.name, actor.locale, actor.timezone) == ("ben", "Ben", "en", "UTC")


@pytest.mark.parametrize("right", RIGHTS)
async def test_a_right_allows_itself_alone_and_rw_allows_all(house: House, right: str) -> None:
    somewhere = await group(house, "somewhere")
    actor = await people.actor(await people.agent(house, "ben", rights={"somewhere": [right]}))
    allowed = {each for each in RIGHTS if actor.has_right(each, somewhere.id)}
    assert allowed == (set(RIGHTS) if right == "rw" else {right})
    assert not any(actor.has_right(each, somewhere.id + 1000) for each in RIGHTS)


async def test_an_actor_takes_four_statements_however_many_roles_there_are(house: House) -> None:
    row = await people.agent(house, "ben", permissions=["accounts.manage"], rights={"users": ["ro"]})
    carla = await people.customer_user(house, "carla", customer=await people.customer(house, "1"))

    async def many(unit: Unit) -> None:
        for number in range(10):
            await service.grant_role(unit, row, await service.create_role(unit, name=f"r{number}"))

    await house.run(many)
    for account, limit in ((row, 4), (carla, 2)):
        with asked() as statements:
            await people.actor(account)
        assert 0 < len(statements) <= limit, statements


@pytest.mark.parametrize(
    ("scopes", "allowed"),
    [(None, True), (["accounts.manage"], True), (["access.manage"], False), ([], False)],
)
async def test_scopes_only_take_away(house: House, scopes: Collection[str] | None, allowed: bool) -> None:
    actor = await people.actor(await people.agent(house, "ben", permissions=["accounts.manage"]), scopes)
    assert actor.can("accounts.manage") is allowed
    assert not actor.can("access.manage")


async def test_customer_users_see_neither_groups_nor_roles(house: House) -> None:
    carla = await people.actor(await people.customer_user(house, "carla"))
    ben = await people.actor(await people.agent(house, "ben"))
    assert await queries.visible_groups(carla).count() == await queries.visible_roles(carla).count() == 0
    for actor in (ben, SYSTEM):
        assert await queries.visible_groups(actor).count() >= 1
        assert await queries.visible_roles(actor).count() >= 2


@every_database
async def test_the_agents_with_a_right_are_those_who_could_use_it(house: House) -> None:
    desk = await group(house, "desk")
    holders = {
        login: await people.agent(house, login, rights={"desk": rights})
        for login, rights in {"note": ["note"], "all": ["rw"], "read": ["ro"], "off": ["note"], "none": []}.items()
    }
    direct = await people.agent(house, "direct")

    async def more(unit: Unit) -> None:
        await service.grant_rights(unit, direct, desk, ["note"])
        await accounts.update_agent(unit, holders["off"], active=False)

    await house.run(more)
    expected = sorted([holders["note"].id, holders["all"].id, direct.id])
    assert await queries.agent_ids_with("note", desk.id) == expected
    for agent in (*holders.values(), direct):
        actor = await queries.actor_for(ActorKind.AGENT, agent.id)
        assert (actor is not None and actor.has_right("note", desk.id)) is (agent.id in expected)
    await house.run(lambda unit: service.update_group(unit, desk, active=False))
    assert await queries.agent_ids_with("note", desk.id) == []
