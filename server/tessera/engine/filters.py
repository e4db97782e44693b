"""Filter inputs shared by all lists, and how they become conditions."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

import strawberry

from tessera.kit import sql
from tessera.kit.errors import Invalid, NotFound
from tessera.kit.ids import key_of
from tessera.kit.sql import Sql

ValueT = TypeVar("ValueT")

MIN_CONTAINS = 2
MAX_VALUES = 500


@strawberry.input(description="Match text. All given conditions must hold.")
class StringFilter:
    """Conditions on text."""

    eq: str | None = None
    in_: list[str] | None = strawberry.field(name="in", default=None)
    contains: str | None = strawberry.field(
        default=None, description="Case-insensitive substring, at least 2 characters."
    )
    starts_with: str | None = None


@strawberry.input(description="Match references. `isNull: true` finds objects without one.")
class IDFilter:
    """Conditions on a reference."""

    in_: list[strawberry.ID] | None = strawberry.field(name="in", default=None)
    not_in: list[strawberry.ID] | None = None
    is_null: bool | None = None


@strawberry.input(description="Half-open interval: gte <= value < lt.")
class DateTimeFilter:
    """Conditions on an instant."""

    gte: datetime | None = None
    lt: datetime | None = None
    is_null: bool | None = None


def string_conditions(
    given: StringFilter | None, column: str, *, folded: str | None = None, fold: Callable[[str], str] = str
) -> list[Sql]:
    """Turn a text filter into conditions; `folded` is the column with text as `fold` makes it, for parts of it.

    Raises `Invalid` for a substring below two characters and for too many values.
    """
    if given is None:
        return []
    conditions = []
    if given.eq is not None:
        conditions.append(sql.equals(column, given.eq))
    if given.in_ is not None:
        conditions.append(sql.one_of(column, within_limit(given.in_)))
    if given.contains is not None:
        if len(given.contains) < MIN_CONTAINS:
            raise Invalid("`contains` needs at least {minimum} characters.", minimum=MIN_CONTAINS)
        conditions.append(sql.contains(folded or column, fold(given.contains)))
    if given.starts_with is not None:
        conditions.append(sql.starts_with(folded or column, fold(given.starts_with)))
    return conditions


def within_limit(values: Sequence[ValueT]) -> Sequence[ValueT]:
    """Return a condition's values.

    Raises `Invalid` for more than 500.
    """
    if len(values) > MAX_VALUES:
        raise Invalid("At most {limit} values in one condition.", limit=MAX_VALUES)
    return values


def keys_of(ids: list[strawberry.ID], kind: str) -> list[int]:
    """Return the primary keys of global ids of a kind; ids that name nothing match nothing.

    Raises `Invalid` for more than 500.
    """
    keys = []
    for each in within_limit(ids):
        try:
            keys.append(key_of(each, kind))
        except NotFound:
            continue
    return keys


def reference_conditions(given: IDFilter | None, column: str, kind: str) -> list[Sql]:
    """Turn a reference filter into conditions on a column with ids.

    Raises `Invalid` for too many values.
    """
    if given is None:
        return []
    conditions = []
    if given.in_ is not None:
        conditions.append(sql.one_of(column, keys_of(given.in_, kind)))
    if given.not_in is not None:
        conditions.append(sql.none_of(column, keys_of(given.not_in, kind)))
    if given.is_null is not None:
        conditions.append(sql.is_null(column, null=given.is_null))
    return conditions


def instant_conditions(given: DateTimeFilter | None, column: str) -> list[Sql]:
    """Turn an interval into conditions."""
    if given is None:
        return []
    conditions = []
    if given.gte is not None:
        conditions.append(sql.compares(column, ">=", given.gte))
    if given.lt is not None:
        conditions.append(sql.compares(column, "<", given.lt))
    if given.is_null is not None:
        conditions.append(sql.is_null(column, null=given.is_null))
    return conditions
