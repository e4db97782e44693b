import asyncio
from datetime import timedelta
from functools import partial

import pytest

from tessera.accounts import queries, service
from tessera.accounts.errors import InvalidSpan, LoginTaken, NumberTaken, ScopeExceeded, WeakPassword
from tessera.accounts.models import Agent, Credential, CustomerUser
from tessera.accounts.settings import PASSWORD_MINIMUM_LENGTH
from tessera.kit.actor import ActorKind
from tessera.kit.clock import isoformat, now
from tessera.kit.errors import Forbidden, Invalid, LimitExceeded, Problem, Required, StaleVersion
from tessera.kit.journal import Entry
from tessera.settings import service as settings
from tessera.testing.fixtures import every_database
from tessera.testing.house import House
from tests.accounts import people


@every_database
async def test_creating_an_agent_tells_the_journal(house: House) -> None:
    root = await people.administrator(house)
    agent = await house.run(
        lambda unit: service.create_agent(
            unit, login=" Änna ", name="Anna A.", email="Anna@Example.test", locale="de-AT", timezone="Europe/Vienna"
        ),
        actor=root,
    )
    agent = await Agent.get(id=agent.id)
    assert (agent.login, agent.login_key, agent.email_key) == ("Änna", "anna", "anna@example.test")
    assert (agent.active, agent.locale, agent.timezone, agent.version) == (True, "de-AT", "Europe/Vienna", 1)
    entry = await Entry.get(name="agent.created", subject_kind="agent", subject_id=agent.id)
    assert (entry.actor_kind, entry.actor_id, entry.actor_name) == ("agent", root.id, "Root")
    assert entry.facts == {"login": "Änna", "display_name": "Anna A.", "email": "Anna@Example.test"}


@pytest.mark.parametrize("login", ["anna", "ANNA", "Änna"])
async def test_a_login_is_unique_regardless_of_case_and_accents(house: House, login: str) -> None:
    await people.agent(house, "Anna")
    with pytest.raises(LoginTaken) as caught:
        await people.agent(house, login, name="Other")
    assert caught.value.field == ("input", "login")
    assert await Agent.filter(login_key="anna").count() == 1


@every_database
async def test_of_two_agents_created_at_once_with_one_login_one_is_told(house: House) -> None:
    async def create(login: str) -> Agent:
        return await house.run(lambda unit: service.create_agent(unit, login=login, name="A", email=None))

    outcomes = await asyncio.gather(create("Anna"), create("anna"), return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Agent", "LoginTaken"]
    assert await Agent.filter(login_key="anna").count() == 1


@pytest.mark.parametrize(
    ("columns", "problem", "field"),
    [
        ({"login": " "}, Required, "login"),
        ({"login": "x" * 201}, LimitExceeded, "login"),
        ({"login": "a\x00b"}, Invalid, "login"),
        ({"login": "\ufdfa" * 200}, LimitExceeded, "login"),
        ({"name": ""}, Required, "name"),
        ({"name": "a\nb"}, Invalid, "name"),
        ({"email": "nobody"}, Invalid, "email"),
        ({"email": "x" * 250 + "@example.test"}, LimitExceeded, "email"),
        ({"locale": "english"}, Invalid, "locale"),
        ({"timezone": "Mars/Olympus"}, Invalid, "timezone"),
    ],
)
async def test_unfit_values_are_refused_and_nothing_is_written(
    house: House, columns: dict[str, str], problem: type[Problem], field: str
) -> None:
    values = {"login": "anna", "name": "Anna", "email": "a@example.test", **columns}
    before = await Entry.all().count()
    with pytest.raises(problem) as caught:
        await house.run(lambda unit: service.create_agent(unit, **values))
    assert caught.value.field == ("input", field)
    assert (await Agent.all().count(), await Entry.all().count()) == (0, before)


async def test_creating_people_needs_the_permission(house: House) -> None:
    ben = await people.actor(await people.agent(house, "ben"))
    carla = await people.actor(await people.customer_user(house, "carla"))
    for actor in (ben, carla):
        for verb, values in (
            (service.create_agent, {"login": "x", "name": "X", "email": None}),
            (service.create_customer_user, {"login": "x", "name": "X"}),
            (service.create_customer, {"number": "1", "name": "X"}),
            (service.find_or_create_customer_user, {"address": "x@example.test"}),
        ):
            with pytest.raises(Forbidden, match=r"accounts\.manage"):
                await house.run(partial(verb, **values), actor=actor)


async def test_agents_may_change_themselves_but_not_everything(house: House) -> None:
    row = await people.agent(house, "ben")
    ben, other = await people.actor(row), await people.agent(house, "anna")
    leaves, returns = now(), now() + timedelta(days=3)
    changed = await house.run(
        lambda unit: service.update_agent(
            unit, row, name="Ben B.", timezone="Europe/Vienna", out_of_office_from=leaves, out_of_office_until=returns
        ),
        actor=ben,
    )
    assert (changed.name, changed.name_key, changed.version) == ("Ben B.", "ben b.", 2)
    assert queries.is_out_of_office(await Agent.get(id=row.id))
    assert (await people.facts("agent", row.id))[2:] == [
        ("agent.changed", {"field": "name", "before": "Ben", "after": "Ben B."}),
        ("agent.changed", {"field": "timezone", "before": "UTC", "after": "Europe/Vienna"}),
        ("agent.changed", {"field": "out_of_office_from", "before": None, "after": isoformat(leaves)}),
        ("agent.changed", {"field": "out_of_office_until", "before": None, "after": isoformat(returns)}),
    ]
    limited = await people.actor(row, scopes=["tickets.anything"])
    for actor, target, changes in (
        (ben, row, {"active": False}),
        (ben, row, {"login": "benjamin"}),
        (ben, other, {"name": "Z"}),
        (limited, row, {"name": "Z"}),
    ):
        with pytest.raises(Forbidden):
            await house.run(partial(service.update_agent, agent=target, **changes), actor=actor)


async def test_a_span_has_its_end_after_its_beginning(house: House) -> None:
    row = await people.agent(house, "ben")
    with pytest.raises(InvalidSpan) as caught:
        await house.run(
            lambda unit: service.update_agent(
                unit, row, out_of_office_from=now(), out_of_office_until=now() - timedelta(hours=1)
            )
        )
    assert caught.value.field == ("input", "out_of_office_until")


async def test_an_expected_version_that_is_not_current_is_a_conflict(house: House) -> None:
    row = await people.agent(house, "ben")
    await house.run(lambda unit: service.update_agent(unit, row, expected_version=1, name="One"))
    with pytest.raises(StaleVersion) as caught:
        await house.run(lambda unit: service.update_agent(unit, row, expected_version=1, name="Two"))
    assert caught.value.current is row
    assert (await Agent.get(id=row.id)).name == "One"


async def test_switching_somebody_off_ends_sessions_and_tokens(house: House) -> None:
    await people.administrator(house)
    row = await people.agent(house, "ben", password=people.PASSWORD)
    ben, units = await people.actor(row), house.runtime.units
    tokens = await service.sign_in(units, kind=ActorKind.AGENT, login="ben", password=people.PASSWORD)
    _, api_token = await house.run(lambda unit: service.issue_token(unit, name="script"), actor=ben)
    assert await queries.by_access_token(tokens.access_token) is not None
    assert await queries.by_access_token(api_token) is not None
    await house.run(lambda unit: service.update_agent(unit, row, active=False))
    assert await queries.by_access_token(tokens.access_token) is None
    assert await queries.by_access_token(api_token) is None
    assert (await people.facts("agent", row.id))[-1] == ("account.deactivated", {})
    await house.run(lambda unit: service.update_agent(unit, row, active=True))
    assert await queries.by_access_token(api_token) is None


async def test_a_new_password_ends_the_other_sessions(house: House) -> None:
    row = await people.agent(house, "ben", password=people.PASSWORD)
    units = house.runtime.units
    kept = await service.sign_in(units, kind=ActorKind.AGENT, login="ben", password=people.PASSWORD)
    other = await service.sign_in(units, kind=ActorKind.AGENT, login="ben", password=people.PASSWORD)
    hashed = await service.hash_new_password("another good one")
    await house.run(
        lambda unit: service.change_password(unit, row, hashed, keep_session=kept.session),
        actor=await people.actor(row),
    )
    assert await queries.by_access_token(kept.access_token) is not None
    assert await queries.by_access_token(other.access_token) is None
    assert await Credential.filter(actor_id=row.id).count() == 1
    await service.sign_in(units, kind=ActorKind.AGENT, login="ben", password="another good one")
    assert hashed not in await people.everything_told()


async def test_a_password_is_changed_by_its_owner_or_a_manager_and_by_no_limited_token(house: House) -> None:
    row, other = await people.agent(house, "ben"), await people.agent(house, "anna")
    manager = await people.agent(house, "mia", permissions=["accounts.manage"])
    hashed = await service.hash_new_password(people.PASSWORD)
    with pytest.raises(Forbidden):
        await house.run(lambda unit: service.change_password(unit, other, hashed), actor=await people.actor(row))
    with pytest.raises(ScopeExceeded):
        await house.run(
            lambda unit: service.change_password(unit, row, hashed),
            actor=await people.actor(manager, scopes=["accounts.manage"]),
        )
    await house.run(lambda unit: service.change_password(unit, row, hashed), actor=await people.actor(manager))


async def test_the_password_policy_is_a_setting(house: House) -> None:
    assert await service.hash_new_password("12345678")
    await house.run(lambda unit: settings.change_setting(unit, PASSWORD_MINIMUM_LENGTH, 12))
    with pytest.raises(WeakPassword) as caught:
        await service.hash_new_password("12345678")
    assert caught.value.message == "A password needs 12 to 1000 characters."
    assert caught.value.field == ("input", "password")


async def test_a_customer_user_moves_between_customers(house: House) -> None:
    one, two = await people.customer(house, "1", "One Ltd"), await people.customer(house, "2", "Two Ltd")
    row = await people.customer_user(house, "carla", customer=one, phone=" +43 1 ")
    assert row.phone == "+43 1"
    await house.run(lambda unit: service.update_customer_user(unit, row, customer=two, phone=None, email=None))
    found = await CustomerUser.get(id=row.id)
    assert (found.customer_id, found.phone, found.email, found.email_key) == (two.id, None, None, None)
    moved = (await people.facts("customer_user", row.id))[-1]
    assert moved == (
        "customer_user.changed",
        {"field": "customer", "before": "One Ltd", "after": "Two Ltd", "before_id": one.id, "after_id": two.id},
    )


async def test_a_customer_number_is_unique_regardless_of_case(house: House) -> None:
    one, two = await people.customer(house, "ACME", "One"), await people.customer(house, "B", "Two")
    with pytest.raises(NumberTaken):
        await people.customer(house, "acme")
    with pytest.raises(NumberTaken):
        await house.run(lambda unit: service.update_customer(unit, two, number="Acme"))
    await house.run(lambda unit: service.update_customer(unit, one, number="Acme", active=False))
    assert (await people.facts("customer", one.id))[1:] == [
        ("customer.changed", {"field": "number", "before": "ACME", "after": "Acme"}),
        ("customer.changed", {"field": "active", "before": "true", "after": "false"}),
    ]


@every_database
async def test_an_unknown_sender_becomes_one_customer_user_however_many_mails_arrive(house: House) -> None:
    async def receive(address: str) -> CustomerUser:
        return await house.run(
            lambda unit: service.find_or_create_customer_user(unit, address=address, name="Dora\r\n  D.")
        )

    rows = await asyncio.gather(*(receive(each) for each in ("Dora@example.test", "dora@EXAMPLE.test") * 3))
    assert len({row.id for row in rows}) == 1
    assert (rows[0].name, rows[0].email_key) == ("Dora D.", "dora@example.test")
    assert await Entry.filter(name="customer_user.created").count() == 1


async def test_a_sender_is_found_by_address_or_login_and_rather_an_active_one(house: House) -> None:
    old = await people.customer_user(house, "old", email="shared@example.test")
    await house.run(lambda unit: service.update_customer_user(unit, old, active=False))
    young = await people.customer_user(house, "young", email="Shared@example.test")
    by_login = await people.customer_user(house, "login@example.test", email=None)
    for address, expected in (("SHARED@example.test", young), (" login@Example.test", by_login)):
        found = await house.run(partial(service.find_or_create_customer_user, address=address))
        assert found.id == expected.id


async def test_a_sender_without_a_name_is_called_by_the_address_and_a_long_name_is_cut(house: House) -> None:
    nameless = await house.run(lambda unit: service.find_or_create_customer_user(unit, address="e@example.test"))
    long = await house.run(
        lambda unit: service.find_or_create_customer_user(unit, address="f@example.test", name="x" * 500)
    )
    assert (nameless.name, long.name) == ("e@example.test", "x" * 200)
