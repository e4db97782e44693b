"""What happens on a master happens on its slaves as its cascades say, once, by the right of whoever did it."""

import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

import pytest

from tessera.accounts import service as accounts
from tessera.articles import service as articles
from tessera.articles.models import Channel
from tessera.kit import clock
from tessera.kit.clock import now as moment
from tessera.kit.jobs import Job, JobState, Work
from tessera.kit.journal import Entry
from tessera.kit.unit import Unit
from tessera.testing.fixtures import every_database
from tessera.tickets import service as tickets
from tessera.tickets.models import Priority, Ticket
from tessera_masterslave import handlers, queries
from tessera_masterslave._cascades import CASCADES
from tessera_masterslave.models import Failure
from tessera_masterslave.queries import Deed
from tessera_masterslave.service._repeating import Repeat, repeating
from tests.articles.words import mail, words
from tests.masterslave.crowd import SYSTEM, Crowd, failures, now, said, sound, state_of
from tests.tickets.desk import names, state

LATER = moment().replace(microsecond=0) + timedelta(days=2)

Look = Callable[[Ticket], Awaitable[object]]


async def _until(ticket: Ticket) -> object:
    return (await now(ticket)).pending_until


async def _priority(ticket: Ticket) -> object:
    return (await Priority.get(id=(await now(ticket)).priority_id)).name


async def _holder(ticket: Ticket) -> object:
    return (await now(ticket)).lock_holder_id


async def _owner(ticket: Ticket) -> object:
    return (await now(ticket)).owner_id


async def _responsible(ticket: Ticket) -> object:
    return (await now(ticket)).responsible_id


async def _notes(ticket: Ticket) -> object:
    return [(each.channel, each.body) for each in await said(ticket)]


LOOKS: dict[str, Look] = {
    "state": state_of,
    "pending_time": _until,
    "priority": _priority,
    "lock": _holder,
    "owner": _owner,
    "responsible": _responsible,
    "note": _notes,
    "reply": _notes,
}


async def do(crowd: Crowd, cascade: str, master: Ticket) -> Look:
    """Do something to a master; return how to see it on any ticket."""
    anna = await crowd.desk.agent(crowd.desk.anna)
    match cascade:
        case "state":
            await crowd.act(tickets.set_state, master, await state("open"))
        case "pending_time":
            await crowd.act(tickets.update, master, pending_until=LATER)
        case "priority":
            await crowd.act(tickets.update, master, priority=await Priority.get(name="5 very high"))
        case "lock":
            await crowd.act(tickets.lock, master)
        case "owner":
            await crowd.act(tickets.assign_owner, master, anna)
        case "responsible":
            await crowd.act(tickets.assign_responsible, master, anna)
        case "note":
            await crowd.act(articles.add_note, master, words(Channel.NOTE, "Cable cut"))
        case _:
            await crowd.act(articles.add_portal_message, master, words(body="We are on it"), takes_on=False)
    return LOOKS[cascade]


async def prepared(crowd: Crowd, cascade: str) -> tuple[Ticket, list[Ticket]]:
    master, slaves = await crowd.group()
    if cascade == "pending_time":
        for each in (master, *slaves):
            await crowd.desk.run(crowd.mira, tickets.set_state, each, await state("pending reminder"))
    await crowd.house.drain()
    return master, slaves


@pytest.mark.parametrize("cascade", CASCADES)
async def test_a_cascade_that_is_on_is_repeated(crowd: Crowd, cascade: str) -> None:
    master, slaves = await prepared(crowd, cascade)
    await crowd.cascades(master, cascade)
    stranger = await crowd.ticket("Stranger")
    before = [await now(each) for each in slaves]
    look = await do(crowd, cascade, master)
    assert [await look(each) for each in slaves] == [await look(master)] * 2
    assert [each.version for each in before] != [(await now(each)).version for each in slaves]
    assert await look(stranger) != await look(master)
    assert await Failure.all().count() == 0


@pytest.mark.parametrize("cascade", CASCADES)
async def test_a_cascade_that_is_off_is_not_repeated(crowd: Crowd, cascade: str) -> None:
    master, slaves = await prepared(crowd, cascade)
    await crowd.cascades(master, *(name for name in CASCADES if name not in {cascade, _implied(cascade)}))
    versions = [(await now(each)).version for each in slaves]
    look = await do(crowd, cascade, master)
    assert [await look(each) for each in slaves] != [await look(master)] * 2
    assert [(await now(each)).version for each in slaves] == versions


def _implied(cascade: str) -> str | None:
    """Return what a deed does besides: whoever locks a ticket becomes its owner."""
    return "owner" if cascade == "lock" else None


@every_database
async def test_closing_the_master_closes_the_slaves(crowd: Crowd) -> None:
    master, (one, two) = await crowd.group()
    await crowd.act(tickets.close, master, state=await state("closed unsuccessful"))
    assert [await state_of(each) for each in (one, two)] == ["closed unsuccessful"] * 2
    await crowd.act(tickets.reopen, master)
    assert [await state_of(each) for each in (one, two)] == ["open"] * 2
    await sound()


@every_database
async def test_a_time_that_is_set_with_a_state_comes_along(crowd: Crowd) -> None:
    master, (one, _) = await crowd.group()
    await crowd.act(tickets.set_state, master, await state("pending reminder"), pending_until=LATER)
    assert (await state_of(one), (await now(one)).pending_until) == ("pending reminder", LATER)
    await crowd.cascades(master, "state")
    other = LATER + timedelta(days=1)
    await crowd.act(tickets.set_state, master, await state("pending auto close+"), pending_until=other)
    assert await state_of(one) == "pending auto close+"
    assert (await now(one)).pending_until not in {LATER, other, None}


async def test_a_lock_is_released_and_taken_over_along_with_the_masters(crowd: Crowd) -> None:
    master, (one, two) = await crowd.group()
    await crowd.act(tickets.lock, master)
    assert (await now(one)).lock_holder_id == crowd.mira.id
    await crowd.act(tickets.lock, master, force=True, actor=crowd.desk.anna)
    assert [(await now(each)).lock_holder_id for each in (master, one, two)] == [crowd.desk.anna.id] * 3
    await crowd.act(tickets.unlock, two)
    await crowd.act(tickets.lock, two, actor=crowd.desk.bert)
    await crowd.act(tickets.unlock, master)
    assert (await now(one)).lock_holder_id is None
    assert (await now(two)).lock_holder_id == crowd.desk.bert.id
    assert await Failure.all().count() == 0


async def test_nothing_flows_from_a_slave_to_its_master_or_to_other_slaves(crowd: Crowd) -> None:
    master, (one, two) = await crowd.group()
    version = (await now(master)).version
    await crowd.act(tickets.close, one, state=await state("closed successful"))
    await crowd.act(articles.add_note, one, words(Channel.NOTE))
    assert (await state_of(master), await state_of(two)) == ("new", "new")
    assert (await now(master)).version == version
    assert await said(two) == []


@every_database
async def test_what_happened_is_followed_in_order_and_once(crowd: Crowd) -> None:
    master, (one, _) = await crowd.group()
    for name in ("5 very high", "1 very low", "4 high"):
        await crowd.desk.run(crowd.mira, tickets.update, master, priority=await Priority.get(name=name))
    await crowd.desk.run(crowd.mira, articles.add_note, master, words(Channel.NOTE, "first"))
    await crowd.desk.run(crowd.mira, articles.add_note, master, words(Channel.NOTE, "second"))
    await crowd.house.drain()
    assert await _notes(one) == [("note", "first"), ("note", "second")]
    changes = [entry.facts["after"] for entry in await Entry.filter(subject_id=one.id, name="ticket.priority_changed")]
    assert changes == ["5 very high", "1 very low", "4 high"]


@every_database
async def test_work_that_is_done_twice_is_followed_once(crowd: Crowd) -> None:
    master, slaves = await crowd.group()
    await crowd.act(articles.add_note, master, words(Channel.NOTE, "once"))
    for _ in range(2):
        assert await Job.filter(name=queries.FOLLOW, state=JobState.SUCCEEDED).update(state=JobState.QUEUED) == 1
        await crowd.house.drain()
    assert await Job.exists(name=queries.FOLLOW, state=JobState.SUCCEEDED, attempts=3)
    assert [await _notes(each) for each in slaves] == [[("note", "once")]] * 2


async def test_work_that_was_interrupted_goes_on_where_it_was(crowd: Crowd, monkeypatch: pytest.MonkeyPatch) -> None:
    master, (one, two, three) = await crowd.group(3)
    told: list[float] = []

    async def die(_work: Work, fraction: float) -> None:
        told.append(fraction)
        raise RuntimeError("the worker is gone")

    monkeypatch.setattr(handlers, "TOGETHER", 2)
    with monkeypatch.context() as patched:
        patched.setattr(Work, "progress", die)
        await crowd.act(articles.add_note, master, words(Channel.NOTE, "once"))
    assert [len(await said(each)) for each in (one, two, three)] == [1, 1, 0]
    with clock.set_forward(timedelta(minutes=1)):
        await crowd.house.drain()
    assert [len(await said(each)) for each in (one, two, three)] == [1, 1, 1]


async def test_one_work_follows_what_was_done_at_once(crowd: Crowd) -> None:
    master, _ = await crowd.group()
    await crowd.act(tickets.lock, master)
    await crowd.act(tickets.close, master, state=await state("closed successful"))
    assert await Job.filter(name=queries.FOLLOW).count() == 2
    assert {job.actor_id for job in await Job.filter(name=queries.FOLLOW)} == {crowd.mira.id}


async def test_the_slaves_facts_name_the_masters_as_their_cause(crowd: Crowd) -> None:
    master, (one, _) = await crowd.group()
    await crowd.act(tickets.close, master, state=await state("closed successful"))
    cause = await Entry.get(subject_id=master.id, name="ticket.state_changed")
    effect = await Entry.get(subject_id=one.id, name="ticket.state_changed")
    assert (effect.cause_id, effect.actor_id) == (cause.id, crowd.mira.id)
    assert effect.depth == cause.depth + 1


async def test_a_ticket_outside_of_groups_owes_nothing(crowd: Crowd) -> None:
    await crowd.group()
    stranger = await crowd.ticket("Stranger")
    await crowd.act(tickets.close, stranger, state=await state("closed successful"))
    assert await Job.filter(name=queries.FOLLOW).count() == 0


async def test_what_was_before_is_not_made_up_for(crowd: Crowd) -> None:
    master, slaves = await crowd.ticket(), await crowd.tickets(2)
    await crowd.act(articles.add_note, master, words(Channel.NOTE, "early"))
    await crowd.attach(master, slaves[:1])
    await crowd.act(articles.add_note, master, words(Channel.NOTE, "between"))
    await crowd.attach(master, slaves[1:])
    await crowd.act(articles.add_note, master, words(Channel.NOTE, "late"))
    assert [await _notes(each) for each in slaves] == [
        [("note", "between"), ("note", "late")],
        [("note", "late")],
    ]


@every_database
async def test_who_cannot_follow_is_noted_and_the_others_follow(crowd: Crowd) -> None:
    master, (locked, free, merged) = await crowd.group(3)
    desk = crowd.desk
    await desk.run(desk.bert, tickets.lock, locked)
    hidden = await crowd.ticket("Hidden", queue=desk.other_queue)
    await crowd.attach(master, [hidden])
    await Ticket.filter(id=merged.id).update(state_id=(await state("merged")).id)
    await crowd.act(tickets.close, master, state=await state("closed successful"), actor=desk.anna)
    assert [await state_of(each) for each in (locked, free, hidden)] == ["new", "closed successful", "new"]
    assert await failures(locked) == [("state", "tickets.locked")]
    assert await failures(merged) == [("state", "tickets.merged")]
    assert await failures(hidden) == [("state", "masterslave.slave_hidden")]
    assert await failures(free) == []
    assert "masterslave.failed" in await names(locked)
    told = await Entry.get(subject_id=locked.id, name="masterslave.failed")
    assert told.facts["why"] == (await _why(locked))


@every_database
async def test_one_that_cannot_follow_leaves_the_others_with_each_thing_once(crowd: Crowd) -> None:
    master, (one, two, locked) = await crowd.group(3)
    await crowd.desk.run(crowd.desk.bert, tickets.lock, locked)
    before = [await now(each) for each in (one, two)]
    await crowd.desk.run(crowd.mira, articles.add_note, master, words(Channel.NOTE, "once"))
    await crowd.act(tickets.close, master, state=await state("closed successful"))
    for ticket in before:
        assert [each.body for each in await said(ticket)] == ["once"]
        assert (await names(ticket))[-2:] == ["article.added", "ticket.state_changed"]
        assert (await now(ticket)).version == ticket.version + 2
    assert await _notes(locked) == [("note", "once")]
    assert await failures(locked) == [("state", "tickets.locked")]
    assert await Entry.filter(name="ticket.state_changed").count() == 3


async def test_slaves_that_can_follow_share_most_statements(crowd: Crowd, caplog: pytest.LogCaptureFixture) -> None:
    """Some 3 for each slave that is closed; one by one they were 8."""
    counts = []
    for size in (5, 25):
        master, _ = await crowd.group(size)
        await crowd.house.drain()
        await crowd.desk.run(crowd.mira, tickets.close, master, state=await state("closed successful"))
        with caplog.at_level(logging.DEBUG, logger="tortoise.db_client"):
            caplog.clear()
            await crowd.house.drain()
        counts.append(len([record for record in caplog.records if record.name == "tortoise.db_client"]))
        caplog.clear()
    assert 20 < counts[1] - counts[0] <= 20 * 4, counts


async def _why(ticket: Ticket) -> str:
    row = await Ticket.get(id=ticket.id)
    return f"Bert has held the lock of ticket {row.number} since {clock.isoformat(row.locked_at or moment())}."


async def test_only_the_newest_of_what_could_not_be_followed_counts(crowd: Crowd) -> None:
    master, (locked, _) = await crowd.group()
    desk = crowd.desk
    await desk.run(desk.bert, tickets.lock, locked)
    for name in ("4 high", "5 very high"):
        await crowd.act(tickets.update, master, priority=await Priority.get(name=name))
    for body in ("one", "two"):
        await crowd.act(articles.add_portal_message, master, words(body=body), takes_on=False)
    assert sorted(await failures(locked), key=str) == [
        ("priority", "tickets.locked"),
        ("reply", "tickets.locked"),
        ("reply", "tickets.locked"),
    ]
    await desk.run(desk.bert, tickets.unlock, locked)
    await crowd.act(tickets.update, master, priority=await Priority.get(name="3 normal"))
    await crowd.act(tickets.update, master, priority=await Priority.get(name="4 high"))
    assert [cascade for cascade, _ in await failures(locked)] == ["reply", "reply"]


async def test_customers_of_the_master_move_nobody_else(crowd: Crowd) -> None:
    master, slaves = await crowd.group()
    closed = await state("closed successful")
    await crowd.act(tickets.close, master, state=closed)
    await crowd.act(articles.add_portal_message, master, words(), actor=crowd.desk.carla)
    assert await state_of(master) == "open"
    await crowd.act(tickets.close, master, state=closed)
    cause = await Entry.all().order_by("-id").first()
    assert cause is not None
    add = partial(articles.add_incoming, ticket=await now(master), article=mail())
    await crowd.house.runtime.units.run(SYSTEM, add, cause_id=cause.id, depth=1)
    await crowd.house.drain()
    assert await state_of(master) == "open"
    assert [await state_of(each) for each in slaves] == ["closed successful"] * 2
    assert [await said(each) for each in slaves] == [[], []]


@every_database
async def test_what_the_system_does_is_followed_by_its_right(crowd: Crowd) -> None:
    master, (one, locked) = await crowd.group()
    await crowd.act(
        tickets.set_state, master, await state("pending auto close+"), pending_until=moment() + timedelta(minutes=5)
    )
    for each in (one, locked):
        await crowd.act(tickets.set_state, each, await state("open"))
    await crowd.act(tickets.lock, locked, actor=crowd.desk.bert)
    with clock.set_forward(timedelta(hours=1)):
        await crowd.house.run(lambda unit: unit.enqueue("tickets.act_on_deadlines"))
        await crowd.house.drain()
    assert [await state_of(each) for each in (master, one, locked)] == ["closed successful"] * 3


async def test_who_was_switched_off_leaves_nothing_undone_unsaid(crowd: Crowd) -> None:
    master, slaves = await crowd.group()
    desk = crowd.desk
    await desk.run(desk.anna, tickets.close, master, state=await state("closed successful"))
    await desk.run(SYSTEM, accounts.update_agent, await desk.agent(desk.anna), active=False)
    await crowd.house.drain()
    assert [await failures(each) for each in slaves] == [[("state", "masterslave.actor_gone")]] * 2
    assert await state_of(slaves[0]) == "new"


async def test_a_slave_that_breaks_does_not_stop_the_others(crowd: Crowd) -> None:
    master, (one, broken, three) = await crowd.group(3)
    repeated: list[int] = []

    async def reading(deed: Deed) -> Repeat:
        repeat = await repeating(deed)

        async def breaks(unit: Unit, slave: Ticket) -> None:
            repeated.append(slave.id)
            if slave.id == broken.id and repeated.count(slave.id) <= 2:
                raise RuntimeError("a bug")
            await repeat(unit, slave)

        return breaks

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("tessera_masterslave.service._following.repeating", reading)
        await crowd.act(tickets.close, master, state=await state("closed successful"))
        assert [await state_of(each) for each in (one, broken, three)] == [
            "closed successful",
            "new",
            "closed successful",
        ]
        with clock.set_forward(timedelta(minutes=1)):
            await crowd.house.drain()
    assert await state_of(broken) == "closed successful"
    assert repeated == [one.id, broken.id, one.id, broken.id, three.id, broken.id]
