"""Leaf values: from the database's form to Python's, and from Python's to JSON's."""

import base64
import binascii
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from graphql import GraphQLEnumType, GraphQLLeafType
from tortoise import fields
from tortoise.fields.base import Field

from tessera.engine.plans.selection import Declined
from tessera.kit.db import Dialect

_INT = 2**31

Convert = Callable[[Any], Any]


def need(value: Any) -> Any:
    """Return a value that may not be null."""
    if value is None:
        raise Declined("a null where none may be")
    return value


def global_id(kind: str) -> Convert:
    """Return what makes global ids of a kind, as `kit.ids.to_global` does.

    The alphabets of base64 differ in characters that cannot occur: names and digits have no such bits.
    """
    start = f"{kind}:".encode()

    def make(key: int) -> str:
        return binascii.b2a_base64(start + str(key).encode(), newline=False).rstrip(b"=").decode()

    if base64.urlsafe_b64encode(start + b"0123456789") != base64.b64encode(start + b"0123456789"):
        raise Declined("a type's name with unusual characters")
    return make


def sqlite_instant(text: str) -> str:
    """Write an instant as SQLite holds it (UTC, with microseconds) as JSON has it."""
    return f"{text[:10]}T{text[11:19] if text[20:26] == '000000' else text[11:26]}Z"


def python_value(field: Field[Any], dialect: Dialect) -> Convert | None:
    """Return what turns a column's value into Python's; None when it is that already."""
    if isinstance(field, fields.DatetimeField):
        return _INSTANTS[dialect]
    if isinstance(field, fields.BooleanField):
        return None if dialect == "postgres" else _boolean
    if isinstance(field, (fields.IntField, fields.CharField, fields.TextField, fields.FloatField)):
        return None
    return field.to_python_value


def wire_value(field: Field[Any], type_: GraphQLLeafType, dialect: Dialect) -> Convert | None:
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
            return None if dialect == "postgres" else _boolean
        case "DateTime", fields.DatetimeField():
            return sqlite_instant if dialect == "sqlite" else None
    raise LookupError


def _from_sqlite(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _from_mysql(value: datetime) -> datetime:
    return value.replace(tzinfo=UTC)


def _boolean(value: Any) -> bool:
    return bool(value)


_INSTANTS: dict[Dialect, Convert | None] = {"postgres": None, "sqlite": _from_sqlite, "mysql": _from_mysql}


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
