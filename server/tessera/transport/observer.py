"""Observes operations: counts them, measures them, and opens their spans, whichever protocol brings them."""

import asyncio
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from time import perf_counter
from types import TracebackType
from typing import Self

from tessera.engine.documents import Prepared, Refused
from tessera.kit.metrics import Metrics
from tessera.kit.tracing import NOWHERE, Span, Tracing
from tessera.transport.contexts import Caller
from tessera.transport.limits import RateLimited

PLANNED = "planned"
"""A compiled plan answered."""
EXECUTED = "executed"
"""graphql-core answered, without errors; a mutation's `userErrors` are none."""
ERRORS = "errors"
"""The answer has errors."""
OPENED = "opened"
"""A subscription began."""
REFUSED = "refused"
"""Nothing was executed: the document or its variables are at fault."""
RATE_LIMITED = "rate_limited"
"""Nothing was executed: the caller had used up its budget."""
ABANDONED = "abandoned"
"""The client left before the answer."""
FAILED = "failed"
"""A fault of the server's."""

RAISED: tuple[tuple[type[BaseException], str], ...] = (
    (Refused, REFUSED),
    (asyncio.CancelledError, ABANDONED),
)
"""What the exceptions say that an operation may end with; every other is a fault."""

UNKNOWN = "unknown"
"""The kind of an operation that was refused before anybody knew it."""


class ObservedOperation:
    """An operation while it runs; `outcome` is to be set, unless an exception tells it."""

    __slots__ = ("_begun", "_metrics", "_open", "_operation", "_prepared", "_span", "outcome")

    def __init__(self, observer: "Observer", prepared: Prepared) -> None:
        self.outcome = FAILED
        self._prepared = prepared
        self._metrics = observer.metrics
        self._operation = prepared.verb
        self._open = observer.tracing.begin(self._operation)

    def __enter__(self) -> Self:
        self._span = None if self._open is NOWHERE else self._open.__enter__()
        self._begun = perf_counter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        operation = self._operation
        if kind is not None:
            self.outcome = next((outcome for raised, outcome in RAISED if issubclass(kind, raised)), FAILED)
        durations = self._metrics.durations[operation]
        durations.add(perf_counter() - self._begun)
        self._metrics.operations[operation, self.outcome] += 1
        if self._span is not None:
            self._describe(self._span)
            self._open.__exit__(kind, error, traceback)

    def _describe(self, span: Span) -> None:
        span.note("graphql.operation.type", self._operation)
        if self._prepared.name is not None:
            span.note("graphql.operation.name", self._prepared.name)
        span.note("tessera.document.digest", self._prepared.digest.hex())
        span.note("tessera.outcome", self.outcome)
        span.note("tessera.planned", self.outcome == PLANNED)


class ObservedRequest:
    """An HTTP request while it is answered; `status` is to be set."""

    __slots__ = ("_caller", "_metrics", "_open", "_span", "status")

    def __init__(self, observer: "Observer", method: str, caller: Caller) -> None:
        self.status = 0
        self._caller = caller
        self._metrics = observer.metrics
        name = f"{method} /graphql" if method in {"GET", "POST"} else "/graphql"
        self._open = observer.tracing.begin(name, kind="server", parent=caller.headers.get("traceparent"))

    def __enter__(self) -> Self:
        self._span = None if self._open is NOWHERE else self._open.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self.status:
            self._metrics.responses[self.status] += 1
        if self._span is not None:
            self._span.note("tessera.request_id", self._caller.request_id)
            self._span.note("http.response.status_code", self.status)
            self._open.__exit__(kind, error, traceback)


class Observer:
    """Observes one schema's operations for one house; without one, for nobody."""

    def __init__(self, metrics: Metrics | None = None, tracing: Tracing | None = None) -> None:
        self.metrics = metrics or Metrics()
        self.tracing = tracing or Tracing()

    def request(self, method: str, caller: Caller) -> ObservedRequest:
        """Observe an HTTP request, from its headers to the end of its response."""
        return ObservedRequest(self, method, caller)

    def message(self, caller: Caller) -> AbstractContextManager[Span]:
        """Observe a request that came over a WebSocket; its trace is the one the handshake belongs to."""
        return self.tracing.begin("WebSocket /graphql", kind="server", parent=caller.headers.get("traceparent"))

    def operation(self, prepared: Prepared) -> ObservedOperation:
        """Observe an operation that was admitted."""
        return ObservedOperation(self, prepared)

    @contextmanager
    def socket(self) -> Iterator[None]:
        """Count a WebSocket while it is open."""
        self.metrics.sockets += 1
        try:
            yield
        finally:
            self.metrics.sockets -= 1

    @contextmanager
    def stream(self) -> Iterator[None]:
        """Count a stream that is not shared while it is open."""
        self.metrics.streams += 1
        try:
            yield
        finally:
            self.metrics.streams -= 1

    def refused(self, refused: Refused) -> None:
        """Count an operation that was not admitted."""
        outcome = RATE_LIMITED if isinstance(refused, RateLimited) else REFUSED
        self.metrics.operations[UNKNOWN, outcome] += 1
