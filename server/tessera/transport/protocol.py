"""The messages of graphql-transport-ws, and the codes that close a socket."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tessera.transport.encoding import decode

SUBPROTOCOL = "graphql-transport-ws"

BAD_MESSAGE = 4400
UNAUTHORIZED = 4401
FORBIDDEN = 4403
BAD_SUBPROTOCOL = 4406
TOO_SLOW = 4408
DUPLICATE_ID = 4409
TOO_MANY_INITS = 4429
MESSAGE_TOO_BIG = 1009
SERVER_FAULT = 1011
RESTART = 1012
"""Clients of the protocol take it for nothing fatal: they connect anew and subscribe again."""

REASON_BYTES = 123
"""The longest reason a close frame holds."""


class Close(Exception):
    """The socket has to be closed, with this code and for this reason."""

    def __init__(self, code: int, reason: str) -> None:
        self.code = code
        self.reason = reason.encode()[:REASON_BYTES].decode(errors="ignore")
        super().__init__(reason)


@dataclass(frozen=True)
class Init:
    """`connection_init`: the client introduces itself."""

    payload: Mapping[str, Any]


@dataclass(frozen=True)
class Ping:
    """`ping`: answered by a `pong` with the same payload."""

    payload: Mapping[str, Any] | None


@dataclass(frozen=True)
class Pong:
    """`pong`: needs no answer."""


@dataclass(frozen=True)
class Subscribe:
    """`subscribe`: an operation of any kind to run; the payload's parameters are not checked yet."""

    id: str
    payload: Mapping[str, Any]


@dataclass(frozen=True)
class Complete:
    """`complete`: the client wants no more of an operation."""

    id: str


Message = Init | Ping | Pong | Subscribe | Complete


def read_message(text: str) -> Message:
    """Read a client's message; raise Close with code 4400 for anything the protocol does not know."""
    try:
        message = decode(text)
    except ValueError:
        raise Close(BAD_MESSAGE, "The message is not JSON, or nests too deeply.") from None
    if not isinstance(message, dict):
        raise Close(BAD_MESSAGE, "The message is not an object.")
    match message.get("type"):
        case "connection_init":
            return Init(_payload(message) or {})
        case "ping":
            return Ping(_payload(message))
        case "pong":
            _payload(message)
            return Pong()
        case "subscribe":
            payload = _payload(message)
            if payload is None:
                raise Close(BAD_MESSAGE, "The message's payload is missing.")
            return Subscribe(_id(message), payload)
        case "complete":
            return Complete(_id(message))
        case _:
            raise Close(BAD_MESSAGE, "The message's type is unknown.")


def _payload(message: Mapping[str, Any]) -> Mapping[str, Any] | None:
    payload = message.get("payload")
    if payload is not None and not isinstance(payload, dict):
        raise Close(BAD_MESSAGE, "The message's payload is not an object.")
    return payload


def _id(message: Mapping[str, Any]) -> str:
    name = message.get("id")
    if not isinstance(name, str) or not name:
        raise Close(BAD_MESSAGE, "The message's id is not a string with content.")
    return name
