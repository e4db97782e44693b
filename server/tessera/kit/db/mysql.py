"""The MariaDB engine: Tortoise's aiomysql client with true transaction blocks, UTC parameters and a waking pool."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import aiomysql
from pymysql.converters import escape_bytes
from pymysql.err import OperationalError
from tortoise.backends.base.client import ConnectionWrapper, TransactionContext
from tortoise.backends.mysql.client import MySQLClient, TransactionWrapper, translate_exceptions
from tortoise.exceptions import DBConnectionError
from typing_extensions import override

from tessera.kit.db.location import CONNECT_SECONDS
from tessera.kit.db.transactions import PooledContext, SavepointContext, forbid_doomed
from tessera.kit.db.usage import Usage


class MariadbTransaction(TransactionWrapper):
    """One transaction on one connection."""

    doom: BaseException | None = None

    def _in_transaction(self) -> TransactionContext:
        return SavepointContext(MariadbTransaction(self), outer=self)

    @translate_exceptions
    async def fetch_rows(self, text: str, values: Sequence[Any]) -> Sequence[Any]:
        """Run a statement; return its rows."""
        return (await _fetch_rows(self, text, (values,)))[0]

    @translate_exceptions
    async def fetch_rows_each(self, text: str, values: Sequence[Sequence[Any]]) -> list[Sequence[Any]]:
        """Run a statement once for each list of values; return the rows of each run."""
        return await _fetch_rows(self, text, values)

    def acquire_connection(self) -> ConnectionWrapper[Any]:
        """Give the connection; after a deadlock MariaDB would commit what comes next statement by statement."""
        forbid_doomed(self)
        return super().acquire_connection()


class MariadbClient(MySQLClient):
    """A pool of connections to one MariaDB database."""

    def _in_transaction(self) -> TransactionContext:
        return PooledContext(MariadbTransaction(self), self._pool_init_lock)

    @translate_exceptions
    async def fetch_rows(self, text: str, values: Sequence[Any]) -> Sequence[Any]:
        """Run a statement; return its rows."""
        return (await _fetch_rows(self, text, (values,)))[0]

    @translate_exceptions
    async def fetch_rows_each(self, text: str, values: Sequence[Sequence[Any]]) -> list[Sequence[Any]]:
        """Run a statement once for each list of values; return the rows of each run."""
        return await _fetch_rows(self, text, values)

    def usage(self) -> Usage:
        """Count the pool's connections."""
        pool = self._pool
        return Usage(pool.size, pool.freesize, pool.maxsize) if pool else Usage(maximum=self.pool_maxsize)

    @override
    async def create_connection(self, with_db: bool) -> None:
        """Open the pool and its first connection; raises DBConnectionError."""
        pool = WakingPool(
            minsize=self.pool_minsize,
            maxsize=self.pool_maxsize,
            echo=False,
            pool_recycle=-1,
            loop=asyncio.get_running_loop(),
            host=self.host,
            port=self.port,
            user=self.user,
            password=self.password,
            db=self.database if with_db else None,
            autocommit=True,
            charset=self.charset,
            cursorclass=UtcCursor,
            **self.extra,
        )
        try:
            await pool.open()
        except (OperationalError, OSError) as error:
            raise DBConnectionError(str(error)) from error
        self._pool = pool
        await self._post_connect()


async def _fetch_rows(client: MySQLClient, text: str, values: Sequence[Sequence[Any]]) -> list[Sequence[Any]]:
    found: list[Sequence[Any]] = []
    async with client.acquire_connection() as connection, connection.cursor() as cursor:
        for each in values:
            await cursor.execute(text, tuple(each))
            found.append(await cursor.fetchall())
    return found


class UtcCursor(aiomysql.Cursor):  # type: ignore[misc]  # aiomysql has no types
    """A cursor that knows what DATETIME columns hold, and to which the server's notes are no news."""

    def _escape_args(self, args: Any, conn: Any) -> Any:
        if isinstance(args, Sequence) and not isinstance(args, str | bytes):
            return tuple(_literal(value, conn) for value in args)
        return super()._escape_args(args, conn)

    async def _show_warnings(self, conn: Any) -> None:
        """Ask for no warnings: in strict mode whatever could harm data is an error."""


class WakingPool(aiomysql.Pool):  # type: ignore[misc]  # aiomysql has no types
    """A pool that tells its waiters also when a connection came back closed, so that they open a new one."""

    async def open(self) -> None:
        """Open the connections that are kept at least."""
        async with self._cond:
            await self._fill_free_pool(override_min=False)

    @override
    async def _fill_free_pool(self, override_min: bool) -> None:
        # not aiomysql's own connect_timeout: its asyncio.wait_for may swallow a cancellation (Python 3.11)
        async with asyncio.timeout(CONNECT_SECONDS):
            await super()._fill_free_pool(override_min)

    def release(self, conn: Any) -> "asyncio.Future[None]":
        """Take a connection back; give what must be awaited."""
        waking: asyncio.Future[None] = super().release(conn)
        return self._loop.create_task(self._wakeup()) if conn.closed else waking


def _literal(value: object, connection: Any) -> str:
    """Write a parameter as SQL; aiomysql 0.3.2 cannot write bytes with PyMySQL 1.2."""
    literal: str = escape_bytes(value) if isinstance(value, bytes) else connection.escape(in_utc(value))
    return literal


def in_utc(value: object) -> object:
    """Turn an aware datetime into UTC: the column knows no zone, and the driver would drop the offset."""
    return value.astimezone(UTC) if isinstance(value, datetime) and value.tzinfo else value


client_class = MariadbClient
