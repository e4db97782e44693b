"""Draws beside all transactions: one statement for all who wait for it at the moment."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Generic, TypeVar

from tessera.kit.db import in_background

KeyT = TypeVar("KeyT")
DrawnT = TypeVar("DrawnT")


class Draws(Generic[KeyT, DrawnT]):
    """What comes one after the other for each of some keys, such as numbers and ids, and never twice.

    Drawn inside a transaction, a counter would be held until its commit, and each id would be a round trip.
    """

    def __init__(self, draw: Callable[[Mapping[KeyT, int]], Awaitable[Mapping[KeyT, Sequence[DrawnT]]]]) -> None:
        """`draw` asks the database for so many of each key; it gives none of a key that is unknown."""
        self._draw = draw
        self._waiting: list[tuple[Mapping[KeyT, int], asyncio.Future[Mapping[KeyT, Sequence[DrawnT]]]]] = []
        self._at_work: asyncio.Task[None] | None = None

    async def take(self, wanted: Mapping[KeyT, int]) -> Mapping[KeyT, Sequence[DrawnT]]:
        """Return so many of each key, in their order, and none of an unknown one; raises what the database raises."""
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[Mapping[KeyT, Sequence[DrawnT]]] = loop.create_future()
        if self._at_work is not None and self._at_work.get_loop() is not loop:
            self._at_work, self._waiting = None, []  # nobody waits in a loop that is gone
        self._waiting.append((wanted, turn))
        if self._at_work is None or self._at_work.done():
            self._at_work = in_background(self._work(), name="draws")
        return await turn

    async def _work(self) -> None:
        while self._waiting:
            turns, self._waiting = self._waiting, []
            total: dict[KeyT, int] = defaultdict(int)
            for wanted, _ in turns:
                for key, count in wanted.items():
                    total[key] += count
            try:
                drawn = await self._draw(total)
            except Exception as error:  # noqa: BLE001 - it is for those who wait
                for _, turn in turns:
                    if not turn.done():
                        turn.set_exception(error)
                continue
            given: dict[KeyT, int] = defaultdict(int)
            for wanted, turn in turns:
                share = {}
                for key, count in wanted.items():
                    share[key] = drawn[key][given[key] : given[key] + count]
                    given[key] += count
                if not turn.done():
                    turn.set_result(share)
