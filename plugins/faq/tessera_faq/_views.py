"""Who looked at what, counted in memory and written every few seconds: reading an item writes nothing."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from weakref import WeakKeyDictionary

from tessera.kit import log
from tessera.kit.actor import SYSTEM
from tessera.kit.db import in_background
from tessera.kit.unit import Units
from tessera_faq import service

DELAY_SECONDS = 2.0
"""How long views wait to be written together; a process that is killed loses those of this time."""

_waiting: WeakKeyDictionary[Units, Counter[int]] = WeakKeyDictionary()


def counter(units: Units) -> Callable[[list[int]], Awaitable[list[None]]]:
    """Return what counts a view of each of some items, for a loader: once per operation, however it is executed."""

    async def count(keys: list[int]) -> list[None]:
        views = _waiting.get(units)
        if views is None:
            views = _waiting[units] = Counter()
            in_background(_write_later(units), name="faq-views")
        views.update(keys)
        return [None] * len(keys)

    return count


async def _write_later(units: Units) -> None:
    await asyncio.sleep(DELAY_SECONDS)
    await write(units)


async def write(units: Units) -> None:
    """Write the views that wait; what the database refuses is counted once more with the next ones."""
    views = _waiting.pop(units, None)
    if not views:
        return
    try:
        await units.run(SYSTEM, lambda unit: service.count_views(unit, views))
    except Exception:  # noqa: BLE001 - a number of views is worth no failure; it is written next time
        log.get().warning("faq.views_not_written", views=views.total(), exc_info=True)
        _waiting.setdefault(units, Counter()).update(views)
        in_background(_write_later(units), name="faq-views")
