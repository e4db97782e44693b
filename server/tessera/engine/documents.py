"""Turn a request's text into one parsed, validated and guarded operation, and remember the work."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
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

    `digest` is the SHA-256 of the document's text.
    """

    digest: bytes
    document: DocumentNode
    operation: OperationDefinitionNode

    @property
    def kind(self) -> OperationType:
        """Query, mutation or subscription."""
        return self.operation.operation

    @property
    def name(self) -> str | None:
        """The operation's name, if it has one."""
        return self.operation.name.value if self.operation.name is not None else None


@dataclass
class _Document:
    """A document that passed validation, and what was learned about its operations."""

    digest: bytes
    length: int
    parsed: DocumentNode
    page_variables: tuple[str, ...]
    operations: dict[str | None, Prepared] = field(default_factory=dict)
    allowed: dict[str | None, set[tuple[object, ...]]] = field(default_factory=dict)


class Documents:
    """Parses, guards and validates; remembers the valid documents used last, by digest."""

    def __init__(self, schema: GraphQLSchema, guard: Guard) -> None:
        self.schema = schema
        self.guard = guard
        self._known: OrderedDict[bytes, _Document] = OrderedDict()
        self._characters = 0

    def prepare(self, source: str, operation_name: str | None, variables: Mapping[str, Any]) -> Prepared:
        """Return the operation to run; raise Refused with the errors to show.

        Several operations without a name to choose by are refused, as the GraphQL specification (6.1) says.
        """
        digest = sha256(source.encode("utf-8", "surrogatepass")).digest()
        known = self._known.get(digest)
        if known is not None:
            self._known.move_to_end(digest)
            prepared = known.operations.get(operation_name) or self._choose(known, operation_name)
            self._guard(known, prepared, operation_name, variables)
            return prepared
        document = _Document(digest, len(source), parsed := self._parse(source), tuple(page_variables(parsed)))
        prepared = self._choose(document, operation_name)
        self._guard(document, prepared, operation_name, variables)
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
        operations = [node for node in document.parsed.definitions if isinstance(node, OperationDefinitionNode)]
        if name is not None:
            operations = [node for node in operations if node.name is not None and node.name.value == name]
        if len(operations) != 1:
            raise Refused([_resolution_failure(name, len(operations))])
        prepared = Prepared(document.digest, document.parsed, operations[0])
        document.operations[name] = prepared
        return prepared

    def _guard(self, document: _Document, prepared: Prepared, name: str | None, variables: Mapping[str, Any]) -> None:
        """Hold the operation to the limits; sizes that passed once are not measured again."""
        values = (variables.get(variable, ...) for variable in document.page_variables)
        sizes = tuple(value if isinstance(value, int) or value is ... else None for value in values)
        allowed = document.allowed.setdefault(name, set())
        if sizes in allowed:
            return
        if errors := self.guard.check(prepared.document, prepared.operation, variables):
            raise Refused(errors)
        if len(allowed) < REMEMBERED_SIZES:
            allowed.add(sizes)

    def _validate(self, document: DocumentNode) -> None:
        if errors := validate(self.schema, document, RULES):
            raise Refused([_coded(error, "GRAPHQL_VALIDATION_FAILED") for error in errors])

    def _remember(self, document: _Document) -> None:
        if document.length > REMEMBERED_LENGTH:
            return
        self._known[document.digest] = document
        self._characters += document.length
        while len(self._known) > REMEMBERED_DOCUMENTS or self._characters > REMEMBERED_CHARACTERS:
            _, forgotten = self._known.popitem(last=False)
            self._characters -= forgotten.length


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
