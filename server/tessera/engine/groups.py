"""Groups: subscribers who are the same at the same place of a stream, served by one execution of each event."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Protocol

from tessera.engine.core import Opened
from tessera.engine.sharing import Key, Viewer
from tessera.engine.streams import News, Source
from tessera.kit.db import in_background
from tessera.kit.feed import Past

Render = Callable[[Opened, Any, Any], Awaitable[bytes]]
"""The seam to execution: a subscription, one of its events and that event's context become the response's JSON.

Called once for each event and group. It may serve any number of subscribers, so it may depend on the event, the
subscription and the context's actor, and on nothing of one connection.
"""

REMEMBERED_PERSONAL = 1000


class TooSlow(Exception):
    """A reader made no room in time."""


class Sink(Protocol):
    """Where one subscriber's payloads go."""

    @property
    def full(self) -> bool:
        """Whether it can take no more at the moment."""

    def put(self, payload: bytes) -> None:
        """Take a response's JSON; never waits."""

    async def room(self) -> None:
        """Wait until it can take more; raise TooSlow when that takes too long."""

    def end(self, error: Exception | None) -> None:
        """Hear that the stream is over, and by which error; called once, unless the subscriber left before."""


class Subscriber:
    """One who follows a stream; `cursor` is the place that was reached when in no group."""

    def __init__(self, opened: Opened, choice: str, cursor: Any, sink: Sink) -> None:
        self.opened = opened
        self.choice = choice
        self.cursor = cursor
        self.sink = sink
        self.group: Group | None = None

    def leave(self) -> None:
        """Leave the group, if any; every event up to `cursor` was put into the sink, and none behind it."""
        if self.group is not None:
            self.group.remove(self)


class Groups:
    """All groups of a process: the one that leads among equals, and those that catch up with it."""

    def __init__(self, render: Render) -> None:
        self.render = render
        self.leads: dict[Key, Group] = {}
        self.by_topic: dict[str, set[Group]] = {}
        self.news: dict[str, News] = {}
        self._personal: dict[tuple[bytes, str | None], None] = {}

    def key_of(self, subscriber: Subscriber, viewer: Viewer) -> Key:
        """Return what equal subscribers have in common."""
        operation = subscriber.opened.prepared.digest, subscriber.opened.prepared.name
        identity = viewer.identity if operation in self._personal else None
        return Key(operation, subscriber.choice, viewer.rights, identity)

    def place(self, moved: Iterable[tuple[Subscriber, Viewer]]) -> None:
        """Let subscribers who are in no group go on from their cursors, equal ones together."""
        together: dict[tuple[Key, Any], list[tuple[Subscriber, Viewer]]] = {}
        for subscriber, viewer in moved:
            together.setdefault((self.key_of(subscriber, viewer), subscriber.cursor), []).append((subscriber, viewer))
        for (key, _), members in together.items():
            Group(self, key, dict(members)).begin()

    def note_personal(self, key: Key) -> None:
        """Remember that an operation's answers depend on who asks."""
        self._personal[key.operation] = None
        if len(self._personal) > REMEMBERED_PERSONAL:
            del self._personal[next(iter(self._personal))]

    def tell(self, topic: str, news: News) -> None:
        """Wake the groups of a topic."""
        self.news[topic] = news
        for group in tuple(self.by_topic.get(topic, ())):
            group.woken.set()


class Group:
    """Subscribers with the same key at the same cursor, and the task that reads for them.

    Whenever that task waits, every event up to `cursor` was put into every member's sink, and none behind it: so
    members may leave at any time and go on elsewhere from there. A group first catches up with the news. Then it
    leads, or it joins the group with the same key that does: while it holds the other's `turn`, the other stands
    still, so that both meet at one cursor.
    """

    def __init__(self, groups: Groups, key: Key, members: dict[Subscriber, Viewer]) -> None:
        (first, viewer), *_ = members.items()
        self.groups = groups
        self.key = key
        self.members = members
        self.opened = first.opened
        self.source: Source[Any, Any] = first.opened.source
        self.cursor = first.cursor
        self.context = viewer.shared()
        self.turn = asyncio.Lock()
        self.woken = asyncio.Event()
        self.followers: set[Group] = set()
        self.read_to = News(0, Past(0))
        self.task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Begin to read for the members."""
        self._welcome(self.members)
        self.groups.by_topic.setdefault(self.source.topic, set()).add(self)
        self.task = in_background(self._run(), name="stream")

    def remove(self, subscriber: Subscriber) -> None:
        """Let a member go, with the cursor it has reached."""
        if self.members.pop(subscriber, None) is not None:
            subscriber.group, subscriber.cursor = None, self.cursor
        if not self.members:
            self._resign()  # at once: nobody may join a group that ends
            if self.task is not None and self.task is not asyncio.current_task():
                self.task.cancel()

    async def _run(self) -> None:
        try:
            while self.members:
                lead = self.groups.leads.get(self.key)
                if lead is None:
                    await self._catch_up()
                elif lead is self:
                    await self._lead()
                else:
                    await self._join(lead)
        except Exception as error:  # noqa: BLE001 - whatever ends the stream, its subscribers are told
            self._end(error if isinstance(error, TooSlow) else self.opened.failure(error))
        finally:
            self._resign()

    async def _catch_up(self) -> None:
        """Read as fast as the members do; lead when nothing is left."""
        await self._room()
        news = self.groups.news[self.source.topic]
        more = await self._read(news, patient=True)
        if not more and self.members and news is self.groups.news[self.source.topic]:
            self.read_to = news
            self.groups.leads.setdefault(self.key, self)

    async def _lead(self) -> None:
        """Wait for news, then read them all; the followers may meet this group afterwards."""
        if self.read_to is self.groups.news[self.source.topic]:
            await self.woken.wait()
        self.woken.clear()
        async with self.turn:
            self.read_to = self.groups.news[self.source.topic]
            while await self._read(self.read_to):
                pass
        self._wake_followers()

    async def _join(self, lead: "Group") -> None:
        """Catch up with the group that leads and become one with it, or wait until that may be possible."""
        await self._room()
        while await self._read(lead.read_to, patient=True):
            await self._room()
        async with lead.turn:
            while self.members and await self._read(lead.read_to):
                pass
            if self.groups.leads.get(self.key) is not lead:
                return
            if lead.cursor == self.cursor:
                joining, self.members = self.members, {}
                lead.members.update(joining)
                lead._welcome(joining)  # noqa: SLF001 - another group's
                return
            lead.followers.add(self)
        await self.woken.wait()
        self.woken.clear()

    async def _read(self, news: News, *, patient: bool = False) -> bool:
        """Give the members the next portion; return whether there is more already.

        A group of one that is `patient` waits until its member can take an event. In every other case a member that
        cannot goes on by itself, from where it is.
        """
        portion = await self.source.read(await self.context.fresh(), self.cursor, news)
        if self._divide():
            return False
        for cursor, event in portion.events:
            if patient:
                await self._room()
            payload = await self.groups.render(self.opened, event, await self.context.fresh())
            if self._divide():
                return False
            self._deliver(payload)
            self.cursor = cursor
            if not self.members:
                return False
        self.cursor = portion.cursor
        if portion.ended:
            self._end(None)
        return portion.more and bool(self.members)

    async def _room(self) -> None:
        """Let a group of one wait for its member; what is read afterwards tells the more at once."""
        if len(self.members) == 1:
            (member,) = self.members
            await member.sink.room()

    def _deliver(self, payload: bytes) -> None:
        slow = [subscriber for subscriber in self.members if subscriber.sink.full]
        for subscriber in slow:
            viewer = self.members[subscriber]
            self.remove(subscriber)
            self.groups.place([(subscriber, viewer)])
        for subscriber in self.members:
            subscriber.sink.put(payload)

    def _divide(self) -> bool:
        """Part members who are not the same after all, before they were told anything wrong."""
        if self.key.identity is not None or not self.context.is_personal:
            return False
        self.groups.note_personal(self.key)
        moved = list(self.members.items())
        for subscriber, _ in moved:
            self.remove(subscriber)
        self.groups.place(moved)
        return True

    def _welcome(self, members: Iterable[Subscriber]) -> None:
        for subscriber in members:
            subscriber.group, subscriber.opened = self, self.opened

    def _end(self, error: Exception | None) -> None:
        for subscriber in tuple(self.members):
            self.remove(subscriber)
            subscriber.sink.end(error)

    def _resign(self) -> None:
        self.groups.by_topic[self.source.topic].discard(self)
        if self.groups.leads.get(self.key) is self:
            del self.groups.leads[self.key]
        self._wake_followers()

    def _wake_followers(self) -> None:
        followers, self.followers = self.followers, set()
        for follower in followers:
            follower.woken.set()
