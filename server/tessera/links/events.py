"""Facts about links; both ends are told, each of the other: `kind` says what that one is, a parent for example."""

from dataclasses import dataclass
from typing import ClassVar

from tessera.kit.events import Event
from tessera.kit.ids import ObjectRef


@dataclass(frozen=True, kw_only=True)
class Linked(Event):
    """The subject is linked with another object."""

    name: ClassVar[str] = "link.added"
    sentence: ClassVar[str] = "A link was added ({kind})."

    kind: str
    other: ObjectRef


@dataclass(frozen=True, kw_only=True)
class Unlinked(Event):
    """The subject is not linked with another object any more."""

    name: ClassVar[str] = "link.removed"
    sentence: ClassVar[str] = "A link was removed ({kind})."

    kind: str
    other: ObjectRef
