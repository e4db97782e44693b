"""E-mail addresses of the desk; pure."""

import re

from tessera.kit.inputs import Field, line
from tessera.queues.errors import InvalidAddress

MAX_ADDRESS = 254

_ADDRESS = re.compile(r"[^\s@<>()\[\]\\,;:\"]{1,64}@[^\s@<>()\[\]\\,;:\"]{1,253}")


def checked(address: str | None, *, field: Field) -> str:
    """Return an address without the space around it.

    Raises `InvalidAddress` for anything that is not `local@domain`.
    """
    found = line(address, field=field, limit=MAX_ADDRESS)
    local, _, domain = found.partition("@")
    bad_dots = any(part.startswith(".") or part.endswith(".") or ".." in part for part in (local, domain))
    if not _ADDRESS.fullmatch(found) or bad_dots or len(key(found)) > MAX_ADDRESS:
        raise InvalidAddress(address=found, field=field)
    return found


def key(address: str) -> str:
    """Return what two spellings of one address have in common."""
    return address.strip().casefold()
