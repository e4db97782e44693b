"""The seam between transport and engine: a request becomes a payload, or a stream of payloads."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from typing import Any, Protocol

from graphql import ExecutionResult, OperationType

from tessera.engine.documents import Prepared, Refused
from tessera.kit.errors import Forbidden, Unauthenticated
from tessera.transport.encoding import payload_of
from tessera.transport.errors import internal, present, refusal
from tessera.transport.request import GraphQLRequest

ContextSource = Callable[[], Awaitable[object]]

REJECTED = (Unauthenticated, Forbidden)
"""What contexts raise."""


class Engine(Protocol):
    """What runs operations; see `tessera.engine.core.CoreEngine` for what each method promises."""

    def prepare(self, source: str, operation_name: str | None, variables: Mapping[str, Any]) -> Prepared:
        """Choose, guard and validate the operation, or raise Refused."""

    async def execute(self, prepared: Prepared, variables: Mapping[str, Any], context: object) -> ExecutionResult:
        """Run a query or a mutation, or raise Refused."""

    def subscribe(
        self, prepared: Prepared, variables: Mapping[str, Any], context: ContextSource
    ) -> AsyncGenerator[ExecutionResult, None]:
        """Yield a subscription's results, or raise Refused."""


async def answer(engine: Engine, prepared: Prepared, request: GraphQLRequest, context: object) -> dict[str, Any]:
    """Run a query or mutation; return the response's JSON object, or raise Refused."""
    result = await engine.execute(prepared, request.variables, context)
    return payload_of(result, prepared.name)


async def payloads(
    engine: Engine, prepared: Prepared, request: GraphQLRequest, context: ContextSource
) -> AsyncGenerator[dict[str, Any], None]:
    """Yield the JSON objects of an operation of any kind: one, or a subscription's many; may raise Refused.

    A subscription gets a fresh context for each event; what `context` raises ends the stream and is raised here.
    """
    if prepared.kind is not OperationType.SUBSCRIPTION:
        yield await answer(engine, prepared, request, await context())
        return
    async with aclosing(engine.subscribe(prepared, request.variables, context)) as results:
        async for result in results:
            yield payload_of(result, prepared.name)


def last_words(error: Exception, prepared: Prepared | None) -> list[dict[str, Any]]:
    """Return the errors to show when an operation ended by an exception."""
    name = prepared.name if prepared is not None else None
    if isinstance(error, Refused):
        return present(error.errors, name)
    if isinstance(error, REJECTED):
        return refusal(error).errors
    return [internal(error, operation=name)]
