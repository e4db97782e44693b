"""JSON as GraphQL's transports need it: strict on the way in, tireless on the way out."""

import json
from typing import Any

import orjson
from graphql import ExecutionResult

from tessera.transport.errors import present

NESTING_MAXIMUM = 100
"""Lists and objects inside each other; Python's own limit is near a thousand, and costs a server fault."""


def decode(text: bytes | str) -> Any:
    """Read JSON; raise ValueError for anything else: invalid UTF-8, NaN, nesting beyond the maximum."""
    value = orjson.loads(text)
    brackets = text.count(b"[") + text.count(b"{") if isinstance(text, bytes) else text.count("[") + text.count("{")
    if brackets > NESTING_MAXIMUM and _nests_deeper(value, NESTING_MAXIMUM):
        raise ValueError(f"Nested deeper than {NESTING_MAXIMUM} levels.")
    return value


def encode(value: Any) -> bytes:
    """Write JSON; integers beyond 64 bits and lone surrogates, which a scalar may yield, are written too."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value, separators=(",", ":"), allow_nan=False).encode()


def payload_of(result: ExecutionResult, operation_name: str | None) -> dict[str, Any]:
    """Return a result as a response's JSON object."""
    payload: dict[str, Any] = {"data": result.data}
    if result.errors:
        payload["errors"] = present(result.errors, operation_name)
    if result.extensions:
        payload["extensions"] = result.extensions
    return payload


def _nests_deeper(value: Any, maximum: int) -> bool:
    """Walk a JSON value level by level, without recursion."""
    level = [value]
    for _ in range(maximum):
        level = [
            inner
            for outer in level
            if isinstance(outer, (dict, list))
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
    return any(isinstance(inner, (dict, list)) for inner in level)
