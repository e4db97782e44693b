"""Whatever bytes arrive, parsing them ends in a value or in the refusal that is meant for it."""

import contextlib
import json
from typing import Any

from graphql import build_schema
from hypothesis import example, given, strategies

from tessera.engine.documents import Documents, Refused
from tessera.engine.guard import Guard
from tessera.transport.contexts import caller_of
from tessera.transport.encoding import NESTING_MAXIMUM, decode
from tessera.transport.errors import RequestError
from tessera.transport.negotiation import accepted
from tessera.transport.protocol import Close, Message, read_message
from tessera.transport.request import from_body, from_query_string

SCHEMA = build_schema("type Query { name(x: [String]): String, self: Query }")
values = strategies.recursive(
    strategies.none() | strategies.booleans() | strategies.integers() | strategies.floats() | strategies.text(),
    lambda inner: strategies.lists(inner) | strategies.dictionaries(strategies.text(), inner),
)
requests = strategies.fixed_dictionaries(
    {}, optional=dict.fromkeys(("query", "operationName", "variables", "extensions"), values)
)
messages = strategies.fixed_dictionaries(
    {"type": strategies.sampled_from(["connection_init", "ping", "pong", "subscribe", "complete", "x"]) | values},
    optional={"id": values, "payload": values | requests},
)
sources = strategies.text(alphabet='{}()[]!$:=@|"\\#&. \n\ud800aname123selfx')


def as_json(value: Any) -> str:
    return json.dumps(value)


@given(strategies.binary() | (values | requests).map(as_json).map(str.encode))
def test_bodies(body: bytes) -> None:
    with contextlib.suppress(RequestError):
        assert isinstance(from_body(body).query, str)


@given(strategies.binary())
@example(b"query=a&variables=%7B%7D&variables=1")
def test_query_strings(query_string: bytes) -> None:
    with contextlib.suppress(RequestError):
        assert isinstance(from_query_string(query_string).query, str)


@given(strategies.text() | (values | messages).map(as_json))
def test_messages(text: str) -> None:
    with contextlib.suppress(Close):
        assert isinstance(read_message(text), Message)


@given(strategies.lists(strategies.tuples(strategies.binary(), strategies.binary())), strategies.text())
def test_headers(headers: list[tuple[bytes, bytes]], accept: str) -> None:
    accepted(accept)
    caller = caller_of({"headers": [*headers, (b"cookie", b";=; a=1 ;b"), (b"Cookie", b'a=2; c="3"')], "client": None})
    assert caller.cookies["c"] == "3"
    assert all(name == name.lower() for name in caller.headers)


@given(sources)
@example("{" * 5000)
@example("{name(x:" + "[" * 900)
def test_documents(source: str) -> None:
    with contextlib.suppress(Refused):
        assert Documents(SCHEMA, Guard(SCHEMA)).prepare(source, None, {}).document.definitions


@given(
    strategies.integers(1, 3 * NESTING_MAXIMUM),
    strategies.sampled_from([("[", "]"), ('{"a":', "}"), ('[1,{"b":', "}]")]),
)
def test_nesting_is_bounded_exactly(repeated: int, brackets: tuple[str, str]) -> None:
    opening, closing = brackets
    depth = repeated * (opening.count("[") + opening.count("{"))
    text = opening * repeated + "1" + closing * repeated
    if depth <= NESTING_MAXIMUM:
        decode(text.encode())
    else:
        with contextlib.suppress(ValueError):
            decode(text)
            raise AssertionError(depth)
