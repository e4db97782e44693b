"""Rows that are put off: written with what comes next or at the commit, by one statement on PostgreSQL."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from tortoise.exceptions import DBConnectionError, IntegrityError, TransactionManagementError

from tessera.accounts.models import Customer, CustomerUser
from tessera.kit import rows
from tessera.kit.actor import SYSTEM
from tessera.kit.db import Contention, connection, dialect, fetch_rows, in_background, transaction
from tessera.kit.db.lanes import Session
from tessera.kit.db.postgres import READERS
from tessera.kit.db.strokes import MOST_VALUES
from tessera.kit.draws import Draws
from tessera.kit.jobs import Job
from tessera.kit.journal import Entry, Unsealed
from tessera.kit.unit import Unit, Units, or_taken
from tessera.kit.wiring import Wiring
from tessera.testing.fixtures import every_database
from tests.kit.journal_world import database, noted

AT = datetime(2026, 2, 3, tzinfo=UTC)

only_postgres = pytest.mark.parametrize("database_kind", ["postgres"], indirect=True)


@pytest.fixture(autouse=True)
async def opened(database_url: str) -> AsyncIterator[None]:
    async with database(database_url):
        yield


@pytest.fixture
async def asked(opened: None, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What PostgreSQL is asked, by whatever way, on connections that are open."""
    await numbers()
    await rows.draw_ids(customer("nobody"))
    asked: list[str] = []
    for name in ("fetch_rows", "fetch", "fetchrow", "execute", "executemany"):
        way = getattr(Session, name)

        async def noting(session: Session, text: str, *rest: Any, way: Any = way, **named: Any) -> Any:
            asked.append(text)
            return await way(session, text, *rest, **named)

        monkeypatch.setattr(Session, name, noting)
    return asked


def customer(number: int | str) -> Customer:
    return rows.made(Customer, number=str(number), number_key=str(number), name="N", name_key="n", created_at=AT)


def user(of: Customer) -> CustomerUser:
    return rows.made(CustomerUser, login="u", login_key="u", name="U", name_key="u", customer_id=of.id)


async def fail(row: Customer) -> None:
    async with transaction():
        await rows.put_off([row])
        raise ZeroDivisionError


async def numbers() -> Sequence[str]:
    return [str(number) for (number,) in await fetch_rows("SELECT number FROM customer ORDER BY id", ())]


@every_database
async def test_rows_that_are_put_off_have_ids_at_once_and_are_there_after_the_commit() -> None:
    async with transaction():
        written = [customer(number) for number in range(75)]
        await rows.put_off(written)
        person = user(written[3])
        await rows.put_off([person])
        assert [row.id for row in written] == sorted({row.id for row in written})
    assert dict(await Customer.all().values_list("number", "id")) == {row.number: row.id for row in written}
    assert (await CustomerUser.get(id=person.id)).customer_id == written[3].id


@every_database
async def test_what_a_transaction_put_off_it_reads() -> None:
    async with transaction():
        await rows.put_off([customer(1)])
        assert await numbers() == ["1"]
        await rows.put_off([customer(2)])
        assert await Customer.all().count() == 2
        written = customer(3)
        await rows.put_off([written])
        read = await rows.get(Customer, written.id)
        assert read is not None
        assert read.number == "3"


@every_database
async def test_whoever_fails_has_put_off_nothing() -> None:
    with pytest.raises(ZeroDivisionError):
        await fail(customer(1))
    assert await numbers() == []


@every_database
async def test_a_part_that_is_undone_takes_what_it_put_off_with_it() -> None:
    async with transaction():
        await rows.put_off([customer("before")])
        with pytest.raises(ZeroDivisionError):
            await fail(customer("inside"))
        async with transaction():
            await rows.put_off([customer("done")])
        await rows.put_off([customer("after")])
    assert await numbers() == ["before", "done", "after"]


@every_database
async def test_a_part_whose_rows_are_refused_is_undone_and_the_rest_remains() -> None:
    await rows.insert([customer("taken")])

    async def part() -> None:
        async with transaction():
            await rows.put_off([customer("inside")])
            await rows.put_off([customer("taken")])

    async with transaction():
        await rows.put_off([customer("before")])
        with pytest.raises(Contention):
            await part()
        await rows.put_off([customer("after")])
    assert await numbers() == ["taken", "before", "after"]


@every_database
async def test_what_is_refused_undoes_the_transaction() -> None:
    await rows.insert([customer("taken")])

    async def work() -> None:
        async with transaction():
            await rows.put_off([customer("new")])
            await rows.put_off([customer("taken")])

    with pytest.raises(Contention):
        await work()
    assert await numbers() == ["taken"]


@every_database
async def test_what_comes_next_is_not_blamed_for_what_was_put_off() -> None:
    await rows.insert([customer("taken")])

    async def work() -> None:
        async with transaction():
            await rows.put_off([customer("taken")])
            async with or_taken(LookupError("the next")):
                await rows.insert([customer("new")])

    with pytest.raises(Contention):
        await work()
    assert await numbers() == ["taken"]


@every_database
async def test_a_row_that_refers_to_nothing_is_no_collision() -> None:
    async def work() -> None:
        async with transaction():
            row = customer(1)
            row.id = 123_456_789
            await rows.put_off([user(row)])

    with pytest.raises(IntegrityError):
        await work()


@every_database
async def test_outside_of_a_transaction_nothing_waits() -> None:
    await rows.put_off([customer(1)])
    assert await numbers() == ["1"]


@only_postgres
async def test_a_unit_of_new_rows_is_one_statement(asked: list[str]) -> None:
    async def work(unit: Unit) -> None:
        row = customer(1)
        await rows.put_off([row])
        await rows.put_off([user(row)])
        await unit.record(noted(1))

    await Units(Wiring()).run(SYSTEM, work)
    written = [text for text in asked if "nextval" not in text]
    assert len(written) == 1
    assert await numbers() == ["1"]
    assert await Entry.all().values_list("id", flat=True) == await Unsealed.all().values_list("entry_id", flat=True)


@only_postgres
async def test_what_only_reads_begins_nothing(asked: list[str]) -> None:
    async with transaction():
        assert await rows.get(Customer, 1) is None
    assert [text.partition(" ")[0] for text in asked] == ["SELECT"]


@only_postgres
async def test_what_waits_is_not_without_bounds(asked: list[str]) -> None:
    count = 2 * MOST_VALUES // len(rows.columns_of(Customer))
    async with transaction():
        for number in range(count):
            await rows.put_off([customer(number)])
        assert any("INSERT" in text for text in asked)
    assert len(await numbers()) == count


@only_postgres
@pytest.mark.parametrize("cut", ["BEGIN;", "INSERT"])
async def test_a_transaction_of_which_something_was_cut_off_is_lost(cut: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("execute", "fetch_rows"):
        way = getattr(Session, name)

        async def hanging(session: Session, text: str, *rest: Any, way: Any = way, **named: Any) -> Any:
            if text.startswith(cut):
                await asyncio.sleep(60)
            return await way(session, text, *rest, **named)

        monkeypatch.setattr(Session, name, hanging)

    async def work() -> None:
        async with transaction():
            await rows.put_off([customer(1)])
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.05):
                    await numbers()
            monkeypatch.undo()
            await Customer.create(number="2", number_key="2", name="N", name_key="n")

    with pytest.raises(TransactionManagementError):
        await work()
    assert await numbers() == []


@only_postgres
async def test_who_comes_too_late_puts_nothing_off() -> None:
    async with transaction():
        late = asyncio.create_task(straggle())
    with pytest.raises(TransactionManagementError):
        await late


async def straggle() -> None:
    """Write in the transaction this task was started in, when that is over."""
    await asyncio.sleep(0.05)
    await rows.put_off([customer("late")])


@only_postgres
async def test_a_reader_that_comes_back_after_the_end_is_closed() -> None:
    client: Any = connection()
    slow = in_background(fetch_rows("SELECT pg_sleep(0.3)", ()), name="slow")
    await asyncio.sleep(0.1)
    lane = client._reading
    assert lane.usage.open == 1
    closing = asyncio.create_task(lane.close())
    assert await slow
    await closing
    assert lane.usage.open == 0


@only_postgres
async def test_slow_reads_hold_up_nobody_who_writes() -> None:
    slow = [in_background(fetch_rows("SELECT pg_sleep(2)", ()), name="slow") for _ in range(READERS)]
    await asyncio.sleep(0.2)
    async with asyncio.timeout(1), transaction():
        await rows.put_off([customer(1)])
    assert not any(each.done() for each in slow)
    await asyncio.gather(*slow)


@only_postgres
async def test_who_comes_after_the_end_opens_nothing() -> None:
    client: Any = connection()
    await client.close()
    for ask in (client.fetch_rows, client.execute_query):
        with pytest.raises(DBConnectionError):
            await ask("SELECT 1", [])
    assert client.usage().open == 0


@every_database
async def test_a_hopeful_unit_begins_again_when_a_value_is_taken() -> None:
    await rows.insert([customer("taken")])
    tries: list[bool] = []

    async def work(unit: Unit) -> str:
        tries.append(unit.hopeful)
        name = "taken" if unit.hopeful else "free"
        await rows.put_off([customer(name)])
        await unit.record(noted(1))
        return name

    assert await Units(Wiring()).run(SYSTEM, work) == "free"
    assert tries == [True, False]
    assert await numbers() == ["taken", "free"]
    assert await Entry.all().count() == 1


@every_database
async def test_a_unit_that_cannot_begin_again_does_not_hope() -> None:
    units, hopes = Units(Wiring()), []

    async def work(unit: Unit) -> None:
        hopes.append(unit.hopeful)
        await rows.put_off([customer("taken")])

    await rows.insert([customer("taken")])
    with pytest.raises(Contention):
        async with units.open(SYSTEM) as unit:
            await work(unit)
    with pytest.raises(Contention):
        async with transaction():
            await units.run(SYSTEM, work)
    assert hopes == [False, False]
    with pytest.raises(Contention):
        await units.run(SYSTEM, work)
    assert hopes[2:] == [True, False, False, False, False, False]


@every_database
async def test_units_that_write_at_once_never_share_an_id() -> None:
    units = Units(Wiring())

    async def work(unit: Unit, number: int) -> None:
        await rows.put_off([customer(number)])
        await unit.record(noted(number))
        await unit.record(noted(-number))

    await asyncio.gather(*(units.run(SYSTEM, lambda unit, n=n: work(unit, n)) for n in range(40)))  # type: ignore[misc]  # bound at once
    assert await Entry.all().count() == 80
    assert sorted(await numbers(), key=int) == [str(number) for number in range(40)]


@only_postgres
async def test_those_who_draw_at_once_ask_once(asked: list[str]) -> None:
    async def draw(*new: Any) -> None:
        await rows.draw_ids(*new)

    jobs = [rows.made(Job, name="j", payload="{}", run_at=AT) for _ in range(9)]
    customers = [customer(number) for number in range(9)]
    pairs = list(zip(jobs, customers, strict=True))
    await asyncio.gather(*(in_background(draw(*pair), name="draw") for pair in pairs))
    assert len(asked) == 1
    assert len({job.id for job in jobs}) == len({row.id for row in customers}) == 9


async def test_what_a_draw_raises_is_raised_to_all_who_wait_and_to_nobody_else() -> None:
    broken = True

    async def draw(wanted: Any) -> Any:
        await asyncio.sleep(0)
        if broken:
            raise Contention
        return {key: list(range(count)) for key, count in wanted.items()}

    draws: Draws[str, int] = Draws(draw)
    found = await asyncio.gather(draws.take({"a": 1}), draws.take({"b": 1}), return_exceptions=True)
    assert [type(each) for each in found] == [Contention, Contention]
    broken = False
    first, second = await asyncio.gather(draws.take({"a": 2}), draws.take({"a": 1, "b": 1}))
    assert (first, second) == ({"a": [0, 1]}, {"a": [2], "b": [0]})
    assert dialect() == "sqlite"
