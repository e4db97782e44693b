"""Root fields with a bucket of their own: which ones an operation uses, and for which values."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    StringValueNode,
    ValueNode,
    VariableNode,
)

from tessera.engine.directives import Limited, declared

CALLER = "caller"
PEER = "peer"

LimitedFields = Mapping[tuple[OperationType, str], Limited]
"""The fields with a bucket of their own, by the kind of operation and the field's name."""


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a limited field in an operation."""

    limited: Limited
    node: FieldNode
    operation: OperationDefinitionNode

    def value(self, argument: str, variables: Mapping[str, Any]) -> str | None:
        """Return a string argument's value, given or by a variable; None when it has none."""
        given: ValueNode | None = next(
            (each.value for each in self.node.arguments or () if each.name.value == argument), None
        )
        if isinstance(given, VariableNode):
            name = given.name.value
            if name in variables:
                value = variables[name]
                return value if isinstance(value, str) else None
            given = next(
                (
                    each.default_value
                    for each in self.operation.variable_definitions or ()
                    if each.variable.name.value == name
                ),
                None,
            )
        return given.value if isinstance(given, StringValueNode) else None


def limited_in(schema: GraphQLSchema) -> LimitedFields:
    """Collect what the root fields' @limited directives say, once.

    Raises `ValueError` for one on another type's field, and for one that names what is no argument.
    """
    roots = {root.name: (kind, root) for kind in OperationType if (root := schema.get_root_type(kind)) is not None}
    found: dict[tuple[OperationType, str], Limited] = {}
    for type_name, field_name, directive in declared(schema):
        if not isinstance(directive, Limited):
            continue
        if type_name not in roots:
            raise ValueError(f"{type_name}.{field_name} is no root field and cannot be limited.")
        kind, root = roots[type_name]
        for name in directive.by:
            if name not in {CALLER, PEER, *root.fields[field_name].args}:
                raise ValueError(f"{type_name}.{field_name} is limited by {name}, which is none of its arguments.")
        found[kind, field_name] = directive
    return found


def uses(limited: LimitedFields, document: DocumentNode, operation: OperationDefinitionNode) -> tuple[Use, ...]:
    """Return the limited fields an operation selects, each response name once; what @skip leaves out counts too."""
    if not limited:
        return ()
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    found: dict[str, Use] = {}
    for node in _fields(operation.selection_set, fragments):
        directive = limited.get((operation.operation, node.name.value))
        if directive is not None:
            found[(node.alias or node.name).value] = Use(directive, node, operation)
    return tuple(found.values())


def _fields(selection_set: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode], /) -> Iterator[FieldNode]:
    """Yield the fields of the first level, through fragments, each fragment once, without recursion."""
    waiting, seen = [selection_set], set[str]()
    while waiting:
        for node in waiting.pop().selections:
            if isinstance(node, FieldNode):
                yield node
            elif isinstance(node, InlineFragmentNode):
                waiting.append(node.selection_set)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in seen:
                seen.add(node.name.value)
                if (fragment := fragments.get(node.name.value)) is not None:
                    waiting.append(fragment.selection_set)
