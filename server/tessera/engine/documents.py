"""Turn a request's text into one parsed, validated and guarded operation, and remember the work."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from types import MappingProxyType
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    OperationType,
    parse,
    specified_rules,
    validate,
)
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from tessera.engine.guard import Guard, limit_error, page_variables
from tessera.engine.limited import LimitedFields, Use, uses

TOKEN_MAXIMUM = 2000
"""Tokens a document may have, and comments beside them."""

REMEMBERED_DOCUMENTS = 500
REMEMBERED_CHARACTERS = 500_000
"""How much the memory of documents holds; a syntax tree takes about a hundred times its text."""

REMEMBERED_LENGTH = 20_000
"""Longer documents carry their values inside and never come twice."""

REMEMBERED_SIZES = 50
"""Combinations of page sizes remembered as allowed, for each operation."""

RULES = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule)


class Refused(Exception):
    """The request is answered with errors alone, because its operation was never executed."""

    def __init__(self, errors: Sequence[GraphQLError]) -> None:
        self.errors = tuple(errors)
        super().__init__(*(error.message for error in errors))


@dataclass(frozen=True)
class Prepared:
    """One operation of a valid document; the same object comes back for the same text and operation name.

    `digest` is the SHA-256 of the document's text, `limited` the fields it uses that have a bucket of their own.
    `memory` keeps what was worked out for the operation.
    """

    digest: bytes
    document: DocumentNode
    operation: OperationDefinitionNode
    limited: tuple[Use, ...] = field(default=(), compare=False)
    _page_variables: tuple[str, ...] = ()
    _costs: dict[tuple[object, ...], int] = field(default_factory=dict, compare=False, repr=False)
    memory: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)

    def cost(self, variables: Mapping[str, Any]) -> int | None:
        """Return the points the guard counted for these variables, the last it saw; None: it did not see them."""
        return self._costs.get(self._sizes(variables))

    def note_cost(self, variables: Mapping[str, Any], cost: int) -> None:
        """Remember a cost; the oldest of too many combinations of page sizes is forgotten."""
        self._costs[self._sizes(variables)] = cost
        if len(self._costs) > REMEMBERED_SIZES:
            del self._costs[next(iter(self._costs))]

    def _sizes(self, variables: Mapping[str, Any]) -> tuple[object, ...]:
        if not self._page_variables:
            return ()
        values = (variables.get(variable, ...) for variable in self._page_variables)
        return tuple(value if isinstance(value, int) or value is ... else None for value in values)

    @cached_property
    def kind(self) -> OperationType:
        """Query, mutation or subscription."""
        return self.operation.operation

    @cached_property
    def verb(self) -> str:
        """What its kind is called: `query`, `mutation` or `subscription`."""
        return str(self.kind.value)

    @property
    def name(self) -> str | None:
        """The operation's name, if it has one."""
        return self.operation.name.value if self.operation.name is not None else None


@dataclass
class _Document:
    """A document that passed validation, and what was learned about its operations."""

    source: str
    digest: bytes
    parsed: DocumentNode
    page_variables: tuple[str, ...]
    operations: dict[str | None, Prepared] = field(default_factory=dict)


class Documents:
    """Parses, guards and validates; remembers the valid documents used last, by their texts."""

    def __init__(self, schema: GraphQLSchema, guard: Guard, limited: LimitedFields = MappingProxyType({})) -> None:
        self.schema = schema
        self.guard = guard
        self.limited = limited
        self._known: OrderedDict[str, _Document] = OrderedDict()
        self._characters = 0

    def remembers(self, source: str) -> bool:
        """Say whether `prepare` would find its work done."""
        return source in self._known

    @property
    def remembered(self) -> int:
        """How many documents are remembered."""
        return len(self._known)

    def examine(self, source: str) -> None:
        """Raise Refused when no values of variables could make every operation of a document run."""
        parsed = self._parse(source)
        smallest = dict.fromkeys(page_variables(parsed), 1)
        operations = _operations(parsed)
        if not operations:
            raise Refused([_resolution_failure(None, 0)])
        for operation in operations:
            _, errors = self.guard.check(parsed, operation, smallest)
            if errors:
                raise Refused(errors)
        self._validate(parsed)

    def prepare(self, source: str, operation_name: str | None, variables: Mapping[str, Any]) -> Prepared:
        """Return the operation to run; raise Refused with the errors to show.

        Several operations without a name to choose by are refused, as the GraphQL specification (6.1) says.
        """
        known = self._known.get(source)
        if known is not None:
            self._known.move_to_end(source)
            prepared = known.operations.get(operation_name) or self._choose(known, operation_name)
            self._guard(prepared, variables)
            return prepared
        parsed = self._parse(source)
        document = _Document(source, digest_of(source), parsed, tuple(page_variables(parsed)))
        prepared = self._choose(document, operation_name)
        self._guard(prepared, variables)
        self._validate(parsed)
        self._remember(document)
        return prepared

    def _parse(self, source: str) -> DocumentNode:
        try:
            return parse(source, max_lexical_tokens=TOKEN_MAXIMUM, max_comments=TOKEN_MAXIMUM)
        except GraphQLSyntaxError as error:
            if error.description.startswith("Document contains more than"):
                raise Refused([limit_error("tokens", None, TOKEN_MAXIMUM, None)]) from None
            raise Refused([_coded(error, "GRAPHQL_PARSE_FAILED")]) from None

    def _choose(self, document: _Document, name: str | None) -> Prepared:
        operations = _operations(document.parsed)
        if name is not None:
            operations = [node for node in operations if node.name is not None and node.name.value == name]
        if len(operations) != 1:
            raise Refused([_resolution_failure(name, len(operations))])
        used = uses(self.limited, document.parsed, operations[0])
        prepared = Prepared(document.digest, document.parsed, operations[0], used, document.page_variables)
        document.operations[name] = prepared
        return prepared

    def _guard(self, prepared: Prepared, variables: Mapping[str, Any]) -> None:
        """Hold the operation to the limits; sizes that passed once are not measured again."""
        if prepared.cost(variables) is not None:
            return
        cost, errors = self.guard.check(prepared.document, prepared.operation, variables)
        if errors:
            raise Refused(errors)
        prepared.note_cost(variables, cost)

    def _validate(self, document: DocumentNode) -> None:
        if errors := validate(self.schema, document, RULES):
            raise Refused([_coded(error, "GRAPHQL_VALIDATION_FAILED") for error in errors])

    def _remember(self, document: _Document) -> None:
        if len(document.source) > REMEMBERED_LENGTH:
            return
        self._known[document.source] = document
        self._characters += len(document.source)
        while len(self._known) > REMEMBERED_DOCUMENTS or self._characters > REMEMBERED_CHARACTERS:
            forgotten, _ = self._known.popitem(last=False)
            self._characters -= len(forgotten)


def digest_of(source: str) -> bytes:
    """Return the SHA-256 of a document's text."""
    return sha256(source.encode("utf-8", "surrogatepass")).digest()


def _operations(document: DocumentNode) -> list[OperationDefinitionNode]:
    return [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]


def _coded(error: GraphQLError, code: str) -> GraphQLError:
    """Give a request error its code, unless it brought one."""
    error.extensions = {"code": code, **(error.extensions or {})}
    return error


def _resolution_failure(name: str | None, found: int) -> GraphQLError:
    """Say why no single operation could be chosen."""
    if name is not None:
        message = f"Unknown operation named '{name}'." if found == 0 else f"Several operations are named '{name}'."
    elif found == 0:
        message = "The document has no operation."
    else:
        message = "The document has several operations: say which one by operationName."
    return GraphQLError(message, extensions={"code": "OPERATION_RESOLUTION_FAILURE"})
