"""Nodes: GraphQL types over tables, refetchable by a global id."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import strawberry
from strawberry.types.base import StrawberryObjectDefinition
from tortoise.queryset import QuerySet

from tessera.engine.context import Context
from tessera.engine.sources import SOURCE, GlobalIdSource
from tessera.kit.actor import Actor
from tessera.kit.errors import NotFound
from tessera.kit.ids import from_global, to_global
from tessera.kit.model import Row

TypeT = TypeVar("TypeT", bound=type)
RowT = TypeVar("RowT", bound=Row)
Visible = Callable[[Actor], QuerySet[Any]]


@dataclass(frozen=True)
class NodeSpec:
    """Where a GraphQL type's rows live and who sees which of them.

    `kept` says that there are so few rows that they are held in memory; the facts that change them have it as
    their subject's kind.
    """

    name: str
    model: type[Row]
    visible: Visible
    kept: str | None = None

    async def load(self, context: Context, key: int, *, covered: bool = False) -> Any | None:
        """Load a row by its key, in a batch; None when it is unknown or hidden.

        `covered` skips the visibility of the row itself: whoever sees the parent sees it.
        """

        async def rows(keys: list[int]) -> Sequence[Any]:
            source = self.model.all() if covered else self.visible(context.actor)
            found = {row.id: row for row in await source.filter(id__in=keys)}
            return [found.get(key) for key in keys]

        return await context.load(("node", self.name, covered), key, rows)


def _global_id(root: Any, info: strawberry.Info) -> strawberry.ID:
    return strawberry.ID(to_global(info.path.typename or type(root).__name__, root.id))


@strawberry.interface(description="Anything with a global id that `node` can refetch.")
class Node:
    """The interface of everything refetchable."""

    id: strawberry.ID = strawberry.field(
        resolver=_global_id,
        description="Opaque, stable, globally unique. Never parse it.",
        metadata={SOURCE: GlobalIdSource()},
    )

    @classmethod
    def of(cls: type["NodeT"], row: Row) -> "NodeT":
        """Say that a row stands for this type: the engine resolves its fields from the row."""
        return cast("NodeT", row)

    @classmethod
    def of_optional(cls: type["NodeT"], row: Row | None) -> "NodeT | None":
        """Like `of`, and None for None."""
        return cast("NodeT | None", row)

    @classmethod
    def of_all(cls: type["NodeT"], rows: Sequence[Row]) -> "list[NodeT]":
        """Like `of`, for a list."""
        return cast("list[NodeT]", list(rows))


NodeT = TypeVar("NodeT", bound=Node)


def node(model: type[Row], visible: Visible, *, description: str, kept: str | None = None) -> Callable[[TypeT], TypeT]:
    """Make a class a GraphQL type over the rows of `model` that `visible(actor)` lets through.

    `kept` holds the rows in memory: it is the kind of subject of the facts that change them.
    """

    def decorate(cls: TypeT) -> TypeT:
        spec = NodeSpec(cls.__name__, model, visible, kept)

        def is_type_of(value: object, _info: object) -> bool:
            return isinstance(value, model)

        cls.__node__ = spec  # type: ignore[attr-defined]  # the engine's own mark on the class
        cls.is_type_of = staticmethod(is_type_of)  # type: ignore[attr-defined]  # read by strawberry
        return strawberry.type(cls, description=description)

    return decorate


def spec_of(graphql_type: object) -> NodeSpec | None:
    """Return what `node` noted on a class, None for every other type."""
    spec: NodeSpec | None = getattr(graphql_type, "__node__", None)
    return spec


def spec_named(info: strawberry.Info, name: str) -> NodeSpec | None:
    """Find a node type of the schema in use by its name."""
    definition = info.schema.get_type_by_name(name)
    return spec_of(definition.origin) if isinstance(definition, StrawberryObjectDefinition) else None


async def load_node(info: strawberry.Info, global_id: str, kind: str | None = None) -> Any | None:
    """Load whatever a global id names, or only an object of the kind; None for unknown, malformed and hidden alike."""
    try:
        reference = from_global(global_id)
    except NotFound:
        return None
    spec = spec_named(info, reference.kind) if kind in {None, reference.kind} else None
    return None if spec is None else await spec.load(info.context, reference.id)
