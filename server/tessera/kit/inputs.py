"""What comes from outside: text made fit for every database before a service writes it, ids that must name a row."""

import unicodedata
from typing import TypeVar

from tessera.kit.errors import Invalid, LimitExceeded, NotFound, Required
from tessera.kit.model import Row

Field = tuple[str, ...]
RowT = TypeVar("RowT", bound=Row)


def line(value: str | None, *, field: Field, limit: int) -> str:
    """Return one line of text without the space around it; `limit` is the column's length in characters.

    Raises `Required` for nothing, `LimitExceeded` for too much, `Invalid` for control characters.
    """
    trimmed = (value or "").strip()
    if not trimmed:
        raise Required(field=field)
    if not trimmed.isprintable() and any(unicodedata.category(each) in {"Cc", "Cs", "Zl", "Zp"} for each in trimmed):
        raise Invalid("The value contains control characters.", field=field)
    return _bounded(trimmed, field, limit)


def optional_line(value: str | None, *, field: Field, limit: int) -> str | None:
    """Like `line`, but nothing is None."""
    return line(value, field=field, limit=limit) if value and value.strip() else None


def text(value: str | None, *, field: Field, limit: int) -> str:
    """Return text of many lines as it is, perhaps empty.

    Raises `LimitExceeded` for too much, `Invalid` for characters that a database refuses.
    """
    given = value or ""
    if "\x00" in given or any("\ud800" <= character <= "\udfff" for character in given):
        raise Invalid("The value contains characters that cannot be stored.", field=field)
    return _bounded(given, field, limit)


def existing(row: RowT | None, field: Field) -> RowT:
    """Return the row that an input names.

    Raises `NotFound` when it is unknown or hidden.
    """
    if row is None:
        raise NotFound(field=field)
    return row


def _bounded(value: str, field: Field, limit: int) -> str:
    if len(value) > limit:
        raise LimitExceeded("The value is longer than {limit} characters.", field=field, limit=limit)
    return value
