"""The operations that run on one WebSocket: each told to the client until its last message, or stopped."""

import asyncio
from collections.abc import Callable
from typing import Any

from graphql import OperationType

from tessera.engine.documents import Prepared
from tessera.engine.groups import Subscriber, TooSlow
from tessera.engine.hub import Hub, Seat
from tessera.transport.contexts import Caller, Context
from tessera.transport.encoding import encode
from tessera.transport.operations import REJECTED, Run, deliver, last_words
from tessera.transport.outbox import Outbox
from tessera.transport.protocol import FORBIDDEN, TOO_SLOW, Close

CLOSING = (Close, TooSlow, *REJECTED)
"""What ends the socket and not only an operation."""


def close_of(error: Exception) -> Close:
    """Return how the socket ends by one of the exceptions that end it, without what they know of where they were."""
    if isinstance(error, Close):
        return Close(error.code, error.reason)
    if isinstance(error, REJECTED):
        return Close(FORBIDDEN, error.message)
    return Close(TOO_SLOW, str(error))


class Operations:
    """What runs on the socket of a known client, by the names that the client gave; `end` closes the socket."""

    def __init__(self, context: Context, hub: Hub, outbox: Outbox, end: Callable[[Close], None]) -> None:
        self.context = context
        self.seat = Seat(hub, context)
        self.outbox = outbox
        self.end = end
        self.running: dict[str, Operation] = {}

    def add(self, name: str, prepared: Prepared) -> "Operation":
        """Make room for an operation; its `run` is still to be called."""
        operation = self.running[name] = Operation(self, name, prepared)
        return operation

    @property
    def owed(self) -> list[asyncio.Task[None]]:
        """The tasks of queries and mutations, which have one answer."""
        return [
            operation.task
            for operation in self.running.values()
            if operation.task is not None and operation.prepared.kind is not OperationType.SUBSCRIPTION
        ]

    def stop(self, name: str) -> None:
        """Stop an operation of which the client wants no more; one that has ended is none."""
        if operation := self.running.pop(name, None):
            operation.abandon()

    def close(self) -> None:
        """Stop them all."""
        running, self.running = self.running, {}
        for operation in running.values():
            operation.abandon()
        self.seat.close()


class Operation:
    """A running operation, and the sink of its responses; the socket's table holds it until its last message."""

    def __init__(self, operations: Operations, name: str, prepared: Prepared) -> None:
        self.operations = operations
        self.name = name
        self.prepared = prepared
        self.prefix = b'{"id":%b,"type":"next","payload":' % encode(name)
        self.task: asyncio.Task[None] | None = None
        self.subscriber: Subscriber | None = None

    @property
    def wanted(self) -> bool:
        """Whether the client still wants to hear of it."""
        return self.operations.running.get(self.name) is self

    @property
    def full(self) -> bool:
        """Whether the client has too much to read already."""
        return self.operations.outbox.full

    async def room(self) -> None:
        """Wait until it has not."""
        await self.operations.outbox.room()

    def put(self, payload: bytes) -> None:
        """Send a response."""
        if self.wanted:
            self.operations.outbox.put(self.prefix, payload, b"}")

    def end(self, error: Exception | None) -> None:
        """Send the last message, or close the socket when the error says that its client may stay no longer."""
        if isinstance(error, CLOSING):
            self.operations.end(close_of(error))
        elif self.wanted:
            message: dict[str, Any] = {"id": self.name, "type": "complete"}
            if error is not None:
                message = {"id": self.name, "type": "error", "payload": last_words(error, self.prepared)}
            self.operations.outbox.put(encode(message))
            del self.operations.running[self.name]
            self._leave()

    def abandon(self) -> None:
        """Stop it, unless it writes: a mutation that began comes to its end."""
        self._leave()
        if self.task is not None and self.prepared.kind is not OperationType.MUTATION:
            self.task.cancel()
        self.task = None  # it will hold the exception that ends it, which holds this operation

    async def run(self, run: Run, caller: Caller) -> None:
        """Run it, or let the hub do; tell the client everything about it, until it wants no more."""
        try:
            with run.observer.message(caller):
                subscriber = await deliver(run, self.operations.seat, self)
        except Exception as error:  # noqa: BLE001 - whatever ends the operation, the client is told
            self.end(error)
            return
        if self.wanted:
            self.subscriber = subscriber
        elif subscriber is not None:
            self.operations.seat.leave(subscriber)

    def _leave(self) -> None:
        if self.subscriber is not None:
            self.operations.seat.leave(self.subscriber)
            self.subscriber = None
