"""The SQLite engine: one immediate writer, a few read-only connections that no writer blocks."""

import asyncio
import re
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import aiosqlite
from tortoise.backends.base.client import TransactionContext
from tortoise.backends.sqlite.client import (
    SqliteClient,
    SqliteTransactionWrapper,
    translate_exceptions,
)
from tortoise.exceptions import OperationalError
from typing_extensions import override

from tessera.kit.db.errors import is_contention
from tessera.kit.db.transactions import SavepointContext, WriterContext
from tessera.kit.db.usage import Usage

BUSY_MILLISECONDS = 15_000

STEPS = 1_000
"""After how many of its instructions SQLite asks whether to go on: some ten microseconds."""
QUICK_LOOKS = 100
"""How often a read may be asked that while it keeps the event loop to itself: about a millisecond."""
CACHE_KIB = 64 * 1024
"""How much of the file these reads keep in memory at most; SQLite's own 2 MiB hold too little of a large desk."""
REMEMBERED_TEXTS = 1_000
FULL_TEXT = " MATCH "
"""A virtual table's own work is long before it is many instructions."""

_WAL_TRIES = 100
_WAL_PAUSE_SECONDS = 0.05

Counted = tuple[int, Sequence[dict[Any, Any]]]
"""How many rows a statement touched, and those it returned."""

_READ = re.compile(r"\s*SELECT\b", re.IGNORECASE)


def _as_utc_text(moment: datetime) -> str:
    return (moment.astimezone(UTC) if moment.tzinfo else moment).isoformat(" ", "microseconds")


# SQLite compares moments as text: they must all be of one zone and one length
sqlite3.register_adapter(datetime, _as_utc_text)


class WriterTransaction(SqliteTransactionWrapper):
    """A transaction that takes the write lock at its start, so that it cannot fail for it later."""

    doom: BaseException | None = None

    def _in_transaction(self) -> TransactionContext:
        return SavepointContext(WriterTransaction(self), outer=self)

    async def open(self) -> None:
        """Make sure that there is a writer connection."""
        await self._parent.create_connection(with_db=True)
        self._connection = cast("aiosqlite.Connection", self._parent._connection)  # noqa: SLF001 - transactions share the writer

    @translate_exceptions
    async def execute_query(self, query: str, values: list[Any] | None = None) -> Counted:
        """Run a statement; give the number of rows it touched and the rows it returned."""
        return await _execute(self, query, values)

    @translate_exceptions
    async def fetch_rows(self, text: str, values: Sequence[Any]) -> Sequence[Any]:
        """Run a statement; return its rows."""
        return (await _fetch_rows(self._connection, text, (values,)))[0]

    @translate_exceptions
    async def fetch_rows_each(self, text: str, values: Sequence[Sequence[Any]]) -> list[Sequence[Any]]:
        """Run a statement once for each list of values, in one go; return the rows of each run."""
        return await _fetch_rows(self._connection, text, values)

    async def begin(self) -> None:
        """Take the write lock, waiting for other processes at most BUSY_MILLISECONDS."""
        try:
            await self._connection.execute_fetchall("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise OperationalError(error) from error


class QuickReader:
    """A read-only connection of the event loop's own thread, for what takes less than a visit to another one.

    Most reads of a page of rows do. One that turns out not to is cut off, begun again in a thread, and known from
    then on.
    """

    def __init__(self, path: Path) -> None:
        """Open the file, which has to be there."""
        self._connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, isolation_level=None)
        self._connection.execute("PRAGMA busy_timeout=0")
        self._connection.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
        self._connection.set_progress_handler(self._is_late, STEPS)
        self._slow: set[str] = set()
        self._looks = 0

    def fetch(self, text: str, values: Sequence[Sequence[Any]]) -> list[Sequence[Any]] | None:
        """Run a statement once for each list of values; None: not here."""
        if text in self._slow or FULL_TEXT in text:
            return None
        cursor = self._connection.cursor()
        self._looks = 0
        try:
            if len(values) > 1:
                return self._together(cursor, text, values)
            return [cursor.execute(text, each).fetchall() for each in values]
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
                self._note_slow(text)
            elif error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
            return None
        finally:
            cursor.close()

    def _together(self, cursor: sqlite3.Cursor, text: str, values: Sequence[Sequence[Any]]) -> list[Sequence[Any]]:
        """Run a statement once for each list of values, under one lock instead of one each."""
        cursor.execute("BEGIN")
        try:
            return [cursor.execute(text, each).fetchall() for each in values]
        finally:
            self._looks = 0  # or the end might be found late as well
            if self._connection.in_transaction:
                cursor.execute("ROLLBACK")

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _is_late(self) -> bool:
        self._looks += 1
        return self._looks > QUICK_LOOKS

    def _note_slow(self, text: str) -> None:
        if len(self._slow) == REMEMBERED_TEXTS:
            self._slow.clear()
        self._slow.add(text)


class TwoLaneClient(SqliteClient):
    """Writes on one connection in turn; reads outside a transaction on others, at the newest commit."""

    def __init__(self, file_path: str, *, readers: int, foreign_keys: str, **names: Any) -> None:
        """Describe the file; connections open at first use. `readers`: number of read-only connections."""
        super().__init__(file_path, **names)
        self.pragmas = {
            "busy_timeout": BUSY_MILLISECONDS,
            "journal_mode": "WAL",
            "synchronous": "NORMAL",
            "foreign_keys": foreign_keys,
            "recursive_triggers": "ON",  # or REPLACE would delete rows without asking a trigger
        }
        self._reader_count = readers
        self._readers: list[aiosqlite.Connection] = []
        self._idle: asyncio.LifoQueue[aiosqlite.Connection] = asyncio.LifoQueue()
        self._quick: QuickReader | None = None
        self._opening = asyncio.Lock()

    @override
    async def create_connection(self, with_db: bool) -> None:
        """Open the writer once, and the readers after it has made the file."""
        async with self._opening:
            if self._connection:
                return
            await self._open_writer()
            for _ in range(self._reader_count):
                reader = await aiosqlite.connect(
                    f"{Path(self.filename).as_uri()}?mode=ro", uri=True, isolation_level=None
                )
                reader.row_factory = sqlite3.Row
                self._readers.append(reader)
                await reader.execute_fetchall(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
                self._idle.put_nowait(reader)
            self._quick = QuickReader(Path(self.filename))

    async def _open_writer(self) -> None:
        # two processes that open a new file at once: making it WAL does not wait for busy_timeout
        for tries_left in reversed(range(_WAL_TRIES)):
            try:
                await super().create_connection(with_db=True)
            except sqlite3.OperationalError as error:
                await super().close()
                if not tries_left or not is_contention(error):
                    raise
                await asyncio.sleep(_WAL_PAUSE_SECONDS)
            except BaseException:
                await super().close()
                raise
            else:
                return

    async def close(self) -> None:
        """Close every connection; the client opens again when it is used again."""
        async with self._opening:
            for reader in self._readers:
                await reader.close()
            self._readers, self._idle = [], asyncio.LifoQueue()
            if self._quick is not None:
                self._quick.close()
                self._quick = None
            await super().close()

    def _in_transaction(self) -> TransactionContext:
        return WriterContext(WriterTransaction(self), self._lock)

    async def execute_many(self, query: str, values: list[list[Any]]) -> None:
        """Run one statement for each list of values, all or none."""
        async with self._in_transaction() as transaction:
            await transaction.execute_many(query, values)

    @translate_exceptions
    async def execute_query(self, query: str, values: list[Any] | None = None) -> Counted:
        """Run a statement; give the number of rows it touched and the rows it returned."""
        if not _READ.match(query):
            return await _execute(self, query, values)
        rows = await self._read(query, values)
        return len(rows), rows

    async def execute_query_dict(self, query: str, values: list[Any] | None = None) -> list[dict[Any, Any]]:
        """Run a statement; give the rows it returned as dictionaries."""
        if not _READ.match(query):
            return cast("list[dict[Any, Any]]", await super().execute_query_dict(query, values))
        return [dict(row) for row in await self._read(query, values)]

    async def fetch_rows(self, text: str, values: Sequence[Any]) -> Sequence[Any]:
        """Run a statement; return its rows."""
        rows: Sequence[Any] = (await self.fetch_rows_each(text, (values,)))[0]
        return rows

    @translate_exceptions
    async def fetch_rows_each(self, text: str, values: Sequence[Sequence[Any]]) -> list[Sequence[Any]]:
        """Run a statement once for each list of values, in one go; return the rows of each run."""
        if self._quick is None:
            await self.create_connection(with_db=True)
        found = None if self._quick is None else self._quick.fetch(text, values)
        if found is not None:
            return found
        reader = await self._idle.get()
        try:
            return await _fetch_rows(reader, text, values)
        finally:
            self._idle.put_nowait(reader)

    def usage(self) -> Usage:
        """Count the connections that read; there is one that writes beside them."""
        return Usage(len(self._readers), self._idle.qsize(), self._reader_count)

    @translate_exceptions
    async def _read(self, query: str, values: list[Any] | None) -> Any:
        if not self._connection:
            await self.create_connection(with_db=True)
        reader = await self._idle.get()
        try:
            return await reader.execute_fetchall(query, values)
        finally:
            self._idle.put_nowait(reader)


async def _execute(client: SqliteClient, text: str, values: list[Any] | None) -> Counted:
    """Run a statement and count its own rows; Tortoise counts what a full-text table happens to write meanwhile too."""
    client.log.debug("%s: %s", text, values)
    async with client.acquire_connection() as connection:

        def run() -> Counted:
            cursor = connection._conn.execute(text, values or ())  # noqa: SLF001 - in one visit to its thread
            rows = cursor.fetchall()
            return (len(rows) if cursor.rowcount < 0 else cursor.rowcount), rows

        return cast("Counted", await connection._execute(run))  # noqa: SLF001 - as above


async def _fetch_rows(
    connection: aiosqlite.Connection, text: str, values: Sequence[Sequence[Any]]
) -> list[Sequence[Any]]:
    def run() -> list[Sequence[Any]]:
        cursor = connection._conn.cursor()  # noqa: SLF001 - the whole run in one visit to the connection's thread
        cursor.row_factory = None
        return [cursor.execute(text, each).fetchall() for each in values]

    found: list[Sequence[Any]] = await connection._execute(run)  # type: ignore[no-untyped-call]  # noqa: SLF001 - as above
    return found


client_class = TwoLaneClient
