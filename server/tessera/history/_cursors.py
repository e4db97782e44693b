"""Cursors of the streams: a place in the journal, or in a first copy that is still under way."""

import base64
import binascii
import hashlib
from dataclasses import dataclass

from tessera.kit.actor import Actor
from tessera.kit.errors import Invalid
from tessera.kit.events import from_json, to_json

VERSION = 1
MAX_POSITION = 2**62


@dataclass(frozen=True)
class Cursor:
    """A position in the journal; with `copied`, the id of the last ticket of a first copy under way.

    `sight` is a digest of what decided the viewer's sight: when that changes, a delta would be wrong.
    """

    position: int
    copied: int | None = None
    sight: str = ""


def write(cursor: Cursor) -> str:
    """Return the opaque text of a cursor."""
    content = to_json([VERSION, cursor.position, cursor.copied, cursor.sight])
    return base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")


def read(text: str, argument: str) -> Cursor:
    """Read what `write` wrote.

    Raises `Invalid` for anything else.
    """
    problem = Invalid("`{argument}` is no cursor of this stream.", argument=argument, field=(argument,))
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        version, position, copied, sight = from_json(base64.b64decode(padded, altchars=b"-_", validate=True).decode())
    except (ValueError, TypeError, RecursionError, binascii.Error) as error:
        raise problem from error
    if version != VERSION or not _is_place(position) or not (copied is None or _is_place(copied)):
        raise problem
    if not isinstance(sight, str):
        raise problem
    return Cursor(position, copied, sight)


def _is_place(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_POSITION


def sight_of(actor: Actor) -> str:
    """Return a digest of what decides which tickets an actor sees; for agents that is the same for equal rights."""
    content = to_json([actor.kind.value, actor.customer_user_id, list(actor.groups_with("ro")), actor.customer_id])
    return hashlib.sha256(content.encode()).hexdigest()[:16]
