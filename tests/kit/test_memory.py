"""Small tables in memory: as the newest fact left them, never as somebody's unfinished work has them."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tessera.accounts.models import Customer
from tessera.kit import memory, rows
from tessera.kit.actor import SYSTEM
from tessera.kit.db import transaction
from tessera.kit.ids import ObjectRef
from tessera.kit.memory import Remembered, house
from tessera.kit.unit import Unit, Units
from tessera.kit.wiring import Wiring
from tests.kit.journal_world import database, noted


@pytest.fixture(autouse=True)
async def opened(database_url: str) -> AsyncIterator[None]:
    async with database(database_url):
        yield


@pytest.fixture
def customers() -> Iterator[Remembered[Customer]]:
    table = Remembered(Customer, "thing")
    house.listen(told=True)
    yield table
    house.tables.remove(table)
    house.listen(told=False)


async def add(number: int) -> None:
    await rows.create(Customer, number=str(number), number_key=str(number), name="N", name_key="n")


async def numbers(table: Remembered[Customer]) -> list[str]:
    return [row.number for row in await table.rows()]


async def test_rows_are_read_once_until_a_fact_about_their_kind(customers: Remembered[Customer]) -> None:
    await add(1)
    assert await numbers(customers) == ["1"]
    await add(2)
    assert await numbers(customers) == ["1"]
    house.notice([ObjectRef("other", 1)])
    assert await numbers(customers) == ["1"]
    house.notice([ObjectRef("thing", 1)])
    assert await numbers(customers) == ["1", "2"]
    first = (await customers.rows())[0]
    assert await customers.get(first.id) is first
    assert await customers.get(first.id + 10) is None


async def test_what_a_transaction_sees_is_not_remembered(customers: Remembered[Customer]) -> None:
    async with transaction():
        await add(1)
        assert await numbers(customers) == ["1"]
        await customers.load()
    assert await numbers(customers) == ["1"]


async def test_what_was_rolled_back_is_not_remembered(customers: Remembered[Customer]) -> None:
    async def look() -> None:
        async with transaction():
            await add(1)
            assert await numbers(customers) == ["1"]
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await look()
    assert await numbers(customers) == []


async def test_a_unit_finds_the_rows_in_memory(customers: Remembered[Customer]) -> None:
    await add(1)
    seen = []

    async def look(unit: Unit) -> None:
        await add(2)
        seen.append(await numbers(customers))
        await unit.record(noted(1))

    await Units(Wiring()).run(SYSTEM, look)
    assert seen == [["1"]]


async def test_without_anybody_who_tells_of_facts_the_database_is_asked(customers: Remembered[Customer]) -> None:
    await add(1)
    assert await numbers(customers) == ["1"]
    house.listen(told=False)
    await add(2)
    assert await numbers(customers) == ["1", "2"]
    await add(3)
    assert await numbers(customers) == ["1", "2", "3"]


async def test_a_great_table_is_not_remembered(
    customers: Remembered[Customer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "MAX_ROWS", 1)
    await add(1)
    await add(2)
    assert await numbers(customers) == ["1", "2"]
    await add(3)
    assert await numbers(customers) == ["1", "2", "3"]
