"""The shapes of ASGI, as far as the transport uses them."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from typing import Any

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

TEXT_NOW = "tessera.text_now"
"""The extension of a WebSocket's scope with which our own connections offer to write a text at once, if they can."""


def encoded(headers: Iterable[tuple[str, str]]) -> Headers:
    """Return headers as ASGI has them; what would split a header is taken out."""
    return [(name.lower().encode("latin-1"), _one_line(value)) for name, value in headers]


def response_start(status: int, headers: Headers) -> dict[str, Any]:
    """Return the ASGI message that begins an HTTP response."""
    return {"type": "http.response.start", "status": status, "headers": headers}


def response_body(body: bytes, *, more: bool = False) -> dict[str, Any]:
    """Return the ASGI message with a response's body, or a piece of it."""
    return {"type": "http.response.body", "body": body, "more_body": more}


def _one_line(value: str) -> bytes:
    return value.replace("\r", "").replace("\n", "").encode("latin-1", "replace")
