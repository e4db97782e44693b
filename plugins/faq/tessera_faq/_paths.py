"""Full names of categories and the shape of their tree; pure."""

from collections.abc import Mapping

from tessera.kit.errors import LimitExceeded
from tessera.kit.inputs import Field, line
from tessera.kit.text import fold
from tessera_faq.errors import CategoryName
from tessera_faq.models import MAX_KEY

SEPARATOR = "::"
MAX_NAME = 200
NAME: Field = ("input", "name")


def own_name(name: str | None) -> str:
    """Return a category's own name, checked.

    Raises `CategoryName` when its folded form could be read as part of a full name.
    """
    checked = line(name, field=NAME, limit=MAX_NAME)
    folded = fold(checked)
    if SEPARATOR in folded or folded.startswith(":") or folded.endswith(":"):
        raise CategoryName(field=NAME)
    return checked


def joined(parent: str | None, name: str) -> str:
    """Return the full name of a category below the one with the full name `parent`.

    Raises `LimitExceeded` when it is too long, folded or not.
    """
    path = name if parent is None else f"{parent}{SEPARATOR}{name}"
    if max(len(path), len(fold(path))) > MAX_KEY:
        raise LimitExceeded("The full name is longer than {limit} characters.", field=NAME, limit=MAX_KEY)
    return path


def line_of(parents: Mapping[int, int | None], key: int) -> list[int]:
    """Return the ids of a category and of those above it, from itself up; `parents` maps each id to its parent's."""
    found: list[int] = []
    at: int | None = key
    while at is not None:
        found.append(at)
        at = parents[at]
    return found
