"""The two database servers as tests use them: make, empty and drop databases, quickly."""
# ruff: noqa: S608 - table names come from the database itself

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Protocol

import aiomysql
import asyncpg

from tessera.kit.db import locate
from tessera.kit.db.location import Location

Rows = dict[str, Sequence[Sequence[Any]]]
"""Rows by table, each with every column in the table's order."""

_CONNECT_SECONDS = 2


class Server(Protocol):
    """A database server with an account that may create databases."""

    url: str

    def reason(self) -> str | None:
        """Say why it cannot be used, or None."""

    async def create(self, name: str) -> None:
        """Create an empty database."""

    async def drop(self, name: str) -> None:
        """Drop a database, whoever is connected to it."""

    async def rows(self, name: str) -> Rows:
        """Read every row of a database."""

    async def reset(self, name: str, rows: Rows) -> None:
        """Disconnect everybody, and leave a database with exactly these rows and fresh numbers."""


def servers() -> dict[str, Server]:
    """Give the servers by kind.

    The environment may name others: `TESSERA_TEST_POSTGRES_URL`, `TESSERA_TEST_MARIADB_URL`, without a database.
    """
    postgres = os.environ.get("TESSERA_TEST_POSTGRES_URL", "postgres://root@127.0.0.1:5432")  # noqa: TID251 - tests alone ask
    mariadb = os.environ.get("TESSERA_TEST_MARIADB_URL", "mariadb://root@127.0.0.1:3306")  # noqa: TID251 - tests alone ask
    return {"postgres": PostgresServer(postgres.rstrip("/")), "mariadb": MariadbServer(mariadb.rstrip("/"))}


class PostgresServer:
    """PostgreSQL; resetting needs a superuser, because triggers protect some tables."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._location = locate(f"{url}/postgres")

    def reason(self) -> str | None:
        return _reason("PostgreSQL", self._location)

    async def create(self, name: str) -> None:
        async with self._session("postgres") as session:
            await session.execute(f'CREATE DATABASE "{name}"')
            # nobody waits for the disk: what a test writes need not outlive a crash of PostgreSQL's
            await session.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = off')

    async def drop(self, name: str) -> None:
        async with self._session("postgres") as session:
            await session.execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    async def rows(self, name: str) -> Rows:
        async with self._session(name) as session:
            return {
                table: [tuple(row) for row in await session.fetch(f'SELECT * FROM "{table}"')]
                for table in await self._filled(session)
            }

    async def reset(self, name: str, rows: Rows) -> None:
        async with self._session(name) as session:
            await session.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            await session.execute("SET session_replication_role = 'replica'")
            async with session.transaction():
                await self._empty(session)
                for table, kept in rows.items():
                    places = ", ".join(f"${place}" for place in range(1, len(kept[0]) + 1))
                    await session.executemany(f'INSERT INTO "{table}" VALUES ({places})', kept)
                for sequence, table, column in await session.fetch(_SEQUENCES):
                    last = f'SELECT COALESCE(max("{column}"), 0) + 1 FROM "{table}"'
                    await session.execute(f"SELECT setval('\"{sequence}\"', ({last}), false)")

    async def _empty(self, session: Any) -> None:
        """Take out all rows: one by one where there are few, because a truncated table is a new file on the disk."""
        if large := [row[0] for row in await session.fetch(_LARGE)]:
            await session.execute(f"TRUNCATE TABLE {', '.join(large)} CASCADE")
        for table in await self._filled(session):
            await session.execute(f'DELETE FROM "{table}"')

    async def _filled(self, session: Any) -> list[str]:
        tables = [row[0] for row in await session.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
        return [row[0] for row in await session.fetch(_filled_query(tables, quote='"'))] if tables else []

    @asynccontextmanager
    async def _session(self, database: str) -> AsyncIterator[Any]:
        place = self._location
        session = await asyncpg.connect(
            host=place.host, port=place.port, user=place.user, password=place.password, database=database
        )
        try:
            yield session
        finally:
            await session.close()


_LARGE = """
    SELECT quote_ident(relname) FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 1000000
"""
_SEQUENCES = """
    SELECT sequence.relname, tables.relname, columns.attname FROM pg_depend link
    JOIN pg_class sequence ON sequence.oid = link.objid AND sequence.relkind = 'S'
    JOIN pg_class tables ON tables.oid = link.refobjid
    JOIN pg_attribute columns ON columns.attrelid = tables.oid AND columns.attnum = link.refobjsubid
"""


class MariadbServer:
    """MariaDB; a truncated table asks no trigger."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._location = locate(f"{url}/mysql")

    def reason(self) -> str | None:
        return _reason("MariaDB", self._location)

    async def create(self, name: str) -> None:
        async with self._cursor("mysql") as cursor:
            await cursor.execute(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4")

    async def drop(self, name: str) -> None:
        async with self._cursor(name) as cursor:
            await self._disconnect_others(cursor)
            await cursor.execute(f"DROP DATABASE `{name}`")

    async def rows(self, name: str) -> Rows:
        found: Rows = {}
        async with self._cursor(name) as cursor:
            for table in await self._filled(cursor):
                await cursor.execute(f"SELECT * FROM `{table}`")
                found[table] = await cursor.fetchall()
        return found

    async def reset(self, name: str, rows: Rows) -> None:
        async with self._cursor(name) as cursor:
            await self._disconnect_others(cursor)
            await cursor.execute("SET SESSION foreign_key_checks = 0")
            for table in await self._filled(cursor):
                await cursor.execute(f"TRUNCATE TABLE `{table}`")
            for table, kept in rows.items():
                places = ", ".join(["%s"] * len(kept[0]))
                await cursor.executemany(f"INSERT INTO `{table}` VALUES ({places})", kept)

    async def _filled(self, cursor: Any) -> list[str]:
        await cursor.execute("SHOW TABLES")
        tables = [row[0] for row in await cursor.fetchall()]
        if not tables:
            return []
        await cursor.execute(_filled_query(tables, quote="`"))
        return [row[0] for row in await cursor.fetchall()]

    async def _disconnect_others(self, cursor: Any) -> None:
        await cursor.execute(
            "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()"
        )
        for (session,) in await cursor.fetchall():
            # it may have gone by itself meanwhile
            await cursor.execute(f"BEGIN NOT ATOMIC DECLARE CONTINUE HANDLER FOR 1094 BEGIN END; KILL {session}; END")

    @asynccontextmanager
    async def _cursor(self, database: str) -> AsyncIterator[Any]:
        place = self._location
        session = await aiomysql.connect(
            host=place.host,
            port=place.port,
            user=place.user,
            password=place.password or "",
            db=database,
            charset="utf8mb4",
            autocommit=True,
        )
        try:
            async with session.cursor() as cursor:
                yield cursor
            await session.ensure_closed()
        finally:
            session.close()


def drop_at_exit(server: Server, name: str) -> None:
    """Drop a database outside any event loop."""
    asyncio.run(server.drop(name))


def _filled_query(tables: Sequence[str], *, quote: str) -> str:
    return " UNION ALL ".join(
        f"SELECT '{table}' AS name FROM (SELECT 1) AS one WHERE EXISTS (SELECT 1 FROM {quote}{table}{quote})"
        for table in tables
    )


def _reason(what: str, server: Location) -> str | None:
    try:
        socket.create_connection((server.host, server.port), timeout=_CONNECT_SECONDS).close()
    except OSError as error:
        return f"no {what} server at {server.host}:{server.port} ({error})"
    return None
