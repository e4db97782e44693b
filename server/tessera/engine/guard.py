"""Measure an operation in one linear pass and refuse it when it is too deep, too wide or too dear."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLArgument,
    GraphQLError,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
)

PAGE_MAXIMUM = 100
"""What `first` and `last` may ask for at most; also the size assumed while a variable's value is unknown."""

NESTING_MAXIMUM = 100
"""Selection sets inside each other, inline fragments included, beyond which measuring stops and refuses."""

CEILING = 1_000_000_000
"""Measures are cut off here: nested fragments can describe numbers that take megabytes to write down."""

PAGE_ARGUMENTS = ("first", "last")

Weights = Callable[[str, str], tuple[int | None, int | None]]
"""`(type name, field name) -> (weight, assumed list size)`; None means 0 for a leaf, 1 for an object; one item."""


@dataclass(frozen=True)
class Limits:
    """The largest operation the server runs; `cost` is in points, the others are counts."""

    depth: int = 12
    aliases: int = 30
    root_fields: int = 20
    directives: int = 50
    repeats: int = 50
    cost: int = 5000


@dataclass(frozen=True, slots=True)
class Measure:
    """The size of a selection set, everything its fragments bring included.

    `repeats` is the most often one response name is selected in one selection set. `per_item` is the
    part of the cost that is paid once for every item of the page the selection belongs to.
    """

    depth: int = 0
    aliases: int = 0
    directives: int = 0
    root_fields: int = 0
    repeats: int = 0
    cost: int = 0
    per_item: int = 0


class TooDeep(Exception):
    """The document nests deeper than anything could be allowed to."""


def default_weights(_type_name: str, _field_name: str) -> tuple[int | None, int | None]:
    """Weigh every field by its kind."""
    return None, None


class Guard:
    """Holds operations to the limits.

    Each fragment is measured once per operation, so the time is linear in the document's length.
    Works on documents that were not validated: unknown fields and fragments count, and cost nothing.
    """

    def __init__(self, schema: GraphQLSchema, limits: Limits | None = None, weights: Weights = default_weights) -> None:
        self.schema = schema
        self.limits = limits or Limits()
        self.weights = weights

    def measure(
        self,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        variables: Mapping[str, Any] | None = None,
    ) -> Measure:
        """Return the operation's size; raise TooDeep beyond NESTING_MAXIMUM."""
        measuring = _Measuring(self.schema, self.weights, document, operation, variables or {})
        found = measuring.selection(operation.selection_set, self.schema.get_root_type(operation.operation), 0)
        own = len(operation.directives or ())
        return replace(found, directives=found.directives + own, cost=min(found.cost + found.per_item, CEILING))

    def check(
        self,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        variables: Mapping[str, Any] | None = None,
    ) -> tuple[int, list[GraphQLError]]:
        """Return the cost, and one LIMIT_EXCEEDED error for every limit the operation breaks; none: it may run.

        `variables` are the raw values of the request; they matter only where one stands for `first` or `last`.
        """
        try:
            found = self.measure(document, operation, variables)
        except TooDeep:
            return CEILING, [limit_error("depth", NESTING_MAXIMUM, self.limits.depth, operation)]
        return found.cost, [
            limit_error(name, actual, maximum, operation)
            for name, maximum in vars(self.limits).items()
            if (actual := getattr(found, name)) > maximum
        ]


def limit_error(name: str, actual: int | None, maximum: int, operation: OperationDefinitionNode | None) -> GraphQLError:
    """Make the error that names the limit, the measured value (None: not measured to its end) and the maximum."""
    label = name.replace("_", " ").capitalize()
    found = f"{label} is {actual}" if actual is not None else f"There are too many {label.lower()}"
    return GraphQLError(
        f"{found}; the limit is {maximum}.",
        operation,
        extensions={"code": "LIMIT_EXCEEDED", "limit": name, "actual": actual, "maximum": maximum},
    )


def page_variables(document: DocumentNode) -> frozenset[str]:
    """Name the variables whose values decide the cost, because they stand for `first` or `last` somewhere."""
    names: set[str] = set()
    pending: list[SelectionSetNode] = [
        definition.selection_set
        for definition in document.definitions
        if isinstance(definition, (OperationDefinitionNode, FragmentDefinitionNode))
    ]
    while pending:
        for node in pending.pop().selections:
            if isinstance(node, FieldNode):
                names.update(
                    argument.value.name.value
                    for argument in node.arguments or ()
                    if argument.name.value in PAGE_ARGUMENTS and isinstance(argument.value, VariableNode)
                )
            if isinstance(node, (FieldNode, InlineFragmentNode)) and node.selection_set is not None:
                pending.append(node.selection_set)
    return frozenset(names)


class _Measuring:
    """One pass over one operation."""

    def __init__(
        self,
        schema: GraphQLSchema,
        weights: Weights,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        variables: Mapping[str, Any],
    ) -> None:
        self.schema = schema
        self.weights = weights
        self.fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        defaults = {
            node.variable.name.value: node.default_value
            for node in operation.variable_definitions or ()
            if node.default_value is not None
        }
        self.defaults: Mapping[str, ValueNode] = defaults
        self.variables = variables
        self.measured: dict[str, Measure] = {}
        self.open: set[str] = set()

    def selection(self, selected: SelectionSetNode, parent: GraphQLNamedType | None, nesting: int) -> Measure:
        """Measure one selection set of the type `parent` (None: unknown to the schema)."""
        if nesting > NESTING_MAXIMUM:
            raise TooDeep
        depth = aliases = directives = fields = repeats = cost = per_item = 0
        names: dict[str, int] = {}
        for node in selected.selections:
            directives += len(node.directives or ())
            if isinstance(node, FieldNode):
                found = self.field(node, parent, nesting)
                name = (node.alias or node.name).value
                names[name] = names.get(name, 0) + 1
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                inside = parent if condition is None else self.schema.get_type(condition.name.value)
                found = self.selection(node.selection_set, inside, nesting + 1)
            elif isinstance(node, FragmentSpreadNode):
                found = self.spread(node.name.value, nesting)
            else:
                continue
            depth = max(depth, found.depth)
            repeats = max(repeats, found.repeats)
            aliases = min(aliases + found.aliases, CEILING)
            directives = min(directives + found.directives, CEILING)
            fields = min(fields + found.root_fields, CEILING)
            cost = min(cost + found.cost, CEILING)
            per_item = min(per_item + found.per_item, CEILING)
        repeats = max(repeats, *names.values(), 0)
        return Measure(depth, aliases, directives, fields, repeats, cost, per_item)

    def spread(self, name: str, nesting: int) -> Measure:
        """Measure a fragment, once; an unknown one and a circle are validation's to report."""
        fragment = self.fragments.get(name)
        if fragment is None or name in self.open:
            return Measure()
        if name not in self.measured:
            self.open.add(name)
            parent = self.schema.get_type(fragment.type_condition.name.value)
            found = self.selection(fragment.selection_set, parent, nesting + 1)
            self.measured[name] = replace(found, directives=found.directives + len(fragment.directives or ()))
            self.open.discard(name)
        return self.measured[name]

    def field(self, node: FieldNode, parent: GraphQLNamedType | None, nesting: int) -> Measure:
        """Measure a field with everything below it; introspection is free, its depth has its own rule."""
        name = node.name.value
        inside = Measure(depth=-1)
        fields = parent.fields if isinstance(parent, (GraphQLObjectType, GraphQLInterfaceType)) else {}
        definition = fields.get(name)
        if node.selection_set is not None:
            below = get_named_type(definition.type) if definition is not None else None
            inside = self.selection(node.selection_set, below, nesting + 1)
        aliases = inside.aliases + (node.alias is not None)
        if name.startswith("__"):
            return Measure(0, aliases, inside.directives, 1, inside.repeats)
        cost, per_item = self.price(node, parent, definition, inside) if definition is not None and parent else (0, 0)
        return Measure(inside.depth + 1, aliases, inside.directives, 1, inside.repeats, cost, per_item)

    def price(
        self, node: FieldNode, parent: GraphQLNamedType, definition: GraphQLField, inside: Measure
    ) -> tuple[int, int]:
        """Return what the field costs once, and what it costs per item of the page around it."""
        given, assumed = self.weights(parent.name, node.name.value)
        usual = 0 if is_leaf_type(get_named_type(definition.type)) else 1
        weight = usual if given is None else given
        page = self.page_size(node, definition)
        if not isinstance(get_nullable_type(definition.type), GraphQLList):
            size = page if page is not None else assumed if assumed is not None else 1
            return weight + inside.cost + size * inside.per_item, 0
        each = weight + inside.cost + inside.per_item
        items = page if page is not None else assumed
        return (0, each) if items is None else (items * each, 0)

    def page_size(self, node: FieldNode, definition: GraphQLField) -> int | None:
        """Return how many items the field asks for, by its arguments or their defaults; None: it has neither."""
        asked = [
            self.integer(argument.value) for argument in node.arguments or () if argument.name.value in PAGE_ARGUMENTS
        ]
        if asked:
            return max(asked)
        arguments = [definition.args[name] for name in PAGE_ARGUMENTS if name in definition.args]
        presets = [size for argument in arguments if (size := _default(argument)) is not None]
        return max(presets, default=PAGE_MAXIMUM) if arguments else None

    def integer(self, value: ValueNode | None) -> int:
        """Read a page size out of a literal or a variable; whatever is not known counts as the maximum."""
        if isinstance(value, VariableNode):
            name = value.name.value
            if name not in self.variables:
                return self.integer(self.defaults.get(name))
            given = self.variables[name]
            return _bounded(given) if isinstance(given, int) and not isinstance(given, bool) else PAGE_MAXIMUM
        return _bounded(int(value.value)) if isinstance(value, IntValueNode) else PAGE_MAXIMUM


def _bounded(size: int) -> int:
    """Keep a page size between one and the maximum: outside, the resolver refuses it."""
    return max(1, min(size, PAGE_MAXIMUM))


def _default(argument: GraphQLArgument) -> int | None:
    """Return an argument's default page size, if the schema has one."""
    preset = argument.default_value
    if argument.default is not None:
        literal = argument.default.literal
        preset = int(literal.value) if isinstance(literal, IntValueNode) else argument.default.value
    return _bounded(preset) if isinstance(preset, int) else None
