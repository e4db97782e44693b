"""Streams over HTTP: an operation's responses as the body of one request, in one of two formats."""

import asyncio
from http import HTTPStatus
from typing import Any, Protocol

from graphql import OperationType

from tessera.engine.documents import Prepared
from tessera.engine.groups import TooSlow
from tessera.engine.hub import Seat
from tessera.transport.contexts import Context, until_expired
from tessera.transport.encoding import encode
from tessera.transport.operations import Run, deliver, last_words
from tessera.transport.options import Options
from tessera.transport.outbox import Outbox
from tessera.transport.wire import Headers, Receive, Send, encoded, response_body, response_start


class Format(Protocol):
    """How responses become a body."""

    CONTENT_TYPE: str
    BEGINNING: bytes
    KEEP_ALIVE: bytes
    """What an idle stream says, so that nobody on the way cuts it."""
    END: bytes

    @staticmethod
    def next(payload: bytes) -> tuple[bytes, ...]:
        """Return a response's JSON as the body has it, in pieces."""

    @staticmethod
    def failed(errors: bytes) -> tuple[bytes, ...]:
        """Return the errors that end the stream, a JSON list, as the body has them, in pieces."""


class StreamedResponse:
    """One response of many parts, and the sink of its operation."""

    def __init__(self, kind: type[Format], receive: Receive, send: Send, headers: Headers, options: Options) -> None:
        self.kind = kind
        self.receive = receive
        self.send = send
        self.headers = [*encoded([("Content-Type", kind.CONTENT_TYPE), ("Cache-Control", "no-cache")]), *headers]
        self.keep_alive = options.keep_alive
        self.patience = options.patience
        self.outbox = Outbox(self.write, self.stop, options)
        self.prepared: Prepared | None = None
        self.over = asyncio.Event()
        self.gone = False
        self.slow = False
        self.moved = False

    async def send_errors(self, errors: list[dict[str, Any]]) -> None:
        """Send request errors as the whole stream."""
        await self.begin()
        await self.send(response_body(b"".join((*self.kind.next(encode({"errors": errors})), self.kind.END))))

    async def run(self, run: Run, seat: Seat, context: Context) -> None:
        """Send an operation's responses until they end, the client leaves or the credential expires."""
        self.prepared = run.prepared
        await self.begin()
        operation = asyncio.create_task(self.operate(run, seat))
        tasks = [operation, asyncio.create_task(self.until_left()), asyncio.create_task(self.expire(context))]
        try:
            await self.keep_up()
        finally:
            seat.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self.outbox.close()
        if not self.gone:
            # who was too slow, or shall go on elsewhere, must not take the end for the stream's own
            await self.send(response_body(b"" if self.slow or self.moved else self.kind.END))

    async def begin(self) -> None:
        """Send what comes before the first part."""
        await self.send(response_start(HTTPStatus.OK, self.headers))
        await self.write(self.kind.BEGINNING)

    async def keep_up(self) -> None:
        """Wait for the end, and let an idle stream show that it lives; then for what is left to be read."""
        while not self.over.is_set():
            try:
                async with asyncio.timeout(self.keep_alive):
                    await self.over.wait()
            except TimeoutError:
                if self.outbox.idle:
                    self.outbox.put(self.kind.KEEP_ALIVE)
        if not self.gone and not self.slow:
            try:
                await self.outbox.flushed(self.patience)
            except TooSlow:
                self.slow = True

    async def operate(self, run: Run, seat: Seat) -> None:
        """Run the operation, or let the hub do; whatever ends it, the client is told."""
        try:
            await deliver(run, seat, self)
        except Exception as error:  # noqa: BLE001 - the last line of defence
            self.end(error)

    async def expire(self, context: Context) -> None:
        """End the stream with its credential."""
        await until_expired(context)
        self.end(None)

    async def until_left(self) -> None:
        """Notice that the client has gone."""
        while (await self.receive())["type"] != "http.disconnect":
            pass
        self.stop()

    async def write(self, body: bytes) -> None:
        """Send a piece of the body; the client's slowness stops here."""
        await self.send(response_body(body, more=True))

    @property
    def full(self) -> bool:
        """Whether the client has too much to read already."""
        return self.outbox.full

    async def room(self) -> None:
        """Wait until it has not."""
        await self.outbox.room()

    def put(self, payload: bytes) -> None:
        """Send a response."""
        if not self.over.is_set():
            self.outbox.put(*self.kind.next(payload))

    def end(self, error: Exception | None) -> None:
        """Say what ended the operation, if it was not its natural end; a reader that is too slow hears no more."""
        if self.over.is_set():
            return
        if isinstance(error, TooSlow):
            self.slow = True
        elif error is not None:
            self.outbox.put(*self.kind.failed(encode(last_words(error, self.prepared))))
        self.over.set()

    def depart(self) -> None:
        """End a stream where it stands; an answer comes to its own end."""
        if self.prepared is not None and self.prepared.kind is not OperationType.SUBSCRIPTION:
            return
        self.moved = True
        self.over.set()

    def stop(self) -> None:
        """Send nothing more: nobody is there."""
        self.gone = True
        self.over.set()
