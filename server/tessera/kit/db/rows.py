"""Plain rows for hot paths: no models, no dictionaries, no round trip beyond the statement's own."""

import logging
from collections.abc import Sequence
from typing import Any, cast

from tessera.kit import tracing
from tessera.kit.db.database import connection

Records = Sequence[Sequence[Any]]

STATEMENTS = logging.getLogger("tortoise.db_client")
"""Where Tortoise's own statements are logged too."""


async def fetch_rows(text: str, values: Sequence[Any]) -> Records:
    """Return the rows of a statement, columns by position."""
    return (await fetch_rows_each(text, (values,)))[0]


async def fetch_rows_each(text: str, values: Sequence[Sequence[Any]]) -> list[Records]:
    """Return the rows of a statement, for each list of values."""
    opened = tracing.span(text.partition(" ")[0], kind="client")
    if opened is tracing.NOWHERE:
        return await _fetched(text, values)
    with opened as span:
        span.note("db.query.text", text)
        return await _fetched(text, values)


async def _fetched(text: str, values: Sequence[Sequence[Any]]) -> list[Records]:
    STATEMENTS.debug("%s", text)
    client = connection()
    quick = getattr(client, "fetch_rows", None)  # a transaction's client has none
    if quick is not None:
        return cast("list[Records]", await quick(text, values))
    found: list[Records] = []
    for each in values:
        _, rows = await client.execute_query(text, list(each))
        found.append([tuple(cast("dict[str, Any]", row).values()) for row in rows])
    return found
