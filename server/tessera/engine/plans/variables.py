"""Variables and arguments: coerced as graphql-core does, but only once for values that were seen before."""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar, cast

import orjson
from graphql import (
    ArgumentNode,
    FieldNode,
    GraphQLError,
    GraphQLField,
    GraphQLInputType,
    GraphQLNonNull,
    GraphQLSchema,
    ListValueNode,
    NamedTypeNode,
    NonNullTypeNode,
    ObjectValueNode,
    OperationDefinitionNode,
    OperationType,
    ValueNode,
    VariableDefinitionNode,
    VariableNode,
    type_from_ast,
)
from graphql.execution.values import VariableValues, get_argument_values, get_variable_values
from strawberry import Schema
from strawberry.types.arguments import StrawberryArgument, convert_arguments

from tessera.engine.plans.inputs import Make, Unfit, coercion, conversions
from tessera.engine.plans.selection import Declined
from tessera.engine.sources import declaration_of

ValueT = TypeVar("ValueT")

REMEMBERED = 200
"""Different values of a document's variables, or of one field's arguments, that are kept."""

REMEMBERED_LENGTH = 4_000
"""Longer values never come twice."""

NO_VALUES = VariableValues({}, {})

_PLAIN = frozenset({"Int", "String", "ID", "Boolean"})
"""Types whose JSON values mean themselves."""


class Remembered(Generic[ValueT]):
    """What was made of the JSON values seen lately."""

    def __init__(self) -> None:
        self._known: OrderedDict[bytes, ValueT] = OrderedDict()

    def get(self, given: Any, make: Callable[[], ValueT]) -> ValueT:
        """Return what is known of a value, else make it."""
        key = orjson.dumps(given, option=orjson.OPT_SORT_KEYS)
        known = self._known.get(key)
        if known is None:
            known = make()
            if len(key) <= REMEMBERED_LENGTH:
                self._known[key] = known
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return known


class Variables:
    """The variables of one operation."""

    def __init__(self, schema: GraphQLSchema, operation: OperationDefinitionNode) -> None:
        self._schema = schema
        self._definitions = tuple(operation.variable_definitions or ())
        self.remembers = operation.operation is OperationType.QUERY
        """Whether values are kept: what a mutation takes comes once, and may be a secret."""
        self._plain = [_plain(schema, each, inputs=not self.remembers) for each in self._definitions]
        self._known: Remembered[VariableValues] = Remembered()

    @property
    def plain_names(self) -> frozenset[str]:
        """The variables whose values need no coercion."""
        return frozenset(each[0] for each in self._plain if each is not None)

    @property
    def required_names(self) -> frozenset[str]:
        """Those of them that are never null."""
        return frozenset(each[0] for each in self._plain if each is not None and each[2])

    def coerced(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the values by name; absent ones are left out.

        Raises `Declined` for values graphql-core would refuse.
        """
        values: dict[str, Any] = {}
        for each in self._plain:
            if each is None:
                return self.sourced(given).coerced
            name, make, required = each
            if name in given:
                try:
                    values[name] = make(given[name])
                except Unfit:
                    return self.sourced(given).coerced
            elif required:
                raise Declined("a variable without a value")
        return values

    def sourced(self, given: Mapping[str, Any]) -> VariableValues:
        """Return the values as graphql-core coerces them; raises `Declined` for what it refuses."""
        return self._known.get(given, lambda: self._sourced(given)) if self.remembers else self._sourced(given)

    def _sourced(self, given: Mapping[str, Any]) -> VariableValues:
        found = get_variable_values(self._schema, self._definitions, dict(given))
        if isinstance(found, list):
            raise Declined("a variable's value does not fit")
        return found


def _plain(schema: GraphQLSchema, definition: VariableDefinitionNode, *, inputs: bool) -> tuple[str, Make, bool] | None:
    """Return a variable's name, what coerces its value, and whether it must be given.

    None: graphql-core coerces it; `inputs` says whether only what is unusual is left to it.
    """
    type_ = definition.type
    required = isinstance(type_, NonNullTypeNode)
    inner = type_.type if isinstance(type_, NonNullTypeNode) else type_
    simple = isinstance(inner, NamedTypeNode) and inner.name.value in _PLAIN
    if definition.default_value is not None or not (simple or inputs):
        return None
    make = coercion(cast("GraphQLInputType", type_from_ast(schema, type_)))
    return None if make is None else (definition.variable.name.value, make, required)


class Arguments:
    """The arguments of one field in one document, as its function takes them."""

    def __init__(self, schema: Schema, field: GraphQLField, node: FieldNode, variables: Variables) -> None:
        declared = declaration_of(field)
        self._schema = schema
        self._field = field
        self._node = node
        self._variables = variables
        self._declared: list[StrawberryArgument] = declared.arguments if declared is not None else []
        self._names = sorted(_variables_in(node.arguments or ()))
        self._conversions = conversions(schema, self._declared)
        self._known: Remembered[dict[str, Any]] = Remembered()
        # a mutation may note something in its input: it gets a new one each time
        is_constant = not self._names and variables.remembers
        self.constant = self._converted(field, node, NO_VALUES) if is_constant else None
        self._direct = self._directly() if self._names and variables.remembers else None

    def of(self, values: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
        """Return the keyword arguments for coerced and raw variables; not to be changed.

        Raises `Declined` for values graphql-core would refuse.
        """
        if self.constant is not None:
            return self.constant
        if self._direct is not None and all(name in values for name in self._names):
            constant, pairs = self._direct
            return {**constant, **{argument: values[name] for argument, name in pairs}}
        if not self._variables.remembers:
            return self._converted(self._field, self._node, VariableValues({}, dict(values)))
        key = [(name, given[name]) for name in self._names if name in given]
        return self._known.get(key, lambda: self._converted(self._field, self._node, self._variables.sourced(given)))

    def _converted(self, field: GraphQLField, node: FieldNode, values: VariableValues) -> dict[str, Any]:
        try:
            given = get_argument_values(field, node, values)
        except GraphQLError as error:
            raise Declined("an argument's value does not fit") from error
        if self._conversions is not None:
            return {python: make(given[name]) for name, python, make in self._conversions if name in given}
        converter = self._schema.schema_converter
        return convert_arguments(given, self._declared, converter.scalar_registry, self._schema.config)

    def _directly(self) -> tuple[dict[str, Any], list[tuple[str, str]]] | None:
        """Split arguments that are plain variables from constant ones; None when one is neither."""
        nodes = {argument.name.value: argument for argument in self._node.arguments or ()}
        direct = {name: node.value.name.value for name, node in nodes.items() if isinstance(node.value, VariableNode)}
        if not self._variables.plain_names.issuperset(self._names) or len(direct) != len(
            [name for name, node in nodes.items() if _variables_in([node])]
        ):
            return None
        needed = {
            variable for name, variable in direct.items() if isinstance(self._field.args[name].type, GraphQLNonNull)
        }
        if not self._variables.required_names.issuperset(needed):
            return None
        rest = GraphQLField(
            self._field.type, args={name: each for name, each in self._field.args.items() if name not in direct}
        )
        node = FieldNode(
            name=self._node.name, arguments=tuple(each for name, each in nodes.items() if name not in direct)
        )
        named = {self._schema.config.name_converter.from_argument(each): each.python_name for each in self._declared}
        return self._converted(rest, node, NO_VALUES), [(named[name], variable) for name, variable in direct.items()]


def _variables_in(arguments: Sequence[ArgumentNode]) -> set[str]:
    names: set[str] = set()
    pending: list[ValueNode] = [argument.value for argument in arguments]
    while pending:
        value = pending.pop()
        if isinstance(value, VariableNode):
            names.add(value.name.value)
        elif isinstance(value, ListValueNode):
            pending.extend(value.values)
        elif isinstance(value, ObjectValueNode):
            pending.extend(field.value for field in value.fields)
    return names
