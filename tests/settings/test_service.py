import asyncio

import pytest

from tessera.files.settings import MAX_BYTES, PLACE
from tessera.kit.actor import Actor, ActorKind
from tessera.kit.errors import Forbidden
from tessera.kit.journal import Entry
from tessera.settings import queries, service
from tessera.settings.errors import InvalidSettingValue, UnknownSetting
from tessera.settings.models import Override
from tessera.testing.fixtures import every_database
from tessera.testing.house import House

ANNA = Actor(kind=ActorKind.AGENT, id=1, name="Anna", permissions=frozenset({"settings.manage"}))
BEN = Actor(kind=ActorKind.AGENT, id=2, name="Ben")


async def entries() -> list[Entry]:
    return await Entry.filter(name="setting.changed").order_by("id")


@every_database
async def test_a_change_holds_until_it_is_taken_back(house: House) -> None:
    assert await queries.value(PLACE) == "folder"
    await house.run(lambda unit: service.change_setting(unit, PLACE, "database"), actor=ANNA)
    assert await queries.value(PLACE) == "database"
    await house.run(lambda unit: service.reset_setting(unit, PLACE), actor=ANNA)
    assert await queries.value(PLACE) == "folder"
    told = await entries()
    assert [(entry.facts["before"], entry.facts["after"], entry.actor_name) for entry in told] == [
        ('"folder"', '"database"', "Anna"),
        ('"database"', '"folder"', "Anna"),
    ]
    assert len({entry.subject for entry in told}) == 1


async def test_without_the_permission_nothing_changes(house: House) -> None:
    for verb in (
        lambda unit: service.change_setting(unit, PLACE, "database"),
        lambda unit: service.reset_setting(unit, PLACE),
    ):
        with pytest.raises(Forbidden):
            await house.run(verb, actor=BEN)
    assert await Override.all().count() == 0


async def test_what_does_not_fit_leaves_no_trace(house: House) -> None:
    with pytest.raises(InvalidSettingValue):
        await house.run(lambda unit: service.change_setting(unit, MAX_BYTES, 1))
    assert (await queries.value(MAX_BYTES), await entries()) == (MAX_BYTES.default, [])


async def test_the_same_value_twice_is_told_once(house: House) -> None:
    for _ in range(2):
        await house.run(lambda unit: service.change_setting(unit, MAX_BYTES, 4096))
    assert len(await entries()) == 1


async def test_an_override_that_no_longer_fits_counts_as_the_default(house: House) -> None:
    await Override.create(name=PLACE.name, value='"the moon"')
    assert await queries.value(PLACE) == "folder"


@every_database
async def test_two_first_changes_at_once_both_happen(house: House) -> None:
    async def change(size: int) -> None:
        await house.run(lambda unit: service.change_setting(unit, MAX_BYTES, size))

    await asyncio.gather(*(change(size) for size in (4096, 8192, 16384)))
    told = await entries()
    assert [entry.facts["after"] for entry in told[:-1]] == [entry.facts["before"] for entry in told[1:]]
    assert await queries.value(MAX_BYTES) == int(str(told[-1].facts["after"]))


async def test_search_finds_by_name_and_sentence(house: House) -> None:
    wiring = house.runtime.wiring
    assert "files.max_bytes" in [each.declared.name for each in await queries.search(wiring, "MAX_BYTES")]
    assert "files.place" in [each.declared.name for each in await queries.search(wiring, "in the data folder")]
    everything = [each.declared.name for each in await queries.search(wiring)]
    assert everything == sorted(everything)
    with pytest.raises(UnknownSetting):
        queries.declared(wiring, "files.no_such")
