"""Which subscribers are the same: one document, one choice of variables, one set of rights."""

from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import fields
from functools import lru_cache
from typing import Any, NamedTuple, Protocol, Self

from graphql import (
    DocumentNode,
    FieldNode,
    OperationDefinitionNode,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    visit,
)
from graphql.language import Node

from tessera.engine.documents import Prepared
from tessera.kit.actor import Actor
from tessera.kit.events import to_json

IDENTITY = frozenset({"id", "name", "login"})
"""What of an actor says who it is; everything else are rights, and the words and times it likes."""

RIGHTS = tuple(field.name for field in fields(Actor) if field.compare and field.name not in IDENTITY)
REMEMBERED_OPERATIONS = 500


class Viewer(Protocol):
    """A context as far as the sharing of streams looks at it."""

    @property
    def rights(self) -> Hashable:
        """Everything that decides what the viewer is told, except who it is."""

    @property
    def identity(self) -> Hashable:
        """Who the viewer is."""

    @property
    def rests_on(self) -> frozenset[tuple[str, int | None]]:
        """The kinds and ids of the subjects whose facts may change the rights; the id None: any of that kind."""

    @property
    def is_personal(self) -> bool:
        """Whether anybody asked a shared context who the viewer is."""

    def shared(self) -> Self:
        """Return the context that stands for all viewers with the same rights, and notes who asks more."""

    async def fresh(self) -> Self:
        """Return the same viewer with rights read again; of a shared context, one for the next event.

        Raises Unauthenticated or Forbidden when the credential is worth nothing any more.
        """


class Key(NamedTuple):
    """What equal subscribers have in common; `identity` is None where nothing depends on it."""

    operation: tuple[bytes, str | None]
    variables: str
    rights: Hashable
    identity: Hashable | None


class Stranger(Actor):
    """An actor who notes it when somebody asks who it is."""

    __slots__ = ("asked",)
    asked: bool

    @classmethod
    def of(cls, actor: Actor) -> "Stranger":
        """Return the stranger with an actor's rights, and a memory of its own."""
        stranger = cls(**{name: getattr(actor, name) for name in (*IDENTITY, *RIGHTS)})
        object.__setattr__(stranger, "asked", False)
        return stranger

    def __getattribute__(self, name: str) -> Any:
        """Note it, and answer."""
        if name in IDENTITY:
            object.__setattr__(self, "asked", True)
        return object.__getattribute__(self, name)


def rights_of(actor: Actor | None) -> Hashable:
    """Return an actor's rights as a value to compare; None for an anonymous one."""
    if actor is None:
        return None
    values = (getattr(actor, name) for name in RIGHTS)
    return tuple(frozenset(value.items()) if isinstance(value, Mapping) else value for value in values)


def choice_of(prepared: Prepared, variables: Mapping[str, Any], cursor_argument: str | None) -> str:
    """Return the variables' values in one canonical form, without those that say only where to begin."""
    beginning = _beginning(prepared.document, prepared.operation, cursor_argument)
    return to_json({name: value for name, value in variables.items() if name not in beginning})


@lru_cache(REMEMBERED_OPERATIONS)
def _beginning(
    document: DocumentNode, operation: OperationDefinitionNode, cursor_argument: str | None
) -> frozenset[str]:
    used = _uses(document)
    given: Counter[str] = Counter()
    for field in operation.selection_set.selections:
        for argument in (field.arguments or ()) if isinstance(field, FieldNode) else ():
            if argument.name.value == cursor_argument:
                given += _uses(argument)
    return frozenset(name for name, count in given.items() if count == used[name])


def _uses(node: Node) -> Counter[str]:
    """Count how often each variable is used below a node."""
    found: Counter[str] = Counter()

    class Uses(Visitor):
        def enter_variable(self, variable: VariableNode, _key: Any, parent: Any, *_: Any) -> None:
            if not isinstance(parent, VariableDefinitionNode):
                found[variable.name.value] += 1

    visit(node, Uses())
    return found
