"""The inbox as a stream: each person hears their own, from where they stopped, and nothing out of sight."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tessera.engine.context import Context
from tessera.engine.documents import Refused
from tessera.kit.ids import ObjectRef, to_global
from tessera.kit.journal import BATCH, head
from tessera.kit.paging import MAX_PAGE
from tessera.kit.unit import Unit
from tessera.notifications import service
from tessera.notifications.models import Notification
from tessera.testing.fixtures import every_database
from tessera.testing.house import House
from tessera.tickets.events import TitleChanged
from tessera.tickets.models import Ticket
from tests.history.listeners import Listener, Room, furnished
from tests.notifications.inbox import person

DOCUMENT = "subscription($after: ID) { notifications(after: $after) { id title ticket { title } } }"


@pytest.fixture
async def room(house: House) -> AsyncIterator[Room]:
    async with furnished(house) as furniture:
        yield furniture


async def tell(room: Room, viewer: Context, *titles: str, about: bool = False) -> list[str]:
    """Tell somebody, once for each title and about the room's ticket; return the notifications' ids."""
    ticket, found = await Ticket.get(id=room.ticket) if about else None, []
    for title in titles:

        async def work(unit: Unit, title: str = title) -> Notification | None:
            return await service.notify(unit, person(viewer.actor), "test.word", title, ticket)

        row = await room.house.run(work)
        assert row is not None
        found.append(to_global("Notification", row.id))
    return found


async def tell_at_once(room: Room, viewer: Context, *titles: str) -> None:
    """Tell somebody in one unit, and let so much else happen that it is far away in the journal."""

    async def work(unit: Unit) -> None:
        for title in titles:
            await service.notify(unit, person(viewer.actor), f"test.{title}", title)
        for number in range(BATCH // 2):
            event = TitleChanged(subject=ObjectRef("ticket", room.ticket), before="x", after=str(number))
            await unit.record(event)

    await room.house.run(work)


async def listen(room: Room, viewer: Context, after: str | None = None) -> Listener:
    listener, _ = await room.listen(viewer, DOCUMENT, {"after": after})
    return listener


def titles(listener: Listener) -> list[Any]:
    return [each["title"] for each in listener.payloads]


@every_database
async def test_everybody_hears_their_own(room: Room) -> None:
    anna, bert = await room.agent("anna", "ro"), await room.agent("bert", "ro")
    listeners = {"anna": await listen(room, anna), "again": await listen(room, anna), "bert": await listen(room, bert)}
    await asyncio.sleep(0.2)
    await tell(room, anna, "one", "two", about=True)
    await tell(room, bert, "other")
    await room.retitle("x")
    await tell(room, anna, "three")
    for name, expected in (("anna", ["one", "two", "three"]), ("again", ["one", "two", "three"]), ("bert", ["other"])):
        await listeners[name].heard(len(expected))
        assert titles(listeners[name]) == expected
    assert [each["ticket"] for each in listeners["anna"].payloads] == [{"title": "First"}] * 2 + [None]
    assert listeners["anna"].taken[0] is listeners["again"].taken[0]


@every_database
async def test_one_goes_on_behind_what_one_knows(room: Room) -> None:
    anna, bert = await room.agent("anna", "ro"), await room.agent("bert", "ro")
    one, two, *_ = await tell(room, anna, "one", "two", "three")
    await tell(room, bert, "other")
    await room.house.drain()
    listener = await listen(room, anna, one)
    await listener.heard(2)
    await tell(room, anna, "four")
    await listener.heard(3)
    assert titles(listener) == ["two", "three", "four"]
    again = await listen(room, anna, two)
    await again.heard(2)
    assert titles(again) == ["three", "four"]


@every_database
async def test_one_goes_on_after_much_has_happened(room: Room) -> None:
    anna, bert = await room.agent("anna", "ro"), await room.agent("bert", "ro")
    (known,) = await tell(room, anna, "known")
    expected = [f"{number}" for number in range(2 * MAX_PAGE + 1)]
    await tell_at_once(room, bert, "other")
    await tell_at_once(room, anna, *expected)
    await room.house.drain()
    assert await head() > BATCH
    listener = await listen(room, anna, known)
    await listener.heard(len(expected))
    await tell(room, anna, "live")
    await listener.heard(len(expected) + 1)
    assert titles(listener) == [*expected, "live"]


async def test_one_goes_on_behind_what_nobody_has_sealed_yet(room: Room) -> None:
    anna = await room.agent("anna", "ro")
    newest = (await tell(room, anna, "one", "two"))[-1]
    listener = await listen(room, anna, newest)
    await tell(room, anna, "three")
    await listener.heard(1)
    assert titles(listener) == ["three"]


async def test_nobody_goes_on_behind_what_is_not_theirs(room: Room) -> None:
    anna, bert = await room.agent("anna", "ro"), await room.agent("bert", "ro")
    (other,) = await tell(room, bert, "other")
    for after in (other, to_global("Notification", 10**9), to_global("Ticket", room.ticket), "nonsense", ""):
        with pytest.raises(Refused) as refused:
            await listen(room, anna, after)
        (error,) = refused.value.errors
        assert error.message == "The object does not exist or is hidden from you."


@every_database
async def test_nothing_is_told_of_what_left_ones_sight(room: Room) -> None:
    anna = await room.agent("anna", "ro")
    live = await listen(room, anna)
    known, *_ = await tell(room, anna, "known", "hidden", about=True)
    await live.heard(2)
    await room.allow("anna")
    await room.house.drain()
    behind = await listen(room, await anna.fresh(), known)
    await tell(room, anna, "plain")
    for listener, expected in ((behind, ["plain"]), (live, ["known", "hidden", "plain"])):
        await listener.heard(len(expected))
        assert titles(listener) == expected
