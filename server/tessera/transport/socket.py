"""One accepted WebSocket: graphql-transport-ws, exactly by its protocol, for operations of every kind."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from contextvars import Context as ContextVariables
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any

from tessera.engine.documents import Refused
from tessera.engine.groups import TooSlow
from tessera.engine.hub import Hub
from tessera.kit import log
from tessera.transport.admission import Admission
from tessera.transport.contexts import Caller, Context, Contexts, seconds_left
from tessera.transport.encoding import encode
from tessera.transport.errors import RequestError, internal, present
from tessera.transport.operations import Run
from tessera.transport.options import Options
from tessera.transport.outbox import Outbox, WriteNow
from tessera.transport.protocol import (
    BAD_MESSAGE,
    DUPLICATE_ID,
    FORBIDDEN,
    MESSAGE_TOO_BIG,
    RESTART,
    SERVER_FAULT,
    TOO_MANY_INITS,
    TOO_SLOW,
    UNAUTHORIZED,
    Close,
    Complete,
    Init,
    Message,
    Ping,
    Subscribe,
    read_message,
)
from tessera.transport.request import from_object
from tessera.transport.socket_operations import CLOSING, Operations, close_of
from tessera.transport.wire import Receive, Send

FAREWELL = 1.0
"""Seconds a closing socket gets for what is queued, and again for the close frame."""

INIT_TIMEOUT = Close(TOO_SLOW, "Connection initialisation timeout")

Work = Callable[[], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True)
class Shared:
    """What all sockets of one schema use."""

    admission: Admission
    contexts: Contexts
    options: Options
    hub: Hub


class Socket:
    """One accepted WebSocket, from its first message to its close.

    It reads in the server's own task. Beside it run only operations that have not ended and are not shared, and a
    writer while there is something that could not be written at once.
    """

    def __init__(
        self, shared: Shared, caller: Caller, receive: Receive, send: Send, write_now: WriteNow | None = None
    ) -> None:
        self.shared = shared
        self.options = shared.options
        self.caller = caller
        self.receive = receive
        self.send = send
        self.connecting: asyncio.Task[None] | None = None
        self.operations: Operations | None = None
        self.tasks: set[asyncio.Task[None]] = set()
        self.outbox = Outbox(self.write, lambda: self.end(None), self.options, write_now)
        self.reading = asyncio.timeout(None)
        self.ended = False
        self.last: Close | None = None
        self.timer = asyncio.get_running_loop().call_later(self.options.init_timeout, self.end, INIT_TIMEOUT)

    async def run(self) -> None:
        """Serve until either side ends it."""
        try:
            with suppress(TimeoutError):
                async with self.reading:
                    await self.guarded(self.read)
                    self.end(None)
            self.abandon()
            await self.say_goodbye()
        finally:
            self.abandon()
            self.outbox.close()
            await asyncio.gather(*self.tasks, return_exceptions=True)
            self.operations = None  # they know how to end this socket, which else only the collector would free

    def abandon(self) -> None:
        """Stop what runs."""
        self.timer.cancel()
        if self.connecting is not None:
            self.connecting.cancel()
        if self.operations is not None:
            self.operations.close()

    def start(self, work: Work) -> asyncio.Task[None]:
        """Run work beside the reader, in a context of its own so that no transaction leaks into it."""
        task = asyncio.create_task(self.guarded(work), context=ContextVariables())
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    async def guarded(self, work: Work) -> None:
        """Let work close the socket by raising."""
        with log.bound(request=self.caller.request_id):
            try:
                await work()
            except CLOSING as error:
                self.end(close_of(error))
            except Exception as error:  # noqa: BLE001 - a fault of ours ends this socket, and only this one
                internal(error)
                self.end(Close(SERVER_FAULT, "Internal error."))

    def depart(self) -> None:
        """Close as soon as every answer is given."""
        self.start(self.leave)

    async def leave(self) -> None:
        """Wait for the queries and mutations that run, then let the client connect anew; streams have cursors."""
        while self.operations is not None and (owed := self.operations.owed):
            await asyncio.wait(owed)
        raise Close(RESTART, "Service restart")

    def end(self, close: Close | None) -> None:
        """Begin the end: read no more; the first reason counts. None: the client is gone already."""
        if not self.ended:
            self.ended, self.last = True, close
            self.reading.reschedule(0)

    async def say_goodbye(self) -> None:
        """Send what is queued and the close frame, if the client takes them in time."""
        if self.last is None:
            return
        with suppress(TooSlow):
            await self.outbox.flushed(FAREWELL)
        self.outbox.close()
        with suppress(TimeoutError, OSError):
            async with asyncio.timeout(FAREWELL):
                await self.send({"type": "websocket.close", "code": self.last.code, "reason": self.last.reason})

    async def read(self) -> None:
        """Take messages until the client leaves."""
        while (event := await self.receive())["type"] != "websocket.disconnect":
            text = event.get("text")
            if text is None:
                raise Close(BAD_MESSAGE, "The message is not text.")
            if len(text) > self.options.body_bytes:
                raise Close(MESSAGE_TOO_BIG, f"The message is longer than {self.options.body_bytes} bytes.")
            await self.handle(read_message(text))

    async def write(self, message: bytes) -> None:
        """Send one message; the client's slowness stops here."""
        await self.send({"type": "websocket.send", "text": message.decode()})

    async def reply(self, message: Mapping[str, Any]) -> None:
        """Queue a message when there is room."""
        await self.outbox.room()
        self.outbox.put(encode(message))

    async def handle(self, message: Message) -> None:
        """Act on one message."""
        match message:
            case Init():
                if self.connecting is not None:
                    raise Close(TOO_MANY_INITS, "Too many initialisation requests")
                self.timer.cancel()
                self.connecting = self.start(partial(self.connect, message))
            case Ping(payload):
                await self.reply({"type": "pong"} if payload is None else {"type": "pong", "payload": payload})
            case Subscribe():
                if self.operations is None:
                    raise Close(UNAUTHORIZED, "Unauthorized")
                await self.subscribe(message, self.operations)
            case Complete(name):
                if self.operations is not None:
                    self.operations.stop(name)
            case _:
                pass

    async def connect(self, init: Init) -> None:
        """Acknowledge the client, then watch its credential's expiry."""
        context = await self.shared.contexts.for_connection(init.payload, self.caller)
        await self.reply({"type": "connection_ack"})
        self.operations = Operations(context, self.shared.hub, self.outbox, self.end)
        self.watch(context)

    def watch(self, context: Context) -> None:
        """Look at the credential again when it expires: it may have been prolonged."""
        left = seconds_left(context)
        if left is not None and not self.ended:
            self.timer = asyncio.get_running_loop().call_later(left, self.start, partial(self.expire, context))

    async def expire(self, context: Context) -> None:
        """Close the socket, unless the credential was prolonged."""
        again = await context.fresh()
        if seconds_left(again) == 0:
            raise Close(FORBIDDEN, "The credential has expired.")
        self.watch(again)

    async def subscribe(self, message: Subscribe, operations: Operations) -> None:
        """Begin an operation."""
        if message.id in operations.running:
            raise Close(DUPLICATE_ID, f"Subscriber for {message.id} already exists")
        admission, context = self.shared.admission, operations.context
        try:
            request = from_object(message.payload)
            if len(operations.running) >= self.options.operations_per_socket:
                raise RequestError(
                    HTTPStatus.TOO_MANY_REQUESTS, "Too many operations on this socket.", "LIMIT_EXCEEDED"
                )
            prepared = await admission.admit(request, context, self.caller.peer)
        except Refused as refused:
            await self.reply({"id": message.id, "type": "error", "payload": present(refused.errors)})
        except RequestError as error:
            if error.code == "BAD_REQUEST":
                raise Close(BAD_MESSAGE, str(error)) from None
            await self.reply({"id": message.id, "type": "error", "payload": error.errors})
        else:
            operation = operations.add(message.id, prepared)
            run = Run(admission.engine, prepared, request, context.fresh, admission.observer)
            operation.task = self.start(partial(operation.run, run, self.caller))
