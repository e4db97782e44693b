"""Keyset pages behind Relay connections: stable while rows arrive, never an offset."""

import base64
from binascii import Error as Base64Error
from binascii import b2a_base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Generic, NamedTuple, TypeVar

import orjson
from tortoise.queryset import QuerySet

from tessera.kit import db, sql
from tessera.kit.db import connection
from tessera.kit.errors import Invalid
from tessera.kit.events import from_json
from tessera.kit.model import Row
from tessera.kit.sql import Rows, Sql

VERSION = 1
_URL_SAFE = bytes.maketrans(b"+/", b"-_")
MAX_PAGE = 100
DEFAULT_PAGE = 20

WINDOWS = 1_000
"""Texts of pages that are kept."""

RowT = TypeVar("RowT", bound=Row)


class Key(NamedTuple):
    """A column to sort by; rows without a value come last whatever the direction.

    `unique` says that no two rows of the listing share a value, or of one parent's rows in a listing of many
    parents', so that there are no ties to break.
    """

    column: str
    descending: bool = False
    nullable: bool = False
    unique: bool = False


class Listing(NamedTuple, Generic[RowT]):
    """Rows, narrowed by conditions, and their order; ties are broken by id, in the direction of the first key."""

    rows: Rows[RowT]
    keys: tuple[Key, ...] = ()
    conditions: tuple[Sql, ...] = ()

    @classmethod
    def of(cls, queryset: QuerySet[RowT], keys: tuple[Key, ...] = ()) -> "Listing[RowT]":
        """List a query set, whose own order counts for nothing."""
        return cls(Rows(queryset), keys)

    def narrowed(self, *conditions: Sql) -> "Listing[RowT]":
        """List only those rows that meet further conditions too."""
        return Listing(self.rows, self.keys, (*self.conditions, *conditions))

    @property
    def model(self) -> type[RowT]:
        """The table."""
        return self.rows.model

    @property
    def order(self) -> tuple[Key, ...]:
        """The keys that make the order total."""
        return _total(self.keys)


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
    rows = window(listing, request)
    return _page_of(listing, request, await _fetched(listing.model, Sql(f"SELECT page.* {rows.text}", rows.values)))


async def pages(
    listing: Listing[RowT], request: PageRequest, *, via: str, parents: Sequence[int]
) -> dict[int, Page[RowT]]:
    """Fetch the same page for many parents in one statement; `via` is the rows' column that names the parent.

    Raises `Invalid` for a size or a cursor that cannot be.
    """
    found: dict[int, list[RowT]] = {parent: [] for parent in parents}
    for values in await _values_of(windows(listing, request, via, parents)):
        found[values[via]].append(_row(listing.model, values))
    return {parent: _page_of(listing, request, rows) for parent, rows in found.items()}


async def select(listing: Listing[RowT], *, limit: int | None = None) -> list[RowT]:
    """Fetch the rows of a listing in its order, all or the first ones."""
    rows = ordered(listing, "page", limit)
    return await _fetched(listing.model, Sql(f"SELECT page.* {rows.text}", rows.values))


async def count(listing: Listing[Any]) -> int:
    """Count the rows of a listing."""
    counting = counted(listing, "page")
    _, found = await connection().execute_query(sql.bound(counting.text), list(counting.values))
    return int(found[0]["rows_found"])


async def counts(listing: Listing[Any], *, via: str, parents: Sequence[int]) -> dict[int, int]:
    """Count the rows of many parents in one statement."""
    rows = _rows_of(listing.narrowed(sql.one_of(via, parents)), "page")
    text = f'SELECT page."{via}" AS parent, COUNT(*) AS rows_found {rows.text} GROUP BY page."{via}"'
    _, found = await connection().execute_query(sql.bound(text), list(rows.values))
    by_parent = {row["parent"]: row["rows_found"] for row in found}
    return {parent: by_parent.get(parent, 0) for parent in parents}


def window(
    listing: Listing[Any],
    request: PageRequest,
    conditions: tuple[Sql, ...] = (),
    alias: str = "page",
    limit: int | None = None,
) -> Sql:
    """Return FROM to LIMIT of a page's rows, and one to spare that tells whether there are others.

    Backward, the rows come in reverse. `limit` is how many rows are wanted where the caller has worked it out. Raises
    `Invalid` for a size or a cursor that cannot be.
    """
    source, met = listing.rows.source, (*listing.conditions, *conditions, *_between(listing, request))
    rows = request.size + 1 if limit is None else limit
    texts = tuple([each.text for each in met])
    text = _window(source.text, texts, listing.keys, (alias, rows, request.backward))
    return Sql(text, source.values + sum([each.values for each in met], ()))


@lru_cache(WINDOWS)
def _window(source: str, texts: tuple[str, ...], keys: tuple[Key, ...], cut: tuple[str, int, bool]) -> str:
    alias, limit, backward = cut
    rows = _from_where(Sql(source), [Sql(text) for text in texts], alias)
    return f"{rows.text} ORDER BY {order_by(_total(keys), alias, reverse=backward)} LIMIT {limit}"


def ordered(listing: Listing[Any], alias: str, limit: int | None = None) -> Sql:
    """Return FROM to ORDER BY of a listing's rows, or to LIMIT."""
    rows = _rows_of(listing, alias)
    ending = "" if limit is None else f" LIMIT {limit}"
    return Sql(f"{rows.text} ORDER BY {order_by(listing.order, alias)}{ending}", rows.values)


def windows(listing: Listing[Any], request: PageRequest, via: str, parents: Sequence[int], spare: int = 1) -> Sql:
    """Return the statement of the same page for many parents; each row says its parent in `via`.

    Raises as `window` does.
    """
    rows = _rows_of(listing.narrowed(sql.one_of(via, parents), *_between(listing, request)), "page")
    terms = order_by(listing.order, "page", reverse=request.backward)
    ranked = f'SELECT page.*, ROW_NUMBER() OVER (PARTITION BY page."{via}" ORDER BY {terms}) AS page_rank {rows.text}'
    text = f"SELECT ranked.* FROM ({ranked}) ranked WHERE page_rank <= {request.size + spare} ORDER BY page_rank"  # noqa: S608 - names are ours
    return Sql(text, rows.values)


def counted(listing: Listing[Any], alias: str, *conditions: Sql) -> Sql:
    """Return the statement that counts a listing's rows."""
    rows = _rows_of(listing.narrowed(*conditions), alias)
    return Sql(f"SELECT COUNT(*) AS rows_found {rows.text}", rows.values)


def _rows_of(listing: Listing[Any], alias: str) -> Sql:
    """Return FROM and WHERE of a listing's rows."""
    return _from_where(listing.rows.source, listing.conditions, alias)


def _from_where(source: Sql, conditions: Sequence[Sql], alias: str) -> Sql:
    if not conditions:
        return Sql(f"FROM {source.text} {alias}", source.values)
    condition = sql.both(conditions)
    return Sql(f"FROM {source.text} {alias} WHERE {condition.on(alias)}", (*source.values, *condition.values))


async def _fetched(model: type[RowT], statement: Sql) -> list[RowT]:
    return [_row(model, values) for values in await _values_of(statement)]


async def _values_of(statement: Sql) -> list[dict[str, Any]]:
    _, found = await connection().execute_query(sql.bound(statement.text), list(statement.values))
    return [dict(row) for row in found]


def _row(model: type[RowT], values: dict[str, Any]) -> RowT:
    """Return a row; what is not a column of its table, as the rank in a page and the parent, is left out."""
    own = {name: value for name, value in values.items() if name in model._meta.fields_db_projection_reverse}
    return model._init_from_db(**own)  # noqa: SLF001 - tortoise's own constructor


def _page_of(listing: Listing[RowT], request: PageRequest, rows: list[RowT]) -> Page[RowT]:
    size = request.size
    more = len(rows) > size
    rows = rows[:size]
    if request.backward:
        rows.reverse()
    cursors = [write_cursor(listing, row) for row in rows]
    return Page(rows, cursors, *beyond(request, more=more))


def beyond(request: PageRequest, *, more: bool) -> tuple[bool, bool]:
    """Tell whether there is a next and a previous page; `more` says that there were more rows than asked for."""
    return (request.before is not None, more) if request.backward else (more, request.after is not None)


@lru_cache(maxsize=1000)
def _total(keys: tuple[Key, ...]) -> tuple[Key, ...]:
    """Return the keys, and the id where they leave ties."""
    if keys and keys[-1].unique:
        return keys
    descending = bool(keys) and keys[0].descending
    return (*(key for key in keys if key.column != "id"), Key("id", descending=descending))


@lru_cache(maxsize=5000)
def order_by(order: tuple[Key, ...], table: str, *, reverse: bool = False) -> str:
    """Return what stands behind ORDER BY; rows without a value come last, or first when reversed."""
    terms = []
    for key in order:
        column = f'{table}."{key.column}"'
        if key.nullable:
            terms.append(f"{column} IS NULL{' DESC' if reverse else ''}")
        terms.append(f"{column} {'DESC' if key.descending != reverse else 'ASC'}")
    return ", ".join(terms)


def _between(listing: Listing[Any], request: PageRequest) -> list[Sql]:
    """Return the conditions that a page's cursors stand for."""
    conditions = []
    if request.after is not None:
        conditions.append(_further_than(listing, read_cursor(listing, request.after, "after"), before=False))
    if request.before is not None:
        conditions.append(_further_than(listing, read_cursor(listing, request.before, "before"), before=True))
    return conditions


def _further_than(listing: Listing[Any], values: Sequence[Any], *, before: bool) -> Sql:
    """Rows behind (or ahead of) a position: (a > x) or (a = x and b > y) or …, with nulls last."""
    condition: Sql | None = None
    for key, value in reversed(list(zip(listing.order, values, strict=True))):
        same = sql.is_null(key.column) if value is None else sql.equals(key.column, value)
        further = _further(key, value, before=before)
        tied = None if condition is None else sql.both([same, condition])
        condition = sql.either(*(part for part in (further, tied) if part is not None))
    return condition or sql.EVERYTHING


def _further(key: Key, value: Any, *, before: bool) -> Sql | None:
    if value is None:
        return sql.is_null(key.column, null=False) if before else None
    further = sql.compares(key.column, "<" if key.descending != before else ">", value)
    return sql.either(further, sql.is_null(key.column)) if key.nullable and not before else further


def write_cursor(listing: Listing[RowT], row: RowT) -> str:
    """Return the opaque position of a row in a listing."""
    return cursor_of(shape(listing), tuple(getattr(row, key.column) for key in listing.order))


def cursor_of(of: str, values: Sequence[Any]) -> str:
    """Return the opaque position of the order key's values in a listing of a shape."""
    packed = b2a_base64(orjson.dumps((VERSION, of, values), option=orjson.OPT_UTC_Z), newline=False)
    return packed.translate(_URL_SAFE, b"=").decode()


def key_readers(listing: Listing[Any], *, packed: bool = False) -> list[tuple[int, Callable[[Any], Any]]]:
    """Return what reads order keys' values where the database, or its JSON, does not give Python's: by their places."""
    dialect = db.dialect()
    if dialect == "postgres" and not packed:
        return []
    fields = [listing.model._meta.fields_map[key.column] for key in listing.order]
    as_text = packed or dialect == "sqlite"
    return [
        (place, _instant if as_text and field.field_type is datetime else field.to_python_value)
        for place, field in enumerate(fields)
        if field.field_type not in {int, str}
    ]


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def read_cursor(listing: Listing[Any], cursor: str, argument: str) -> list[Any]:
    """Read what `write_cursor` wrote for a listing in the same order.

    Raises `Invalid` for anything else.
    """
    problem = Invalid("`{argument}` is no cursor of this list.", argument=argument, field=(argument,))
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        version, of, values = from_json(base64.b64decode(padded, altchars=b"-_", validate=True).decode())
    except (ValueError, TypeError, RecursionError, Base64Error) as error:
        raise problem from error
    if version != VERSION or of != shape(listing) or not isinstance(values, list):
        raise problem
    if len(values) != len(listing.order):
        raise problem
    return [_typed(listing, key, value, problem) for key, value in zip(listing.order, values, strict=True)]


def _typed(listing: Listing[Any], key: Key, value: Any, problem: Invalid) -> Any:
    if value is None and key.nullable:
        return None
    field = listing.model._meta.fields_map[key.column]
    try:
        if field.field_type is datetime:
            return datetime.fromisoformat(value)
        if field.field_type is int and isinstance(value, int) and not isinstance(value, bool):
            if field.constraints["ge"] <= value <= field.constraints["le"]:
                return value
        elif isinstance(value, field.field_type) and len(str(value)) < MAX_VALUE:
            return value
    except (TypeError, ValueError) as error:
        raise problem from error
    raise problem


MAX_VALUE = 2000


def shape(listing: Listing[Any]) -> str:
    """Return what a listing's order is called in its cursors."""
    return _shape(listing.order)


@lru_cache(maxsize=1000)
def _shape(order: tuple[Key, ...]) -> str:
    return ",".join(("-" if key.descending else "") + key.column for key in order)
