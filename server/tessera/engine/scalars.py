"""The API's scalars and how their values look on the wire."""

from datetime import UTC, datetime
from typing import Any, NewType
from urllib.parse import urlsplit

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

HTML = NewType("HTML", str)
URL = NewType("URL", str)
JSON = NewType("JSON", object)

MAX_YEAR = 9000
MIN_YEAR = 1000


def parse_datetime(value: object) -> datetime:
    """Read an RFC 3339 instant with an offset.

    Raises `GraphQLError` for anything else, a date or a local time included.
    """
    if isinstance(value, str) and value[10:11] in {"T", "t", " "}:
        try:
            instant = datetime.fromisoformat(value)
        except ValueError:
            instant = None
        if instant is not None and instant.tzinfo is not None and MIN_YEAR <= instant.year <= MAX_YEAR:
            return instant.astimezone(UTC)
    message = "DateTime must be an RFC 3339 instant with an offset, for example 2026-11-21T20:00:00Z."
    raise GraphQLError(message)


def _instant(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"


def parse_url(value: object) -> str:
    """Read an absolute http(s) URL.

    Raises `GraphQLError` for anything else.
    """
    if isinstance(value, str):
        try:
            parts = urlsplit(value)
        except ValueError:
            parts = None
        if parts is not None and parts.scheme in {"http", "https"} and parts.netloc:
            return value
    message = "URL must be an absolute http or https URL."
    raise GraphQLError(message)


def _string(value: object) -> str:
    if not isinstance(value, str):
        message = "A string is needed."
        raise GraphQLError(message)
    return value


def _same(value: Any) -> Any:
    return value


SCALARS: dict[object, ScalarDefinition] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description="RFC 3339 instant with offset, always sent as UTC with `Z`, to the microsecond.",
        specified_by_url="https://scalars.graphql.org/andimarek/date-time.html",
        serialize=_instant,
        parse_value=parse_datetime,
    ),
    HTML: strawberry.scalar(
        name="HTML",
        description="Sanitised HTML, safe to insert into a page as is.",
        serialize=str,
        parse_value=_string,
    ),
    URL: strawberry.scalar(name="URL", description="Absolute http(s) URL.", serialize=str, parse_value=parse_url),
    JSON: strawberry.scalar(
        name="JSON",
        description="Any JSON value. Used only for settings and for event data.",
        serialize=_same,
        parse_value=_same,
    ),
}
"""What each Python type is called and how it is read and written."""
