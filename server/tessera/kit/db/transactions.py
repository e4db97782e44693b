"""Transaction blocks that stay true under cancellation, lost connections and MariaDB's deadlocks."""
# ruff: noqa: SLF001 - a block hands Tortoise's client the connection, as Tortoise's own blocks do

import asyncio
import contextlib
from types import TracebackType
from typing import Any, Protocol

from tortoise.backends.base.client import (
    NestedTransactionContext,
    TransactionalDBClient,
    TransactionContext,
    TransactionContextPooled,
)
from tortoise.connection import get_connections
from tortoise.exceptions import TransactionManagementError


class Doomable(Protocol):
    """A transaction that cannot commit any more because of `doom`."""

    doom: BaseException | None


class SavepointContext(NestedTransactionContext):
    """A nested block: an exception undoes exactly the block, and passes through unchanged.

    Where the savepoint is gone (after a deadlock MariaDB has rolled back everything, and a lost connection
    takes its transaction with it) the outer block is doomed: it must not commit the rest.
    """

    __slots__ = ("_outer",)

    def __init__(self, client: TransactionalDBClient, outer: Doomable) -> None:
        super().__init__(client)
        self._outer = outer

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc_val: BaseException | None, exc_tb: TracebackType | None
    ) -> None:
        """Release the savepoint, or roll back to it."""
        if exc_val is not None:
            await self._undo(exc_val)
            return
        try:
            await self.client.release_savepoint()
        except Exception as error:
            await self._undo(error)
            raise

    async def _undo(self, why: BaseException) -> None:
        try:
            await self.client.savepoint_rollback()
        except Exception:  # noqa: BLE001 - whatever it was, the inner work may still be there
            self._outer.doom = why


def forbid_doomed(transaction: Doomable) -> None:
    """Raise TransactionManagementError if the transaction lost a part of its work."""
    if transaction.doom is not None:
        raise TransactionManagementError("The transaction lost its earlier part.") from transaction.doom


class PooledContext(TransactionContextPooled):
    """An outermost block on a connection of a pool, which always goes back to the pool, usable or closed.

    Who begins `late` takes the connection when something needs it.
    """

    def __init__(self, client: TransactionalDBClient, pool_init_lock: asyncio.Lock, *, late: bool = False) -> None:
        super().__init__(client, pool_init_lock)
        self.late = late

    async def __aenter__(self) -> TransactionalDBClient:
        """Take a connection and begin, unless the transaction does so itself as soon as it needs one."""
        client: Any = self.client
        await self.ensure_connection()
        if not self.late:
            client._connection = await client._parent._pool.acquire()
            try:
                await client.begin()
            except BaseException:
                await client._parent._pool.release(client._connection)
                raise
        self.token = get_connections().set(self.connection_name, self.client)
        return self.client

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc_val: BaseException | None, exc_tb: TracebackType | None
    ) -> None:
        """Commit, or roll back after any exception."""
        client: Any = self.client
        try:
            if exc_val is None:
                await _commit(client)
            else:
                # a connection that cannot roll back is lost or closed: the server has rolled back by itself
                with contextlib.suppress(Exception):
                    await client.rollback()
        finally:
            get_connections().reset(self.token)
            if client._connection is not None:
                await client._parent._pool.release(client._connection)


class WriterContext(TransactionContext):
    """An outermost block on the one writer connection of SQLite, which is always left clean.

    The writer's thread works in order: a rollback or commit whose waiter was cancelled is still done
    before whatever the next holder of the lock asks for.
    """

    def __init__(self, client: Any, lock: asyncio.Lock) -> None:
        self.client = client
        self._lock = lock

    async def __aenter__(self) -> TransactionalDBClient:
        """Wait for the writer, then begin."""
        writer: Any = self.client
        await self._lock.acquire()
        try:
            await writer.open()
            try:
                await writer.begin()
            except BaseException:
                await writer.rollback()
                raise
        except BaseException:
            self._lock.release()
            raise
        self._token = get_connections().set(self.client.connection_name, self.client)
        return self.client

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc_val: BaseException | None, exc_tb: TracebackType | None
    ) -> None:
        """Commit, or roll back after any exception."""
        try:
            await (_commit(self.client) if exc_val is None else self.client.rollback())
        finally:
            get_connections().reset(self._token)
            self._lock.release()


async def _commit(client: Any) -> None:
    try:
        forbid_doomed(client)
        await client.commit()
    except Exception:
        with contextlib.suppress(Exception):
            await client.rollback()
        raise
