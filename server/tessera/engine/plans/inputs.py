"""Input values: what graphql-core and Strawberry make of them, by functions worked out once for each type.

Whatever is unusual (a type that holds itself, a type with a way of its own) has no function, and what a function does
not take is left to graphql-core, which says what is wrong with it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING
from functools import lru_cache, partial
from typing import Any

from graphql import (
    GraphQLBoolean,
    GraphQLID,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    GraphQLString,
    Undefined,
)
from graphql.type import is_required_input_field
from graphql.utilities.coerce_input_value import coerce_default_value
from strawberry import UNSET, Schema
from strawberry.relay import GlobalID
from strawberry.scalars import is_scalar
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.base import (
    StrawberryList,
    StrawberryMaybe,
    StrawberryObjectDefinition,
    StrawberryOptional,
    has_object_definition,
)
from strawberry.types.enum import StrawberryEnumDefinition, has_enum_definition
from strawberry.types.lazy_type import LazyType

Make = Callable[[Any], Any]
Fields = Mapping[str, tuple[str, Make, Any, bool]]
"""By name: what a field is called inside, what coerces it, its default, and whether it is required."""

TYPES = 1_000
"""Types whose functions are kept."""

_INT = 2**31


def _is_int(value: object) -> bool:
    return type(value) is int and -_INT <= value < _INT


def _is_str(value: object) -> bool:
    return type(value) is str


def _is_bool(value: object) -> bool:
    return type(value) is bool


_SAME: Mapping[GraphQLInputType, Callable[[object], bool]] = {
    GraphQLInt: _is_int,
    GraphQLString: _is_str,
    GraphQLID: _is_str,
    GraphQLBoolean: _is_bool,
}
"""Types whose JSON values mean themselves."""


class Unfit(Exception):
    """A value that its type may not take."""


class _Unusual(Exception):
    """A type without a function."""


def coercion(type_: GraphQLInputType) -> Make | None:
    """Return what coerces a JSON value as graphql-core does, None for an unusual type.

    The function raises `Unfit` for what graphql-core may refuse.
    """
    try:
        return _coercion(type_, ())
    except _Unusual:
        return None


def _coercion(type_: GraphQLInputType, around: tuple[GraphQLInputType, ...]) -> Make:
    if isinstance(type_, GraphQLNonNull):
        return partial(_needed, _coercion(type_.of_type, around))
    if isinstance(type_, GraphQLList):
        return partial(_listed, _coercion(type_.of_type, around))
    if isinstance(type_, GraphQLInputObjectType):
        fields = None if type_ in around else _fields(type_, (*around, type_))
        if fields is None:
            raise _Unusual
        return partial(_object, type_.out_type, fields)
    return partial(_leaf, _SAME.get(type_, _never), type_.coerce_input_value)


@lru_cache(TYPES)
def _fields(type_: GraphQLInputObjectType, around: tuple[GraphQLInputType, ...]) -> Fields | None:
    """Return a type's fields, None for an unusual one: of endless depth, or with a default that may change."""
    found = {}
    try:
        for name, field in type_.fields.items():
            default = coerce_default_value(field)
            if isinstance(default, list | dict) or type_.is_one_of:
                return None
            make = _coercion(field.type, around)
            found[name] = (field.out_name or name, make, default, is_required_input_field(field))
    except _Unusual:
        return None
    return found


def _needed(make: Make, value: Any) -> Any:
    if value is None:
        raise Unfit
    return make(value)


def _listed(make: Make, value: Any) -> Any:
    if value is None:
        return None
    return [make(item) for item in value] if type(value) is list else [make(value)]


def _never(_value: object) -> bool:
    return False


def _leaf(same: Callable[[object], bool], coerce: Make, value: Any) -> Any:
    if value is None or same(value):
        return value
    try:
        coerced = coerce(value)
    except Exception as error:  # as graphql-core, which takes any exception for a refusal
        raise Unfit from error
    if coerced is Undefined:
        raise Unfit
    return coerced


def _object(out: Make, fields: Fields, value: Any) -> Any:
    if value is None:
        return None
    if type(value) is not dict or not fields.keys() >= value.keys():
        raise Unfit
    coerced: dict[str, Any] = {}
    for name, (inside, make, default, required) in fields.items():
        if name in value:
            coerced[inside] = make(value[name])
        elif required:
            raise Unfit
        elif default is not Undefined:
            coerced[inside] = default
    try:
        return out(coerced)
    except Exception as error:
        raise Unfit from error


def conversions(schema: Schema, arguments: Sequence[StrawberryArgument]) -> list[tuple[str, str, Make]] | None:
    """Return each argument's name, its name in Python and what makes Python's value of it, as Strawberry does.

    None: one of them has an unusual type.
    """
    named = schema.config.name_converter.from_argument
    try:
        return [(named(each), each.python_name, _conversion(schema, each.type, ())) for each in arguments]
    except _Unusual:
        return None


def _conversion(schema: Schema, type_: Any, around: tuple[type, ...]) -> Make:
    if isinstance(type_, StrawberryMaybe):
        raise _Unusual
    if isinstance(type_, StrawberryOptional):
        return _conversion(schema, type_.of_type, around)
    if isinstance(type_, LazyType):
        return _conversion(schema, type_.resolve_type(), around)
    if isinstance(type_, StrawberryList):
        return partial(_list_of, _conversion(schema, type_.of_type, around))
    if type_ is not GlobalID and is_scalar(type_, schema.schema_converter.scalar_registry):
        return _as_it_is
    if isinstance(type_, StrawberryEnumDefinition) or has_enum_definition(type_):
        return _as_it_is
    made = _input(schema, type_, around) if has_object_definition(type_) and type_ not in around else None
    if made is None:
        raise _Unusual
    return made


def _as_it_is(value: Any) -> Any:
    return value


def _list_of(make: Make, value: Any) -> Any:
    if value is None or value is UNSET:
        return value
    return list(value) if make is _as_it_is else [make(item) for item in value]


@lru_cache(TYPES)
def _input(schema: Schema, type_: Any, around: tuple[type, ...]) -> Make | None:
    """Return what makes an object of an input type, None for an unusual one."""
    definition: StrawberryObjectDefinition = type_.__strawberry_definition__
    if definition.from_input is not None or not definition.is_input:
        return None
    absent = {
        field.python_name: None
        for field in definition.fields
        if field.default_value is MISSING and field.default_factory is MISSING
    }
    try:
        fields = {
            schema.config.name_converter.from_field(field): (
                field.python_name,
                _conversion(schema, field.resolve_type(type_definition=definition), (*around, type_)),
            )
            for field in definition.fields
        }
    except _Unusual:
        return None
    return partial(_built, type_, absent, fields)


def _built(type_: Any, absent: Mapping[str, None], fields: Mapping[str, tuple[str, Make]], value: Any) -> Any:
    if value is None or value is UNSET:
        return value
    given = dict(absent)
    for name, item in value.items():
        attribute, make = fields[name]
        given[attribute] = item if item is None or make is _as_it_is else make(item)
    return type_(**given)
