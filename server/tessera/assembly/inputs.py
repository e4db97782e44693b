"""The input classes of one schema: those that packages extend are made anew, and so is what refers to them."""

import copy
import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from strawberry import UNSET
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.base import (
    StrawberryContainer,
    StrawberryObjectDefinition,
    StrawberryType,
    get_object_definition,
)
from strawberry.types.field import StrawberryField
from strawberry.types.lazy_type import LazyType

Type = StrawberryType | type


class Inputs:
    """Makes input classes that take packages' fields, too; the declared classes are never changed.

    `added` are the fields of each extended class.
    """

    def __init__(self, added: Mapping[type, Sequence[StrawberryField]]) -> None:
        self._added = added
        self._made: dict[type, type] = {}

    def of(self, kind: type) -> type:
        """Return the class that holds the values of an input class: itself when nothing is added to it."""
        if kind not in self._made:
            if not self._is_touched(kind, frozenset()):
                return kind
            made = self._made[kind] = _widened(kind, self._added.get(kind, ()))
            self._made[made] = made
            definition = _definition(made)
            definition.fields = [self.field(each) for each in definition.fields]
        return self._made[kind]

    def field(self, field: StrawberryField) -> StrawberryField:
        """Return a copy of an input's field that holds this schema's classes."""
        own = copy.copy(field)
        own.type_annotation = StrawberryAnnotation(self._replaced(field.type))
        return own

    def arguments(self, field: StrawberryField) -> list[StrawberryArgument]:
        """Return the arguments of a field, which take this schema's classes."""
        return [self._argument(each) for each in field.arguments]

    def _argument(self, argument: StrawberryArgument) -> StrawberryArgument:
        replaced = self._replaced(argument.type)
        if replaced is argument.type:
            return argument
        own = copy.copy(argument)
        own.type_annotation = StrawberryAnnotation(replaced)
        return own

    def _replaced(self, type_: Type) -> Type:
        if isinstance(type_, StrawberryContainer):
            inner = self._replaced(type_.of_type)
            if inner is type_.of_type:
                return type_
            own = copy.copy(type_)
            own.of_type = inner
            return own
        if isinstance(type_, LazyType):
            return self._replaced(type_.resolve_type())
        return self.of(type_) if isinstance(type_, type) and _is_input(type_) else type_

    def _is_touched(self, kind: type, around: frozenset[type]) -> bool:
        """Tell whether packages' fields are added to a class or to one it refers to."""
        if kind in self._added:
            return True
        named = [_named(field.type) for field in _definition(kind).fields]
        inner = [each for each in named if _is_input(each) and each not in around]
        return any(self._is_touched(each, around | {kind}) for each in inner)


def _widened(kind: type, added: Sequence[StrawberryField]) -> type:
    """Return a subclass with further fields, which bears the same name."""
    made: Any = dataclasses.make_dataclass(
        kind.__name__,
        [(each.python_name, Any, dataclasses.field(default=UNSET, metadata=each.metadata)) for each in added],
        bases=(kind,),
        namespace={"__module__": kind.__module__, "__qualname__": kind.__qualname__},
        kw_only=True,
    )
    definition = _definition(kind)
    made.__strawberry_definition__ = dataclasses.replace(
        definition, origin=made, fields=[*definition.fields, *(copy.copy(each) for each in added)]
    )
    return made  # type: ignore[no-any-return]  # Any, so that its definition could be set


def _definition(kind: type) -> StrawberryObjectDefinition:
    definition: StrawberryObjectDefinition = kind.__strawberry_definition__  # type: ignore[attr-defined]  # set by strawberry
    return definition


def _named(type_: Type) -> Any:
    while isinstance(type_, StrawberryContainer):
        type_ = type_.of_type
    return type_.resolve_type() if isinstance(type_, LazyType) else type_


def _is_input(type_: Any) -> bool:
    definition = get_object_definition(type_)
    return definition is not None and definition.is_input
