"""Global ids of the API and references between objects of different kinds."""

import binascii
from dataclasses import dataclass
from functools import lru_cache

from tessera.kit.errors import NotFound

MAXIMUM = 2**63 - 1
LONGEST = 200
"""Characters of a global id; no kind has so long a name."""
REMEMBERED = 10_000
"""Global ids whose meaning is kept: those of a list come back as those of its rows."""
_IN_ADDRESSES = bytes.maketrans(b"+/", b"-_")


@dataclass(frozen=True, slots=True, order=True)
class ObjectRef:
    """A reference to any object: its kind (`ticket`) and its primary key."""

    kind: str
    id: int

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"

    @classmethod
    def parse(cls, text: str) -> "ObjectRef":
        """Read what `str` wrote.

        Raises `ValueError` for anything else.
        """
        kind, separator, number = text.rpartition(":")
        if not separator or not kind or not number.isascii() or not number.isdigit() or int(number) > MAXIMUM:
            message = f"{text!r} is no object reference"
            raise ValueError(message)
        return cls(kind, int(number))


def to_global(kind: str, key: int) -> str:
    """Return the opaque global id of an object, for example of `("Ticket", 42)`."""
    written = binascii.b2a_base64(f"{kind}:{key}".encode(), newline=False)
    return written.translate(_IN_ADDRESSES).rstrip(b"=").decode()


def from_global(global_id: str) -> ObjectRef:
    """Read a global id.

    Raises `NotFound` for what this server never issued: unknown and malformed look the same.
    """
    found = _read(global_id)
    if found is None:
        raise NotFound
    return ObjectRef(*found)


def key_of(global_id: str, kind: str, *, field: tuple[str, ...] | None = None) -> int:
    """Return the primary key inside a global id of the kind; `field` is the argument to blame.

    Raises `NotFound` when it is malformed or of another kind.
    """
    found = _read(global_id)
    if found is None or found[0] != kind:
        raise NotFound(field=field)
    return found[1]


def _read(global_id: str) -> tuple[str, int] | None:
    """Return what a global id holds; None for what this server never issued."""
    return _remembered(global_id) if len(global_id) <= LONGEST else None


@lru_cache(REMEMBERED)
def _remembered(global_id: str) -> tuple[str, int] | None:
    """Read a global id with leniency: only what would be written in the same way was issued."""
    try:
        content = binascii.a2b_base64(global_id.replace("-", "+").replace("_", "/") + "==")
        kind, _, number = content.decode().rpartition(":")
        key = int(number)
    except ValueError:
        return None
    return (kind, key) if kind and 0 <= key <= MAXIMUM and to_global(kind, key) == global_id else None
