"""The functions that make input values say, for every argument of the schema, what graphql-core and Strawberry say."""

import functools
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    Undefined,
    get_named_type,
    get_nullable_type,
)
from graphql.utilities import coerce_input_value
from hypothesis import given, settings
from hypothesis import strategies as st
from strawberry.types.arguments import convert_arguments

from tessera.engine.plans.inputs import Unfit, coercion, conversions
from tessera.engine.sources import declaration_of
from tests.beside import EVERYTHING
from tests.engine.values import INSTANTS, MISFITS, WRONG_INSTANTS

UNUSUAL = {"TicketFilter", "RoleCreateInput"}
"""The one holds itself; the other has a list for a default."""

ANYTHING = st.sampled_from((*MISFITS, None, "", "x", *INSTANTS, *WRONG_INSTANTS, 0, -1.0, 2**31, -(2**31), [None], {}))


@functools.cache
def _fields() -> dict[str, GraphQLField]:
    """Return every field with arguments by its name."""
    types = EVERYTHING.schema._schema.type_map.values()
    return {
        f"{type_.name}.{name}": field
        for type_ in types
        if isinstance(type_, GraphQLObjectType)
        for name, field in type_.fields.items()
        if field.args and declaration_of(field) is not None
    }


@functools.cache
def _values(type_: GraphQLInputType) -> st.SearchStrategy[Any]:
    """Return JSON values for a type, most of them right."""
    inner: Any = get_nullable_type(type_)
    if isinstance(inner, GraphQLList):
        right = st.lists(_values(inner.of_type), max_size=2) | _values(inner.of_type)
    elif isinstance(inner, GraphQLEnumType):
        right = st.sampled_from(sorted(inner.values))
    elif isinstance(inner, GraphQLInputObjectType):
        right = st.deferred(lambda: _objects(inner))
    else:
        scalars = {"Int": st.integers(0, 9), "Boolean": st.booleans(), "DateTime": st.sampled_from(INSTANTS)}
        right = scalars.get(inner.name, st.text(max_size=3))
    mostly = [right] * 12 + [ANYTHING]
    return st.one_of(*mostly) if isinstance(type_, GraphQLNonNull) else st.one_of(*mostly, st.none())


def _objects(type_: GraphQLInputObjectType) -> st.SearchStrategy[Any]:
    needed = {name: _values(each.type) for name, each in type_.fields.items() if isinstance(each.type, GraphQLNonNull)}
    others = {name: _values(each.type) for name, each in type_.fields.items() if name not in needed}
    fixed = st.fixed_dictionaries(needed, optional=others)
    return st.one_of(*[fixed] * 9, fixed.map(lambda value: {**value, "odd": 1}))


@settings(max_examples=1_500, deadline=None)
@given(data=st.data())
def test_values_are_what_graphql_core_and_strawberry_make_of_them(data: st.DataObject) -> None:
    schema = EVERYTHING.schema
    field = _fields()[data.draw(st.sampled_from(sorted(_fields())), label="field")]
    coerced: dict[str, Any] = {}
    for key, argument in field.args.items():
        if data.draw(st.booleans(), label=f"with {key}"):
            value = data.draw(_values(argument.type), label=key)
            expected = _expected(value, argument.type)
            make = coercion(argument.type)
            if make is None:
                assert get_named_type(argument.type).name in UNUSUAL
            elif expected is Undefined:
                with pytest.raises(Unfit):
                    make(value)
            else:
                assert _same(make(value), expected)
            if expected is not Undefined:
                coerced[argument.out_name or key] = expected
    declared: Any = declaration_of(field)
    made = conversions(schema, declared.arguments)
    if made is None:
        assert any(get_named_type(argument.type).name in UNUSUAL for argument in field.args.values())
        return
    registry = schema.schema_converter.scalar_registry
    converted = convert_arguments(coerced, declared.arguments, registry, schema.config)
    found = {python: convert(coerced[key]) for key, python, convert in made if key in coerced}
    assert _same(found, converted)


def _expected(value: Any, type_: GraphQLInputType) -> Any:
    try:
        return coerce_input_value(value, type_)
    except Exception:  # noqa: BLE001 - a type's own check, which graphql-core lets through
        return Undefined


def _same(one: Any, other: Any) -> bool:
    """Tell whether values are equal and of the same types all the way down."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(_same, one, other))
    if hasattr(type(one), "__strawberry_definition__") and not hasattr(one, "value"):
        return _same(vars(one), vars(other))
    return bool(one == other)


def test_what_a_function_made_belongs_to_one_request() -> None:
    field = _fields()["Mutation.ticketCreate"]
    declared: Any = declaration_of(field)
    made = conversions(EVERYTHING.schema, declared.arguments)
    assert made is not None
    ((key, _, make),) = made
    given_tags = ["a"]
    value = {"title": "x", "queueId": "y", "tags": given_tags, "article": {}}
    first, second = make(value), make(value)
    assert key == "input"
    assert first is not second
    assert first.tags is not given_tags
    assert first.article is not second.article
