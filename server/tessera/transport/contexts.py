"""Who is calling: what transport knows of a caller, and what it asks of the one who makes contexts."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import getrandbits
from typing import Any, NamedTuple, Protocol, Self

from tessera.engine.context import Charge
from tessera.engine.sharing import Viewer
from tessera.kit.clock import now
from tessera.transport.wire import Scope

LONGEST_SLEEP = 3600.0
"""Seconds after which an expiry is looked at again: clocks are set."""

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


class Outside(NamedTuple):
    """What the headers of a request and its connection say, the same for all requests with the same ones.

    `memory` is for whoever makes contexts: what was worked out from them.
    """

    headers: Mapping[str, str]
    cookies: Mapping[str, str]
    peer: str | None
    base_url: str
    memory: dict[Any, Any]


@dataclass(slots=True)
class Caller:
    """The outside of a request or of a WebSocket's handshake.

    Header names are in lower case. `peer` is the network address the server sees, `base_url` (without a slash at
    its end) where the client reached the server. Whoever makes the context may append to `reply_headers`
    (`Set-Cookie`, for one), also while the operation runs: they go out with its HTTP response.
    """

    headers: Mapping[str, str]
    cookies: Mapping[str, str]
    peer: str | None
    base_url: str
    memory: dict[Any, Any]
    request_id: str
    reply_headers: list[tuple[str, str]] = field(default_factory=list)


class Context(Viewer, Protocol):
    """What resolvers get as `info.context`; one serves one operation or one event of a stream, never more.

    The transport sets `charge`, what the operation was charged, before it runs.
    """

    charge: Charge

    @property
    def payer(self) -> str | None:
        """Who is charged for operations: a name of the credential; None: the caller's network address is."""

    @property
    def expires_at(self) -> datetime | None:
        """The aware instant from which on the credential is worth nothing; None: never."""

    async def fresh(self) -> Self:
        """Make the next operation's or event's context from the same credential, which is checked again.

        Raises Unauthenticated or Forbidden when it is worth nothing any more.
        """


class Contexts(Protocol):
    """Makes contexts; both methods raise Unauthenticated or Forbidden, with a message for the client."""

    async def for_request(self, caller: Caller) -> Context:
        """Make the context of one HTTP request; no credential at all is an anonymous caller, not an error."""

    async def for_connection(self, payload: Mapping[str, Any], caller: Caller) -> Context:
        """Make a WebSocket's context from `connection_init`'s payload and its handshake."""


def seconds_left(context: Context) -> float | None:
    """Return after how long a context's credential has to be looked at again, 0 when it has expired; None: never."""
    if context.expires_at is None:
        return None
    return min(max((context.expires_at - now()).total_seconds(), 0), LONGEST_SLEEP)


async def until_expired(context: Context) -> None:
    """Return when the credential behind a context has expired for good; one that never expires waits forever.

    A credential that was prolonged meanwhile is asked again at its new end. Raises what `fresh` raises.
    """
    while left := seconds_left(context):
        await asyncio.sleep(left)
        context = await context.fresh()
    if left is None:
        await asyncio.get_running_loop().create_future()


def outside_of(scope: Scope) -> Outside:
    """Read what an ASGI scope says of the caller."""
    headers = _headers(scope["headers"])
    client = scope.get("client")
    return Outside(
        headers=headers,
        cookies=_cookies(headers["cookie"]) if "cookie" in headers else {},
        peer=client[0] if client else None,
        base_url=_base_url(scope, headers),
        memory={},
    )


def caller_from(outside: Outside) -> Caller:
    """Return the caller of one request; a request id worth keeping is kept, else made."""
    given = outside.headers.get("x-request-id")
    request_id = given if given and REQUEST_ID.fullmatch(given) else f"{getrandbits(128):032x}"
    return Caller(*outside, request_id)


def caller_of(scope: Scope) -> Caller:
    """Read the caller from an ASGI scope."""
    return caller_from(outside_of(scope))


def _headers(given: Sequence[tuple[bytes, bytes]]) -> dict[str, str]:
    """Read headers; what came several times is joined."""
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in given}
    if len(headers) == len(given):
        return headers
    headers = {}
    for raw_name, raw_value in given:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        joint = "; " if name == "cookie" else ", "
        headers[name] = f"{headers[name]}{joint}{value}" if name in headers else value
    return headers


def _base_url(scope: Scope, headers: Mapping[str, str]) -> str:
    """Name the server as the client did; a proxy's words are uvicorn's to believe or not."""
    scheme = "https" if scope.get("scheme") in {"https", "wss"} else "http"
    host, port = scope.get("server") or ("localhost", None)
    return f"{scheme}://{headers.get('host') or (f'{host}:{port}' if port else host)}"


def _cookies(header: str) -> dict[str, str]:
    """Read a Cookie header; the first of several cookies of one name counts, as it has the most specific path."""
    found: dict[str, str] = {}
    for pair in header.split(";"):
        name, sign, value = pair.strip().partition("=")
        if sign:
            found.setdefault(name.strip(), value.strip().strip('"'))
    return found
