"""Lanes of connections to PostgreSQL: so many at most, one user at a time, in turn."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import asyncpg
from asyncpg.prepared_stmt import PreparedStatement
from tortoise.exceptions import DBConnectionError

from tessera.kit.db.usage import Usage

Records = Sequence[Sequence[Any]]

REMEMBERED_STATEMENTS = 500
"""Prepared statements per connection."""

CLOSE_SECONDS = 10.0
"""How long whoever uses a connection may go on when the lane closes."""


class Session(asyncpg.Connection):  # type: ignore[misc]  # asyncpg has no types
    """A connection that goes back to its lane as it is: nothing is ever set on its session."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._statements: dict[str, PreparedStatement] = {}

    @property
    def is_usable(self) -> bool:
        """Whether somebody else can go on with it: it is open, and nothing was left in the middle of something."""
        return not (self.is_closed() or self.is_in_transaction() or self._protocol._is_cancelling())  # noqa: SLF001 - as the driver's own pool asks

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


class Lane:
    """Connections that are opened when they are needed and kept.

    In the driver's own pool, taking a connection and giving it back is a task of its own and costs as much as a short
    statement.
    """

    def __init__(self, connect: Callable[[], Awaitable[Session]], most: int) -> None:
        self._connect = connect
        self._most = most
        self._sessions: set[Session] = set()
        self._idle: list[Session] = []
        self._coming = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._is_closed = False
        self._is_empty = asyncio.Event()

    @property
    def usage(self) -> Usage:
        """How many connections there are."""
        return Usage(len(self._sessions), len(self._idle), self._most)

    def idle(self) -> Session | None:
        """Take a connection that nobody uses, if there is one; it is to be given back."""
        while self._idle:
            session = self._idle.pop()
            if not session.is_closed():
                return session
            self._sessions.discard(session)
        return None

    async def take(self) -> Session:
        """Take a connection, which is to be given back: an idle one, a new one, or whichever is next.

        Raises `DBConnectionError` when the lane is closed, and whatever keeps a new one from being opened.
        """
        while True:
            if self._is_closed:
                raise DBConnectionError("The database was closed.")
            session = self.idle()
            if session is not None:
                return session
            if len(self._sessions) + self._coming < self._most:
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
        self._coming += 1
        try:
            session = await self._connect()
        except BaseException:
            self._coming -= 1
            self._next()
            raise
        self._coming -= 1
        self._sessions.add(session)
        return session

    def give(self, session: Session, *, usable: bool) -> None:
        """Give a connection back; what was left in the middle of something is closed."""
        if usable and not self._is_closed:
            self._idle.append(session)
        else:  # a statement that was cut off may still be running there
            session.terminate()
            self._sessions.discard(session)
        self._next()

    def _next(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                break
        if not (self._sessions or self._coming):
            self._is_empty.set()

    async def acquire(self) -> Session:
        """Take a connection, as the ORM asks for it."""
        return self.idle() or await self.take()

    async def release(self, session: Session) -> None:
        """Give a connection back, as the ORM does: it does not say how it was left."""
        self.give(session, usable=session.is_usable)

    async def close(self) -> None:
        """Close every connection; those that are used have ten seconds to come back."""
        self._is_closed = True
        for turn in self._waiting:
            if not turn.done():
                turn.set_result(None)
        self._waiting.clear()
        idle, self._idle = self._idle, []
        self._sessions.difference_update(idle)
        await asyncio.gather(*(session.close(timeout=CLOSE_SECONDS) for session in idle), return_exceptions=True)
        self._is_empty.clear()
        self._next()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._is_empty.wait()
        for session in self._sessions:
            session.terminate()
        self._sessions.clear()
