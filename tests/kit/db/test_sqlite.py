"""What is said of SQLite alone."""

import asyncio
import sqlite3

import pytest

from tessera.kit.db import Contention, Database, connection, locate, transaction
from tessera.kit.db.migrations import MigrationError, migrate, plan
from tessera.testing.databases import fresh_database, migrated_database
from tests.kit.db.shop import SHOP
from tests.kit.db.shop.models import Keeper, Shelf, Thing


async def test_another_process_may_write_the_same_file() -> None:
    async with migrated_database("sqlite", [SHOP]) as url:
        database = await Database.open(url, [SHOP])
        other = sqlite3.connect(locate(url).file(), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        other.execute("INSERT INTO shop_keeper (name) VALUES ('other')")
        task = asyncio.create_task(Keeper.create(name="mine"))
        await asyncio.sleep(0.1)
        assert not task.done()
        other.execute("COMMIT")
        await task
        assert sorted([keeper.name for keeper in await Keeper.all()]) == ["mine", "other"]
        other.execute("INSERT INTO shop_keeper (name) VALUES ('later')")
        assert await Keeper.filter(name="later").exists()
        other.close()
        await database.close()


async def test_a_writer_that_never_comes_free_is_contention() -> None:
    async with migrated_database("sqlite", [SHOP]) as url:
        database = await Database.open(url, [SHOP])
        await connection().execute_query("PRAGMA busy_timeout = 50")
        other = sqlite3.connect(locate(url).file(), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")

        async def write() -> None:
            async with transaction():
                await Keeper.create(name="mine")

        for _ in range(3):
            with pytest.raises(Contention):
                await write()
        other.execute("COMMIT")
        other.close()
        await write()
        await database.close()


async def test_the_file_is_in_wal_mode_and_checks_foreign_keys() -> None:
    async with migrated_database("sqlite", [SHOP]) as url:
        database = await Database.open(url, [SHOP])
        assert (await connection().execute_query("PRAGMA journal_mode"))[1][0][0] == "wal"
        assert (await connection().execute_query("PRAGMA foreign_keys"))[1][0][0] == 1
        await database.close()


async def test_sqlite_never_gives_a_number_twice_across_a_rebuild() -> None:
    async with fresh_database("sqlite") as url:
        await migrate(url, [SHOP], label="shop", to="0005_grade_check")
        with sqlite3.connect(locate(url).file()) as file:
            file.execute("INSERT INTO shop_thing (id, shelf_id, title) VALUES (70, 1, 'x')")
            file.execute("DELETE FROM shop_thing")
        await migrate(url, [SHOP])
        database = await Database.open(url, [SHOP])
        shelf = await Shelf.create(name="upper")
        assert (await Thing.create(shelf=shelf)).id == 71
        await database.close()


async def test_sqlite_refuses_a_migration_that_would_orphan_rows() -> None:
    async with fresh_database("sqlite") as url:
        await migrate(url, [SHOP], label="shop", to="0005_grade_check")
        with sqlite3.connect(locate(url).file()) as file:
            file.execute("INSERT INTO shop_thing (shelf_id, title) VALUES (12345, 'orphan')")
        with pytest.raises(MigrationError, match="0006_longer_name would leave shop_thing row 1"):
            await migrate(url, [SHOP])
        assert (await plan(url, [SHOP]))[0] == "+ shop.0006_longer_name"
