"""Reads on the event loop's own thread: quick ones come at once, long ones from another thread, all the same."""

import asyncio
from pathlib import Path

from tessera.kit.db import Database, connection, fetch_rows, fetch_rows_each
from tessera.kit.db.sqlite import TwoLaneClient
from tests.kit.db.shop import SHOP

LONG = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 400000) SELECT count(*) FROM c"


async def test_a_long_read_leaves_the_loop_to_others(tmp_path: Path) -> None:
    database = await Database.open(f"sqlite://{tmp_path}/desk.sqlite3", (SHOP,))
    try:
        reading = asyncio.create_task(fetch_rows(LONG, ()))
        turns = 0
        while not reading.done():
            await asyncio.sleep(0)
            turns += 1
        assert [tuple(row) for row in reading.result()] == [(400_000,)]
        assert turns > 100
        assert [tuple(row) for row in await fetch_rows(LONG, ())] == [(400_000,)]
    finally:
        await database.close()


async def test_quick_reads_need_no_other_connection(tmp_path: Path) -> None:
    database = await Database.open(f"sqlite://{tmp_path}/desk.sqlite3", (SHOP,))
    client = connection()
    assert isinstance(client, TwoLaneClient)
    try:
        idle = client.usage().idle
        readers = [client._idle.get_nowait() for _ in range(idle)]
        async with asyncio.timeout(5):
            found = await fetch_rows_each("SELECT ? + 1", [(1,), (2,)])
        assert [[tuple(row) for row in rows] for rows in found] == [[(2,)], [(3,)]]
        assert await fetch_rows_each("SELECT ? + 1", []) == []
        for reader in readers:
            client._idle.put_nowait(reader)
    finally:
        await database.close()


async def test_what_was_cut_off_does_not_hold_later_reads_in_the_past(tmp_path: Path) -> None:
    database = await Database.open(f"sqlite://{tmp_path}/desk.sqlite3", (SHOP,))
    up_to = LONG.replace("400000", "?")
    try:
        await connection().execute_script("CREATE TABLE noted (number INTEGER)")
        found = await fetch_rows_each(up_to, [(3,), (400_000,), (4,)])
        assert [[tuple(row) for row in rows] for rows in found] == [[(3,)], [(400_000,)], [(4,)]]
        for number in range(3):
            await connection().execute_query("INSERT INTO noted VALUES (?)", [number])
            for wanted in ([0], [0, 0]):
                counts = await fetch_rows_each("SELECT count(*) + ? FROM noted", [(each,) for each in wanted])
                assert [rows[0][0] for rows in counts] == [number + 1 for _ in wanted]
    finally:
        await database.close()
