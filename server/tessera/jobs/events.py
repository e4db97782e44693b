"""Facts about background work."""

from dataclasses import dataclass
from typing import ClassVar

from tessera.kit.events import Event


@dataclass(frozen=True, kw_only=True)
class JobRetried(Event):
    """Somebody gave failed work all its attempts again."""

    name: ClassVar[str] = "job.retried"
    sentence: ClassVar[str] = "The failed work {job} is tried again."

    job: str


@dataclass(frozen=True, kw_only=True)
class JobCancelled(Event):
    """Somebody called work off."""

    name: ClassVar[str] = "job.cancelled"
    sentence: ClassVar[str] = "The work {job} was called off."

    job: str
