"""What differs between two schemas, in words, and whose documents that breaks; pure, over SDL."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    build_schema,
    parse,
    validate,
)
from graphql.error import GraphQLError
from graphql.utilities import (
    BreakingChange,
    DangerousChange,
    DangerousChangeType,
    find_breaking_changes,
    find_dangerous_changes,
)

ALLOWED = frozenset({DangerousChangeType.OPTIONAL_INPUT_FIELD_ADDED, DangerousChangeType.OPTIONAL_ARG_ADDED})
"""Dangerous in general, but how packages add to the kernel's inputs."""


@dataclass(frozen=True)
class Compared:
    """What differs: each change as `criticality` and `message`, and the documents that do not fit any more."""

    changes: list[dict[str, str]]
    broken: list[str]


def compare(before: str, after: str, documents: Mapping[str, str]) -> Compared:
    """Compare two schemas: breaking changes first, then dangerous and safe ones.

    `documents` are texts by names; those that are valid before and not after are named, by their operations.
    """
    old, new = build_schema(before), build_schema(after)
    found = [
        *(("breaking", _worded(each)) for each in find_breaking_changes(old, new)),
        *(("dangerous", _worded(each)) for each in find_dangerous_changes(old, new)),
        *(("safe", message) for message in _added(old, new)),
    ]
    return Compared(
        [{"criticality": criticality, "message": message} for criticality, message in found],
        sorted(_named(name, text) for name, text in documents.items() if _fits(old, text) and not _fits(new, text)),
    )


def trespasses(kernel: str, whole: str) -> list[str]:
    """Return, in sentences, what packages changed of the kernel's schema instead of adding to it."""
    old, new = build_schema(kernel), build_schema(whole)
    found: list[BreakingChange | DangerousChange] = [
        *find_breaking_changes(old, new),
        *(each for each in find_dangerous_changes(old, new) if each.type not in ALLOWED),
    ]
    return [_worded(each) for each in found]


def _named(name: str, text: str) -> str:
    operations = [node for node in parse(text).definitions if isinstance(node, OperationDefinitionNode)]
    return ", ".join(node.name.value for node in operations if node.name) or name


def _fits(schema: GraphQLSchema, text: str) -> bool:
    try:
        return not validate(schema, parse(text))
    except GraphQLError:
        return False


def _worded(change: BreakingChange | DangerousChange) -> str:
    sentence = change.description.strip()
    return sentence if sentence.endswith(".") else f"{sentence}."


def _added(old: GraphQLSchema, new: GraphQLSchema) -> Iterator[str]:
    for name, type_ in sorted(new.type_map.items()):
        known = old.type_map.get(name)
        if known is None:
            yield f"Type '{name}' was added."
        elif isinstance(known, GraphQLObjectType | GraphQLInterfaceType):
            yield from _added_fields(name, known, type_)


def _added_fields(name: str, known: GraphQLObjectType | GraphQLInterfaceType, type_: Any) -> Iterator[str]:
    kind = "object type" if isinstance(known, GraphQLObjectType) else "interface"
    for field in getattr(type_, "fields", {}):
        if field not in known.fields:
            yield f"Field '{field}' was added to {kind} '{name}'."
