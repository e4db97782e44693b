"""Which package a definition of the API comes from, and the directive that says so in the SDL."""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from graphql import GraphQLNamedType, GraphQLSchema
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.base import StrawberryObjectDefinition, get_object_definition
from strawberry.types.enum import StrawberryEnumDefinition
from strawberry.types.scalar import ScalarDefinition
from strawberry.types.union import StrawberryUnion

from tessera.engine.directives import Package

BACKREF = GraphQLCoreConverter.DEFINITION_BACKREF


class Owners:
    """Knows the packages by their import names: `labels` gives the label of each."""

    def __init__(self, labels: Mapping[str, str]) -> None:
        self._labels = labels

    def of_module(self, name: str) -> str | None:
        """Return the label of the package a module belongs to, None for the kernel's."""
        return self._labels.get(name.partition(".")[0])

    def of_type(self, type_: GraphQLNamedType) -> str | None:
        """Return the label of the package a type comes from; a list of a package's things is the package's."""
        labels = (self.of_module(origin.__module__) for origin in _origins(type_.extensions.get(BACKREF)))
        return next((label for label in labels if label is not None), None)

    def mark(self, schema: GraphQLSchema) -> None:
        """Note on each of a package's types where it comes from; fields are marked where they are added."""
        for type_ in schema.type_map.values():
            label, definition = self.of_type(type_), type_.extensions.get(BACKREF)
            if label is not None and dataclasses.is_dataclass(definition):
                directives = [Package(name=label), *(getattr(definition, "directives", None) or ())]
                own = dataclasses.replace(definition, directives=directives)  # type: ignore[type-var]  # an instance
                type_.extensions = {**type_.extensions, BACKREF: own}


def _origins(definition: Any) -> Iterator[type]:
    """Yield the class behind a definition and those it is made for."""
    match definition:
        case StrawberryObjectDefinition():
            yield definition.origin
            for argument in definition.type_var_map.values():
                yield from _origins(get_object_definition(argument) or argument)
        case StrawberryEnumDefinition():
            yield definition.wrapped_cls
        case ScalarDefinition() | StrawberryUnion():
            return
        case type():
            yield definition
