"""Tracing: what a house did for one request, span by span; where nobody traces it costs a look at a variable."""

import asyncio
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from importlib import import_module
from typing import Literal, Protocol

from tessera.kit.config import Config, ConfigurationError

Kind = Literal["internal", "server", "client", "consumer"]
"""Whom a span serves: the process itself, a request from outside, a question to another server, a job."""


class Span(Protocol):
    """A piece of work that has begun."""

    def note(self, name: str, value: str | int, /) -> None:
        """Attach a fact: never a secret, never a value a client sent."""


class Tracer(Protocol):
    """Where spans go."""

    def span(self, name: str, kind: Kind, parent: str | None, /) -> AbstractContextManager[Span]:
        """Open a span inside the current one, or inside the `traceparent` (W3C) of another process."""

    def traceparent(self) -> str | None:
        """Return the current span's `traceparent`."""

    def close(self) -> None:
        """Send what is left; this waits for the network."""


class _Nothing:
    """The span of a house that traces nothing."""

    def note(self, name: str, value: str | int) -> None:
        """Forget it."""


NOTHING = _Nothing()
NOWHERE: AbstractContextManager[Span] = nullcontext(NOTHING)
"""What `begin` and `span` return where nobody traces; entering it is a waste."""
_active: ContextVar[Tracer | None] = ContextVar("tessera_tracer", default=None)


class Tracing:
    """The tracing of one house; without a `tracer` there is none."""

    def __init__(self, tracer: Tracer | None = None) -> None:
        self.tracer = tracer

    def begin(self, name: str, *, kind: Kind = "internal", parent: str | None = None) -> AbstractContextManager[Span]:
        """Open a span, and let `span` open others inside it."""
        return NOWHERE if self.tracer is None else _begun(self.tracer, name, kind, parent)

    async def close(self) -> None:
        """Send what is left."""
        if self.tracer is not None:
            await asyncio.to_thread(self.tracer.close)


@contextmanager
def _begun(tracer: Tracer, name: str, kind: Kind, parent: str | None) -> Iterator[Span]:
    token = _active.set(tracer)
    try:
        with tracer.span(name, kind, parent) as span:
            yield span
    finally:
        _active.reset(token)


def is_traced() -> bool:
    """Whether a span was begun around the caller, so that others are worth opening."""
    return _active.get() is not None


def span(name: str, *, kind: Kind = "internal") -> AbstractContextManager[Span]:
    """Open a span inside the one that was begun around it; nothing where none was."""
    tracer = _active.get()
    return NOWHERE if tracer is None else tracer.span(name, kind, None)


def current() -> str | None:
    """Return the `traceparent` with which work elsewhere can go on with this trace; None where nobody traces."""
    tracer = _active.get()
    return None if tracer is None else tracer.traceparent()


def open_tracing(config: Config) -> Tracing:
    """Trace to where the variables `OTEL_*` say, if the configuration asks for it.

    Raises `ConfigurationError` when it does and the libraries are not installed.
    """
    if not config.tracing:
        return Tracing()
    try:
        otel = import_module("tessera.kit.otel")
    except ImportError as error:
        raise ConfigurationError(
            "TESSERA_TRACING needs OpenTelemetry: install tessera-server[otel], or switch it off."
        ) from error
    return Tracing(otel.exporting())
