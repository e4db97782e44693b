"""Which statements a test's own tasks ask the database; work in the background is not among them."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import pytest

from tessera.kit.db import connection

WAYS = ("execute_query", "execute_query_dict", "fetch_rows", "fetch_rows_each", "fetch_texts")

_asked: ContextVar[list[str] | None] = ContextVar("_asked", default=None)
"""Where this task's statements are noted; what runs in the background was started in another context."""


@contextmanager
def asked() -> Iterator[list[str]]:
    """Collect what the open database is asked outside of transactions by this task and those it starts.

    A statement that is run once for each of many parents counts once.
    """
    client = connection()

    def noting(execute: Any) -> Any:
        async def noted(*arguments: Any) -> Any:
            if (statements := _asked.get()) is None:
                return await execute(*arguments)
            statements.append(arguments[0])
            token = _asked.set(None)  # a way may go on by another one
            try:
                return await execute(*arguments)
            finally:
                _asked.reset(token)

        return noted

    with pytest.MonkeyPatch.context() as patch:
        for name in WAYS:
            if hasattr(client, name):
                patch.setattr(client, name, noting(getattr(client, name)))
        statements: list[str] = []
        token = _asked.set(statements)
        try:
            yield statements
        finally:
            _asked.reset(token)
