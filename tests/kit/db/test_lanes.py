"""Connections to PostgreSQL are shared in turn, whatever becomes of them and of those who wait."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from tortoise.exceptions import DBConnectionError

from tessera.kit.db import Database, connection, transaction
from tessera.kit.db.lanes import Lane
from tessera.testing.databases import available, fresh_database
from tests.kit.db.shop import SHOP

pytestmark = pytest.mark.skipif(bool(available("postgres")), reason=str(available("postgres")))

MOST = 2


@pytest.fixture
async def lane() -> AsyncIterator[Lane]:
    """The lane of the ORM and of transactions, with two connections at most."""
    async with fresh_database("postgres") as url:
        database = await Database.open(url, [SHOP], pool_size=MOST)
        client: Any = connection()
        yield client._pool
        await database.close()


async def test_there_are_so_many_at_most_and_the_next_goes_to_who_waits_longest(lane: Lane) -> None:
    taken = [await lane.acquire() for _ in range(MOST)]
    first, second, third = (asyncio.create_task(lane.acquire()) for _ in range(3))
    await asyncio.sleep(0)
    assert lane.usage.open == MOST
    first.cancel()
    await lane.release(taken[0])
    assert await second is taken[0]
    assert not third.done()
    await lane.release(taken[1])
    third.cancel()  # it has its turn already, which is not lost
    await asyncio.gather(first, third, return_exceptions=True)
    assert await lane.acquire() is taken[1]
    for session in taken:
        await lane.release(session)
    assert (lane.usage.open, lane.usage.idle) == (MOST, MOST)


async def test_a_connection_that_is_lost_is_replaced(lane: Lane) -> None:
    one, other, gone = await lane.acquire(), await lane.acquire(), asyncio.Event()
    one.add_termination_listener(lambda _: gone.set())
    await lane.release(one)
    await other.execute("SELECT pg_terminate_backend($1)", one.get_server_pid())
    await lane.release(other)
    async with asyncio.timeout(5):
        await gone.wait()
    assert await asyncio.gather(*(answer(number) for number in range(10))) == list(range(10))
    assert lane.usage.open == MOST


async def test_what_was_cut_off_is_left_to_nobody_else(lane: Lane) -> None:
    async def slow() -> None:
        async with asyncio.timeout(0.1):
            await connection().execute_query("SELECT 99, pg_sleep(30)")

    async def unfinished() -> None:
        async with asyncio.timeout(0.1), transaction():
            await connection().execute_query("CREATE TABLE left_over (id INT)")
            await connection().execute_query("SELECT 99, pg_sleep(30)")

    for cut_off in (slow, unfinished):
        results = await asyncio.gather(*(cut_off() for _ in range(3)), return_exceptions=True)
        assert {type(result) for result in results} == {TimeoutError}
        async with asyncio.timeout(5):
            assert await asyncio.gather(*(answer(number) for number in range(10))) == list(range(10))
    with pytest.raises(Exception, match="left_over"):
        await connection().execute_query("SELECT * FROM left_over")


async def test_one_that_is_still_in_a_transaction_is_closed(lane: Lane) -> None:
    session = await lane.acquire()
    await session.execute("BEGIN")
    await lane.release(session)
    assert session.is_closed()
    assert await answer(1) == 1


async def test_the_end_waits_for_those_who_work_and_tells_those_who_wait(lane: Lane) -> None:
    taken = [await lane.acquire() for _ in range(MOST)]
    waiting = asyncio.create_task(lane.acquire())
    await asyncio.sleep(0)
    closing = asyncio.create_task(lane.close())
    with pytest.raises(DBConnectionError):
        await waiting
    assert not closing.done()
    for number, session in enumerate(taken):
        assert (await session.fetch_rows("SELECT $1::int", [number]))[0][0] == number
        await lane.release(session)
    await closing
    assert lane.usage.open == 0
    with pytest.raises(DBConnectionError):
        await lane.acquire()


async def test_a_connection_that_comes_when_all_is_over_is_closed(lane: Lane) -> None:
    coming = asyncio.Event()

    async def connect() -> asyncpg.Connection:
        await coming.wait()
        return await lane._connect()

    late: Any = Lane(connect, 1)
    taking = asyncio.create_task(late.take())
    await asyncio.sleep(0)
    closing = asyncio.create_task(late.close())
    await asyncio.sleep(0)
    coming.set()
    session = await taking
    await late.release(session)
    await closing
    assert session.is_closed()


async def answer(number: int) -> int:
    """Have a number come back from the database."""
    _, rows = await connection().execute_query("SELECT $1::int", [number])
    found: int = rows[0][0]
    return found
