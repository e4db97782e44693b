"""Plain rows for hot paths: no models, no dictionaries, no round trip beyond the statement's own."""

import logging
from collections.abc import Sequence
from typing import Any, Protocol

from tessera.kit import tracing
from tessera.kit.db.database import connection

Records = Sequence[Sequence[Any]]

STATEMENTS = logging.getLogger("tortoise.db_client")
"""Where Tortoise's own statements are logged too."""


class _Quick(Protocol):
    """What all our clients and transactions offer beside Tortoise's methods."""

    async def fetch_rows(self, text: str, values: Sequence[Any]) -> Records:
        """Return the rows of a statement."""

    async def fetch_rows_each(self, text: str, values: Sequence[Sequence[Any]]) -> list[Records]:
        """Return the rows of a statement, for each list of values."""


async def fetch_rows(text: str, values: Sequence[Any], *, reads: bool = False) -> Records:
    """Return the rows of a statement, columns by position; no transaction begins for one that only `reads`."""
    if not tracing.is_traced():
        return await _client(text, reads=reads).fetch_rows(text, values)
    with tracing.span(text.partition(" ")[0], kind="client") as span:
        span.note("db.query.text", text)
        return await _client(text, reads=reads).fetch_rows(text, values)


async def fetch_texts(text: str, values: Sequence[Any]) -> Records:
    """Return the rows of a statement that only reads, in one column of text without gaps; on PostgreSQL only."""
    client: Any = _client(text)
    if not tracing.is_traced():
        return await client.fetch_texts(text, values)  # type: ignore[no-any-return]  # as below
    with tracing.span(text.partition(" ")[0], kind="client") as span:
        span.note("db.query.text", text)
        return await client.fetch_texts(text, values)  # type: ignore[no-any-return]  # as below


async def fetch_rows_each(text: str, values: Sequence[Sequence[Any]]) -> list[Records]:
    """Return the rows of a statement, for each list of values."""
    if not tracing.is_traced():
        return await _client(text).fetch_rows_each(text, values)
    with tracing.span(text.partition(" ")[0], kind="client") as span:
        span.note("db.query.text", text)
        return await _client(text).fetch_rows_each(text, values)


async def draw(text: str, values: Sequence[Any]) -> Records:
    """Return the rows of a statement for which those who write wait, outside of transactions; on PostgreSQL only."""
    client: Any = _client(text)
    return await client.draw(text, values)  # type: ignore[no-any-return]  # as below


async def put_off(text: str, values: Sequence[Any]) -> None:
    """Let an INSERT of the running transaction wait for its next statement or its commit; on PostgreSQL only."""
    client: Any = _client(text)
    await client.put_off(text, values)


def _client(text: str, *, reads: bool = False) -> _Quick:
    STATEMENTS.debug("%s", text)
    client: Any = connection()
    return getattr(client, "reader", client) if reads else client  # type: ignore[no-any-return]  # all of ours are quick
