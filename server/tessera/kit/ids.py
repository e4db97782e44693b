"""Global ids of the API and references between objects of different kinds."""

import base64
import binascii
from dataclasses import dataclass

from tessera.kit.errors import NotFound

MAXIMUM = 2**63 - 1


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
    return base64.urlsafe_b64encode(f"{kind}:{key}".encode()).decode().rstrip("=")


def from_global(global_id: str) -> ObjectRef:
    """Read a global id.

    Raises `NotFound` for what this server never issued: unknown and malformed look the same.
    """
    try:
        padded = global_id.encode("ascii") + b"=" * (-len(global_id) % 4)
        reference = ObjectRef.parse(base64.b64decode(padded, altchars=b"-_", validate=True).decode())
    except (ValueError, binascii.Error, UnicodeError) as error:
        raise NotFound from error
    if to_global(reference.kind, reference.id) != global_id:
        raise NotFound
    return reference


def key_of(global_id: str, kind: str, *, field: tuple[str, ...] | None = None) -> int:
    """Return the primary key inside a global id of the kind; `field` is the argument to blame.

    Raises `NotFound` when it is malformed or of another kind.
    """
    try:
        reference = from_global(global_id)
    except NotFound as error:
        raise NotFound(field=field) from error
    if reference.kind != kind:
        raise NotFound(field=field)
    return reference.id
