"""Relay connections over keyset listings, for root fields and, batched, for fields of many parents."""

import inspect
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

import strawberry

from tessera.engine.context import Context
from tessera.engine.directives import Cost
from tessera.engine.resolvers import shaped
from tessera.engine.sources import SOURCE, ManySource, declared
from tessera.kit import paging
from tessera.kit.paging import DEFAULT_PAGE, Listing, Page, PageRequest

NodeType = TypeVar("NodeType")


@strawberry.type(description="Relay page information.")
class PageInfo:
    """What lies beyond a page."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None = strawberry.field(description="Cursor of the first edge; null on an empty page.")
    end_cursor: str | None = strawberry.field(description="Cursor of the last edge; null on an empty page.")


@strawberry.type
class Edge(Generic[NodeType]):
    """One node with its position."""

    cursor: str
    node: NodeType


async def _total(root: "ConnectionValue") -> int:
    return await root.count()


@strawberry.type(description="A page by keyset: stable while rows arrive.")
class Connection(Generic[NodeType]):
    """A page of nodes; built from a `ConnectionValue`."""

    edges: list[Edge[NodeType]]
    nodes: list[NodeType]
    page_info: PageInfo
    total_count: int = strawberry.field(
        resolver=_total, description="Counted only when selected.", directives=[Cost(weight=10)]
    )


@dataclass(frozen=True)
class EdgeValue:
    """What stands for an `Edge` while it is resolved."""

    cursor: str
    node: Any


@dataclass(frozen=True)
class ConnectionValue:
    """What stands for a `Connection` while it is resolved: a page, and how to count all rows."""

    page: Page[Any]
    count: Callable[[], Awaitable[int]]

    @property
    def nodes(self) -> Sequence[Any]:
        """The rows."""
        return self.page.rows

    @property
    def edges(self) -> list[EdgeValue]:
        """The rows with their cursors."""
        return [EdgeValue(cursor, row) for cursor, row in zip(self.page.cursors, self.page.rows, strict=True)]

    @property
    def page_info(self) -> PageInfo:
        """What lies beyond."""
        cursors = self.page.cursors
        return PageInfo(
            has_next_page=self.page.has_next,
            has_previous_page=self.page.has_previous,
            start_cursor=cursors[0] if cursors else None,
            end_cursor=cursors[-1] if cursors else None,
        )


ListingSource = Callable[..., "Listing[Any] | Awaitable[Listing[Any]]"]

_PAGE_ARGUMENTS = [
    inspect.Parameter("first", inspect.Parameter.KEYWORD_ONLY, default=DEFAULT_PAGE, annotation=int | None),
    inspect.Parameter("after", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=str | None),
    inspect.Parameter("last", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=int | None),
    inspect.Parameter("before", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=str | None),
]


def connection(
    source: ListingSource,
    *,
    via: str | None = None,
    default: int = DEFAULT_PAGE,
    description: str | None = None,
    directives: Sequence[object] = (),
) -> Any:
    """Declare a connection field; annotate it as `Connection[NodeType]`.

    `source(context, **arguments)` returns the listing; its parameters behind `context` become arguments of the
    field. With `via`, the column of the listed rows that holds the parent's id, the field belongs to a type and
    all parents of one level are served by one statement. `default` is what `first` is without one.
    """

    async def resolve(root: Any, info: strawberry.Info, **arguments: Any) -> Any:
        context: Context = info.context
        request = PageRequest(*(arguments.pop(name, None) for name in ("first", "after", "last", "before")))
        if via is None:
            listing = await declared(source(context, **arguments))
            return ConnectionValue(await paging.page(listing, request), partial(paging.count, listing))
        return await _nested(context, source, request, arguments, via=via, parent=root.id)

    page_arguments = [
        argument.replace(default=default) if argument.name == "first" else argument for argument in _PAGE_ARGUMENTS
    ]
    return strawberry.field(
        resolver=shaped(resolve, source, skip=1, before=page_arguments),
        description=description,
        directives=directives,
        metadata={SOURCE: ManySource(source, via)},
    )


async def _nested(
    context: Context, source: ListingSource, request: PageRequest, arguments: dict[str, Any], *, via: str, parent: int
) -> ConnectionValue:
    name = (source, via, request, repr(arguments))

    async def load_pages(parents: list[int]) -> list[Page[Any]]:
        listing = await declared(source(context, **arguments))
        found = await paging.pages(listing, request, via=via, parents=parents)
        return [found[parent] for parent in parents]

    async def load_counts(parents: list[int]) -> list[int]:
        listing = await declared(source(context, **arguments))
        found = await paging.counts(listing, via=via, parents=parents)
        return [found[parent] for parent in parents]

    async def count() -> int:
        return await context.load(("count", *name), parent, load_counts)

    return ConnectionValue(await context.load(("page", *name), parent, load_pages), count)
