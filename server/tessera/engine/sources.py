"""Where a field's data lives, noted beside the field: what the loaders use and a compiler can read."""

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

SOURCE = "source"
"""The key under which a field's metadata holds its source."""

T = TypeVar("T")


@dataclass(frozen=True)
class ColumnSource:
    """A column of the type's own table."""

    column: str


@dataclass(frozen=True)
class OneSource:
    """Another node, named by a column of the type's own table; `covered`: seen by whoever sees the parent."""

    column: str
    covered: bool


@dataclass(frozen=True)
class ManySource:
    """A listing of other nodes; `via` is their column that names the parent, None for a root field."""

    listing: Callable[..., Any]
    via: str | None


@dataclass(frozen=True)
class BatchSource:
    """`async def resolve(context, keys, **arguments)`, called once per level with all parents' keys."""

    resolve: Callable[..., Awaitable[Any]]
    key: str


async def declared(value: "T | Awaitable[T]") -> T:
    """Return a value that may have to be awaited."""
    if inspect.isawaitable(value):
        return await value
    return value
