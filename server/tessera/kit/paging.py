"""Keyset pages behind Relay connections: stable while rows arrive, never an offset."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from tortoise.expressions import Q
from tortoise.functions import Count
from tortoise.queryset import QuerySet

from tessera.kit.clock import isoformat
from tessera.kit.db import connection
from tessera.kit.errors import Invalid
from tessera.kit.events import from_json, to_json
from tessera.kit.model import Row, where

VERSION = 1
MAX_PAGE = 100
DEFAULT_PAGE = 20

RowT = TypeVar("RowT", bound=Row)


@dataclass(frozen=True)
class Key:
    """A column to sort by; rows without a value come last whatever the direction."""

    column: str
    descending: bool = False
    nullable: bool = False


@dataclass(frozen=True)
class Listing(Generic[RowT]):
    """Rows and their order; ties are broken by id, in the direction of the first key."""

    rows: QuerySet[RowT]
    keys: tuple[Key, ...] = ()

    @property
    def order(self) -> tuple[Key, ...]:
        """The keys that make the order total."""
        descending = bool(self.keys) and self.keys[0].descending
        return (*(key for key in self.keys if key.column != "id"), Key("id", descending=descending))


@dataclass(frozen=True)
class PageRequest:
    """Which page is asked for; `last` wins over `first`, whose default a client cannot take back."""

    first: int | None = DEFAULT_PAGE
    after: str | None = None
    last: int | None = None
    before: str | None = None

    @property
    def backward(self) -> bool:
        """Whether the page is counted from the end."""
        return self.last is not None

    @property
    def size(self) -> int:
        """How many rows are wanted.

        Raises `Invalid` outside 0 to 100.
        """
        name, size = ("last", self.last) if self.last is not None else ("first", self.first)
        if size is None:
            return DEFAULT_PAGE
        if not 0 <= size <= MAX_PAGE:
            raise Invalid("`{name}` must be between 0 and {limit}.", name=name, limit=MAX_PAGE, field=(name,))
        return size


@dataclass(frozen=True)
class Page(Generic[RowT]):
    """The rows of a page in the listing's order, their cursors, and what lies beyond."""

    rows: Sequence[RowT]
    cursors: Sequence[str]
    has_next: bool
    has_previous: bool


async def page(listing: Listing[RowT], request: PageRequest) -> Page[RowT]:
    """Fetch one page.

    Raises `Invalid` for a size or a cursor that cannot be.
    """
    size = request.size
    rows = await _fetch(listing, request, size + 1, None)
    return _page_of(listing, request, rows, size)


async def pages(
    listing: Listing[RowT], request: PageRequest, *, via: str, parents: Sequence[int]
) -> dict[int, Page[RowT]]:
    """Fetch the same page for many parents in one statement; `via` is the column that names the parent.

    Raises `Invalid` for a size or a cursor that cannot be.
    """
    size = request.size
    narrowed = Listing(listing.rows.filter(**{f"{via}__in": list(parents)}), listing.keys)
    found: dict[int, list[RowT]] = {parent: [] for parent in parents}
    for row in await _fetch(narrowed, request, size + 1, via):
        found[getattr(row, via)].append(row)
    return {parent: _page_of(listing, request, rows, size) for parent, rows in found.items()}


async def counts(listing: Listing[Any], *, via: str, parents: Sequence[int]) -> dict[int, int]:
    """Count the rows of many parents in one statement."""
    rows = (
        await listing.rows.filter(**{f"{via}__in": list(parents)})
        .annotate(rows_found=Count("id", distinct=True))
        .group_by(via)
        .values_list(via, "rows_found")
    )
    found = dict(rows)
    return {parent: found.get(parent, 0) for parent in parents}


def _page_of(listing: Listing[RowT], request: PageRequest, rows: list[RowT], size: int) -> Page[RowT]:
    more = len(rows) > size
    rows = rows[:size]
    if request.backward:
        rows.reverse()
        has_next, has_previous = request.before is not None, more
    else:
        has_next, has_previous = more, request.after is not None
    return Page(rows, [write_cursor(listing, row) for row in rows], has_next, has_previous)


async def _fetch(listing: Listing[RowT], request: PageRequest, limit: int, via: str | None) -> list[RowT]:
    rows = listing.rows
    if request.after is not None:
        rows = rows.filter(_beyond(listing, read_cursor(listing, request.after, "after"), before=False))
    if request.before is not None:
        rows = rows.filter(_beyond(listing, read_cursor(listing, request.before, "before"), before=True))
    return await _select(rows, listing.order, limit, via, reverse=request.backward)


async def _select(
    rows: QuerySet[RowT], order: Sequence[Key], limit: int, via: str | None, *, reverse: bool
) -> list[RowT]:
    """Run the queryset as a derived table, which takes the order (nulls last) and a limit per parent."""
    database = connection()
    quote = "`" if database.capabilities.dialect == "mysql" else '"'
    terms = ", ".join(_order_terms(order, quote, reverse=reverse))
    rows = rows.order_by()
    rows._make_query()  # noqa: SLF001 - the statement with its parameters; `sql()` gives no parameters
    inner, parameters = rows.query.get_parameterized_sql()
    if via is None:
        statement = f"SELECT page.* FROM ({inner}) page ORDER BY {terms} LIMIT {limit}"  # noqa: S608 - no outside text
    else:
        partition = f"PARTITION BY page.{quote}{via}{quote} ORDER BY {terms}"
        ranked = f"SELECT page.*, ROW_NUMBER() OVER ({partition}) AS page_rank FROM ({inner}) page"  # noqa: S608 - as above
        statement = f"SELECT * FROM ({ranked}) ranked WHERE page_rank <= {limit} ORDER BY page_rank"  # noqa: S608 - as above
    _, found = await database.execute_query(statement, parameters)
    return [rows.model._init_from_db(**_without_rank(row)) for row in found]  # noqa: SLF001 - tortoise's own constructor


def _without_rank(row: Any) -> dict[str, Any]:
    return {name: value for name, value in dict(row).items() if name != "page_rank"}


def _order_terms(order: Sequence[Key], quote: str, *, reverse: bool) -> list[str]:
    terms = []
    for key in order:
        column = f"page.{quote}{key.column}{quote}"
        if key.nullable:
            terms.append(f"{column} IS NULL{' DESC' if reverse else ''}")
        terms.append(f"{column} {'DESC' if key.descending != reverse else 'ASC'}")
    return terms


def _beyond(listing: Listing[Any], values: Sequence[Any], *, before: bool) -> Q:
    """Rows behind (or ahead of) a position: (a > x) or (a = x and b > y) or …, with nulls last."""
    condition: Q | None = None
    for key, value in reversed(list(zip(listing.order, values, strict=True))):
        same = where(f"{key.column}__isnull", True) if value is None else where(key.column, value)
        further = _further(key, value, before=before)
        tied = None if condition is None else same & condition
        parts = [part for part in (further, tied) if part is not None]
        condition = Q(*parts, join_type="OR") if parts else Q(id__isnull=True)
    return condition or Q()


def _further(key: Key, value: Any, *, before: bool) -> Q | None:
    null = where(f"{key.column}__isnull", True)
    if value is None:
        return where(f"{key.column}__isnull", False) if before else None
    comparison = "lt" if key.descending != before else "gt"
    further = where(f"{key.column}__{comparison}", value)
    return further | null if key.nullable and not before else further


def write_cursor(listing: Listing[RowT], row: RowT) -> str:
    """Return the opaque position of a row in a listing."""
    values = [getattr(row, key.column) for key in listing.order]
    plain = [isoformat(value) if isinstance(value, datetime) else value for value in values]
    content = to_json([VERSION, _shape(listing), plain])
    return base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")


def read_cursor(listing: Listing[Any], cursor: str, argument: str) -> list[Any]:
    """Read what `write_cursor` wrote for a listing in the same order.

    Raises `Invalid` for anything else.
    """
    problem = Invalid("`{argument}` is no cursor of this list.", argument=argument, field=(argument,))
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        version, shape, values = from_json(base64.b64decode(padded, altchars=b"-_", validate=True).decode())
    except (ValueError, TypeError, RecursionError, binascii.Error) as error:
        raise problem from error
    if version != VERSION or shape != _shape(listing) or not isinstance(values, list):
        raise problem
    if len(values) != len(listing.order):
        raise problem
    return [_typed(listing, key, value, problem) for key, value in zip(listing.order, values, strict=True)]


def _typed(listing: Listing[Any], key: Key, value: Any, problem: Invalid) -> Any:
    if value is None and key.nullable:
        return None
    python_type = listing.rows.model._meta.fields_map[key.column].field_type
    try:
        if python_type is datetime:
            return datetime.fromisoformat(value)
        if isinstance(value, python_type) and not isinstance(value, bool) and len(str(value)) < MAX_VALUE:
            return value
    except (TypeError, ValueError) as error:
        raise problem from error
    raise problem


MAX_VALUE = 2000


def _shape(listing: Listing[Any]) -> str:
    return ",".join(("-" if key.descending else "") + key.column for key in listing.order)
