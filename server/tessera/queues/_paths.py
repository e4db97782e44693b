"""Full names of queues and the shape of their tree; pure."""

from collections.abc import Iterable, Mapping

from tessera.kit.errors import LimitExceeded
from tessera.kit.inputs import Field, line
from tessera.kit.text import fold
from tessera.queues.errors import QueueName

SEPARATOR = "::"
MAX_NAME = 200
MAX_PATH = 500


def own_name(name: str | None, *, field: Field) -> str:
    """Return a queue's own name, checked.

    Raises `QueueName` when its folded form could be read as part of a path.
    """
    checked = line(name, field=field, limit=MAX_NAME)
    folded = fold(checked)
    if SEPARATOR in folded or folded.startswith(":") or folded.endswith(":"):
        raise QueueName(field=field)
    return checked


def joined(parent: str | None, name: str, *, field: Field = ("input", "name")) -> str:
    """Return the full name of a queue below the one with the full name `parent`.

    Raises `LimitExceeded` when it is too long, folded or not.
    """
    path = name if parent is None else f"{parent}{SEPARATOR}{name}"
    if max(len(path), len(fold(path))) > MAX_PATH:
        raise LimitExceeded("The full name is longer than {limit} characters.", field=field, limit=MAX_PATH)
    return path


def subtree(parents: Mapping[int, int | None], roots: Iterable[int]) -> list[int]:
    """Return the ids of queues and of everything below them, parents first; `parents` maps each id to its parent's."""
    children: dict[int | None, list[int]] = {}
    for key, parent in parents.items():
        children.setdefault(parent, []).append(key)
    found: dict[int, None] = {}
    waiting = [root for root in roots if root in parents]
    for key in waiting:
        if key not in found:
            found[key] = None
            waiting.extend(children.get(key, ()))
    return list(found)
