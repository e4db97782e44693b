"""Where a field's data lives, noted beside the field: what the loaders use and the compiler reads."""

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from graphql import GraphQLField, GraphQLObjectType
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.field import StrawberryField
from tortoise.queryset import QuerySet

from tessera.kit.actor import Actor

SOURCE = "source"
"""The key under which a field's metadata holds its source."""

ROW = "*"
"""Stands for the whole row, as an instance of its model, among the columns a function wants."""

T = TypeVar("T")


@dataclass(frozen=True)
class ColumnSource:
    """A column of the type's own table, or an attribute of the value; `read` shapes it."""

    column: str
    read: Callable[[Any], Any] | None = None


@dataclass(frozen=True)
class GlobalIdSource:
    """The object's id with the name of its type."""


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
class DerivedSource:
    """`def derive(*columns)`, or `derive(context, *columns)`: a value made from the row's own columns."""

    derive: Callable[..., Any]
    columns: tuple[str, ...]
    context: bool


@dataclass(frozen=True)
class BatchSource:
    """`async def resolve(context, keys, **arguments)`, called once per level with all parents' keys.

    A key is a column's value, or a tuple of them when there are several columns.
    """

    resolve: Callable[..., Awaitable[Any]]
    columns: tuple[str, ...]


@dataclass(frozen=True)
class RowsSource:
    """A root field over a listing: all its rows, or with `single` the first one, null without any."""

    listing: Callable[..., Any]
    single: bool


@dataclass(frozen=True)
class IdSource:
    """A root field that is the visible object with an id: `key_of(**arguments)` returns its key, None for no object."""

    key_of: Callable[..., int | None]
    visible: Callable[[Actor], QuerySet[Any]]


@dataclass(frozen=True)
class ComputedSource:
    """A root field that Python computes: `async def compute(context, **arguments)`."""

    compute: Callable[..., Awaitable[Any]]


@dataclass(frozen=True)
class PerformedSource:
    """A mutation field: `async def perform(context, call, arguments)` returns its payload."""

    perform: Callable[..., Awaitable[Any]]


Source = (
    ColumnSource
    | GlobalIdSource
    | OneSource
    | ManySource
    | DerivedSource
    | BatchSource
    | RowsSource
    | IdSource
    | ComputedSource
    | PerformedSource
)


def definition_of(type_: GraphQLObjectType) -> StrawberryObjectDefinition | None:
    """Return what strawberry knows of a type."""
    found = type_.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    return found if isinstance(found, StrawberryObjectDefinition) else None


def declaration_of(field: GraphQLField) -> StrawberryField | None:
    """Return what strawberry knows of a field."""
    found = field.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    return found if isinstance(found, StrawberryField) else None


def source_of(field: GraphQLField) -> Source | None:
    """Return where a field's data lives; None when only its resolver knows."""
    declared_field = declaration_of(field)
    if declared_field is None:
        return None
    source: Source | None = declared_field.metadata.get(SOURCE)
    if source is None and declared_field.base_resolver is None:
        return ColumnSource(declared_field.python_name)
    return source


async def declared(value: "T | Awaitable[T]") -> T:
    """Return a value that may have to be awaited."""
    if inspect.isawaitable(value):
        return await value
    return value
