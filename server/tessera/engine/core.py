"""Execute operations with graphql-core: the engine that knows the whole specification."""

from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing
from inspect import isawaitable
from typing import Any, cast

from graphql import ExecutionResult, GraphQLError, GraphQLSchema, located_error
from graphql.execution import Executor, create_source_event_stream, execute_subscription_event
from strawberry import Schema
from strawberry.exceptions import StrawberryInputCoercionError
from strawberry.execution import optimized_is_awaitable
from strawberry.relay import GlobalIDValueError

from tessera.engine.directives import Cost, declared
from tessera.engine.documents import Documents, Prepared, Refused
from tessera.engine.guard import Guard, Limits, Weights
from tessera.engine.limited import limited_in

CLIENT_FAULTS: tuple[type[Exception], ...] = (StrawberryInputCoercionError, GlobalIDValueError)
"""What resolvers raise, beside problems, when the client's values are at fault; their texts are for the client."""

ContextSource = Callable[[], Awaitable[object]]
"""Makes the context of the next operation or event; what it raises ends the stream unchanged."""


class CoreEngine:
    """Runs a Strawberry schema's operations; Strawberry's schema extensions are not called.

    Request errors are raised as Refused, so a result always has its `data` entry.
    """

    def __init__(self, schema: Schema, *, limits: Limits | None = None) -> None:
        self.schema: GraphQLSchema = schema._schema  # noqa: SLF001 - Strawberry has no public name for it
        guard = Guard(self.schema, limits, weights_of(self.schema))
        self.documents = Documents(self.schema, guard, limited_in(self.schema))
        self._executor: type[Executor[Any]] = schema.execution_context_class

    def remembers(self, source: str) -> bool:
        """Say whether the work of preparing a document is done already."""
        return self.documents.remembers(source)

    def prepare(self, source: str, operation_name: str | None, variables: Mapping[str, Any]) -> Prepared:
        """Return the operation to run; raise Refused when the document cannot be run."""
        return self.documents.prepare(source, operation_name, variables)

    async def planned(self, prepared: Prepared, variables: Mapping[str, Any], context: Any) -> bytes | None:
        """Return None: graphql-core executes everything."""
        del prepared, variables, context
        return None

    async def execute(self, prepared: Prepared, variables: Mapping[str, Any], context: object) -> ExecutionResult:
        """Run a query or mutation; raise Refused when a variable's value does not fit its type."""
        return await _finished(self._build(prepared, variables, context).execute_operation())

    async def open(self, prepared: Prepared, variables: Mapping[str, Any], context: object) -> "Opened":
        """Begin a subscription; raise Refused when it cannot begin."""
        executor = self._build(prepared, variables, context)
        return Opened(prepared, executor, await _source(executor))

    def _build(self, prepared: Prepared, variables: Mapping[str, Any], context: object) -> Executor[Any]:
        executor = self._executor.build(
            self.schema,
            prepared.document,
            context_value=context,
            raw_variable_values=dict(variables),
            operation_name=prepared.name,
            is_awaitable=cast("Any", optimized_is_awaitable),
            operation_extensions={},
        )
        if isinstance(executor, list):
            raise Refused([_blame_client(error) for error in executor])
        return executor


class Opened:
    """A subscription that has begun: where its events come from, and how each is executed.

    `source` is what its resolver returned: a `Source` to share, or an asynchronous iterable of its own.
    """

    def __init__(self, prepared: Prepared, executor: Executor[Any], source: Any) -> None:
        self.prepared = prepared
        self.source = source
        self._executor = executor

    async def execute(self, event: object, context: object) -> ExecutionResult:
        """Execute the selection for one event, with a context of its own."""
        each = self._executor.build_per_event_executor(event)
        each.context_value = context
        return await _finished(execute_subscription_event(each))

    async def results(self, context: ContextSource) -> AsyncGenerator[ExecutionResult, None]:
        """Iterate a source that is not shared, and execute each event.

        Raises Refused when the source fails, and what `context` raises.
        """
        async with aclosing(_closable(self.source)) as events:
            while True:
                try:
                    event = await anext(events)
                except StopAsyncIteration:
                    return
                except Exception as error:  # a source is foreign code: its failure becomes an answer
                    raise self.failure(error) from error
                yield await self.execute(event, await context())

    def failure(self, error: Exception) -> Refused:
        """Return a source's failure as the answer that ends the subscription."""
        return error if isinstance(error, Refused) else Refused([located_error(error, [self._executor.operation])])


def weights_of(schema: GraphQLSchema) -> Weights:
    """Collect what the fields' @cost directives say, once."""
    weights = {
        (type_name, field_name): (directive.weight, directive.assumed or None)
        for type_name, field_name, directive in declared(schema)
        if isinstance(directive, Cost)
    }
    return lambda type_name, field_name: weights.get((type_name, field_name), (None, None))


async def _finished(result: Any) -> ExecutionResult:
    """Wait for a result if it is not there yet."""
    return cast("ExecutionResult", await result if isawaitable(result) else result)


async def _source(executor: Executor[Any]) -> AsyncIterable[Any]:
    """Open the subscription's stream of events."""
    opened = create_source_event_stream(executor)
    source = await opened if isawaitable(opened) else opened
    if isinstance(source, ExecutionResult):
        raise Refused(source.errors or ())
    return source


async def _closable(source: AsyncIterable[Any]) -> AsyncGenerator[Any, None]:
    """Iterate a source so that leaving early closes it."""
    iterator: AsyncIterator[Any] = aiter(source)
    try:
        async for event in iterator:
            yield event
    finally:
        if isinstance(iterator, AsyncGenerator):
            await iterator.aclose()


def _blame_client(error: GraphQLError) -> GraphQLError:
    """Code an error in the variables' values."""
    error.extensions = {"code": "BAD_USER_INPUT", **(error.extensions or {})}
    return error
