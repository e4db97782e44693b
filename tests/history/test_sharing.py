"""Equal subscribers share one execution, and nobody hears more, less or twice for it."""

import asyncio
from collections.abc import AsyncIterator

import orjson
import pytest

from tessera.accounts import service as accounts
from tessera.accounts.models import Agent
from tessera.engine.documents import Refused
from tessera.engine.groups import TooSlow
from tessera.history import _cursors
from tessera.history._cursors import Cursor
from tessera.kit.errors import Unauthenticated
from tessera.kit.unit import Unit
from tessera.testing.fixtures import every_database
from tessera.testing.house import House
from tests.history.listeners import CHANGES, WATCHED, Listener, Room, furnished
from tests.kit.jobs_world import eventually

BEGINNING = {"after": _cursors.write(Cursor(0))}


@pytest.fixture
async def room(house: House) -> AsyncIterator[Room]:
    async with furnished(house) as furniture:
        yield furniture


@every_database
async def test_agents_with_equal_rights_share_each_event(room: Room) -> None:
    agents = [await room.agent(login, "ro") for login in ("anna", "bert", "cora")]
    stranger = await room.agent("dora", "ro", "note")
    listeners = [(await room.listen(agent))[0] for agent in agents for _ in range(5)]
    other, _ = await room.listen(stranger)
    await asyncio.sleep(0.2)  # so that everybody follows: otherwise they would, but replay alone first
    await room.retitle("a", "b", "c")
    for listener in [*listeners, other]:
        await listener.heard(3)
        assert listener.titles == ["a", "b", "c"]
    assert {id(each) for listener in listeners for each in listener.taken} == {id(each) for each in listeners[0].taken}
    assert len(room.rendered) == 6


async def test_what_depends_on_who_asks_is_not_shared(room: Room) -> None:
    anna, bert = await room.agent("anna", "ro"), await room.agent("bert", "ro")
    watch = "mutation($id: ID!) { ticketWatch(id: $id) { userErrors { reason } } }"
    ticket = (await room.house.ask("{ tickets { nodes { id } } }", actor=anna.actor))["tickets"]["nodes"][0]
    await room.house.ask(watch, {"id": ticket["id"]}, actor=anna.actor)
    await room.house.drain()
    listeners = {login: (await room.listen(viewer, WATCHED))[0] for login, viewer in (("anna", anna), ("bert", bert))}
    again, _ = await room.listen(anna, WATCHED)
    await room.retitle("a", "b")
    for listener in (*listeners.values(), again):
        await listener.heard(2)
        assert listener.titles == ["a", "b"]
    watching = {login: listener.payloads[-1]["event"]["ticket"] for login, listener in listeners.items()}
    assert watching == {"anna": {"viewerIsWatching": True}, "bert": {"viewerIsWatching": False}}
    assert again.taken[-1] is listeners["anna"].taken[-1]


@every_database
async def test_a_latecomer_replays_and_then_shares(room: Room) -> None:
    anna, bert = await room.agent("anna", "ro"), await room.agent("bert", "ro")
    first, _ = await room.listen(anna, variables=BEGINNING)
    await room.retitle("a", "b")
    await first.heard(3)
    writing = asyncio.create_task(room.retitle(*"cdefghij"))
    late, subscriber = await room.listen(bert, variables=BEGINNING)
    await writing
    await late.heard(11)
    await first.heard(11)
    assert late.titles == first.titles == list("abcdefghij")
    await room.retitle("k")
    await late.heard(12)
    await first.heard(12)
    assert late.taken[-1] is first.taken[-1]
    assert subscriber.group is not None
    assert len(subscriber.group.members) == 2


async def test_a_slow_reader_goes_on_by_itself_and_misses_nothing(room: Room) -> None:
    anna = await room.agent("anna", "ro")
    quick, _ = await room.listen(anna)
    slow, subscriber = await room.listen(anna, listener=Listener(capacity=2))
    await room.retitle(*"abcdef")
    await quick.heard(6)
    assert quick.titles == list("abcdef")
    await slow.heard(2)
    assert slow.titles == list("ab")
    slow.allow(1 << 30)
    await slow.heard(6)
    assert slow.titles == list("abcdef")
    await room.retitle("g")
    await slow.heard(7)
    assert slow.taken[-1] is quick.taken[-1]
    assert subscriber.group is not None
    assert len(subscriber.group.members) == 2


async def test_a_reader_who_never_reads_is_let_go(room: Room) -> None:
    anna = await room.agent("anna", "ro")
    slow, _ = await room.listen(anna, listener=Listener(capacity=1, patience=0.3))
    await room.retitle(*"abc")
    assert isinstance(await slow.over(), TooSlow)
    assert slow.titles == ["a"]


async def test_a_slow_copy_gets_fewer_and_fuller_pages(room: Room) -> None:
    anna = await room.agent("anna", "ro")
    quick, _ = await room.listen(anna, CHANGES)
    slow, _ = await room.listen(anna, CHANGES, listener=Listener(capacity=1))
    await quick.heard(1)
    await slow.heard(1)
    for number in range(2, 8):
        await room.retitle(f"title {number}")
        await quick.heard(number)
    assert len(slow.taken) == 1
    slow.allow(1 << 30)
    await slow.heard(2)
    await room.retitle("last")
    await slow.heard(3)
    await quick.heard(8)
    assert slow.payloads[-1] == quick.payloads[-1]
    assert len(slow.taken) == 3


async def test_rights_count_from_the_fact_on_that_changed_them(room: Room) -> None:
    anna, bert = await room.agent("anna", "ro"), await room.agent("bert", "ro")
    stays, _ = await room.listen(anna)
    loses, subscriber = await room.listen(bert)
    await room.retitle("a")
    await loses.heard(1)
    await room.allow("bert")
    await room.retitle("b", "c")
    await stays.heard(3)

    async def went_past() -> bool:
        return subscriber.group is not None and subscriber.group.cursor == room.hub.feed.position

    await eventually(went_past, within=20)
    await room.allow("bert", "ro")
    await room.retitle("d", "e")
    await stays.heard(5)
    await loses.heard(3)
    assert stays.titles == list("abcde")
    assert loses.titles == list("ade")
    await room.retitle("f")
    await stays.heard(6)
    await loses.heard(4)
    assert loses.taken[-1] is stays.taken[-1]


async def test_a_credential_that_ends_ends_its_streams_alone(room: Room) -> None:
    anna, bert = await room.agent("anna", "ro"), await room.agent("bert", "ro")
    stays, _ = await room.listen(anna)
    goes, _ = await room.listen(bert)

    async def dismiss(unit: Unit) -> None:
        await accounts.update_agent(unit, await Agent.get(login_key="bert"), active=False)

    await room.retitle("a")
    await goes.heard(1)
    await room.house.run(dismiss)
    await room.retitle("b")
    assert isinstance(await goes.over(), Unauthenticated)
    await stays.heard(2)
    assert (stays.titles, goes.titles) == (["a", "b"], ["a"])


async def test_a_cursor_beyond_the_journal_is_refused(room: Room) -> None:
    anna = await room.agent("anna", "ro")
    with pytest.raises(Refused) as refused:
        await room.listen(anna, variables={"after": _cursors.write(Cursor(10**9))})
    assert "`after` is no cursor of this stream." in str(refused.value)


async def test_a_copy_from_another_journal_begins_anew(room: Room) -> None:
    anna = await room.agent("anna", "ro")
    copy, _ = await room.listen(anna, CHANGES, {"since": _cursors.write(Cursor(10**9))})
    await copy.heard(1)
    assert (copy.payloads[0]["reset"], len(copy.payloads[0]["upserts"])) == (True, 1)


async def test_nobody_left_means_nothing_runs(room: Room) -> None:
    anna = await room.agent("anna", "ro")
    subscribers = [(await room.listen(anna))[1] for _ in range(3)]
    await room.retitle("a")
    for subscriber in subscribers:
        subscriber.leave()
    await asyncio.sleep(0)
    assert [task.get_name() for task in asyncio.all_tasks() if task.get_name() == "stream"] == []
    assert room.hub.groups.leads == {}


async def test_the_schemas_revision_is_told_once_and_when_it_changes(room: Room) -> None:
    anna = await room.agent("anna", "ro")
    listener, _ = await room.listen(anna, "subscription { schemaChanged { schemaRevision } }")
    await listener.heard(1)
    own = room.house.runtime.assembly.schema.revision
    assert orjson.loads(listener.taken[0]) == {"data": {"schemaChanged": {"schemaRevision": own}}}
    bus = room.house.runtime.bus
    await bus.publish("schema", int(own, 16))
    await bus.publish("schema", 0x00C0FFEE00C0FFEE)
    await listener.heard(2)
    assert [each["schemaRevision"] for each in listener.payloads] == [own, "00c0ffee00c0ffee"]
