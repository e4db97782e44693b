"""How a type says where its fields live: columns, other nodes, batches, listings."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import strawberry
from graphql import get_named_type

from tessera.engine.context import Context
from tessera.engine.nodes import NodeSpec, Visible, spec_named
from tessera.engine.resolvers import shaped
from tessera.engine.sources import (
    ROW,
    SOURCE,
    BatchSource,
    ColumnSource,
    ComputedSource,
    DerivedSource,
    IdSource,
    OneSource,
    RowsSource,
    declared,
)
from tessera.kit import paging
from tessera.kit.errors import NotFound
from tessera.kit.events import from_json
from tessera.kit.ids import key_of
from tessera.kit.paging import Listing

Batch = Callable[..., Awaitable[Any]]


def column(
    name: str,
    *,
    description: str | None = None,
    read: Callable[[Any], Any] | None = None,
    graphql_name: str | None = None,
) -> Any:
    """Declare a field that is a column of the type's table, through `read` when its value needs shaping."""

    def resolve(root: Any) -> Any:
        value = getattr(root, name)
        return value if read is None else read(value)

    return strawberry.field(
        resolver=resolve, description=description, name=graphql_name, metadata={SOURCE: ColumnSource(name, read)}
    )


def json_list(text: str) -> list[str]:
    """Read a column that holds a JSON list of strings."""
    values: list[str] = from_json(text)
    return values


def derived(
    derive: Callable[..., Any],
    *columns: str,
    context: bool = False,
    description: str | None = None,
    graphql_name: str | None = None,
) -> Any:
    """Declare a field that a quick function makes from columns of the same row, given in this order.

    With `context`, the function takes the operation's context first. Without, it has to make the same of the same
    values, whoever asks and whenever, since what it makes is remembered. `ROW` among the columns is the whole row.
    """

    def resolve(root: Any, info: strawberry.Info) -> Any:
        values = [root if name == ROW else getattr(root, name) for name in columns]
        return derive(info.context, *values) if context else derive(*values)

    return strawberry.field(
        resolver=shaped(resolve, derive, skip=len(columns) + context),
        description=description,
        name=graphql_name,
        metadata={SOURCE: DerivedSource(derive, columns, context)},
    )


def to_one(name: str, *, covered: bool = False, description: str | None = None) -> Any:
    """Declare a field that is another node; `name` is the column with its id.

    A hidden node is null, unless `covered` says that whoever sees the parent sees it.
    """

    async def resolve(root: Any, info: strawberry.Info) -> Any:
        key = getattr(root, name)
        if key is None:
            return None
        return await _target(info).load(info.context, key, covered=covered)

    return strawberry.field(resolver=resolve, description=description, metadata={SOURCE: OneSource(name, covered)})


def _target(info: strawberry.Info) -> NodeSpec:
    name = get_named_type(info._raw_info.return_type).name  # noqa: SLF001 - `info.return_type` drops the name of generics
    spec = spec_named(info, name)
    if spec is None:
        message = f"{name} is no node type"
        raise TypeError(message)
    return spec


def batch(
    resolve: Batch,
    *,
    key: str | tuple[str, ...] = "id",
    description: str | None = None,
    directives: Sequence[object] = (),
) -> Any:
    """Declare a field that Python computes for all parents of a level at once.

    `resolve(context, keys, **arguments)` takes the values of the parents' column `key`, tuples when there are
    several, rows for `ROW`, and returns a list in the same order, or a mapping by key (absent: None). Its
    parameters behind `keys` become the field's arguments.
    """
    columns = (key,) if isinstance(key, str) else key

    async def resolver(root: Any, info: strawberry.Info, **arguments: Any) -> Any:
        context: Context = info.context
        values = tuple(root if name == ROW else getattr(root, name) for name in columns)

        async def load(keys: list[Any]) -> Sequence[Any]:
            found = await resolve(context, keys, **arguments)
            return [found.get(each) for each in keys] if isinstance(found, Mapping) else found

        return await context.load((resolve, repr(arguments)), values if len(values) > 1 else values[0], load)

    return strawberry.field(
        resolver=shaped(resolver, resolve, skip=2),
        description=description,
        directives=directives,
        metadata={SOURCE: BatchSource(resolve, columns)},
    )


Find = Callable[..., "Listing[Any] | Awaitable[Listing[Any] | None] | None"]


def rows(find: Find, *, description: str | None = None, directives: Sequence[object] = ()) -> Any:
    """Declare a root field that is a whole listing: for what installations have tens of.

    `find(context, **arguments)` returns the listing; its parameters behind `context` become the arguments.
    """

    async def resolve(root: Any, info: strawberry.Info, **arguments: Any) -> Any:  # noqa: ARG001 - strawberry passes it by this name
        listing = await declared(find(info.context, **arguments))
        return [] if listing is None else await paging.select(listing)

    return _over(resolve, find, RowsSource(find, single=False), description, directives)


def row(find: Find, *, description: str | None = None, directives: Sequence[object] = ()) -> Any:
    """Declare a root field that is the first row of a listing, null when there is none; see `rows`."""

    async def resolve(root: Any, info: strawberry.Info, **arguments: Any) -> Any:  # noqa: ARG001 - as above
        listing = await declared(find(info.context, **arguments))
        found = [] if listing is None else await paging.select(listing, limit=1)
        return found[0] if found else None

    return _over(resolve, find, RowsSource(find, single=True), description, directives)


def by_id(kind: str, visible: Visible, *, description: str | None = None) -> Any:
    """Declare a root field that is the visible object of a kind with a global id; null for whatever else."""

    def key(id: str) -> int | None:
        try:
            return key_of(id, kind)
        except NotFound:
            return None

    async def find(context: Context, id: strawberry.ID) -> Any:
        wanted = key(id)
        return None if wanted is None else await visible(context.actor).get_or_none(id=wanted)

    async def resolve(root: Any, info: strawberry.Info, **arguments: Any) -> Any:  # noqa: ARG001 - as above
        return await find(info.context, **arguments)

    return _over(resolve, find, IdSource(key, visible), description, ())


def computed(
    compute: Callable[..., Awaitable[Any]], *, description: str | None = None, directives: Sequence[object] = ()
) -> Any:
    """Declare a root field that Python computes; the parameters behind `context` become the arguments."""

    async def resolve(root: Any, info: strawberry.Info, **arguments: Any) -> Any:  # noqa: ARG001 - as above
        return await compute(info.context, **arguments)

    return _over(resolve, compute, ComputedSource(compute), description, directives)


def _over(
    resolve: Callable[..., Any],
    find: Callable[..., Any],
    source: RowsSource | IdSource | ComputedSource,
    description: str | None,
    directives: Sequence[object],
) -> Any:
    return strawberry.field(
        resolver=shaped(resolve, find, skip=1),
        description=description,
        directives=directives,
        metadata={SOURCE: source},
    )
