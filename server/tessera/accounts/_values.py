"""Which logins, addresses, languages, time zones and passwords an account takes; pure."""

import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tessera.accounts.errors import InvalidEmail, InvalidLocale, InvalidTimezone, WeakPassword
from tessera.accounts.models import MAX_EMAIL
from tessera.kit.inputs import Field, line, optional_line

MAX_PASSWORD = 1000
"""Beyond this a password is an attack on the hash function."""

_EMAIL = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+")
_LOCALE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}")


def email(value: str | None, *, field: Field) -> str | None:
    """Return an e-mail address without the space around it, None for nothing.

    Raises `InvalidEmail` for something else, `LimitExceeded` beyond 254 characters.
    """
    address = optional_line(value, field=field, limit=MAX_EMAIL)
    if address is not None and not _EMAIL.fullmatch(address):
        raise InvalidEmail(field=field)
    return address


def locale(value: str | None, *, field: Field) -> str:
    """Return a language tag.

    Raises `Required` for nothing, `InvalidLocale` for something else.
    """
    tag = line(value, field=field, limit=20)
    if not _LOCALE.fullmatch(tag):
        raise InvalidLocale(field=field)
    return tag


def timezone(value: str | None, *, field: Field) -> str:
    """Return the name of a time zone this machine knows.

    Raises `Required` for nothing, `InvalidTimezone` for something else.
    """
    name = line(value, field=field, limit=60)
    try:
        return name if name == "UTC" else ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidTimezone(field=field) from error


def password(value: str, *, minimum: int, field: Field) -> str:
    """Return a password that meets the policy.

    Raises `WeakPassword` for one too short or absurdly long.
    """
    if not minimum <= len(value) <= MAX_PASSWORD:
        raise WeakPassword(minimum=minimum, maximum=MAX_PASSWORD, field=field)
    return value
