from datetime import timedelta

import pytest

from tessera.accounts import queries, service
from tessera.accounts.models import Agent, CustomerUser
from tessera.accounts.settings import SHARE_CUSTOMER_TICKETS
from tessera.kit.actor import SYSTEM
from tessera.kit.clock import now
from tessera.kit.errors import Invalid, NotFound
from tessera.kit.ids import to_global
from tessera.settings import service as settings
from tessera.testing.fixtures import every_database
from tessera.testing.house import House
from tests.accounts import people


@every_database
async def test_who_sees_whom(house: House) -> None:
    agent = await people.agent(house, "anna")
    one, two = await people.customer(house, "1"), await people.customer(house, "2")
    carla = await people.customer_user(house, "carla", customer=one)
    cora = await people.customer_user(house, "cora", customer=one)
    dora = await people.customer_user(house, "dora", customer=two)
    eve = await people.customer_user(house, "eve")

    async def seen(viewer: Agent | CustomerUser | None) -> tuple[set[int], set[int], set[int]]:
        actor = SYSTEM if viewer is None else await people.actor(viewer)
        return (
            {each.id for each in await queries.visible_agents(actor)},
            {each.id for each in await queries.visible_customer_users(actor)},
            {each.id for each in await queries.visible_customers(actor)},
        )

    everybody = ({agent.id}, {carla.id, cora.id, dora.id, eve.id}, {one.id, two.id})
    assert await seen(None) == everybody
    assert await seen(agent) == everybody
    assert await seen(carla) == (set(), {carla.id, cora.id}, {one.id})
    assert await seen(dora) == (set(), {dora.id}, {two.id})
    assert await seen(eve) == (set(), {eve.id}, set())
    await house.run(lambda unit: settings.change_setting(unit, SHARE_CUSTOMER_TICKETS, value=False))
    assert await seen(carla) == (set(), {carla.id}, {one.id})


async def test_a_hidden_and_an_unknown_object_look_the_same(house: House) -> None:
    agent = await people.agent(house, "anna")
    carla = await people.actor(await people.customer_user(house, "carla"))
    for global_id in (to_global("Agent", agent.id), to_global("Agent", 4711), to_global("Customer", agent.id), "!", ""):
        with pytest.raises(NotFound) as caught:
            await queries.get_agent(carla, global_id, field=("owner_id",))
        assert (caught.value.message, caught.value.field) == (NotFound().message, ("owner_id",))


async def test_everybody_sees_their_own_tokens_alone(house: House) -> None:
    ben, anna = [await people.actor(await people.agent(house, login)) for login in ("ben", "anna")]
    carla = await people.actor(await people.customer_user(house, "carla"))
    made = [
        (actor, (await house.run(lambda unit: service.issue_token(unit, name="x"), actor=actor))[0])
        for actor in (ben, anna, carla)
    ]
    for actor, token in made:
        assert [row.id for row in await queries.visible_tokens(actor)] == [token.id]


SEARCHES: tuple[tuple[str | None, list[str]], ...] = (
    (None, ["anna", "ben", "ÄNNE"]),
    ("  ", ["anna", "ben", "ÄNNE"]),
    ("ann", ["anna", "ÄNNE"]),
    ("änn", ["anna", "ÄNNE"]),
    ("MÜLLER", ["ÄNNE"]),
    ("muller anne", ["ÄNNE"]),
    ("muller anna", []),
    ("@example.test", ["anna", "ben", "ÄNNE"]),
    ("%", []),
    ("_", []),
    ("a\x00", []),
    ("\ud800", []),
    ("\\", []),
)


@every_database
async def test_a_search_finds_every_word_in_login_name_or_address(house: House) -> None:
    for login, name in (("anna", "Zoe Smith"), ("ben", "Ben"), ("ÄNNE", "Eva Müller")):
        await people.agent(house, login, name=name)
    for query, expected in SEARCHES:
        found = await queries.matching_people(queries.visible_agents(SYSTEM), query)
        assert sorted((row.login for row in found), key=str.casefold) == expected, query


async def test_a_search_has_bounds(house: House) -> None:
    for query in ("x" * 201, "a " * 11):
        with pytest.raises(Invalid) as caught:
            queries.matching_people(queries.visible_agents(SYSTEM), query)
        assert caught.value.field == ("query",)


async def test_customers_are_found_by_number_and_name(house: House) -> None:
    await people.customer(house, "K-100", "Example Ltd")
    await people.customer(house, "K-200", "Other")
    for query, expected in (("k-1", ["K-100"]), ("LTD example", ["K-100"]), ("k-", ["K-100", "K-200"]), ("zzz", [])):
        found = await queries.matching_customers(queries.visible_customers(SYSTEM), query).order_by("number")
        assert [row.number for row in found] == expected


@pytest.mark.parametrize(
    ("begin", "end", "away"),
    [(None, None, False), (-1, 1, True), (1, 2, False), (-2, -1, False), (-1, None, True), (None, 1, True)],
)
def test_out_of_office_has_two_ends_that_may_be_open(begin: int | None, end: int | None, away: bool) -> None:
    agent = Agent(
        out_of_office_from=None if begin is None else now() + timedelta(hours=begin),
        out_of_office_until=None if end is None else now() + timedelta(hours=end),
    )
    assert queries.is_out_of_office(agent) is away
