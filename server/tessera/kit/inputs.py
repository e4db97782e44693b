"""Text from outside: trimmed, bounded and fit for every database before a service writes it."""

import unicodedata

from tessera.kit.errors import Invalid, LimitExceeded, Required

Field = tuple[str, ...]


def line(value: str | None, *, field: Field, limit: int) -> str:
    """Return one line of text without the space around it; `limit` is the column's length in characters.

    Raises `Required` for nothing, `LimitExceeded` for too much, `Invalid` for control characters.
    """
    trimmed = (value or "").strip()
    if not trimmed:
        raise Required(field=field)
    if any(unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} for character in trimmed):
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


def _bounded(value: str, field: Field, limit: int) -> str:
    if len(value) > limit:
        raise LimitExceeded("The value is longer than {limit} characters.", field=field, limit=limit)
    return value
