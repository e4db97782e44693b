"""Verbs of mail accounts and filter rules; a password goes in sealed and never comes out to anybody."""

import re
from collections.abc import Callable, Mapping
from typing import Any, TypedDict, TypeVar, Unpack

from tessera.kit.clock import now
from tessera.kit.errors import Invalid, LimitExceeded, Required
from tessera.kit.events import to_json
from tessera.kit.ids import ObjectRef
from tessera.kit.inputs import Field, line
from tessera.kit.secrets import seal
from tessera.kit.text import fold
from tessera.kit.unit import Unit, or_taken
from tessera.mail import _patterns
from tessera.mail._control import ORDERS
from tessera.mail.errors import NameTaken, PatternInvalid, UnknownOrder
from tessera.mail.events import MailConfigurationChanged
from tessera.mail.models import MAX_KEY, MailAccount, MailFilter
from tessera.mail.permissions import MANAGE
from tessera.queues.models import Queue

PROTOCOLS = ("imap", "pop3")
SECURITIES = ("tls", "starttls", "none")
MAX_PORT = 65_535
MAX_PASSWORD = 1_000
MAX_RULES = 20
MAX_PATTERN = 1_000
MAX_POSITION = 1_000_000
_HEADER = re.compile(r"[!-9;-~]{1,100}")

ConfiguredT = TypeVar("ConfiguredT", MailAccount, MailFilter)


class AccountChanges(TypedDict, total=False):
    """What may change about a mail account."""

    name: str
    protocol: str
    host: str
    port: int
    security: str
    login: str
    password: str
    folder: str
    queue: Queue | None
    trusted: bool
    active: bool


class FilterChanges(TypedDict, total=False):
    """What may change about a filter rule."""

    name: str
    position: int
    matches: Mapping[str, str]
    sets: Mapping[str, str]
    stops: bool
    active: bool


async def create_account(unit: Unit, **values: Unpack[AccountChanges]) -> MailAccount:
    """Create a mailbox to be emptied from now on.

    Raises `Forbidden` without the permission `mail.manage`, `NameTaken`, `Invalid`, and what `kit.inputs` raises.
    """
    unit.actor.require(MANAGE.name)
    return await _create(unit, MailAccount, _account_columns(unit, values))


async def update_account(
    unit: Unit, row: MailAccount, *, expected_version: int | None = None, **changes: Unpack[AccountChanges]
) -> MailAccount:
    """Change a mailbox; it is tried again at once.

    Raises what `create_account` raises, and `StaleVersion`.
    """
    unit.actor.require(MANAGE.name)
    columns = _account_columns(unit, changes)
    return await _update(unit, row, expected_version, columns | {"problem": None, "checked_at": None}, set(columns))


async def create_filter(unit: Unit, **values: Unpack[FilterChanges]) -> MailFilter:
    """Create a rule for mails that come in.

    Raises `Forbidden` without the permission `mail.manage`, `NameTaken`, `PatternInvalid`, `UnknownOrder`,
    `Required` without anything to match or to set, and what `kit.inputs` raises.
    """
    unit.actor.require(MANAGE.name)
    return await _create(unit, MailFilter, _filter_columns(values))


async def update_filter(
    unit: Unit, row: MailFilter, *, expected_version: int | None = None, **changes: Unpack[FilterChanges]
) -> MailFilter:
    """Change a rule.

    Raises what `create_filter` raises, and `StaleVersion`.
    """
    unit.actor.require(MANAGE.name)
    columns = _filter_columns(changes)
    return await _update(unit, row, expected_version, columns, set(columns))


async def note_account(row: MailAccount, problem: str | None) -> None:
    """Note that a mailbox was emptied just now, or why it was not."""
    await MailAccount.filter(id=row.id).update(checked_at=now(), problem=problem)


async def _create(unit: Unit, model: type[ConfiguredT], columns: dict[str, Any]) -> ConfiguredT:
    taken = NameTaken(name=columns["name"], field=("input", "name"))
    if await model.exists(name_key=columns["name_key"]):
        raise taken
    async with or_taken(taken):
        row = await model.create(**columns)
    await _tell(unit, row, set(columns))
    return row


async def _update(
    unit: Unit, row: ConfiguredT, expected_version: int | None, columns: dict[str, Any], told: set[str]
) -> ConfiguredT:
    taken = NameTaken(name=columns.get("name"), field=("input", "name"))
    if await type(row).filter(name_key=columns.get("name_key")).exclude(id=row.id).exists():
        raise taken
    async with or_taken(taken):
        await unit.update(row, expected_version=expected_version, **columns)
    await _tell(unit, row, told)
    return row


async def _tell(unit: Unit, row: MailAccount | MailFilter, columns: set[str]) -> None:
    kind = "mail_account" if isinstance(row, MailAccount) else "mail_filter"
    told = ", ".join(sorted(columns - {"name_key"})).replace("sealed_password", "password")
    await unit.record(MailConfigurationChanged(subject=ObjectRef(kind, row.id), title=row.name, columns=told))


def _account_columns(unit: Unit, values: AccountChanges) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    for name, value in values.items():
        field = ("input", name)
        if name == "password":
            columns["sealed_password"] = _sealed(unit, value, field)
        elif name == "queue":
            columns["queue_id"] = value.id if isinstance(value, Queue) else None
        else:
            columns[name] = _ACCOUNT_CHECKS[name](value, field)
    return _with_key(columns)


def _filter_columns(values: FilterChanges) -> dict[str, Any]:
    return _with_key({name: _FILTER_CHECKS[name](value, ("input", name)) for name, value in values.items()})


def _with_key(columns: dict[str, Any]) -> dict[str, Any]:
    return columns | {"name_key": fold(columns["name"])[:MAX_KEY]} if "name" in columns else columns


def _sealed(unit: Unit, password: object, field: Field) -> str:
    if not password:
        raise Required(field=field)
    if len(str(password)) > MAX_PASSWORD:
        raise LimitExceeded("The value is longer than {limit} characters.", field=field, limit=MAX_PASSWORD)
    return seal(unit.wiring.config.key(), str(password))


def _text(limit: int) -> Callable[[Any, Field], str]:
    return lambda value, field: line(value, field=field, limit=limit)


def _one_of(choices: tuple[str, ...]) -> Callable[[Any, Field], str]:
    def check(value: str, field: Field) -> str:
        if value not in choices:
            raise Invalid("The value is one of {choices}.", field=field, choices=", ".join(choices))
        return value

    return check


def _number(low: int, high: int) -> Callable[[Any, Field], int]:
    def check(value: int, field: Field) -> int:
        if not low <= value <= high:
            raise Invalid("The value is between {low} and {high}.", field=field, low=low, high=high)
        return value

    return check


def _flag(value: Any, _field: Field) -> bool:
    return bool(value)


def _matches(value: Mapping[str, str], field: Field) -> str:
    _require_some(value, field)
    for header, pattern in value.items():
        if not _HEADER.fullmatch(header):
            raise Invalid("{header} is no name of a header.", field=field, header=header)
        problem = _patterns.flaw(line(pattern, field=field, limit=MAX_PATTERN))
        if problem is not None:
            raise PatternInvalid(header=header, why=problem, field=field)
    return to_json(dict(value))


def _sets(value: Mapping[str, str], field: Field) -> str:
    _require_some(value, field)
    for name, text in value.items():
        if name.lower().removeprefix("followup-") not in ORDERS:
            raise UnknownOrder(name=name, field=field)
        line(text, field=field, limit=MAX_PATTERN)
    return to_json(dict(value))


def _require_some(value: Mapping[str, str], field: Field) -> None:
    if not value:
        raise Required(field=field)
    if len(value) > MAX_RULES:
        raise LimitExceeded("There are more than {limit} entries.", field=field, limit=MAX_RULES)


_ACCOUNT_CHECKS: Mapping[str, Callable[[Any, Field], object]] = {
    "name": _text(200),
    "protocol": _one_of(PROTOCOLS),
    "host": _text(255),
    "port": _number(1, MAX_PORT),
    "security": _one_of(SECURITIES),
    "login": _text(255),
    "folder": _text(255),
    "trusted": _flag,
    "active": _flag,
}
_FILTER_CHECKS: Mapping[str, Callable[[Any, Field], object]] = {
    "name": _text(200),
    "position": _number(-MAX_POSITION, MAX_POSITION),
    "matches": _matches,
    "sets": _sets,
    "stops": _flag,
    "active": _flag,
}
