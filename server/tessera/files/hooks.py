"""What files ask the other slices: which contents are still in use."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass

from tessera.plugin import hookspec


@dataclass(frozen=True, slots=True)
class BlobOwner:
    """`async def named(digests)` returns which of these digests a slice still names."""

    name: str
    named: Callable[[Collection[str]], Awaitable[set[str]]]


class FileHooks:
    """The questions of this slice."""

    @hookspec
    def blob_owners(self) -> list[BlobOwner]:
        """Return who names blobs; what nobody names is removed at night."""
        raise NotImplementedError
