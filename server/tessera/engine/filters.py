"""Filter inputs shared by all lists, and how they become conditions."""

from datetime import datetime
from typing import Any

import strawberry
from tortoise.expressions import Q

from tessera.kit.errors import Invalid, NotFound
from tessera.kit.ids import key_of
from tessera.kit.model import where

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


def string_condition(
    given: StringFilter | None, column: str, *, folded: str | None = None, fold: Any = str.casefold
) -> Q:
    """Turn a text filter into a condition; `folded` is the column with folded text, for `contains`.

    Raises `Invalid` for a substring below two characters.
    """
    if given is None:
        return Q()
    condition = Q()
    if given.eq is not None:
        condition &= where(column, given.eq)
    if given.in_ is not None:
        condition &= where(f"{column}__in", given.in_[:MAX_VALUES])
    if given.contains is not None:
        if len(given.contains) < MIN_CONTAINS:
            raise Invalid("`contains` needs at least {minimum} characters.", minimum=MIN_CONTAINS)
        condition &= where(f"{folded or column}__contains", fold(given.contains) if folded else given.contains)
    if given.starts_with is not None:
        condition &= where(f"{column}__startswith", given.starts_with)
    return condition


def keys_of(ids: list[strawberry.ID], kind: str) -> list[int]:
    """Return the primary keys of global ids of a kind; ids that name nothing match nothing.

    Raises `Invalid` for more than 500.
    """
    if len(ids) > MAX_VALUES:
        raise Invalid("At most {limit} values in one condition.", limit=MAX_VALUES)
    keys = []
    for each in ids:
        try:
            keys.append(key_of(each, kind))
        except NotFound:
            continue
    return keys


def reference_condition(given: IDFilter | None, column: str, kind: str) -> Q:
    """Turn a reference filter into a condition on a column with ids."""
    if given is None:
        return Q()
    condition = Q()
    if given.in_ is not None:
        condition &= where(f"{column}__in", keys_of(given.in_, kind))
    if given.not_in is not None:
        others = where(f"{column}__not_in", keys_of(given.not_in, kind))
        condition &= others | where(f"{column}__isnull", True)
    if given.is_null is not None:
        condition &= where(f"{column}__isnull", given.is_null)
    return condition


def instant_condition(given: DateTimeFilter | None, column: str) -> Q:
    """Turn an interval into a condition."""
    if given is None:
        return Q()
    condition = Q()
    if given.gte is not None:
        condition &= where(f"{column}__gte", given.gte)
    if given.lt is not None:
        condition &= where(f"{column}__lt", given.lt)
    if given.is_null is not None:
        condition &= where(f"{column}__isnull", given.is_null)
    return condition
