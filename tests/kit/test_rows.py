"""Rows in and out by kept statements: on every database the same as Tortoise would have it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from tortoise.exceptions import IntegrityError, ValidationError
from tortoise.expressions import F
from tortoise.queryset import QuerySet

from tessera.accounts.models import Customer
from tessera.kit import rows
from tessera.kit.actor import SYSTEM, Actor
from tessera.kit.clock import now
from tessera.kit.db import fetch_rows, in_background, transaction
from tessera.kit.jobs import Job, JobState
from tessera.kit.model import Model
from tessera.testing.fixtures import every_database
from tests.kit.journal_world import database

AT = datetime(2026, 2, 3, 4, 5, 6, 789, tzinfo=UTC)


@pytest.fixture(autouse=True)
async def opened(database_url: str) -> AsyncIterator[None]:
    async with database(database_url):
        yield


def customer(number: int | str) -> Customer:
    return rows.made(Customer, number=str(number), number_key=str(number), name="N", name_key="n", created_at=AT)


def job(name: str = "j", dedupe: str | None = None) -> Job:
    return rows.made(Job, name=name, payload="{}", run_at=AT, dedupe=dedupe)


@every_database
async def test_what_is_written_is_what_tortoise_would_write() -> None:
    quick = await rows.create(Customer, number="1", number_key="1", name="Ä", name_key="a", created_at=AT)
    slow = await Customer.create(number="2", number_key="2", name="Ä", name_key="a", created_at=AT, updated_at=AT)
    assert await rows.change(Customer, {"id": quick.id}, {"updated_at": AT}) == 1
    text = "SELECT name, name_key, active, version, created_at, updated_at FROM customer ORDER BY id"
    one, other = await fetch_rows(text, ())
    assert tuple(one) == tuple(other)
    read = await Customer.get(id=quick.id)
    assert (read.name, read.created_at, read.active, slow.version) == ("Ä", AT, True, read.version)


@every_database
async def test_what_is_read_is_what_tortoise_would_read() -> None:
    await rows.insert([customer(1)])
    await rows.insert([job(), job("k", dedupe="once")])
    written: list[Model] = [*await Customer.all(), *await Job.all().order_by("id")]
    for slow in written:
        columns = ", ".join(rows.columns_of(type(slow)))
        text = f"SELECT {columns} FROM {type(slow)._meta.db_table} WHERE id = {slow.pk}"
        quick = rows.read(type(slow), (await fetch_rows(text, ()))[0])
        assert vars(quick) == vars(slow)
        assert [type(value) for value in vars(quick).values()] == [type(vars(slow)[name]) for name in vars(quick)]
        await quick.refresh_from_db()


@every_database
@pytest.mark.parametrize("names", [(), ("j",), ("k", "j", "absent"), tuple("jklmnopqrst")])
async def test_rows_that_have_one_of_some_values_come_in_order(names: tuple[str, ...]) -> None:
    await rows.insert([job("k", dedupe="b"), job("j", dedupe="c"), job("z", dedupe="d"), job("j", dedupe="a")])
    for order in ("id", "dedupe"):
        quick = await rows.having(Job, "name", names, order=order)
        slow = await Job.filter(name__in=list(names)).order_by(order) if names else []
        assert [vars(each) for each in quick] == [vars(each) for each in slow]


@every_database
async def test_defaults_are_those_of_the_model() -> None:
    before = now()
    written = job()
    await rows.insert([written])
    read = await Job.get(id=written.id)
    assert (read.state, read.attempts, read.progress) == (JobState.QUEUED, 0, 0.0)
    assert before <= written.created_at <= now()
    assert read.created_at == written.created_at


@every_database
@pytest.mark.parametrize("count", [1, 7, 75])
async def test_many_rows_get_their_own_ids_in_their_order(count: int) -> None:
    written = [customer(number) for number in range(count)]
    await rows.insert(written)
    assert dict(await Customer.all().values_list("number", "id")) == {row.number: row.id for row in written}
    assert [row.id for row in written] == sorted(row.id for row in written)


async def test_nothing_to_write_is_no_statement() -> None:
    await rows.insert([])
    assert await Customer.all().count() == 0


@every_database
async def test_a_taken_value_leaves_the_transaction_usable() -> None:
    async with transaction():
        assert await rows.insert_unless_taken(job(dedupe="once"))
        assert not await rows.insert_unless_taken(job(dedupe="once"))
        assert await rows.insert_unless_taken(job(dedupe="twice"))
    assert await Job.all().count() == 2


@every_database
async def test_of_two_who_take_a_value_at_once_the_second_waits_for_the_first() -> None:
    may_commit, taken = asyncio.Event(), asyncio.Event()

    async def first() -> None:
        async with transaction():
            assert await rows.insert_unless_taken(job("first", "once"))
            taken.set()
            await may_commit.wait()

    task = in_background(first(), name="first")
    await taken.wait()
    second = in_background(rows.insert_unless_taken(job("second", "once")), name="second")
    may_commit.set()
    await task
    assert not await second
    assert [each.name for each in await Job.all()] == ["first"]


@every_database
async def test_a_row_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValidationError):
        await rows.create(Customer, number="x" * 500, number_key="x", name="N", name_key="n")
    await rows.insert([customer(1)])
    with pytest.raises(IntegrityError):
        await rows.insert([customer(1)])
    with pytest.raises(TypeError, match="no column colour"):
        rows.made(Customer, colour="red")


@every_database
async def test_only_the_rows_of_the_key_are_changed() -> None:
    await rows.insert([customer(1), customer(2)])
    assert await rows.change(Customer, {"number": "1", "version": 1}, {"name": "M", "active": False}) == 1
    assert await rows.change(Customer, {"number": "1", "version": 7}, {"name": "O"}) == 0
    assert await rows.change(Customer, {"number": "2"}, {"version": F("version") + 1}) == 1
    assert await Customer.all().order_by("number").values_list("name", "active", "version") == [
        ("M", False, 1),
        ("N", True, 2),
    ]


@every_database
async def test_who_does_not_see_a_row_does_not_find_it() -> None:
    def active(_actor: Actor) -> QuerySet[Customer]:
        return Customer.filter(active=True)

    await rows.insert([customer(1), customer(2)])
    seen, hidden = await Customer.all().order_by("id")
    await rows.change(Customer, {"id": hidden.id}, {"active": False})
    found = await rows.find(SYSTEM, active, seen.id)
    assert found is not None
    assert {**vars(found)} == {**vars(seen)}
    assert await rows.find(SYSTEM, active, hidden.id) is None
