"""The PostgreSQL engine: Tortoise's asyncpg client with true transaction blocks, on lanes of connections."""

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Self

import asyncpg
from tortoise.backends.asyncpg.client import AsyncpgDBClient
from tortoise.backends.base.client import TransactionContext
from tortoise.exceptions import DBConnectionError
from typing_extensions import override

from tessera.kit.db.lanes import REMEMBERED_STATEMENTS, Lane, Records, Session
from tessera.kit.db.pipes import Pipes
from tessera.kit.db.strokes import PostgresTransaction
from tessera.kit.db.transactions import PooledContext
from tessera.kit.db.usage import Usage

READERS = 5
"""Connections that read, beside those of transactions and of the ORM."""

PIPES = 2
"""Connections for short reads of plans: one answers while the next ones are read and written."""

DRAWERS = 2
"""Connections for draws, one for numbers and one for ids: slow reads must not hold up those who write."""

SHORT_READS = """
SET plan_cache_mode = force_generic_plan;
SET max_parallel_workers_per_gather = 0;
SET TimeZone = 'UTC'
"""
"""Planning a statement takes longer than running it, and values hardly ever change the best way. Without its values, it
may look long enough to be shared with other processes, whose start takes longer still."""

REMEMBERING = {
    "statement_cache_size": REMEMBERED_STATEMENTS,
    "max_cached_statement_lifetime": 0,
    "max_cacheable_statement_size": 0,
}
"""Connections remember their prepared statements for good."""


class PostgresClient(AsyncpgDBClient):
    """Connections to one PostgreSQL database."""

    connection_class = Session
    _pool: Any = None
    """The lane of transactions and of the ORM, under the name by which Tortoise takes connections."""

    _reading: Lane | None = None
    _drawing: Lane | None = None
    _pipes: Pipes | None = None
    _is_closed = False

    @override
    async def create_connection(self, with_db: bool) -> None:
        """Open the lanes; raises `DBConnectionError` for who comes after the end, as nobody would close them again."""
        if self._is_closed:
            raise DBConnectionError("The database was closed.")
        await super().create_connection(with_db)

    @override
    async def create_pool(self, *, min_size: int, max_size: int, **options: Any) -> Lane:  # type: ignore[override]  # the base names none
        """Open the lanes and a first connection; raises what is in its way."""
        options = REMEMBERING | options
        lane = Lane(partial(_connected, options), max_size)
        lane.give(await lane.take(), usable=True)
        short = partial(_connected, options, SHORT_READS)
        self._reading, self._drawing = Lane(short, READERS), Lane(short, DRAWERS)
        self._pipes = Pipes(short, PIPES)
        return lane

    async def draw(self, text: str, values: Sequence[Any]) -> Records:
        """Run a statement for which those who write wait; return its rows."""
        if self._drawing is None:
            await self._opened()
        return await self.fetch_rows(text, values, self._drawing)

    async def fetch_rows(self, text: str, values: Sequence[Any], lane: Lane | None = None) -> Records:
        """Run a statement; return its rows."""
        lane = lane or self._reading or await self._opened()
        session, usable = lane.idle(), False
        try:
            if session is None:
                session = await lane.take()
            found = await session.fetch_rows(text, values)
            usable = True
        except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            usable = isinstance(error, asyncpg.PostgresError) and session is not None and not session.is_closed()
            raise await self._translated(error) from error
        finally:
            if session is not None:
                lane.give(session, usable=usable)
        return found

    async def fetch_texts(self, text: str, values: Sequence[Any]) -> Records:
        """Run a statement that only reads, in one column of text without gaps; return its rows."""
        answer = self._pipes.ask(text, values) if self._pipes else None
        found = await answer if answer else None
        return await self.fetch_rows(text, values) if found is None else found

    async def fetch_rows_each(self, text: str, values: Sequence[Sequence[Any]]) -> list[Records]:
        """Run a statement once for each list of values; return the rows of each run."""
        return [await self.fetch_rows(text, each) for each in values]

    async def _opened(self) -> Lane:
        """Open the lanes unless they are, and return the one of reads."""
        async with self._pool_init_lock:
            if self._reading is None:
                await self.create_connection(with_db=True)
        assert self._reading is not None  # noqa: S101 - for the type checker
        return self._reading

    async def _translated(self, error: Exception) -> Exception:
        """Return Tortoise's word for a driver's error; its own wrapper would be two more coroutines each time."""

        async def again(_client: Self) -> None:
            raise error

        try:
            await self._translate_exceptions(again)
        except Exception as translated:  # noqa: BLE001 - it is raised by the caller
            return translated
        return error

    def usage(self) -> Usage:
        """Count the connections of all lanes."""
        usage = Usage()
        for opened, most in (
            (self._pool, self.pool_maxsize),
            (self._reading, READERS),
            (self._drawing, DRAWERS),
            (self._pipes, PIPES),
        ):
            usage += opened.usage if opened else Usage(maximum=most)
        return usage

    async def close(self) -> None:
        """Close every connection, for good."""
        self._is_closed = True
        await super().close()

    @override
    async def _close(self) -> None:
        opened = [each for each in (self._pool, self._reading, self._drawing, self._pipes) if each]
        self._pool = self._reading = self._drawing = self._pipes = None
        await asyncio.gather(*(each.close() for each in opened))

    def _in_transaction(self) -> TransactionContext:
        return PooledContext(PostgresTransaction(self), self._pool_init_lock, late=True)


async def _connected(options: Mapping[str, Any], settings: str = "") -> Session:
    session: Session = await asyncpg.connect(**options)
    if settings:
        try:
            await session.execute(settings)
        except BaseException:
            session.terminate()
            raise
    return session


client_class = PostgresClient
