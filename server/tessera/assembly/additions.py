"""What may be added to the API: the kernel adds freely, packages beside what is there and under their own names."""

from collections.abc import Callable, Sequence
from typing import Any

from graphql import GraphQLSchema
from strawberry.types.base import StrawberryList, StrawberryObjectDefinition, StrawberryOptional, get_object_definition
from strawberry.types.field import StrawberryField

from tessera.assembly.checks import AssemblyError
from tessera.assembly.owners import Owners
from tessera.engine.added import RUN, AddsConditions, AddsWork
from tessera.engine.roots import Mutation, Query, Subscription
from tessera.plugin import Extension

ROOTS = (Query, Mutation, Subscription)

Named = Callable[[StrawberryField], str]


def check_extensions(extensions: Sequence[tuple[str, Extension]], owners: Owners, named: Named) -> None:
    """Raise `AssemblyError` for a field that is taken or that may not be there.

    `extensions` come with the slice that declares them; `named` gives a field's name in the API.
    """
    taken: dict[tuple[type, str], str] = {}
    for owner, extension in extensions:
        target, added = (_definition(each, owner) for each in (extension.target, extension.fields))
        taken = {(extension.target, named(field)): "the kernel" for field in target.fields} | taken
        label = owners.of_module(owner)
        for field in added.fields:
            place, name = (extension.target, named(field)), f"{target.name}.{named(field)}"
            who = "The kernel" if label is None else f"The package {label}"
            if place in taken:
                raise AssemblyError(f"{who} ({owner}) adds {name}, which {taken[place]} has already.")
            taken[place] = f"{who[:1].lower()}{who[1:]}"
            if label is not None and (reason := _reason(target, field, named(field), label)):
                raise AssemblyError(f"{who} adds {name}, but {reason}.")


def check_types(schema: GraphQLSchema, owners: Owners) -> None:
    """Raise `AssemblyError` for a package's type that does not bear its name."""
    for name, type_ in schema.type_map.items():
        label = owners.of_type(type_)
        if label is not None and not _bears(name, label):
            raise AssemblyError(f"The package {label} has a type {name}: its types begin with its name.")


def _definition(kind: Any, owner: str) -> StrawberryObjectDefinition:
    definition = get_object_definition(kind)
    if definition is None:
        raise AssemblyError(f"{owner} extends {getattr(kind, '__name__', kind)}, which is no type with fields.")
    return definition


def _reason(target: StrawberryObjectDefinition, field: StrawberryField, name: str, label: str) -> str | None:
    """Return why a package may not add a field."""
    if target.is_interface:
        return "an interface is never widened"
    if target.is_input:
        return _input_reason(target, field, label)
    if not _bears(name, label):
        return f"its fields begin with {label}"
    if target.origin not in ROOTS and not isinstance(field.type, StrawberryOptional | StrawberryList):
        return "what a package adds to another's type is nullable or a list"
    return None


def _input_reason(target: StrawberryObjectDefinition, field: StrawberryField, label: str) -> str | None:
    if not issubclass(target.origin, AddsWork | AddsConditions):
        return "this input takes no fields of packages"
    if field.python_name != label:
        return f"a package's field of an input is named {label}"
    if RUN not in field.metadata:
        return "it does not say what is done with it: it needs input_field(...)"
    return None if isinstance(field.type, StrawberryOptional) else "it has to be nullable"


def _bears(name: str, label: str) -> bool:
    return name.lower().startswith(label.replace("_", ""))
