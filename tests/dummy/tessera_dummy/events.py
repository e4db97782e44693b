"""What happens to remarks."""

from dataclasses import dataclass
from typing import ClassVar

from tessera.kit.events import Event


@dataclass(frozen=True, kw_only=True)
class Remarked(Event):
    """A ticket has a remark."""

    name: ClassVar[str] = "dummy.remarked"
    sentence: ClassVar[str] = "Somebody remarked: {text}"

    remark_id: int
    text: str


@dataclass(frozen=True, kw_only=True)
class Reacted(Event):
    """Somebody reacted to a remark."""

    name: ClassVar[str] = "dummy.reacted"
    sentence: ClassVar[str] = "There was a reaction."


@dataclass(frozen=True, kw_only=True)
class RemarkTaken(Event):
    """A ticket's remark was taken back."""

    name: ClassVar[str] = "dummy.remark_taken"
    sentence: ClassVar[str] = "Somebody took back a remark."
