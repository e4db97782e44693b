"""What a generated function calls while it runs."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import orjson

from tessera.engine.context import Context
from tessera.engine.plans.kept import Kept
from tessera.engine.plans.statements import PARENT, Statement
from tessera.kit import db, paging, sql
from tessera.kit.actor import Actor
from tessera.kit.paging import Listing, PageRequest
from tessera.kit.sql import Rows, Sql

PAGE_ARGUMENTS = ("first", "after", "last", "before")
Records = Sequence[Sequence[Any]]


class Asked:
    """A page request with its size worked out; `spare` is how many rows more are to tell whether there are others."""

    __slots__ = ("backward", "request", "size", "spare")

    def __init__(self, request: PageRequest, spare: int) -> None:
        self.request = request
        self.size = request.size
        self.backward = request.backward
        self.spare = spare


class Run:
    """One run of a plan."""

    __slots__ = ("actor", "context", "given", "kept", "values")

    def __init__(self, context: Context, kept: Kept, values: Mapping[str, Any], given: Mapping[str, Any]) -> None:
        self.context = context
        self.actor: Actor = context.actor
        self.kept = kept
        self.values = values
        self.given = given

    async def fetch(self, statement: Statement, pieces: Sequence[Sql]) -> Records:
        """Return the rows of a statement."""
        text, values = statement.bind(pieces)
        if statement.whole:
            return await db.fetch_texts(text, values)
        rows = await db.fetch_rows(text, values)
        return _unpacked(rows, statement.unpacked) if statement.unpacked else rows

    async def each(self, parents: Sequence[int], statement: Statement, pieces: Sequence[Sql]) -> dict[int, Records]:
        """Return the rows of a statement that is run for each parent."""
        text, values = statement.bind(pieces)
        places = [place for place, value in enumerate(values) if value is PARENT]
        filled = []
        for parent in parents:
            own = list(values)
            for place in places:
                own[place] = parent
            filled.append(own)
        return dict(zip(parents, await db.fetch_rows_each(text, filled), strict=True))

    async def grouped(
        self, parents: Sequence[int], place: int, statement: Statement, pieces: Sequence[Sql]
    ) -> dict[int, list[Sequence[Any]]]:
        """Return the rows of a statement by parent, whose id is the column at a place."""
        found: dict[int, list[Sequence[Any]]] = {parent: [] for parent in parents}
        for row in await self.fetch(statement, pieces):
            found[row[place]].append(row)
        return found

    async def perform(self, key: str, perform: Callable[..., Any], call: object, arguments: Mapping[str, Any]) -> Any:
        """Perform a mutation field, and note that it was: whoever answers after all must not do it again."""
        try:
            payload = await perform(self.context, call, dict(arguments))
        except Exception as error:
            self.context.performed[key] = error
            raise
        self.context.performed[key] = payload
        return payload

    async def count(self, listing: Listing[Any]) -> int:
        """Count a listing's rows."""
        return await paging.count(listing)


def _unpacked(rows: Records, places: Sequence[int]) -> Records:
    found = [list(row) for row in rows]
    for row in found:
        for place in places:
            row[place] = orjson.loads(row[place])
    return found


def paged(arguments: Mapping[str, Any], spare: int) -> tuple[Asked, dict[str, Any]]:
    """Split a connection's arguments; raises `Invalid` for a page that cannot be."""
    page = PageRequest(*[arguments.get(name) for name in PAGE_ARGUMENTS])
    return Asked(page, spare), {name: value for name, value in arguments.items() if name not in PAGE_ARGUMENTS}


def shown(rows: Records, asked: Asked) -> Records:
    """Return a page's rows in the listing's order, without the one that tells whether there are more."""
    cut = rows[: asked.size] if len(rows) > asked.size else rows
    return cut[::-1] if asked.backward else cut


def page_info(
    fields: Sequence[tuple[str, str]], rows: Records, asked: Asked, cursor: Callable[[Sequence[Any]], str] | None
) -> dict[str, Any]:
    """Return the selected fields of `PageInfo`."""
    has_next, has_previous = paging.beyond(asked.request, more=len(rows) > asked.size)
    page = shown(rows, asked)
    found: dict[str, Any] = {}
    for key, name in fields:
        match name:
            case "hasNextPage":
                found[key] = has_next
            case "hasPreviousPage":
                found[key] = has_previous
            case "startCursor":
                found[key] = cursor(page[0]) if page and cursor else None
            case "endCursor":
                found[key] = cursor(page[-1]) if page and cursor else None
            case _:
                found[key] = "PageInfo"
    return found


def cursors(listing: Listing[Any], place: int, *, packed: bool = False) -> Callable[[Sequence[Any]], str]:
    """Return what makes the cursor of a row whose keys begin at a column; `packed` rows came as JSON."""
    of, end = paging.shape(listing), place + len(listing.order)
    readers = paging.key_readers(listing, packed=packed)
    if not readers:
        return lambda row: paging.cursor_of(of, tuple(row[place:end]))

    def cursor(row: Sequence[Any]) -> str:
        values = list(row[place:end])
        for at, read in readers:
            values[at] = read(values[at])
        return paging.cursor_of(of, values)

    return cursor


def of_text(cursor: Callable[[Sequence[Any]], str]) -> Callable[[Sequence[Any]], str]:
    """Return what makes the cursor of a row that is one text."""
    return lambda row: cursor(orjson.loads(row[0]))


def rows_of(listing: Listing[Any], asked: Asked, alias: str, *conditions: Sql) -> Sql:
    """Return FROM to LIMIT of a page's rows, with the one to spare."""
    return paging.window(listing, asked.request, conditions, alias, asked.size + asked.spare)


def windows(listing: Listing[Any], asked: Asked, via: str, parents: Sequence[int]) -> Sql:
    """Return the statement of the same page for many parents."""
    return paging.windows(listing, asked.request, via, parents, asked.spare)


def first_of(listing: Listing[Any], alias: str, limit: int | None) -> Sql:
    """Return FROM to LIMIT of a listing's rows, all or the first ones."""
    return paging.ordered(listing, alias, limit)


def order_of(listing: Listing[Any], asked: Asked | None, alias: str) -> Sql:
    """Return ORDER BY once more, for rows that were joined since."""
    return Sql(paging.order_by(listing.order, alias, reverse=asked is not None and asked.backward))


def keys_of(listing: Listing[Any], alias: str) -> Sql:
    """Return the columns a cursor is made of, each behind a comma."""
    return Sql("".join([f', {alias}."{key.column}"' for key in listing.order]))


def guard(rows: Rows[Any], alias: str) -> Sql:
    """Return the condition under which a joined row is seen, with its AND; nothing where all rows are."""
    if rows.everything:
        return Sql("")
    source = rows.source
    seen_row = f'SELECT 1 FROM {source.text} sight WHERE sight."id" = {alias}."id"'  # noqa: S608 - names are ours
    return Sql(f" AND EXISTS ({seen_row})", source.values)


def among(alias: str, keys: Sequence[int]) -> Sql:
    """Match rows by their ids."""
    if len(keys) == 1:
        return Sql(_is_row(alias), (keys[0],))
    condition = sql.one_of("id", keys)
    return Sql(condition.on(alias), condition.values)


@lru_cache(1_000)
def _is_row(alias: str) -> str:
    return f'{alias}."id" = {sql.VALUE}'


def array_of(keys: Sequence[int]) -> Sql:
    """Return ids as one value of PostgreSQL."""
    return Sql(f"{sql.VALUE}::bigint[]", (list(keys),))


async def batch(
    resolve: Callable[..., Any], context: Context, keys: Sequence[Hashable], arguments: Mapping[str, Any]
) -> dict[Hashable, Any]:
    """Call a batch function once for all keys of a level; return what it found by key."""
    wanted = list(dict.fromkeys(keys))
    if not wanted:
        return {}
    found = await resolve(context, wanted, **arguments)
    values = [found.get(key) for key in wanted] if isinstance(found, Mapping) else found
    for value in values:
        if isinstance(value, BaseException):
            raise value
    return dict(zip(wanted, values, strict=True))
