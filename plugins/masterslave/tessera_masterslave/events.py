"""Facts about groups; a slave's name its master, the master's tell how many."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from tessera.kit.events import Event


@dataclass(frozen=True, kw_only=True)
class _OfMaster(Event):
    """A fact about a slave."""

    mentions: ClassVar[Mapping[str, str]] = {"master": "master_id"}

    master: str
    master_id: int


@dataclass(frozen=True, kw_only=True)
class SlaveAttached(_OfMaster):
    """A ticket follows a master."""

    name: ClassVar[str] = "masterslave.attached"
    sentence: ClassVar[str] = "The ticket became a slave of {master}."


@dataclass(frozen=True, kw_only=True)
class SlaveReleased(_OfMaster):
    """A ticket follows its master no more."""

    name: ClassVar[str] = "masterslave.released"
    sentence: ClassVar[str] = "The ticket is no slave of {master} any more."


@dataclass(frozen=True, kw_only=True)
class FollowingFailed(_OfMaster):
    """A slave could not repeat what happened on its master; `cascade` is what it was, `why` a sentence in English."""

    name: ClassVar[str] = "masterslave.failed"
    sentence: ClassVar[str] = "The ticket could not follow {master} ({cascade}): {why}"

    cascade: str
    why: str


@dataclass(frozen=True, kw_only=True)
class FollowedLate(_OfMaster):
    """A slave repeated at another try what it could not repeat at first."""

    name: ClassVar[str] = "masterslave.caught_up"
    sentence: ClassVar[str] = "The ticket followed {master} at another try ({cascade})."

    cascade: str


@dataclass(frozen=True, kw_only=True)
class SlavesJoined(Event):
    """Tickets follow this one, which is a master by that."""

    name: ClassVar[str] = "masterslave.joined"
    sentence: ClassVar[str] = "Tickets became slaves: {count}."

    count: int


@dataclass(frozen=True, kw_only=True)
class SlavesLeft(Event):
    """Tickets do not follow this one any more."""

    name: ClassVar[str] = "masterslave.left"
    sentence: ClassVar[str] = "Slaves were let go: {count}."

    count: int


@dataclass(frozen=True, kw_only=True)
class Promoted(Event):
    """A ticket is the master of its group in another one's place."""

    name: ClassVar[str] = "masterslave.promoted"
    sentence: ClassVar[str] = "The ticket became the master in the place of {before}."
    mentions: ClassVar[Mapping[str, str]] = {"before": "before_id"}

    before: str
    before_id: int


@dataclass(frozen=True, kw_only=True)
class Replaced(Event):
    """A ticket is the master of its group no more: another one is."""

    name: ClassVar[str] = "masterslave.replaced"
    sentence: ClassVar[str] = "Ticket {after} became the master in this one's place."
    mentions: ClassVar[Mapping[str, str]] = {"after": "after_id"}

    after: str
    after_id: int


@dataclass(frozen=True, kw_only=True)
class CascadesChanged(Event):
    """Something else is repeated on the slaves; the texts are names joined by commas."""

    name: ClassVar[str] = "masterslave.cascades_changed"
    sentence: ClassVar[str] = "What slaves repeat changed from {before} to {after}."
    changed: ClassVar[str | None] = "cascades"

    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class GroupDissolved(Event):
    """A ticket is no master any more."""

    name: ClassVar[str] = "masterslave.dissolved"
    sentence: ClassVar[str] = "The group was dissolved; slaves let go: {count}."

    count: int
