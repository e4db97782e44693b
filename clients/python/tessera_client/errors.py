"""How a request or a stream can fail; what a person can repair is no failure but data, `userErrors`."""

from collections.abc import Mapping, Sequence
from typing import Any


class ClientError(Exception):
    """Base of everything the client raises by itself."""


class GraphQLFailed(ClientError):
    """The server answered with GraphQL errors, whatever the HTTP status.

    `errors` are the error objects as they came, `data` what came beside them. `codes` are the `extensions.code`.
    """

    def __init__(self, errors: Sequence[Mapping[str, Any]], data: Mapping[str, Any] | None = None) -> None:
        self.errors = tuple(errors)
        self.data = data
        super().__init__("; ".join(str(error.get("message")) for error in self.errors))

    @property
    def codes(self) -> tuple[str | None, ...]:
        """The code of each error, None where it has none."""
        return tuple((error.get("extensions") or {}).get("code") for error in self.errors)


class HttpFailed(ClientError):
    """The answer is no GraphQL response; `status` is its HTTP status, `text` the beginning of its body."""

    def __init__(self, status: int, text: str) -> None:
        self.status = status
        self.text = text[:200]
        super().__init__(f"HTTP {status}: {self.text}")


class StreamLost(ClientError):
    """The connection of a stream ended before the stream did; open it again with the last cursor.

    `code` is the WebSocket close code, 1006 when the connection just broke; `reason` is what the server said.
    """

    def __init__(self, code: int, reason: str) -> None:
        self.code = code
        self.reason = reason
        super().__init__(f"{code} {reason}".strip())
