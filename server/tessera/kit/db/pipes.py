"""Short reads of PostgreSQL in pipes: they follow one another on a connection and wait for nobody's answer.

What the tasks of a process ask in one turn of its loop leaves as one packet and is answered by one process of the
database, which need not be woken for each. The driver opens the connections; here is only what it cannot do:
https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-PIPELINING and, for the messages,
https://www.postgresql.org/docs/current/protocol-message-formats.html.

Nothing is lost in a pipe: whatever goes wrong there, an error of the statement included, is asked again on a lane.
"""

import asyncio
import struct
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

import asyncpg

from tessera.kit.db.database import in_background
from tessera.kit.db.lanes import CLOSE_SECONDS, REMEMBERED_STATEMENTS, Session
from tessera.kit.db.usage import Usage

DEPTH = 8
"""Statements on their way in one pipe at most: each may have to wait for those before it."""

PATIENCE_SECONDS = 0.02
"""How long an answer may take until those behind it are asked for elsewhere; it may be twice as long."""

LOOKS = 3
"""How often an answer is looked for in vain until it counts as late."""

LONG_SECONDS = 0.005
"""How long a statement may take as a rule that is asked in pipes."""

MOST_SECONDS = 0.05
"""What a longer one counts as."""

WEIGHT = 1 / 16
"""Of the last time a statement took, in what it takes as a rule."""

BAN_SECONDS = 5.0
"""How long a long statement is asked elsewhere, before it is tried again."""

MOST_BANNED = 1_000

PAUSE_SECONDS = 1.0
"""How long no pipe is opened after one that could not be."""

Texts = Sequence[tuple[str]]
"""Rows of one column, which has a value in each."""

_SYNC = b"S\0\0\0\4"
_EXECUTE = b"E\0\0\0\x09\0\0\0\0\0"
_GOODBYE = b"X\0\0\0\4"
_ROW, _READY, _ERROR = b"DZE"
_HEAD = 5
"""Bytes of a message's kind and length."""
_TEXT = 11
"""Where the text of a row begins: behind the head, the number of columns, and its own length."""

_int = struct.Struct("!i")
_short = struct.Struct("!H")


@dataclass(slots=True, eq=False)
class _Prepared:
    """A statement the connection has been told; `seconds` is how long it takes as a rule."""

    text: str
    name: bytes
    seconds: float = 0.0


@dataclass(slots=True, eq=False)
class _Asked:
    """A statement on its way; its answer is None where it has to be asked elsewhere.

    One that `is_new` to its connection is read and planned first, which takes longer than it will ever take again.
    """

    statement: _Prepared
    is_new: bool
    at: float
    answer: asyncio.Future[Texts | None]
    failed: bool = False


class Pipe(asyncio.Protocol):
    """A connection that the driver has opened and that is read and written here from now on."""

    def __init__(self, session: Session, ban: Callable[[str], None]) -> None:
        """Take a connection over; `ban` is told which statement takes long."""
        self._loop = asyncio.get_running_loop()
        self._session = session
        self._ban = ban
        self._prepared: dict[str, _Prepared] = {}
        self._count = 0
        self._answered_at = 0.0
        self._asked: deque[_Asked] = deque()
        self._leaving: list[bytes] = []
        self._arrived: list[bytes] = []
        self._missing = _HEAD
        self._rows: list[tuple[str]] = []
        self._watched: tuple[_Asked | None, int] = (None, 0)
        self._watch: asyncio.TimerHandle | None = None
        self._is_held_up = False
        self._is_open = True
        self.lost = asyncio.Event()
        self._transport: asyncio.Transport = session._transport  # noqa: SLF001 - the driver has no word for it
        self._transport.set_protocol(self)

    @property
    def waiting(self) -> int:
        """How many statements are on their way."""
        return len(self._asked)

    @property
    def has_room(self) -> bool:
        """Whether another statement would hardly wait."""
        return self._is_open and len(self._asked) < DEPTH and not self._is_held_up

    def ask(self, text: str, values: Sequence[bytes | None]) -> asyncio.Future[Texts | None]:
        """Send a statement that reads; the answer is None where it has to be asked elsewhere."""
        known = self._prepared.get(text)
        statement = known or self._prepare(text)
        parts = [b"\0", statement.name, b"\0\0", _short.pack(len(values))]
        for value in values:
            parts += (_int.pack(-1),) if value is None else (_int.pack(len(value)), value)
        parts.append(b"\0\0")
        self._send(_message(b"B", b"".join(parts)), _EXECUTE, _SYNC)
        asked = _Asked(statement, known is None, monotonic(), self._loop.create_future())
        self._asked.append(asked)
        if self._watch is None:
            self._watch = self._loop.call_later(PATIENCE_SECONDS, self._look)
        return asked.answer

    def _prepare(self, text: str) -> _Prepared:
        if len(self._prepared) >= REMEMBERED_STATEMENTS:
            self._forget(next(iter(self._prepared.values())))
        self._count += 1
        statement = self._prepared[text] = _Prepared(text, b"pipe%d\0" % self._count)
        self._send(_message(b"P", b"%b%b\0\0\0" % (statement.name, text.encode())))
        return statement

    def _forget(self, statement: _Prepared) -> None:
        if self._prepared.get(statement.text) is statement:
            del self._prepared[statement.text]
            self._send(_message(b"C", b"S" + statement.name))

    def _send(self, *messages: bytes) -> None:
        """Let messages leave with all others of this turn of the loop."""
        if not self._leaving:
            self._loop.call_soon(self._leave)
        self._leaving += messages

    def _leave(self) -> None:
        self._transport.write(b"".join(self._leaving))
        self._leaving.clear()

    def _look(self) -> None:
        """Look whether the first answer has come; at the last look, those behind it do not wait for it any longer.

        The last look follows at once, but the loop reads before it: the answer may have come while the process did
        something else.
        """
        self._watch = None
        if not self._asked or self._is_held_up:
            return
        first = self._asked[0]
        times = self._watched[1] + 1 if self._watched[0] is first else 1
        self._watched = (first, times)
        if times == LOOKS:
            self._is_held_up = True
            for asked in list(self._asked)[1:]:
                _give_up(asked)
            return
        self._watch = self._loop.call_later(PATIENCE_SECONDS if times < LOOKS - 1 else 0, self._look)

    def data_received(self, data: bytes) -> None:
        """Read what has come."""
        self._arrived.append(data)
        self._missing -= len(data)
        if self._missing > 0:
            return
        if len(self._arrived) > 1:
            data = b"".join(self._arrived)
        at, end = 0, len(data)
        size = _HEAD
        while end - at >= _HEAD:
            size = 1 + _int.unpack_from(data, at + 1)[0]
            if end - at < size:
                break
            kind = data[at]
            if kind == _ROW:
                self._rows.append((data[at + _TEXT : at + size].decode(),))
            elif kind == _READY:
                self._ready()
            elif kind == _ERROR and self._asked:
                self._asked[0].failed = True
            at += size
            size = _HEAD
        self._arrived = [data[at:]] if at < end else []
        self._missing = size - (end - at)

    def _ready(self) -> None:
        rows, self._rows = self._rows, []
        asked, instant = self._asked.popleft(), monotonic()
        if asked.failed:
            _give_up(asked)
            self._forget(asked.statement)
        elif not asked.answer.done():
            asked.answer.set_result(rows)
        if not asked.is_new:
            self._judge(asked.statement, instant - max(asked.at, self._answered_at))
        self._answered_at = instant
        if not self._asked:
            self._is_held_up = False

    def _judge(self, statement: _Prepared, seconds: float) -> None:
        """Note how long a statement took, in its turn."""
        statement.seconds += (min(seconds, MOST_SECONDS) - statement.seconds) * WEIGHT
        if statement.seconds > LONG_SECONDS:
            statement.seconds = 0.0
            self._ban(statement.text)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's words
        """Give up what is not answered."""
        self._end()

    def _end(self) -> None:
        self._is_open = False
        if self._watch is not None:
            self._watch.cancel()
        for asked in self._asked:
            _give_up(asked)
        self._asked.clear()
        self.lost.set()
        self._session.terminate()

    async def close(self) -> None:
        """Say goodbye behind the last statement; what is not answered in ten seconds is given up."""
        if self._is_open:
            self._is_open = False
            self._send(_GOODBYE)
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self.lost.wait()
        except TimeoutError:
            self._end()


def _message(kind: bytes, body: bytes) -> bytes:
    return kind + _int.pack(len(body) + 4) + body


def _give_up(asked: _Asked) -> None:
    if not asked.answer.done():
        asked.answer.set_result(None)


def _written(value: object) -> bytes | None:
    """Write a value as PostgreSQL reads it; raises `ValueError` for what is not written here."""
    match value:
        case None:
            return None
        case str():
            return value.encode()
        case bool():
            return b"true" if value else b"false"
        case int():
            return b"%d" % value
        case float():
            return repr(value).encode()
        case datetime(tzinfo=zone) if zone is not None:
            return value.isoformat().encode()
        case _:
            raise ValueError(f"A {type(value).__name__} goes by no pipe.")


class Pipes:
    """A few pipes, opened when there is something to ask."""

    def __init__(self, connect: Callable[[], Awaitable[Session]], most: int) -> None:
        self._connect = connect
        self._most = most
        self._pipes: list[Pipe] = []
        self._banned: dict[str, float] = {}
        self._is_opening = False
        self._is_closed = False

    @property
    def usage(self) -> Usage:
        """How many connections there are."""
        return Usage(len(self._pipes), sum(not pipe.waiting for pipe in self._pipes), self._most)

    def ask(self, text: str, values: Sequence[object]) -> asyncio.Future[Texts | None] | None:
        """Send a statement that only reads; None, at once or as the answer, where it has to be asked elsewhere."""
        if text in self._banned and self._is_banned(text):
            return None
        pipe: Pipe | None = None
        for each in self._pipes:
            if each.has_room and (pipe is None or each.waiting < pipe.waiting):
                pipe = each
        if (pipe is None or pipe.waiting) and len(self._pipes) < self._most and not self._is_opening:
            self._is_opening = True
            in_background(self._live(), name="pipe")
        if pipe is None:
            return None
        try:
            return pipe.ask(text, [_written(value) for value in values])
        except ValueError:
            return None

    async def _live(self) -> None:
        """Open a pipe, and hold it until it is lost."""
        try:
            try:
                session = await self._connect()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):  # a lane tells it to who asks
                await asyncio.sleep(PAUSE_SECONDS)
                return
        finally:
            self._is_opening = False
        if self._is_closed:
            session.terminate()
            return
        pipe = Pipe(session, self._ban)
        self._pipes.append(pipe)
        await pipe.lost.wait()
        self._pipes.remove(pipe)

    def _ban(self, text: str) -> None:
        if len(self._banned) >= MOST_BANNED:
            self._banned.clear()
        self._banned[text] = monotonic() + BAN_SECONDS

    def _is_banned(self, text: str) -> bool:
        if monotonic() < self._banned[text]:
            return True
        del self._banned[text]
        return False

    async def close(self) -> None:
        """Close every pipe behind its last statement."""
        self._is_closed = True
        await asyncio.gather(*(pipe.close() for pipe in self._pipes))
