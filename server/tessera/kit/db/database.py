"""The process's one database: opening, closing, transactions, background tasks."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from contextvars import Context
from dataclasses import dataclass
from typing import Any, Self, TypeVar, cast

from tortoise.backends.base.client import BaseDBAsyncClient, TransactionalDBClient
from tortoise.backends.base.executor import EXECUTOR_CACHE
from tortoise.context import TortoiseContext, require_context

from tessera.kit.db.errors import Contention, DatabaseUnavailable, is_contention, reaching
from tessera.kit.db.location import Dialect, Location, locate
from tessera.kit.db.usage import Pooled, Usage

CONNECTION = "default"

_MOST: dict[Dialect, int] = {"sqlite": 4, "postgres": 8, "mysql": 10}
"""Connections of one process that are of use; on SQLite they read, on PostgreSQL others read for plans."""

_FIRST_PAUSE_SECONDS = 0.01
_LONGEST_PAUSE_SECONDS = 0.5

_dialect: Dialect = "sqlite"

_Result = TypeVar("_Result")
_background: set[asyncio.Task[Any]] = set()


@dataclass(frozen=True)
class App:
    """The tables of one distribution: label, modules of models, module of migrations."""

    label: str
    models: tuple[str, ...]
    migrations: str


class Database:
    """One open database; at most one per process at a time, because models find it by themselves."""

    def __init__(self, location: Location, context: TortoiseContext) -> None:
        """Hold an opened context; use `Database.open`."""
        self._location = location
        self._context = context

    @classmethod
    async def open(cls, url: str, apps: Sequence[App], *, pool_size: int = 10) -> Self:
        """Open the database at a URL (see `locate`) with these apps' models, and make sure that it answers.

        `pool_size`: connections at most; eight to PostgreSQL, beside those that only read or draw, and four to SQLite.
        Raises ValueError for a bad URL and DatabaseUnavailable if it cannot be reached.
        """
        location = housed(url)
        global _dialect  # noqa: PLW0603 - as the models, which find the one open database by themselves
        _dialect = location.dialect
        EXECUTOR_CACHE.clear()  # keyed by connection name and table: it would keep another dialect's SQL
        context = TortoiseContext()
        with context:  # current only while the models are set up; afterwards every task finds it as the fallback
            await context.init(
                config=tortoise_config(location, apps, pool_size=pool_size), _enable_global_fallback=True
            )
        database = cls(location, context)
        try:
            await database.ping()
        except BaseException:
            await database.close()
            raise
        return database

    @property
    def dialect(self) -> Dialect:
        """Which of the three it is."""
        return self._location.dialect

    @property
    def usage(self) -> Usage:
        """How much of the connections is used."""
        return cast("Pooled", self._context.db(CONNECTION)).usage()

    async def ping(self) -> None:
        """Ask for one row; raises DatabaseUnavailable."""
        await require_answer(self._context.db(CONNECTION), self._location)

    async def close(self) -> None:
        """Close every connection; the process cannot end before."""
        await self._context.close_connections()


def housed(url: str) -> Location:
    """Read a database URL; raises ValueError, and DatabaseUnavailable where the folder of its file is missing."""
    location = locate(url)
    if location.path and not location.path.parent.is_dir():
        raise DatabaseUnavailable(f"The folder {location.path.parent} of the database file does not exist.")
    return location


async def require_answer(client: BaseDBAsyncClient, location: Location) -> None:
    """Ask a client for one row; raises DatabaseUnavailable."""
    with reaching(location):
        await client.execute_query("SELECT 1")


def tortoise_config(
    location: Location, apps: Sequence[App], *, pool_size: int, foreign_keys: bool = True
) -> dict[str, Any]:
    """Give Tortoise's configuration for a location and apps; times are aware and in UTC."""
    size = min(pool_size, _MOST[location.dialect])
    return {
        "connections": {CONNECTION: location.connection(pool_size=size, foreign_keys=foreign_keys)},
        "apps": {
            app.label: {"models": list(app.models), "migrations": app.migrations, "default_connection": CONNECTION}
            for app in apps
        },
        "use_tz": True,
        "timezone": "UTC",
    }


def dialect() -> Dialect:
    """Tell which of the three databases is open."""
    return _dialect


def connection() -> BaseDBAsyncClient:
    """Give the client for raw SQL: the running transaction's, or else the database's own.

    Tortoise's `get` asks each time whether the loop is the one the database was opened in, and the system for the
    process's id to know; ours is opened, used and closed in one.
    """
    connections = require_context().connections
    return connections._get_storage().get(CONNECTION) or connections.get(CONNECTION)  # noqa: SLF001 - see above


def inside_transaction() -> bool:
    """Tell whether the caller runs inside a transaction."""
    return isinstance(connection(), TransactionalDBClient)


@asynccontextmanager
async def transaction() -> AsyncIterator[None]:
    """Run the block in one transaction, or in a savepoint of the running one; an exception undoes it.

    Raises Contention instead of the database's deadlock, serialisation and busy errors.
    """
    try:
        async with connection()._in_transaction():  # noqa: SLF001 - as Tortoise's `in_transaction` does
            yield
    except Exception as error:
        if is_contention(error):
            raise Contention("A concurrent transaction was faster.") from error
        raise


async def retrying(function: Callable[[], Awaitable[_Result]], *, attempts: int = 6) -> _Result:
    """Call a function that opens its own transaction, again after Contention, at most `attempts` times.

    Pauses grow and are random. Inside a running transaction it is called once: only the outermost block
    can be run again as a whole.
    """
    pause = _FIRST_PAUSE_SECONDS
    for _ in range(0 if inside_transaction() else attempts - 1):
        try:
            return await function()
        except Contention:
            await asyncio.sleep(random.uniform(pause / 2, pause))  # noqa: S311 - spreads load, guards nothing
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
    return await function()


def in_background(coroutine: Coroutine[Any, Any, _Result], *, name: str) -> asyncio.Task[_Result]:
    """Start a task that inherits no transaction, and keep it alive until it ends."""
    task = asyncio.create_task(coroutine, name=name, context=Context())
    _background.add(task)
    task.add_done_callback(_background.discard)
    return task
