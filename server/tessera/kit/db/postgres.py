"""The PostgreSQL engine: Tortoise's asyncpg client with true transaction blocks and a lane for reads."""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Any, Self

import asyncpg
from asyncpg.prepared_stmt import PreparedStatement
from tortoise.backends.asyncpg.client import AsyncpgDBClient
from tortoise.backends.base.client import TransactionContext
from tortoise.exceptions import DBConnectionError
from typing_extensions import override

from tessera.kit.db.strokes import PostgresTransaction, Records
from tessera.kit.db.transactions import PooledContext
from tessera.kit.db.usage import Usage

READERS = 7
"""Connections that read for plans, beside the pool."""

DRAWERS = 2
"""Connections for draws, one for numbers and one for ids: slow reads must not hold up those who write."""

REMEMBERED_STATEMENTS = 500
"""Prepared statements per connection."""

SHORT_READS = """
SET plan_cache_mode = force_generic_plan;
SET max_parallel_workers_per_gather = 0;
SET TimeZone = 'UTC'
"""
"""Planning a statement takes longer than running it, and values hardly ever change the best way. Without its values, it
may look long enough to be shared with other processes, whose start takes longer still."""


class Session(asyncpg.Connection):  # type: ignore[misc]  # asyncpg has no types
    """A connection that goes back to the pool as it is: nothing is ever set on its session."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._statements: dict[str, PreparedStatement] = {}

    def get_reset_query(self) -> str:
        """Return nothing to run between two users."""
        return ""

    async def fetch_rows(self, text: str, values: Sequence[Any]) -> Records:
        """Run a statement; return its rows.

        The driver is asked below its public methods, each of which adds a coroutine to every statement. What it does
        in them for a statement whose tables have changed since, its public method does here too: inside a
        transaction, which is lost then, the error is raised.
        """
        statement = self._statements.get(text) or await self._remembered(text)
        try:
            found: Records = await self._protocol.bind_execute(
                statement._state,  # noqa: SLF001 - see above
                values,
                "",
                0,
                return_extra=False,
                timeout=None,
            )
        except (asyncpg.InvalidCachedStatementError, asyncpg.OutdatedSchemaCacheError):
            self._statements.clear()
            if self.is_in_transaction():
                raise
            await self.reload_schema_state()
            found = await self.fetch(text, *values)
        return found

    async def _remembered(self, text: str) -> PreparedStatement:
        statement = self._statements[text] = await self.prepare(text)
        if len(self._statements) > REMEMBERED_STATEMENTS:
            del self._statements[next(iter(self._statements))]
        return statement


class ReadLane:
    """Connections for single statements: no reset between them, as nothing is ever set on their sessions."""

    def __init__(self, pool: asyncpg.Pool, most: int) -> None:
        self.pool = pool
        self._most = most
        self._idle: list[Session] = []
        self._open = 0
        self._is_closed = False
        self._waiting: deque[asyncio.Future[None]] = deque()

    @property
    def usage(self) -> Usage:
        """How many connections there are."""
        return Usage(self._open, len(self._idle), self._most)

    def idle(self) -> Session | None:
        """Take a connection that nobody uses, if there is one; it is to be given back."""
        while self._idle:
            reader = self._idle.pop()
            if not reader.is_closed():
                return reader
            self._open -= 1
        return None

    async def take(self) -> Session:
        """Take a connection, which is to be given back: an idle one, a new one, or whichever is next."""
        while True:
            reader = self.idle()
            if reader is not None:
                return reader
            if self._open < self._most:
                return await self._new()
            turn = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            try:
                await turn
            except asyncio.CancelledError:
                if turn.done() and not turn.cancelled():
                    self._next()
                raise

    async def _new(self) -> Session:
        self._open += 1
        reader: Session | None = None
        try:
            reader = await self.pool._get_new_connection()  # noqa: SLF001 - as the pool's own are opened
            await reader.execute(SHORT_READS)
        except BaseException:
            if reader is not None:
                reader.terminate()
            self._open -= 1
            self._next()
            raise
        return reader

    def give(self, reader: Session, *, usable: bool) -> None:
        """Give a connection back; what was left in the middle of something is closed."""
        if usable and not self._is_closed:
            self._idle.append(reader)
        else:  # a statement that was cut off may still be running there
            reader.terminate()
            self._open -= 1
        if self._waiting:
            self._next()

    def _next(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return

    def close(self) -> None:
        """Close the connections that are idle; the others close when they are given back."""
        self._is_closed = True
        while self._idle:
            self._idle.pop().terminate()
            self._open -= 1


class PostgresClient(AsyncpgDBClient):
    """A pool of connections to one PostgreSQL database."""

    connection_class = Session
    _lane: ReadLane | None = None
    _drawing: ReadLane | None = None
    _is_closed = False

    @override
    async def create_connection(self, with_db: bool) -> None:
        """Open the pool; raises `DBConnectionError` for who comes after the end, as nobody would close it again."""
        if self._is_closed:
            raise DBConnectionError("The database was closed.")
        await super().create_connection(with_db)

    @override
    async def create_pool(self, **kwargs: Any) -> asyncpg.Pool:
        """Open the pool, whose connections remember their prepared statements for good."""
        remembering = {
            "statement_cache_size": REMEMBERED_STATEMENTS,
            "max_cached_statement_lifetime": 0,
            "max_cacheable_statement_size": 0,
        }
        return await super().create_pool(**{**remembering, **kwargs})

    async def draw(self, text: str, values: Sequence[Any]) -> Records:
        """Run a statement for which those who write wait; return its rows."""
        lane = self._lane or await self._lane_opened()
        if self._drawing is None:
            self._drawing = ReadLane(lane.pool, DRAWERS)
        return await self.fetch_rows(text, values, self._drawing)

    async def fetch_rows(self, text: str, values: Sequence[Any], lane: ReadLane | None = None) -> Records:
        """Run a statement; return its rows."""
        lane = lane or self._lane or await self._lane_opened()
        reader, usable = lane.idle(), False
        try:
            if reader is None:
                reader = await lane.take()
            found = await reader.fetch_rows(text, values)
            usable = True
        except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            usable = isinstance(error, asyncpg.PostgresError) and reader is not None and not reader.is_closed()
            raise await self._translated(error) from error
        finally:
            if reader is not None:
                lane.give(reader, usable=usable)
        return found

    async def fetch_rows_each(self, text: str, values: Sequence[Sequence[Any]]) -> list[Records]:
        """Run a statement once for each list of values; return the rows of each run."""
        return [await self.fetch_rows(text, each) for each in values]

    async def _lane_opened(self) -> ReadLane:
        if self._pool is None:
            await self.create_connection(with_db=True)
        if self._lane is None:
            self._lane = ReadLane(self._pool, READERS)
        return self._lane

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
        """Count the connections of the pool and of the lanes."""
        lane = self._lane.usage if self._lane else Usage(maximum=READERS)
        drawing = self._drawing.usage if self._drawing else Usage(maximum=DRAWERS)
        pool, usage = self._pool, lane + drawing
        if pool is None:
            return usage
        return usage + Usage(pool.get_size(), pool.get_idle_size(), pool.get_max_size())

    async def close(self) -> None:
        """Close every connection, for good."""
        self._is_closed = True
        for lane in (self._lane, self._drawing):
            if lane is not None:
                lane.close()
        self._lane = self._drawing = None
        await super().close()

    def _in_transaction(self) -> TransactionContext:
        return PooledContext(PostgresTransaction(self), self._pool_init_lock, late=True)


client_class = PostgresClient
