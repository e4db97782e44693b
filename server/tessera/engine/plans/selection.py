"""Selection sets as the specification's CollectFields sees them (6.3.2), for types known beforehand."""

from collections.abc import Iterable, Mapping
from typing import Any

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    is_abstract_type,
)

Fields = dict[str, list[FieldNode]]
"""The nodes of each response name, in the order in which the names occur."""


class Declined(Exception):
    """The document, or this request, is not for a compiled plan: graphql-core answers it.

    `field` (`Ticket.title`) is the innermost one that the compiler was at.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.field: str | None = None

    def at(self, field: str) -> "Declined":
        """Say where it was, unless that is known already."""
        self.field = self.field or field
        return self

    def __str__(self) -> str:
        return self.reason if self.field is None else f"{self.field}: {self.reason}"


class Selections:
    """The selection sets of one document, for one assignment of the variables behind @skip and @include."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any]) -> None:
        self._schema = schema
        self._variables = variables
        self._fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }

    def fields(self, parent: GraphQLObjectType, sets: Iterable[SelectionSetNode | None]) -> Fields:
        """Return the fields selected on an object of a type.

        Raises `Declined` for directives other than @skip and @include.
        """
        found: Fields = {}
        visited: set[str] = set()
        for each in sets:
            if each is not None:
                self._collect(parent, each, found, visited)
        return found

    def _collect(self, parent: GraphQLObjectType, selected: SelectionSetNode, found: Fields, visited: set[str]) -> None:
        for node in selected.selections:
            if not self._is_included(node):
                continue
            if isinstance(node, FieldNode):
                found.setdefault((node.alias or node.name).value, []).append(node)
            elif isinstance(node, InlineFragmentNode):
                if node.type_condition is None or self._applies(node.type_condition.name.value, parent):
                    self._collect(parent, node.selection_set, found, visited)
            elif isinstance(node, FragmentSpreadNode):
                self._spread(parent, node.name.value, found, visited)

    def _spread(self, parent: GraphQLObjectType, name: str, found: Fields, visited: set[str]) -> None:
        if name in visited:
            return
        visited.add(name)
        fragment = self._fragments[name]
        if fragment.directives or fragment.variable_definitions:
            raise Declined("a fragment with directives or variables")
        if self._applies(fragment.type_condition.name.value, parent):
            self._collect(parent, fragment.selection_set, found, visited)

    def _applies(self, condition: str, parent: GraphQLObjectType) -> bool:
        type_ = self._schema.get_type(condition)
        return type_ is parent or (is_abstract_type(type_) and self._schema.is_sub_type(type_, parent))

    def _is_included(self, node: SelectionNode) -> bool:
        for directive in node.directives or ():
            if directive.name.value not in {"skip", "include"}:
                raise Declined(f"@{directive.name.value}")
            if self._condition(directive) is (directive.name.value == "skip"):
                return False
        return True

    def _condition(self, directive: DirectiveNode) -> bool:
        value = (directive.arguments or ())[0].value
        if isinstance(value, BooleanValueNode):
            return value.value
        if isinstance(value, VariableNode) and isinstance(decided := self._variables.get(value.name.value), bool):
            return decided
        raise Declined("a condition without a value")


def deciding_variables(document: DocumentNode) -> tuple[str, ...]:
    """Name the variables that stand in @skip and @include somewhere in a document."""
    names: set[str] = set()
    pending: list[Any] = list(document.definitions)
    while pending:
        node = pending.pop()
        for directive in getattr(node, "directives", None) or ():
            if directive.name.value in {"skip", "include"}:
                for argument in directive.arguments or ():
                    if isinstance(argument.value, VariableNode):
                        names.add(argument.value.name.value)
        if (inner := getattr(node, "selection_set", None)) is not None:
            pending.extend(inner.selections)
    return tuple(sorted(names))
