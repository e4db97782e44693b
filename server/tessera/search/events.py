"""Facts about the index as a whole; what it repeats has facts of its own."""

from dataclasses import dataclass
from typing import ClassVar

from tessera.kit.events import Event


@dataclass(frozen=True, kw_only=True)
class IndexRebuilt(Event):
    """All things of a kind were read again."""

    name: ClassVar[str] = "search.rebuilt"
    sentence: ClassVar[str] = "The full-text index of {kind} was built again ({count})."

    kind: str
    count: int
