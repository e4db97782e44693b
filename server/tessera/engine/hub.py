"""The hub: wakes the streams of a process, and moves their subscribers when rights change."""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tessera.engine.core import Opened
from tessera.engine.groups import Groups, Render, Sink, Subscriber
from tessera.engine.sharing import Viewer, choice_of
from tessera.engine.streams import News, Source
from tessera.kit import journal, log
from tessera.kit.bus import Bus
from tessera.kit.db import in_background
from tessera.kit.feed import Feed, Past

POLL_SECONDS = 2.0
"""How long the hub trusts the wake-ups before it looks by itself."""

SWEEP_SECONDS = 5.0
"""How often the rights of every connection are read again when no fact says that they changed."""

SWEEP_SHARE = 0.1
"""The part of the time that a sweep may take; with very many connections it takes longer."""

CHECKED_TOGETHER = 50
"""Connections whose rights may have changed are placed anew in portions of so many, equal ones together."""


class Hub:
    """Shares the streams of one process; `close` it when the process ends."""

    def __init__(self, bus: Bus, render: Render) -> None:
        self.bus = bus
        self.groups = Groups(render)
        self.seats: set[Seat] = set()
        self.feed = Feed()
        self._listening: dict[str, asyncio.Task[None]] = {}
        self._ready: dict[str, asyncio.Event] = {}
        self._sweeper: asyncio.Task[None] | None = None
        self._checks: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        """Stop everything; subscribers hear nothing more."""
        for seat in tuple(self.seats):
            seat.close()
        tasks = [*self._listening.values(), *self._checks, *([self._sweeper] if self._sweeper else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def listen(self, topic: str) -> None:
        """Make sure that a topic's wake-ups are heard, and the journal's, which tells of rights."""
        for each in (journal.TOPIC, topic):
            if each not in self._listening:
                self._ready[each] = asyncio.Event()
                self._listening[each] = in_background(self._listen(each), name=f"stream of {each}")
            await self._ready[each].wait()
        if self._sweeper is None:
            self._sweeper = in_background(self._sweep(), name="stream rights")

    async def _listen(self, topic: str) -> None:
        with self.bus.subscribe(topic) as wakes:
            number: int | None = None
            while True:
                try:
                    if topic == journal.TOPIC:
                        await self._read_journal()
                    else:
                        known = self.groups.news.get(topic)
                        self.groups.tell(topic, News(number or (known.number if known else 0), Past(0)))
                    self._ready[topic].set()
                except Exception:  # noqa: BLE001 - the streams outlive a database that is away
                    log.get().warning("streams.read_failed", topic=topic, exc_info=True)
                number = await wakes.wait(POLL_SECONDS)

    async def _read_journal(self) -> None:
        """Take what is new in the journal: first let nobody hear it whose rights it may change, then tell it."""
        if journal.TOPIC not in self.groups.news:
            await self.feed.begin()
            self.groups.tell(journal.TOPIC, News(self.feed.position, Past(self.feed.position, self.feed)))
        while batch := await self.feed.advance():
            touched = {(each.entry.subject_kind, each.entry.subject_id) for each in batch}
            touched |= {(kind, None) for kind, _ in touched}
            self._suspend([seat for seat in self.seats if not touched.isdisjoint(seat.viewer.rests_on)])
            self.groups.tell(journal.TOPIC, News(self.feed.position, Past(self.feed.position, self.feed)))

    def _suspend(self, seats: Sequence["Seat"]) -> None:
        """Let connections hear nothing until their rights were read again."""
        if seats:
            for seat in seats:
                seat.suspend()
            check = in_background(self._check(seats), name="stream rights")
            self._checks.add(check)
            check.add_done_callback(self._checks.discard)

    async def _check(self, seats: Sequence["Seat"]) -> None:
        for first in range(0, len(seats), CHECKED_TOGETHER):
            some = seats[first : first + CHECKED_TOGETHER]
            for seat in some:
                await seat.check()
            self._place(some)

    def _place(self, seats: Iterable["Seat"]) -> None:
        """Let everybody go on who left a group because of the rights, with the rights of this moment."""
        self.groups.place(
            [
                (subscriber, seat.viewer)
                for seat in seats
                if not seat.suspended
                for subscriber in seat.subscribers
                if subscriber.group is None
            ]
        )

    async def _sweep(self) -> None:
        """Read the rights of every connection again and again, never for more than a part of the time."""
        while True:
            seats = tuple(self.seats)
            pause = SWEEP_SECONDS / max(len(seats), 1)
            for seat in seats:
                began = time.monotonic()
                await seat.check()
                self._place([seat])
                await asyncio.sleep(max(pause, (time.monotonic() - began) * (1 / SWEEP_SHARE - 1)))
            if not seats:
                await asyncio.sleep(pause)


class Seat:
    """One connection in the hub: one credential, and what it follows."""

    def __init__(self, hub: Hub, viewer: Viewer) -> None:
        self.hub = hub
        self.viewer = viewer
        self.subscribers: set[Subscriber] = set()
        self.suspended = False
        self._suspensions = 0
        self._closed = False

    async def subscribe(self, variables: Mapping[str, Any], opened: Opened, sink: Sink) -> Subscriber:
        """Follow an opened subscription from now on; the rights are those of the seat's viewer at every moment.

        Raises Refused when the source has no place to begin.
        """
        source: Source[Any, Any] = opened.source
        self.hub.seats.add(self)
        await self.hub.listen(source.topic)
        try:
            cursor = await source.begin(self.viewer)
        except Exception as error:
            raise opened.failure(error) from error
        subscriber = Subscriber(opened, choice_of(opened.prepared, variables, source.cursor_argument), cursor, sink)
        if not self._closed:
            self.subscribers.add(subscriber)
            if not self.suspended:
                self.hub.groups.place([(subscriber, self.viewer)])
        return subscriber

    def leave(self, subscriber: Subscriber) -> None:
        """Follow something no more."""
        self.subscribers.discard(subscriber)
        subscriber.leave()

    def close(self) -> None:
        """Follow nothing more; nobody is told."""
        self._closed = True
        self.hub.seats.discard(self)
        while self.subscribers:
            self.leave(next(iter(self.subscribers)))

    def suspend(self) -> None:
        """Hear nothing until the next check is done."""
        self.suspended = True
        self._suspensions += 1
        for subscriber in self.subscribers:
            subscriber.leave()

    async def check(self) -> None:
        """Read the rights again and leave the groups that do not fit them; end all when the credential is worthless."""
        suspensions = self._suspensions
        try:
            viewer = await self.viewer.fresh()
        except Exception as error:  # noqa: BLE001 - who cannot be checked hears nothing, whatever the reason
            self._end(error)
            return
        if suspensions != self._suspensions:
            return  # rights changed once more meanwhile: the next check knows better
        self.viewer, self.suspended = viewer, False
        for subscriber in self.subscribers:
            if subscriber.group is not None and subscriber.group.key != self.hub.groups.key_of(subscriber, viewer):
                subscriber.leave()

    def _end(self, error: Exception) -> None:
        ended = tuple(self.subscribers)
        self.close()
        for subscriber in ended:
            subscriber.sink.end(error)
