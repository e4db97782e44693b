"""PostgreSQL's transactions: they begin when something needs them, and new rows go in together, at one stroke."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import asyncpg
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import ConnectionWrapper, TransactionContext
from tortoise.backends.base_postgres.client import translate_exceptions
from tortoise.exceptions import TransactionManagementError
from typing_extensions import override

from tessera.kit import tracing
from tessera.kit.db.errors import Contention
from tessera.kit.db.transactions import SavepointContext, forbid_doomed

MOST_VALUES = 4_000
"""So many values of rows wait at most, an eighth of what a statement can have."""

STROKES = 500
"""Finished texts that are kept."""

Records = Sequence[Sequence[Any]]

_MARK = re.compile(r"\$(\d+)")


class PostgresTransaction(TransactionWrapper):
    """One transaction, on one connection from its first statement on.

    Insertions that nobody waits for go with whatever is asked next, all as one statement; if nothing is, that
    statement is the whole transaction, without BEGIN and COMMIT.
    """

    doom: BaseException | None = None

    def __init__(self, client: AsyncpgDBClient) -> None:
        super().__init__(client)
        self._waiting: list[tuple[str, Sequence[Any]]] = []
        self._values = 0

    @translate_exceptions
    async def fetch_rows(self, text: str, values: Sequence[Any]) -> Records:
        """Run a statement; return its rows."""
        async with self.acquire_connection() as connection:
            found: Records = await connection.fetch_rows(text, values)
            return found

    async def fetch_texts(self, text: str, values: Sequence[Any]) -> Records:
        """Run a statement that only reads, in one column of text without gaps; return its rows."""
        found: Records = await self.fetch_rows(text, values)
        return found

    @translate_exceptions
    async def fetch_rows_each(self, text: str, values: Sequence[Sequence[Any]]) -> list[Records]:
        """Run a statement once for each list of values; return the rows of each run."""
        async with self.acquire_connection() as connection:
            return [await connection.fetch_rows(text, each) for each in values]

    @property
    def reader(self) -> AsyncpgDBClient:
        """Who is asked what only reads: as long as nothing is written, nothing has to begin for it.

        Every statement sees what is committed at its own beginning, inside of transactions and outside.
        """
        return self._parent if self.transaction is None and not self._waiting else self

    @translate_exceptions
    async def put_off(self, text: str, values: Sequence[Any]) -> None:
        """Let an INSERT without RETURNING wait for the next statement or the commit, which raise what it raises.

        A unique value that is taken is `Contention` there, whatever else was asked, for that is not to blame.
        """
        self._require_open()
        if self._values + len(values) > MOST_VALUES:
            async with self.acquire_connection():
                pass
        self._waiting.append((text, values))
        self._values += len(values)

    def acquire_connection(self) -> ConnectionWrapper[asyncpg.Connection]:
        """Give the connection, ready for another statement, to one task at a time."""
        return _Ready(self._lock, self)

    async def ready(self) -> asyncpg.Connection:
        """Begin unless it has, and send what waits."""
        self._require_open()
        if self.transaction is None:
            await self.begin()
        if self._waiting:
            await self._send()
        return self._connection

    async def begin(self) -> None:
        """Take a connection and begin; what comes after a beginning that was cut off would be no transaction."""
        await self._connect()
        try:
            await super().begin()
        except BaseException as error:
            self.doom = error
            raise

    @translate_exceptions
    async def commit(self) -> None:
        """Commit what there is."""
        if self.transaction is not None:
            await self.ready()
            await super().commit()
        elif self._waiting:
            await self._connect()
            await self._send()
        self._finalized = True

    async def rollback(self) -> None:
        """Undo what there is."""
        self.forget()
        if self.transaction is not None:
            await super().rollback()
        self._finalized = True

    def forget(self) -> None:
        """Send nothing of what waits."""
        self._waiting, self._values = [], 0

    def _require_open(self) -> None:
        forbid_doomed(self)
        if self._finalized:
            raise TransactionManagementError("The transaction is over.")

    async def _connect(self) -> None:
        # not one of those that plans read on: a stroke waits for the disk, and may have to wait for a lock
        self._connection = await self._parent._pool.acquire()  # type: ignore[union-attr]  # it is open  # noqa: SLF001 - as Tortoise's blocks do

    async def _send(self) -> None:
        waiting = self._waiting
        self.forget()
        text, values = _together(*(text for text, _ in waiting)), [value for _, some in waiting for value in some]
        try:
            await self._sent(text, values)
        except asyncpg.UniqueViolationError as error:
            raise Contention("A value of a new row is taken.") from error
        except asyncpg.PostgresError:
            raise  # the server knows that the transaction has failed
        except BaseException as error:
            self.doom = error
            raise

    async def _sent(self, text: str, values: Sequence[Any]) -> None:
        if not tracing.is_traced():
            await self._connection.fetch_rows(text, values)
            return
        with tracing.span(text.partition(" ")[0], kind="client") as span:
            span.note("db.query.text", text)
            await self._connection.fetch_rows(text, values)

    def _in_transaction(self) -> TransactionContext:
        return SavepointContext(Savepoint(self), outer=self)


class Savepoint(TransactionWrapper):
    """A part of a transaction that can be undone alone; inside it statements go to the transaction itself."""

    _parent: PostgresTransaction

    @override
    @translate_exceptions
    async def begin(self) -> None:
        """Set the savepoint behind everything before it."""
        async with self._parent.acquire_connection() as connection:
            self._connection = connection
            await super().begin()

    @override
    @translate_exceptions
    async def commit(self) -> None:
        """Release the savepoint behind everything in it."""
        async with self._parent.acquire_connection():
            await super().commit()

    @override
    async def rollback(self) -> None:
        """Go back to the savepoint."""
        self._parent.forget()
        await super().rollback()


class _Ready(ConnectionWrapper[asyncpg.Connection]):
    """A transaction's connection, for one task at a time."""

    @override
    async def __aenter__(self) -> asyncpg.Connection:
        await self._lock.acquire()
        try:
            return await self.client.ready()  # type: ignore[attr-defined]  # it is a transaction of ours
        except BaseException:
            self._lock.release()
            raise


@lru_cache(STROKES)
def _together(*texts: str) -> str:
    """Write statements as one; foreign keys between their rows are looked at behind the last of them."""
    if len(texts) == 1:
        return texts[0]
    parts, before = [], 0
    for number, text in enumerate(texts):
        parts.append(f"part{number} AS ({_renumbered(text, before)})")
        before += len(set(_MARK.findall(text)))
    return f"WITH {', '.join(parts)} SELECT 1"


def _renumbered(text: str, before: int) -> str:
    return _MARK.sub(lambda mark: f"${int(mark[1]) + before}", text)
