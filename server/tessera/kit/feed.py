"""Feed: the journal as the streams of one process read it; one reader, the newest entries in memory."""

from bisect import bisect_right
from dataclasses import dataclass

from tessera.kit.journal import Sealed, head, read_sealed

KEPT = 2000
"""How many of the newest entries stay in memory; whoever is further behind reads the database."""


class Feed:
    """The newest part of the journal, read once for everybody; begins where the journal ends."""

    def __init__(self) -> None:
        self.position = 0
        self._floor = 0
        self._recent: list[Sealed] = []

    async def begin(self) -> None:
        """Begin at the end of the journal."""
        self.position = self._floor = await head()

    async def advance(self) -> list[Sealed]:
        """Read the next entries and return them, in order; nothing when there are none."""
        batch = await read_sealed(self.position)
        if batch:
            self._recent += batch
            self.position = batch[-1].position
            for forgotten in self._recent[:-KEPT]:
                self._floor = forgotten.position
            del self._recent[:-KEPT]
        return batch

    async def read(self, after: int) -> list[Sealed]:
        """Return entries behind a position, in order and without gaps; from the database when they are old."""
        if after < self._floor:
            return await read_sealed(after)
        return self._recent[bisect_right(self._recent, after, key=_position) :]


@dataclass(frozen=True)
class Past:
    """The journal up to a position, for whoever must look no further; without a feed, out of the database."""

    until: int
    feed: Feed | None = None

    async def behind(self, position: int) -> list[Sealed]:
        """Return the next entries behind a position, in order and without gaps."""
        if position >= self.until:
            return []
        batch = await (read_sealed(position) if self.feed is None else self.feed.read(position))
        return batch[: bisect_right(batch, self.until, key=_position)]


def _position(sealed: Sealed) -> int:
    return sealed.position
