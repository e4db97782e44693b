"""What waits for one reader: bounded in messages and in bytes, written by a task that lives as long as there is any."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextvars import Context as ContextVariables

from tessera.engine.groups import TooSlow
from tessera.transport.options import Options

Parts = tuple[bytes, ...]
"""A message in pieces: the piece that others get too is in memory once."""

WriteNow = Callable[[bytes], bool]
"""Sends a message if that takes no waiting, and says whether it did."""


class Outbox:
    """Messages on their way to one reader, in order.

    `write` sends one message and waits while the reader is slow; when it raises OSError, `lost` is called and
    everything is forgotten. `write_now`, where there is one, sends a message at once, or says that it cannot.
    """

    def __init__(
        self,
        write: Callable[[bytes], Awaitable[None]],
        lost: Callable[[], None],
        options: Options,
        write_now: WriteNow | None = None,
    ) -> None:
        self._write = write
        self._write_now = write_now
        self._lost = lost
        self._options = options
        self._waiting: deque[tuple[int, Parts]] = deque()
        self._bytes = 0
        self._closed = False
        self._writer: asyncio.Task[None] | None = None
        self._moved: asyncio.Event | None = None

    @property
    def full(self) -> bool:
        """Whether whoever can wait should wait."""
        return len(self._waiting) >= self._options.queued_messages or self._bytes >= self._options.queued_bytes

    @property
    def idle(self) -> bool:
        """Whether everything was written."""
        return self._writer is None

    def put(self, *parts: bytes) -> None:
        """Take a message, full or not; never waits."""
        if self._closed or (self._writer is None and self._write_now is not None and self._write_now(b"".join(parts))):
            return
        size = sum(map(len, parts))
        self._waiting.append((size, parts))
        self._bytes += size
        if self._writer is None:
            self._writer = asyncio.create_task(self._write_all(), context=ContextVariables())

    async def room(self) -> None:
        """Wait until it is full no more; raise TooSlow when nothing moves for too long."""
        await self._until(lambda: not self.full, self._options.patience)

    async def flushed(self, seconds: float) -> None:
        """Wait until everything was written; raise TooSlow when nothing moves for some seconds."""
        await self._until(lambda: self.idle, seconds)

    def close(self) -> None:
        """Forget everything, also what comes from now on, and whose outbox this was: nothing may hold on to them."""
        self._closed = True
        self._waiting.clear()
        self._bytes = 0
        self._write, self._write_now, self._lost = _write_nothing, None, _tell_nobody
        if self._writer is not None:
            self._writer.cancel()

    async def _until(self, is_so: Callable[[], bool], seconds: float) -> None:
        try:
            while not is_so():
                self._moved = self._moved or asyncio.Event()
                self._moved.clear()
                async with asyncio.timeout(seconds):
                    await self._moved.wait()
        except TimeoutError:
            raise TooSlow("The client reads too slowly.") from None

    async def _write_all(self) -> None:
        try:
            while self._waiting:
                size, parts = self._waiting.popleft()
                self._bytes -= size
                await self._write(b"".join(parts))
                self._tell()
        except OSError:
            self._closed = True
            self._waiting.clear()
            self._bytes = 0
            self._lost()
        finally:
            self._writer = None
            self._tell()

    def _tell(self) -> None:
        if self._moved is not None:
            self._moved.set()


async def _write_nothing(_message: bytes) -> None:
    """Send nothing."""


def _tell_nobody() -> None:
    """Say nothing."""
