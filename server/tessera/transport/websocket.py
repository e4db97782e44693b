"""GraphQL over WebSocket: graphql-transport-ws, exactly by its protocol, for operations of every kind."""

import asyncio
from collections.abc import Coroutine, Mapping
from contextlib import aclosing, suppress
from contextvars import Context as ContextVariables
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from graphql import OperationType

from tessera.engine.documents import Prepared, Refused
from tessera.kit import log
from tessera.transport.contexts import Caller, Context, Contexts, caller_of, until_expired
from tessera.transport.encoding import encode
from tessera.transport.errors import RequestError, internal, present
from tessera.transport.operations import REJECTED, Engine, last_words, payloads
from tessera.transport.options import Options
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


class WebSocketEndpoint:
    """Accepts the WebSockets of one schema."""

    def __init__(self, engine: Engine, contexts: Contexts, options: Options) -> None:
        self.engine = engine
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
        with log.bound(request=caller.request_id):
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
    """A running operation; the socket's table holds it until its last message is queued."""

    def __init__(self, name: str, prepared: Prepared) -> None:
        self.name = name
        self.prepared = prepared
        self.task: asyncio.Task[None] | None = None

    def abandon(self) -> None:
        """Stop it, unless it writes: a mutation that began comes to its end."""
        if self.task is not None and self.prepared.kind is not OperationType.MUTATION:
            self.task.cancel()


class _Socket:
    """One accepted WebSocket, from its first message to its close."""

    def __init__(self, endpoint: WebSocketEndpoint, caller: Caller, receive: Receive, send: Send) -> None:
        self.endpoint = endpoint
        self.options = endpoint.options
        self.caller = caller
        self.receive = receive
        self.send = send
        self.context: Context | None = None
        self.init: Init | None = None
        self.operations: dict[str, _Operation] = {}
        self.tasks: set[asyncio.Task[None]] = set()
        self.helpers: list[asyncio.Task[None]] = []
        self.outbox: asyncio.Queue[bytes | None] = asyncio.Queue(self.options.queued_messages)
        self.ended: asyncio.Future[Close | None] = asyncio.get_running_loop().create_future()

    async def run(self) -> None:
        """Serve until either side ends it."""
        writer = asyncio.create_task(self.write())
        self.helpers += [self.start(self.read()), self.start(self.wait_for_init())]
        try:
            await self.say_goodbye(await self.ended, writer)
        finally:
            running, self.operations = self.operations, {}
            for operation in running.values():
                operation.abandon()
            for task in (writer, *self.helpers):
                task.cancel()
            await asyncio.gather(writer, *self.tasks, return_exceptions=True)

    def start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run work beside the reader, in a context of its own so that no transaction leaks into it."""
        task = asyncio.create_task(self.guarded(work), context=ContextVariables())
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    async def guarded(self, work: Coroutine[Any, Any, None]) -> None:
        """Let work close the socket by raising."""
        with log.bound(request=self.caller.request_id):
            try:
                await work
            except Close as close:
                self.end(close)
            except REJECTED as problem:
                self.end(Close(FORBIDDEN, problem.message))
            except Exception as error:  # noqa: BLE001 - a fault of ours ends this socket, and only this one
                internal(error)
                self.end(Close(SERVER_FAULT, "Internal error."))

    def end(self, close: Close | None) -> None:
        """Begin the end; the first reason counts. None: the client is gone already."""
        if not self.ended.done():
            self.ended.set_result(close)

    async def say_goodbye(self, close: Close | None, writer: asyncio.Task[None]) -> None:
        """Send what is queued and the close frame, if the client takes them in time."""
        if close is None:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(FAREWELL):
                await self.outbox.put(None)
                await writer
        with suppress(TimeoutError, OSError):
            async with asyncio.timeout(FAREWELL):
                await self.send({"type": "websocket.close", "code": close.code, "reason": close.reason})

    async def read(self) -> None:
        """Take messages until the client leaves."""
        while (event := await self.receive())["type"] != "websocket.disconnect":
            text = event.get("text")
            if text is None:
                raise Close(BAD_MESSAGE, "The message is not text.")
            if len(text) > self.options.body_bytes:
                raise Close(MESSAGE_TOO_BIG, f"The message is longer than {self.options.body_bytes} bytes.")
            await self.handle(read_message(text))
        self.end(None)

    async def write(self) -> None:
        """Send what is queued; the client's slowness stops here."""
        try:
            while (message := await self.outbox.get()) is not None:
                await self.send({"type": "websocket.send", "text": message.decode()})
        except OSError:
            self.end(None)

    async def queue(self, message: Mapping[str, Any]) -> None:
        """Queue a message; wait for a slow reader only so long."""
        try:
            async with asyncio.timeout(self.options.patience):
                await self.outbox.put(encode(message))
        except TimeoutError:
            raise Close(TOO_SLOW, "The client reads too slowly.") from None

    async def handle(self, message: Message) -> None:
        """Act on one message."""
        match message:
            case Init():
                if self.init is not None:
                    raise Close(TOO_MANY_INITS, "Too many initialisation requests")
                self.init = message
                self.helpers.append(self.start(self.connect(message)))
            case Ping(payload):
                await self.queue({"type": "pong"} if payload is None else {"type": "pong", "payload": payload})
            case Subscribe():
                if self.context is None:
                    raise Close(UNAUTHORIZED, "Unauthorized")
                await self.subscribe(message, self.context)
            case Complete(name):
                if operation := self.operations.pop(name, None):
                    operation.abandon()
            case _:
                pass

    async def wait_for_init(self) -> None:
        """Close the socket of a client that does not introduce itself in time."""
        await asyncio.sleep(self.options.init_timeout)
        if self.init is None:
            raise Close(TOO_SLOW, "Connection initialisation timeout")

    async def connect(self, init: Init) -> None:
        """Acknowledge the client, then watch its credential's expiry."""
        context = await self.endpoint.contexts.for_connection(init.payload, self.caller)
        await self.queue({"type": "connection_ack"})
        self.context = context
        await until_expired(context)
        raise Close(FORBIDDEN, "The credential has expired.")

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
            prepared = self.endpoint.engine.prepare(request.query, request.operation_name, request.variables)
        except Refused as refused:
            await self.queue({"id": message.id, "type": "error", "payload": present(refused.errors)})
        except RequestError as error:
            if error.code == "BAD_REQUEST":
                raise Close(BAD_MESSAGE, str(error)) from None
            await self.queue({"id": message.id, "type": "error", "payload": error.errors})
        else:
            operation = self.operations[message.id] = _Operation(message.id, prepared)
            operation.task = self.start(self.operate(operation, request, context))

    async def operate(self, operation: _Operation, request: GraphQLRequest, context: Context) -> None:
        """Run an operation and tell the client everything about it, until the client wants no more."""
        last: dict[str, Any] = {"id": operation.name, "type": "complete"}
        try:
            async with aclosing(payloads(self.endpoint.engine, operation.prepared, request, context.fresh)) as results:
                async for payload in results:
                    if self.operations.get(operation.name) is operation:
                        await self.queue({"id": operation.name, "type": "next", "payload": payload})
        except (Close, *REJECTED):
            raise
        except Exception as error:  # noqa: BLE001 - whatever ends the operation, the client is told
            last = {"id": operation.name, "type": "error", "payload": last_words(error, operation.prepared)}
        if self.operations.get(operation.name) is operation:
            await self.queue(last)
            del self.operations[operation.name]
