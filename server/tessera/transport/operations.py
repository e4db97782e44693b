"""The seam between transport and engine: a request becomes a response's JSON, or a stream of them."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from typing import Any, NamedTuple, Protocol

from graphql import ExecutionResult, OperationType

from tessera.engine.core import Opened
from tessera.engine.documents import Prepared, Refused
from tessera.engine.groups import Sink, Subscriber
from tessera.engine.hub import Seat
from tessera.engine.streams import Source
from tessera.kit.errors import Forbidden, Unauthenticated
from tessera.transport.contexts import Context
from tessera.transport.encoding import encode, payload_of
from tessera.transport.errors import INTERNAL_CODE, internal, present, refusal
from tessera.transport.limits import told
from tessera.transport.observer import ERRORS, EXECUTED, FAILED, OPENED, PLANNED, Observer
from tessera.transport.request import GraphQLRequest

ContextSource = Callable[[], Awaitable[Context]]

REJECTED = (Unauthenticated, Forbidden)
"""What contexts raise."""


class Engine(Protocol):
    """What runs operations; see `tessera.engine.core.CoreEngine` for what each method promises."""

    def remembers(self, source: str) -> bool:
        """Say whether the document was prepared lately, so that preparing it costs next to nothing."""

    def prepare(self, source: str, operation_name: str | None, variables: Mapping[str, Any]) -> Prepared:
        """Choose, guard and validate the operation, or raise Refused."""

    async def planned(self, prepared: Prepared, variables: Mapping[str, Any], context: Any) -> bytes | None:
        """Return the JSON of an answer without errors; None: it has to be executed."""

    async def execute(self, prepared: Prepared, variables: Mapping[str, Any], context: object) -> ExecutionResult:
        """Run a query or a mutation, or raise Refused."""

    async def open(self, prepared: Prepared, variables: Mapping[str, Any], context: object) -> Opened:
        """Begin a subscription, or raise Refused."""


async def answer(
    engine: Engine, prepared: Prepared, request: GraphQLRequest, context: Context, observer: Observer
) -> bytes:
    """Run a query or mutation; return the response's JSON, or raise Refused."""
    context.charge = request.charge
    with observer.operation(prepared) as noted:
        planned = await engine.planned(prepared, request.variables, context)
        if planned is not None:
            noted.outcome = PLANNED
            if request.tells_cost:
                return b'%b,"extensions":%b}' % (planned[:-1], encode({"cost": told(request.charge)}))
            return planned
        payload = payload_of(await engine.execute(prepared, request.variables, context), prepared.name)
        noted.outcome = _outcome_of(payload)
        if request.tells_cost:
            payload["extensions"] = {**payload.get("extensions", {}), "cost": told(request.charge)}
        return encode(payload)


def _outcome_of(payload: Mapping[str, Any]) -> str:
    if "errors" not in payload:
        return EXECUTED
    return FAILED if any(each["extensions"]["code"] == INTERNAL_CODE for each in payload["errors"]) else ERRORS


async def render(opened: Opened, event: object, context: object) -> bytes:
    """Execute a subscription's selection for one event; return the response's JSON."""
    return encode(payload_of(await opened.execute(event, context), opened.prepared.name))


class Run(NamedTuple):
    """An operation that may run, and what it needs; `context` makes the context of the operation or an event."""

    engine: Engine
    prepared: Prepared
    request: GraphQLRequest
    context: ContextSource
    observer: Observer


async def deliver(run: Run, seat: Seat, sink: Sink) -> Subscriber | None:
    """Put the responses of an operation of any kind into a sink and end it; or return who follows a shared stream.

    A shared stream goes on until the subscriber leaves, and ends the sink by itself. One that is not shared gets a
    fresh context for each event. What the operation and `context` raise is raised here.
    """
    engine, prepared, request, context, observer = run
    if prepared.kind is not OperationType.SUBSCRIPTION:
        payload = await answer(engine, prepared, request, await context(), observer)
        await sink.room()
        sink.put(payload)
    else:
        own = await context()
        with observer.operation(prepared) as noted:
            opened = await engine.open(prepared, request.variables, own)
            noted.outcome = OPENED
        if isinstance(opened.source, Source):
            return await seat.subscribe(request.variables, opened, sink)
        with observer.stream():
            await _follow(opened, context, sink)
    sink.end(None)
    return None


async def _follow(opened: Opened, context: ContextSource, sink: Sink) -> None:
    """Put the responses of a stream that is not shared into a sink."""
    async with aclosing(opened.results(context)) as results:
        async for result in results:
            await sink.room()
            sink.put(encode(payload_of(result, opened.prepared.name)))


def last_words(error: Exception, prepared: Prepared | None) -> list[dict[str, Any]]:
    """Return the errors to show when an operation ended by an exception."""
    name = prepared.name if prepared is not None else None
    if isinstance(error, Refused):
        return present(error.errors, name)
    if isinstance(error, REJECTED):
        return refusal(error).errors
    return [internal(error, operation=name)]
