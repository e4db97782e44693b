"""The schema: strawberry's, plus the fields slices add to one another's types; its SDL and its hash."""

import copy
import hashlib
from collections.abc import Mapping, Sequence
from functools import cache, cached_property

import strawberry
from graphql import (
    GraphQLArgument,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    Undefined,
)
from strawberry.exceptions.exception import StrawberryException
from strawberry.printer import print_schema as print_with_directives
from strawberry.printer.printer import print_directive
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.name_converter import NameConverter
from strawberry.types.base import StrawberryObjectDefinition, get_object_definition
from strawberry.types.enum import StrawberryEnumDefinition
from strawberry.types.field import StrawberryField
from strawberry.types.scalar import ScalarDefinition
from strawberry.types.union import StrawberryUnion
from strawberry.utils.str_converters import to_camel_case
from typing_extensions import override

from tessera.assembly.additions import check_extensions, check_types
from tessera.assembly.checks import AssemblyError
from tessera.assembly.inputs import Inputs
from tessera.assembly.owners import Owners
from tessera.engine.directives import Package
from tessera.engine.roots import Mutation, Query, Subscription
from tessera.engine.scalars import SCALARS
from tessera.plugin import Extension


class _Names(NameConverter):
    """Strawberry's names, worked out once: it asks for each field of an input again with every mutation."""

    @override
    def apply_naming_config(self, name: str) -> str:
        return _in_camel_case(name)


_in_camel_case = cache(to_camel_case)


class Schema(strawberry.Schema):
    """A schema whose types take extra fields; the classes themselves are never changed.

    `extensions` are the declared ones, each with the name of the slice it comes from; `labels` are those of the
    packages, by import name. Raises `AssemblyError` when a field is taken or a type is unknown.
    """

    def __init__(self, extensions: Sequence[tuple[str, Extension]], labels: Mapping[str, str] | None = None) -> None:
        self.config = StrawberryConfig(scalar_map=SCALARS, name_converter=_Names())
        self._owners = Owners(labels or {})
        check_extensions(extensions, self._owners, self.config.name_converter.from_field)
        self._added: dict[type, list[StrawberryField]] = {}
        for owner, extension in extensions:
            fields = [self._marked(field, owner) for field in _fields_of(extension.fields)]
            self._added.setdefault(extension.target, []).extend(fields)
        self._inputs = Inputs({target: fields for target, fields in self._added.items() if _is_input(target)})
        self._reached: set[type] = set()
        self._build()
        _drop_null_defaults(self._schema)
        check_types(self._schema, self._owners)
        self._owners.mark(self._schema)
        unreached = sorted(target.__name__ for target in set(self._added) - self._reached)
        if unreached:
            message = f"extended types are not part of the schema: {', '.join(unreached)}"
            raise AssemblyError(message)

    def _build(self) -> None:
        try:
            super().__init__(
                query=Query,
                mutation=Mutation if Mutation in self._added else None,
                subscription=Subscription if Subscription in self._added else None,
                schema_directives=(),
                config=self.config,
            )
        except (StrawberryException, TypeError) as error:
            raise AssemblyError(f"The schema cannot be built: {error}") from error

    def get_fields(self, type_definition: StrawberryObjectDefinition) -> list[StrawberryField]:
        """Return a type's own fields and those that slices add, as copies that belong to this schema alone."""
        origin = type_definition.origin
        self._reached.add(origin)
        if type_definition.is_input:
            self._reached.update(origin.__bases__)
            return [copy.copy(field) for field in _fields_of(self._inputs.of(origin))]
        return [self._own(field) for field in (*type_definition.fields, *self._added.get(origin, ()))]

    def _own(self, field: StrawberryField) -> StrawberryField:
        own = copy.copy(field)
        own._arguments = None  # noqa: SLF001 - a cache that would leak between schemas
        own._arguments = self._inputs.arguments(own)  # noqa: SLF001 - as above
        return own

    def _marked(self, field: StrawberryField, owner: str) -> StrawberryField:
        label = self._owners.of_module(owner)
        if label is None:
            return field
        own = copy.copy(field)
        own.directives = [Package(name=label), *field.directives]
        return own

    def get_type_by_name(  # type: ignore[override]  # strawberry's own is a cache that keeps replaced schemas alive
        self, name: str
    ) -> StrawberryObjectDefinition | ScalarDefinition | StrawberryEnumDefinition | StrawberryUnion | None:
        """Find a definition by its name."""
        known = self.schema_converter.type_map.get(name)
        return None if known is None else known.definition

    @cached_property
    def sdl(self) -> str:
        """The schema as text, sorted, with descriptions and directives."""
        package = print_directive(self.schema_converter.from_schema_directive(Package), schema=self)
        text = print_with_directives(self)
        return f"{text}\n" if "directive @package" in text else f"{package}\n\n{text}\n"

    @cached_property
    def revision(self) -> str:
        """A hash of the SDL: changes exactly when the schema does."""
        return hashlib.sha256(self.sdl.encode()).hexdigest()[:16]


def _drop_null_defaults(schema: GraphQLSchema) -> None:
    """Say nothing where Python says None: an argument left out is no argument given as null."""
    for type_ in schema.type_map.values():
        if isinstance(type_, GraphQLInputObjectType):
            inputs: list[GraphQLArgument | GraphQLInputField] = list(type_.fields.values())
        elif isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            inputs = [argument for field in type_.fields.values() for argument in field.args.values()]
        else:
            continue
        for each in inputs:
            if each.default_value is None:
                each.default_value = Undefined


def _fields_of(kind: type) -> list[StrawberryField]:
    fields: list[StrawberryField] = kind.__strawberry_definition__.fields  # type: ignore[attr-defined]  # set by strawberry
    return fields


def _is_input(kind: type) -> bool:
    definition = get_object_definition(kind)
    return definition is not None and definition.is_input
