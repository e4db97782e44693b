"""GraphQL over WebSocket: graphql-transport-ws, exactly by its protocol, for operations of every kind."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from contextvars import Context as ContextVariables
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from graphql import OperationType

from tessera.engine.documents import Prepared, Refused
from tessera.engine.groups import Subscriber, TooSlow
from tessera.engine.hub import Hub, Seat
from tessera.kit import log
from tessera.transport.admission import Admission
from tessera.transport.contexts import Caller, Context, Contexts, caller_of, seconds_left
from tessera.transport.encoding import encode
from tessera.transport.errors import RequestError, internal, present
from tessera.transport.operations import REJECTED, Run, deliver, last_words
from tessera.transport.options import Options
from tessera.transport.outbox import Outbox
from tessera.transport.protocol import (
    BAD_MESSAGE,
    BAD_SUBPROTOCOL,
    DUPLICATE_ID,
    FORBIDDEN,
    MESSAGE_TOO_BIG,
    SERVER_FAULT,
    SUBPROTOCOL,
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
from tessera.transport.request import GraphQLRequest, from_object
from tessera.transport.wire import Receive, Scope, Send

FAREWELL = 1.0
"""Seconds a closing socket gets for what is queued, and again for the close frame."""

INIT_TIMEOUT = Close(TOO_SLOW, "Connection initialisation timeout")

Work = Callable[[], Coroutine[Any, Any, None]]

CLOSING = (Close, TooSlow, *REJECTED)
"""What ends the socket and not only an operation."""


class WebSocketEndpoint:
    """Accepts the WebSockets of one schema."""

    def __init__(self, admission: Admission, contexts: Contexts, options: Options, hub: Hub) -> None:
        self.hub = hub
        self.admission = admission
        self.observer = admission.observer
        self.engine = admission.engine
        self.contexts = contexts
        self.options = options

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI WebSocket scope."""
        await receive()
        caller = caller_of(scope)
        if not self.same_site(caller):
            await send({"type": "websocket.close"})
            return
        if SUBPROTOCOL not in scope["subprotocols"]:
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.close", "code": BAD_SUBPROTOCOL, "reason": "Subprotocol not acceptable"})
            return
        await send({"type": "websocket.accept", "subprotocol": SUBPROTOCOL})
        with log.bound(request=caller.request_id), self.observer.socket():
            await _Socket(self, caller, receive, send).run()

    def same_site(self, caller: Caller) -> bool:
        """Refuse foreign pages that would ride on the session cookie; without it they have no credential to steal."""
        origin = caller.headers.get("origin")
        if origin is None or self.options.session_cookie not in caller.cookies:
            return True
        with suppress(ValueError):  # an origin that is no URL is foreign
            return origin in self.options.allowed_origins or urlsplit(origin).netloc == caller.headers.get("host")
        return False


class _Operation:
    """A running operation, and the sink of its responses; the socket's table holds it until its last message."""

    def __init__(self, socket: "_Socket", name: str, prepared: Prepared) -> None:
        self.socket = socket
        self.name = name
        self.prepared = prepared
        self.prefix = b'{"id":%b,"type":"next","payload":' % encode(name)
        self.task: asyncio.Task[None] | None = None
        self.subscriber: Subscriber | None = None

    @property
    def wanted(self) -> bool:
        """Whether the client still wants to hear of it."""
        return self.socket.operations.get(self.name) is self

    @property
    def full(self) -> bool:
        """Whether the client has too much to read already."""
        return self.socket.outbox.full

    async def room(self) -> None:
        """Wait until it has not."""
        await self.socket.outbox.room()

    def put(self, payload: bytes) -> None:
        """Send a response."""
        if self.wanted:
            self.socket.outbox.put(self.prefix, payload, b"}")

    def end(self, error: Exception | None) -> None:
        """Send the last message, or close the socket when the error says that its client may stay no longer."""
        if isinstance(error, CLOSING):
            self.socket.end(_close_of(error))
        elif self.wanted:
            message: dict[str, Any] = {"id": self.name, "type": "complete"}
            if error is not None:
                message = {"id": self.name, "type": "error", "payload": last_words(error, self.prepared)}
            self.socket.outbox.put(encode(message))
            del self.socket.operations[self.name]

    def abandon(self) -> None:
        """Stop it, unless it writes: a mutation that began comes to its end."""
        if self.subscriber is not None:
            self.socket.seat.leave(self.subscriber)
        if self.task is not None and self.prepared.kind is not OperationType.MUTATION:
            self.task.cancel()


class _Socket:
    """One accepted WebSocket, from its first message to its close.

    It reads in the server's own task. Beside it run only operations that have not ended and are not shared, and a
    writer while there is something to write.
    """

    def __init__(self, endpoint: WebSocketEndpoint, caller: Caller, receive: Receive, send: Send) -> None:
        self.endpoint = endpoint
        self.options = endpoint.options
        self.caller = caller
        self.receive = receive
        self.send = send
        self.context: Context | None = None
        self.seat: Seat
        self.connecting: asyncio.Task[None] | None = None
        self.operations: dict[str, _Operation] = {}
        self.tasks: set[asyncio.Task[None]] = set()
        self.outbox = Outbox(self.write, lambda: self.end(None), self.options)
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

    def abandon(self) -> None:
        """Stop what runs."""
        self.timer.cancel()
        if self.connecting is not None:
            self.connecting.cancel()
        running, self.operations = self.operations, {}
        for operation in running.values():
            operation.abandon()
        if self.context is not None:
            self.seat.close()

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
                self.end(_close_of(error))
            except Exception as error:  # noqa: BLE001 - a fault of ours ends this socket, and only this one
                internal(error)
                self.end(Close(SERVER_FAULT, "Internal error."))

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
                if self.context is None:
                    raise Close(UNAUTHORIZED, "Unauthorized")
                await self.subscribe(message, self.context)
            case Complete(name):
                if operation := self.operations.pop(name, None):
                    operation.abandon()
            case _:
                pass

    async def connect(self, init: Init) -> None:
        """Acknowledge the client, then watch its credential's expiry."""
        context = await self.endpoint.contexts.for_connection(init.payload, self.caller)
        await self.reply({"type": "connection_ack"})
        self.seat = Seat(self.endpoint.hub, context)
        self.context = context
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

    async def subscribe(self, message: Subscribe, context: Context) -> None:
        """Begin an operation."""
        if message.id in self.operations:
            raise Close(DUPLICATE_ID, f"Subscriber for {message.id} already exists")
        try:
            request = from_object(message.payload)
            if len(self.operations) >= self.options.operations_per_socket:
                raise RequestError(
                    HTTPStatus.TOO_MANY_REQUESTS, "Too many operations on this socket.", "LIMIT_EXCEEDED"
                )
            prepared = await self.endpoint.admission.admit(request, context, self.caller.peer)
        except Refused as refused:
            await self.reply({"id": message.id, "type": "error", "payload": present(refused.errors)})
        except RequestError as error:
            if error.code == "BAD_REQUEST":
                raise Close(BAD_MESSAGE, str(error)) from None
            await self.reply({"id": message.id, "type": "error", "payload": error.errors})
        else:
            operation = self.operations[message.id] = _Operation(self, message.id, prepared)
            operation.task = self.start(partial(self.operate, operation, request, context))

    async def operate(self, operation: _Operation, request: GraphQLRequest, context: Context) -> None:
        """Run an operation, or let the hub do; tell the client everything about it, until it wants no more."""
        observer = self.endpoint.observer
        run = Run(self.endpoint.engine, operation.prepared, request, context.fresh, observer)
        try:
            with observer.message(self.caller):
                subscriber = await deliver(run, self.seat, operation)
        except Exception as error:  # noqa: BLE001 - whatever ends the operation, the client is told
            operation.end(error)
            return
        operation.subscriber = subscriber
        if subscriber is not None and not operation.wanted:
            self.seat.leave(subscriber)


def _close_of(error: Exception) -> Close:
    if isinstance(error, Close):
        return error
    if isinstance(error, REJECTED):
        return Close(FORBIDDEN, error.message)
    return Close(TOO_SLOW, str(error))
