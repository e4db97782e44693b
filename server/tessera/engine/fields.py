"""How a type says where its fields live: columns, other nodes, batches."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import strawberry
from graphql import get_named_type

from tessera.engine.context import Context
from tessera.engine.nodes import NodeSpec, spec_named
from tessera.engine.resolvers import shaped
from tessera.engine.sources import SOURCE, BatchSource, ColumnSource, OneSource
from tessera.kit.events import from_json

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
        resolver=resolve, description=description, name=graphql_name, metadata={SOURCE: ColumnSource(name)}
    )


def json_list(text: str) -> list[str]:
    """Read a column that holds a JSON list of strings."""
    values: list[str] = from_json(text)
    return values


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


def batch(resolve: Batch, *, key: str = "id", description: str | None = None, directives: Sequence[object] = ()) -> Any:
    """Declare a field that Python computes for all parents of a level at once.

    `resolve(context, keys, **arguments)` takes the values of the parents' attribute `key` and returns a list in
    the same order, or a mapping by key (absent: None). Its parameters behind `keys` become the field's
    arguments.
    """

    async def resolver(root: Any, info: strawberry.Info, **arguments: Any) -> Any:
        context: Context = info.context

        async def load(keys: list[Any]) -> Sequence[Any]:
            found = await resolve(context, keys, **arguments)
            return [found.get(each) for each in keys] if isinstance(found, Mapping) else found

        return await context.load((resolve, repr(arguments)), getattr(root, key), load)

    return strawberry.field(
        resolver=shaped(resolver, resolve, skip=2),
        description=description,
        directives=directives,
        metadata={SOURCE: BatchSource(resolve, key)},
    )
