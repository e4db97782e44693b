"""Transactions: all of it or nothing, however many at once, however they end."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from tortoise.exceptions import IntegrityError
from tortoise.expressions import F

from tessera.kit.db import (
    Contention,
    Database,
    DatabaseUnavailable,
    connection,
    fetch_rows,
    in_background,
    inside_transaction,
    retrying,
    transaction,
)
from tessera.testing.databases import Kind
from tests.kit.db.shop import SHOP
from tests.kit.db.shop.models import Keeper, Shelf, Thing

pytestmark = pytest.mark.usefixtures("shop")


async def names() -> list[str]:
    return sorted([keeper.name for keeper in await Keeper.all()])


async def test_three_hundred_concurrent_transactions_all_succeed() -> None:
    async def one(number: int) -> None:
        async with transaction():
            await Keeper.all().count()
            keeper = await Keeper.create(name=f"keeper {number}")
            await Shelf.create(name=f"shelf {number}", keeper=keeper)

    await asyncio.gather(*(one(number) for number in range(300)))
    assert await Keeper.all().count() == 300
    assert await Shelf.filter(keeper_id__isnull=False).count() == 300


async def test_an_exception_undoes_the_transaction() -> None:
    async def fail() -> None:
        async with transaction():
            await Keeper.create(name="never")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await names() == []


async def test_a_nested_exception_undoes_exactly_the_nested_part() -> None:
    async def fail() -> None:
        async with transaction():
            await Keeper.create(name="inside")
            async with transaction():
                await Keeper.create(name="deeper")
            raise ZeroDivisionError

    async with transaction():
        await Keeper.create(name="before")
        for _ in range(3):
            with pytest.raises(ZeroDivisionError):
                await fail()
        async with transaction():
            await Keeper.create(name="kept")
        await Keeper.create(name="after")
    assert await names() == ["after", "before", "kept"]


async def test_a_unique_violation_in_a_nested_part_leaves_the_rest_usable() -> None:
    async with transaction():
        await Keeper.create(name="anna")
        with pytest.raises(IntegrityError):
            async with transaction():
                await Keeper.create(name="anna")
        await Keeper.create(name="ben")
    assert await names() == ["anna", "ben"]


async def test_a_reader_outside_sees_everything_committed_and_nothing_else() -> None:
    written, may_commit = asyncio.Event(), asyncio.Event()

    async def write() -> None:
        async with transaction():
            await Keeper.create(name="slow")
            written.set()
            await may_commit.wait()

    task = in_background(write(), name="writer")
    await written.wait()
    assert await names() == []
    may_commit.set()
    await task
    for number in range(50):
        await Keeper.create(name=f"{number:02}")
        assert await Keeper.filter(name=f"{number:02}").exists()
        assert len(await names()) == number + 2


async def test_a_transaction_reads_its_own_writes() -> None:
    async with transaction():
        await Keeper.create(name="mine")
        assert await names() == ["mine"]


async def test_a_background_task_inherits_no_transaction() -> None:
    seen: list[bool] = []

    async def work() -> None:
        seen.append(inside_transaction())
        await Keeper.create(name="background")

    async with transaction():
        assert inside_transaction()
        await Keeper.create(name="foreground")
        task = in_background(work(), name="work")
        await asyncio.sleep(0.05)
    await task
    assert seen == [False]
    assert await names() == ["background", "foreground"]
    assert not inside_transaction()


async def test_cancelled_transactions_leave_nothing_and_lose_no_connection() -> None:
    async def cancelled(milliseconds: float) -> None:
        async with asyncio.timeout(milliseconds / 1000), transaction():
            await Keeper.create(name=f"cancelled {milliseconds}")
            async with transaction():
                await Keeper.create(name=f"cancelled inside {milliseconds}")
                await asyncio.sleep(1)

    results = await asyncio.gather(*(cancelled(number / 3) for number in range(60)), return_exceptions=True)
    assert {type(result) for result in results} == {TimeoutError}
    assert await names() == []
    async with asyncio.timeout(10):
        await asyncio.gather(*(Keeper.create(name=str(number)) for number in range(30)))
    assert len(await names()) == 30


async def test_waiters_get_a_connection_after_those_before_them_were_cancelled() -> None:
    started = asyncio.Semaphore(0)

    async def holder() -> None:
        async with transaction():
            started.release()
            await connection().execute_query("SELECT COUNT(*) FROM shop_keeper")
            await asyncio.sleep(30)

    async def waiter(number: int) -> None:
        async with transaction():
            await Keeper.create(name=str(number))

    holders = [asyncio.create_task(holder()) for _ in range(5)]
    await started.acquire()
    waiters = [asyncio.create_task(waiter(number)) for number in range(10)]
    await asyncio.sleep(0.05)
    for task in holders:
        task.cancel()
    async with asyncio.timeout(10):
        await asyncio.gather(*waiters)
    assert len(await names()) == 10


async def test_a_conditional_update_is_won_once() -> None:
    keeper = await Keeper.create(name="free")

    async def claim(number: int) -> int:
        return await Keeper.filter(id=keeper.id, name="free").update(name=f"taken by {number}")

    assert sum(await asyncio.gather(*(claim(number) for number in range(20)))) == 1


async def test_an_update_counts_matching_rows_even_where_nothing_changes() -> None:
    keeper = await Keeper.create(name="same")
    assert await Keeper.filter(id=keeper.id).update(name="same") == 1
    assert await Keeper.filter(id=keeper.id + 1).update(name="same") == 0


async def _lock_in_opposite_order(first: Shelf, second: Shelf, met: asyncio.Barrier) -> None:
    async with transaction():
        await Shelf.filter(id=first.id).update(grade=F("grade") + 1)
        if not met.broken:
            try:
                async with asyncio.timeout(1):
                    await met.wait()
            except (TimeoutError, asyncio.BrokenBarrierError):
                await met.abort()
        await Shelf.filter(id=second.id).update(grade=F("grade") + 1)


async def test_a_deadlock_is_contention_and_can_be_run_again(kind: Kind) -> None:
    left, right = await Shelf.create(name="left", grade=1), await Shelf.create(name="right", grade=1)
    met = asyncio.Barrier(2)
    results = await asyncio.gather(
        _lock_in_opposite_order(left, right, met), _lock_in_opposite_order(right, left, met), return_exceptions=True
    )
    expected = [] if kind == "sqlite" else [Contention]
    assert [type(result) for result in results if result is not None] == expected
    met = asyncio.Barrier(2)
    await asyncio.gather(
        retrying(lambda: _lock_in_opposite_order(left, right, met)),
        retrying(lambda: _lock_in_opposite_order(right, left, met)),
    )
    committed = 4 if kind == "sqlite" else 3
    assert [shelf.grade for shelf in await Shelf.all()] == [1 + committed] * 2


async def test_what_a_deadlock_took_with_it_is_never_committed_in_part(kind: Kind) -> None:
    left, right = await Shelf.create(name="left", grade=1), await Shelf.create(name="right", grade=1)
    met = asyncio.Barrier(2)

    async def stubborn(first: Shelf, second: Shelf, name: str) -> None:
        async with transaction():
            await Keeper.create(name=f"{name} before")
            try:
                async with transaction():
                    await _lock_in_opposite_order(first, second, met)
            except Contention:
                await Keeper.create(name=f"{name} went on")

    results = await asyncio.gather(stubborn(left, right, "a"), stubborn(right, left, "b"), return_exceptions=True)
    failed = {name for name, result in zip("ab", results, strict=True) if result is not None}
    found = set(await names())
    for name in "ab":
        assert (f"{name} before" in found) == (name not in failed)
    assert not {f"{name} went on" for name in failed} & found
    if kind == "mariadb":
        assert [type(result) for result in results if result] == [Contention]


async def test_retrying_gives_up_and_passes_other_errors_on() -> None:
    calls: list[int] = []

    async def contended() -> None:
        calls.append(1)
        raise Contention

    with pytest.raises(Contention):
        await retrying(contended, attempts=3)
    assert len(calls) == 3
    async with transaction():
        with pytest.raises(Contention):
            await retrying(contended, attempts=3)
    assert len(calls) == 4

    async def wrong() -> None:
        calls.append(1)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await retrying(wrong)
    assert len(calls) == 5


async def test_bulk_creation_is_all_or_nothing() -> None:
    with pytest.raises(IntegrityError):
        await Keeper.bulk_create([Keeper(name="anna"), Keeper(name="ben"), Keeper(name="anna")])
    assert await names() == []
    await Keeper.bulk_create([Keeper(name="anna"), Keeper(name="ben")])
    assert await names() == ["anna", "ben"]


async def test_keys_are_compared_letter_by_letter() -> None:
    for name in ("a", "A", "ä", "a ", "Ä", "ａ"):
        await Keeper.create(name=name)
    assert await Keeper.filter(name="a").count() == 1
    assert await Keeper.filter(name__in=["a", "A"]).count() == 2
    with pytest.raises(IntegrityError):
        await Keeper.create(name="ä")


async def test_text_keeps_every_letter() -> None:
    shelf = await Shelf.create(name="shelf")
    for text in ("🐘", "'; DROP TABLE x; --", 'a "quoted" % \\ backslash', "línea\nnew\r\n\ttab"):
        thing = await Thing.create(shelf=shelf, label=text)
        assert (await Thing.get(id=thing.id)).label == text


async def test_moments_of_any_zone_are_the_same_moments(shop: Database) -> None:
    await connection().execute_script(
        {
            "sqlite": "CREATE TABLE moment (at TIMESTAMP)",
            "postgres": "CREATE TABLE moment (at TIMESTAMPTZ)",
            "mysql": "CREATE TABLE moment (at DATETIME(6))",
        }[shop.dialect]
    )
    place = {"sqlite": "?", "postgres": "$1", "mysql": "%s"}[shop.dialect]
    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    try:
        await connection().execute_insert(
            f"INSERT INTO moment (at) VALUES ({place})", [noon.astimezone(timezone(timedelta(hours=5)))]
        )
        later = (noon + timedelta(microseconds=1)).astimezone(timezone(timedelta(hours=-3)))
        for comparison, count in (("<", 1), (">=", 0)):
            found = await connection().execute_query_dict(
                f"SELECT at FROM moment WHERE at {comparison} {place}", [later]
            )
            assert len(found) == count
    finally:
        await connection().execute_script("DROP TABLE moment")


async def test_the_dialect_and_the_ping(shop: Database, kind: Kind) -> None:
    assert shop.dialect == {"sqlite": "sqlite", "postgres": "postgres", "mariadb": "mysql"}[kind]
    await shop.ping()


async def test_a_second_database_cannot_be_opened_beside(shop_url: str) -> None:
    with pytest.raises(Exception, match="already enabled"):
        await Database.open(shop_url, [SHOP])


async def test_unreachable_databases_say_so(shop: Database, kind: Kind, tmp_path: Path) -> None:
    await shop.close()
    url = {
        "sqlite": f"sqlite://{tmp_path}/missing/x.db",
        "postgres": "postgres://user:hunter2@127.0.0.1:1/nothing",
        "mariadb": "mariadb://user:hunter2@127.0.0.1:1/nothing",
    }[kind]
    with pytest.raises(DatabaseUnavailable) as failure:
        await Database.open(url, [SHOP])
    assert "hunter2" not in str(failure.value)


async def test_what_was_read_before_its_table_changed_is_read_afterwards_too() -> None:
    async def inside() -> int:
        async with transaction():
            return len((await fetch_rows("SELECT * FROM changing", ()))[0])

    async def outside() -> int:
        return len((await fetch_rows("SELECT * FROM changing", ()))[0])

    await connection().execute_script("CREATE TABLE changing (a INT)")
    try:
        await connection().execute_script("INSERT INTO changing VALUES (1)")
        for _ in range(3):  # prepared by now, on each of the few connections
            assert await asyncio.gather(*(retrying(read) for read in (inside, outside) * 4)) == [1] * 8
        await connection().execute_script("ALTER TABLE changing ADD COLUMN b INT")
        assert await asyncio.gather(*(retrying(read) for read in (inside, outside) * 4)) == [2] * 8
    finally:
        await connection().execute_script("DROP TABLE changing")
