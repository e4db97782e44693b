"""Those who stay connected for long, and how they are asked to go on elsewhere."""

import asyncio
import contextlib
from collections.abc import Iterator
from typing import Protocol


class Guest(Protocol):
    """A WebSocket, or a stream over HTTP."""

    def depart(self) -> None:
        """Finish what is under way and end, so that the client connects anew."""


class Departures:
    """Everybody who stays connected."""

    def __init__(self) -> None:
        self._guests: set[Guest] = set()
        self._over = False

    @contextlib.contextmanager
    def stay(self, guest: Guest) -> Iterator[None]:
        """Know a guest for a while; one who comes too late is asked to go at once."""
        self._guests.add(guest)
        try:
            if self._over:
                guest.depart()
            yield
        finally:
            self._guests.discard(guest)

    async def bid(self, seconds: float) -> None:
        """Ask everybody to go, one after the other within some seconds: all will come back at once elsewhere."""
        guests = list(self._guests)
        for guest in guests:
            if guest in self._guests:
                guest.depart()
                await asyncio.sleep(seconds / len(guests))
        self._over = True
        for guest in self._guests - set(guests):
            guest.depart()
