"""How much of its connections a process uses at the moment."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Usage:
    """Connections that are open, those of them that wait for work, and how many there may be."""

    open: int = 0
    idle: int = 0
    maximum: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        """Return what both are together."""
        return Usage(self.open + other.open, self.idle + other.idle, self.maximum + other.maximum)


class Pooled(Protocol):
    """A client with several connections."""

    def usage(self) -> Usage:
        """Count the connections."""
