"""Structured logs that carry the request's and the actor's ids, and never a secret."""

import logging
import sys
from collections.abc import Mapping, MutableMapping
from contextvars import ContextVar, Token
from types import MappingProxyType
from typing import Any

import structlog

_bound: ContextVar[Mapping[str, object]] = ContextVar("tessera_log", default=MappingProxyType({}))

SECRET_WORDS = ("password", "secret", "token", "authorization", "cookie", "credential")


def get() -> structlog.stdlib.BoundLogger:
    """Return the logger; events are named `slice.what_happened`."""
    logger: structlog.stdlib.BoundLogger = structlog.get_logger("tessera")
    return logger


def configure(*, level: str = "INFO", as_json: bool = False) -> None:
    """Set the process's logging up, once: lines for people, or JSON for machines, on standard error."""
    renderer: Any = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=False)
    structlog.configure(
        processors=[
            _with_bound,
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            hide_secrets,
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=lambda *_names: structlog.PrintLogger(sys.stderr),  # the one of the moment of writing
        cache_logger_on_first_use=False,
    )


def hide_secrets(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Blot out every value whose name speaks of a secret."""
    for key in event:
        if any(word in key.lower() for word in SECRET_WORDS):
            event[key] = "***"
    return event


def _with_bound(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {**_bound.get(), **event}


class bound:  # noqa: N801 - used like a function; structlog's own costs every request three times as much
    """Attach values, such as `request="…"`, to every line logged inside."""

    __slots__ = ("_token", "_values")
    _token: Token[Mapping[str, object]]

    def __init__(self, **values: object) -> None:
        self._values = values

    def __enter__(self) -> None:
        self._token = _bound.set({**_bound.get(), **self._values})

    def __exit__(self, *_error: object) -> None:
        _bound.reset(self._token)
