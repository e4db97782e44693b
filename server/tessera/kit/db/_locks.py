"""One migrator at a time, across processes and machines."""

import asyncio
import fcntl
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiomysql
import asyncpg

from tessera.kit.db.errors import reaching
from tessera.kit.db.location import Location

_ADVISORY_KEY = 7_310_001
_POLL_SECONDS = 0.05
_GET_LOCK_SECONDS = 60


@asynccontextmanager
async def migration_lock(location: Location) -> AsyncIterator[None]:
    """Hold the migration lock of a database, waiting for whoever holds it; a dead holder holds nothing.

    Raises DatabaseUnavailable.
    """
    if location.dialect == "sqlite":
        async with _file_lock(location.file()):
            yield
    elif location.dialect == "postgres":
        async with _advisory_lock(location):
            yield
    else:
        async with _named_lock(location):
            yield


@asynccontextmanager
async def _file_lock(database: Path) -> AsyncIterator[None]:
    with reaching(database):
        file = database.with_name(f"{database.name}.migrate.lock").open("w")
    with file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                await asyncio.sleep(_POLL_SECONDS)
        yield


@asynccontextmanager
async def _advisory_lock(location: Location) -> AsyncIterator[None]:
    # a session of its own: a connection of the pool could be replaced, and the lock lost with it
    with reaching(location):
        session = await asyncpg.connect(
            host=location.host,
            port=location.port,
            user=location.user,
            password=location.password,
            database=location.database,
            ssl=location.ssl_mode,
        )
    try:
        await session.execute(f"SELECT pg_advisory_lock({_ADVISORY_KEY})")
        yield
    finally:
        await session.close()


@asynccontextmanager
async def _named_lock(location: Location) -> AsyncIterator[None]:
    with reaching(location):
        session = await aiomysql.connect(
            **location.mariadb_address,
            user=location.user or "root",
            password=location.password or "",
            db=location.database,
        )
    # MariaDB's named locks belong to the server, not to a database, and their names are short
    name = f"tessera.migrate.{hashlib.sha256(location.database.encode()).hexdigest()[:32]}"
    try:
        async with session.cursor() as cursor:
            held = False
            while not held:
                await cursor.execute("SELECT GET_LOCK(%s, %s)", (name, _GET_LOCK_SECONDS))
                held = (await cursor.fetchone())[0] == 1
            yield
    finally:
        session.close()
