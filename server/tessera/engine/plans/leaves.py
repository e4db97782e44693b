"""Leaf values: from the database's form to Python's, and from Python's to JSON's."""

import base64
import binascii
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from typing import Any, Literal

from graphql import GraphQLEnumType, GraphQLLeafType
from tortoise import fields
from tortoise.fields.base import Field

from tessera.engine.plans.selection import Declined
from tessera.kit.clock import isoformat
from tessera.kit.db import Dialect

_INT = 2**31

REMEMBERED_IDS = 50_000
_WHOLE_SECONDS = len("2026-11-21T10:00:00+00:00")

Convert = Callable[[Any], Any]

Form = Dialect | Literal["json"]
"""How a column's value comes: as the database's driver has it, or inside JSON that PostgreSQL wrote."""

PACKABLE = (fields.IntField, fields.CharField, fields.TextField, fields.BooleanField, fields.DatetimeField)
"""Columns whose values survive JSON; moments come as text."""


def need(value: Any) -> Any:
    """Return a value that may not be null."""
    if value is None:
        raise Declined("a null where none may be")
    return value


class GlobalIds(dict[int, str]):
    """The global ids of a kind by key, as `kit.ids.to_global` makes them; those made lately are remembered.

    The alphabets of base64 differ in characters that cannot occur: names and digits have no such bits.
    """

    def __init__(self, kind: str) -> None:
        super().__init__()
        self._start = f"{kind}:".encode()
        if base64.urlsafe_b64encode(self._start + b"0123456789") != base64.b64encode(self._start + b"0123456789"):
            raise Declined("a type's name with unusual characters")

    def __missing__(self, key: int) -> str:
        if len(self) >= REMEMBERED_IDS:
            self.clear()
        made = binascii.b2a_base64(b"%b%d" % (self._start, key), newline=False).rstrip(b"=").decode()
        self[key] = made
        return made


@cache
def global_ids(kind: str) -> GlobalIds:
    """Return the global ids of a kind, which all plans share."""
    return GlobalIds(kind)


def sqlite_instant(text: str) -> str:
    """Write an instant as SQLite holds it (UTC, with microseconds) as JSON has it."""
    return f"{text[:10]}T{text[11:19] if text[20:26] == '000000' else text[11:26]}Z"


def json_instant(text: str) -> str:
    """Write an instant as PostgreSQL has it in JSON (with an offset, no more digits than needed) as ours has it."""
    if text[-6:] == "+00:00":
        return f"{text[:19]}Z" if len(text) == _WHOLE_SECONDS else f"{text[:-6]:0<26}Z"
    whole, _, fraction = isoformat(datetime.fromisoformat(text)).partition(".")
    return f"{whole}Z" if fraction == "000000Z" else f"{whole}.{fraction}"


def python_value(field: Field[Any], form: Form) -> Convert | None:
    """Return what turns a column's value into Python's; None when it is that already."""
    if isinstance(field, fields.DatetimeField):
        return _INSTANTS[form]
    if isinstance(field, fields.BooleanField):
        return None if form in {"postgres", "json"} else _boolean
    if isinstance(field, (fields.IntField, fields.CharField, fields.TextField, fields.FloatField)):
        return None
    return field.to_python_value


def wire_value(field: Field[Any], type_: GraphQLLeafType, form: Form) -> Convert | None:
    """Return what turns a column's value into JSON's without looking at it twice; None when it is that already.

    Raises `LookupError` where Python's value has to be made first.
    """
    match type_.name, field:
        case (("String" | "HTML" | "URL"), (fields.CharField() | fields.TextField())):
            return None
        case "Int", fields.IntField() if not isinstance(field, fields.BigIntField):
            return None
        case "Float", fields.FloatField():
            return None
        case "Boolean", fields.BooleanField():
            return None if form in {"postgres", "json"} else _boolean
        case "DateTime", fields.DatetimeField():
            return _WRITTEN_INSTANTS.get(form)
    raise LookupError


def _from_text(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _from_mysql(value: datetime) -> datetime:
    return value.replace(tzinfo=UTC)


def _boolean(value: Any) -> bool:
    return bool(value)


_INSTANTS: dict[Form, Convert | None] = {
    "postgres": None,
    "sqlite": _from_text,
    "mysql": _from_mysql,
    "json": _from_text,
}
_WRITTEN_INSTANTS: dict[Form, Convert] = {"sqlite": sqlite_instant, "json": json_instant}


def leaf(type_: GraphQLLeafType) -> Convert:
    """Return what turns Python's value into JSON's, as graphql-core would; null is no value."""
    if isinstance(type_, GraphQLEnumType):
        return _enum(type_)
    if type_.name in _QUICK:
        return _quick(type_.coerce_output_value, _QUICK[type_.name])
    return type_.coerce_output_value


def enum_names(type_: GraphQLEnumType, enum: type[Enum]) -> Mapping[Any, str]:
    """Return the API's name of each value as a column holds it."""
    to_name = leaf(type_)
    return {member.value: to_name(member) for member in enum}


def _enum(type_: GraphQLEnumType) -> Convert:
    names: dict[Any, str] = {}

    def convert(value: Any) -> str:
        name = names.get(value)
        if name is None:
            name = names[value] = type_.coerce_output_value(value)
        return name

    return convert


def _quick(slow: Convert, is_plain: Callable[[Any], bool]) -> Convert:
    def convert(value: Any) -> Any:
        return value if is_plain(value) else slow(value)

    return convert


_QUICK: dict[str, Callable[[Any], bool]] = {
    "String": lambda value: type(value) is str,
    "Boolean": lambda value: type(value) is bool,
    "Int": lambda value: type(value) is int and -_INT <= value < _INT,
    "DateTime": lambda value: type(value) is datetime and value.tzinfo is UTC,
}
