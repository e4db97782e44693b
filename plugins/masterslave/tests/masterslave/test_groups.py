"""Who may make, change and dissolve groups, and that groups stay sound whatever becomes of their tickets."""

import asyncio
from functools import partial
from typing import Any

import pytest

from tessera.articles import service as articles
from tessera.kit.errors import Forbidden, NotFound
from tessera.kit.unit import Unit
from tessera.queues.errors import RightMissing
from tessera.settings import service as settings
from tessera.testing.fixtures import every_database
from tessera.tickets import service as tickets
from tessera.tickets.errors import TicketLocked, TicketMerged
from tessera.tickets.models import Priority, Ticket
from tessera_masterslave import queries, service
from tessera_masterslave._cascades import CASCADES
from tessera_masterslave.errors import MasterIsSlave, NoMaster, NoSlave, UnknownCascade
from tessera_masterslave.models import Failure, Group, Member
from tessera_masterslave.settings import NEW_CASCADES, UNLINK_ON_MERGE
from tests.articles.words import articles as articles_of
from tests.articles.words import words
from tests.masterslave.crowd import MANAGE, SYSTEM, Crowd, failures, master_of, now, sound, state_of
from tests.tickets.desk import facts, state


def reasons(outcome: service.Outcome) -> dict[int, str | None]:
    return {ticket.id: problem.reason for ticket, problem in outcome.refused}


async def detach(crowd: Crowd, master: Ticket, *slaves: Ticket, actor: Any = None) -> service.Outcome:
    async def work(unit: Unit) -> service.Outcome:
        return await service.detach(unit, await now(master), [await now(slave) for slave in slaves])

    return await crowd.house.run(work, actor=actor or crowd.mira)


@every_database
async def test_tickets_become_slaves_and_are_let_go(crowd: Crowd) -> None:
    master, slaves = await crowd.ticket(), await crowd.tickets(3)
    outcome = await crowd.attach(master, slaves)
    assert ([each.id for each in outcome.slaves], outcome.refused) == ([each.id for each in slaves], [])
    assert [await master_of(each) for each in (master, *slaves)] == [master.id] * 4
    assert (await facts(slaves[0]))[-1] == (
        "masterslave.attached",
        {"master": master.number, "master_id": master.id},
    )
    assert (await facts(master))[-1] == ("masterslave.joined", {"count": 3})
    assert reasons(await detach(crowd, master, slaves[0])) == {}
    assert (await facts(slaves[0]))[-1][0] == "masterslave.released"
    assert (await facts(master))[-1] == ("masterslave.left", {"count": 1})
    assert await master_of(slaves[0]) is None
    await crowd.act(tickets.close, master, state=await state("closed successful"))
    assert [await state_of(each) for each in slaves] == ["new", "closed successful", "closed successful"]
    await sound()


@every_database
async def test_a_ticket_has_one_place_only(crowd: Crowd) -> None:
    master, (slave, _) = await crowd.group()
    other, (elses, _) = await crowd.group(2)
    free = await crowd.ticket("Free")
    outcome = await crowd.attach(other, [slave, master, other, free, elses])
    assert reasons(outcome) == {
        slave.id: "masterslave.already_slave",
        master.id: "masterslave.slave_is_master",
        other.id: "masterslave.own_slave",
    }
    assert [each.id for each in outcome.slaves] == [free.id, elses.id]
    with pytest.raises(MasterIsSlave) as refused:
        await crowd.attach(slave, [free])
    assert refused.value.message == f"Ticket {slave.number} is itself a slave of {master.number}."
    await sound()


@every_database
async def test_two_who_attach_each_other_at_once_cannot_both(crowd: Crowd) -> None:
    one, two = await crowd.tickets(2)
    await asyncio.gather(crowd.attach(one, [two]), crowd.attach(two, [one]), return_exceptions=True)
    assert (await Group.all().count(), await Member.all().count()) == (1, 2)
    await sound()


async def test_attaching_needs_the_permission_and_rights_on_both(crowd: Crowd) -> None:
    desk = crowd.desk
    master, (one, two) = await crowd.ticket(), await crowd.tickets(2)
    elsewhere = await crowd.ticket("Elsewhere", queue=desk.other_queue)
    limited = await desk.agent_with("lena", ("rw",), permissions=(MANAGE,), elsewhere=("ro",))
    with pytest.raises(Forbidden):
        await crowd.attach(master, [one], actor=desk.anna)
    with pytest.raises(Forbidden):
        await crowd.attach(master, [one], actor=desk.carla)
    with pytest.raises(RightMissing):
        await crowd.attach(elsewhere, [one], actor=limited)
    await desk.run(desk.bert, tickets.lock, two)
    outcome = await crowd.attach(master, [one, two, elsewhere], actor=limited)
    assert reasons(outcome) == {two.id: "tickets.locked", elsewhere.id: "queues.right_missing"}
    await desk.run(desk.bert, tickets.lock, elsewhere_lockable := await crowd.ticket("Other"))
    with pytest.raises(TicketLocked):
        await crowd.attach(elsewhere_lockable, [two])
    assert await Member.all().count() == 2


async def test_letting_go_needs_a_right_on_either_and_no_lock(crowd: Crowd) -> None:
    desk = crowd.desk
    master, (one, two) = await crowd.group()
    there = await crowd.ticket("There", queue=desk.other_queue)
    await crowd.attach(master, [there])
    lena = await desk.agent_with("lena", ("ro",), permissions=(MANAGE,), elsewhere=("rw",))
    await desk.run(desk.bert, tickets.lock, one)
    assert reasons(await detach(crowd, master, two, there, actor=lena)) == {two.id: "queues.right_missing"}
    free = await crowd.ticket("Free")
    assert reasons(await detach(crowd, master, one, free)) == {free.id: "masterslave.no_slave"}
    with pytest.raises(Forbidden):
        await detach(crowd, master, two, actor=desk.anna)
    with pytest.raises(NoMaster):
        await detach(crowd, free, two)
    assert await master_of(two) == master.id


async def test_cascades_are_chosen(crowd: Crowd) -> None:
    master, (one, _) = await crowd.group()
    group = await Group.get(master_id=master.id)
    assert queries.cascades_of(group) == list(CASCADES)
    await crowd.cascades(master, "note", "state", "note")
    assert queries.cascades_of(await Group.get(id=group.id)) == ["state", "note"]
    assert (await facts(master))[-1] == (
        "masterslave.cascades_changed",
        {"before": ", ".join(CASCADES), "after": "state, note"},
    )
    with pytest.raises(UnknownCascade):
        await crowd.cascades(master, "title")
    with pytest.raises(NoMaster):
        await crowd.cascades(one, "state")
    with pytest.raises(Forbidden):
        await crowd.desk.run(crowd.desk.anna, service.set_cascades, master, [])
    await crowd.cascades(master)
    await crowd.act(tickets.close, master, state=await state("closed successful"))
    assert await state_of(one) == "new"


async def test_new_groups_repeat_what_the_setting_says(crowd: Crowd) -> None:
    await crowd.house.run(lambda unit: settings.change_setting(unit, NEW_CASCADES, ["reply", "nonsense", "state"]))
    master, _ = await crowd.group()
    assert queries.cascades_of(await Group.get(master_id=master.id)) == ["state", "reply"]


@every_database
async def test_a_slave_is_promoted(crowd: Crowd) -> None:
    master, (one, two) = await crowd.group()
    await crowd.act(articles.add_note, one, words("note", "before"))
    await crowd.act(service.promote, one)
    assert [await master_of(each) for each in (master, one, two)] == [one.id] * 3
    assert (await facts(one))[-1] == ("masterslave.promoted", {"before": master.number, "before_id": master.id})
    assert (await facts(master))[-1] == ("masterslave.replaced", {"after": one.number, "after_id": one.id})
    await crowd.act(tickets.update, one, priority=await Priority.get(name="5 very high"))
    high = (await now(one)).priority_id
    assert [(await now(each)).priority_id for each in (master, two)] == [high, high]
    assert [article.body for article in await articles_of(two)] == ["It burns"]
    with pytest.raises(NoSlave):
        await crowd.act(service.promote, one)
    with pytest.raises(Forbidden):
        await crowd.act(service.promote, two, actor=crowd.desk.anna)
    await crowd.desk.run(crowd.desk.bert, tickets.lock, one)
    with pytest.raises(TicketLocked):
        await crowd.act(service.promote, two)
    await sound()


async def test_nobody_promotes_over_a_master_out_of_sight(crowd: Crowd) -> None:
    master, (one, _) = await crowd.group(2, queue=crowd.desk.other_queue)
    lena = await crowd.desk.agent_with("lena", ("rw",), permissions=(MANAGE,))
    with pytest.raises(NotFound):
        await crowd.act(service.promote, one, actor=lena)
    assert await master_of(one) == master.id


@every_database
async def test_what_was_not_followed_yet_is_kept_when_the_master_changes(crowd: Crowd) -> None:
    master, (one, two) = await crowd.group()
    await crowd.desk.run(crowd.mira, articles.add_note, master, words("note", "for all"))
    await crowd.desk.run(crowd.mira, service.promote, one)
    await crowd.house.drain()
    assert [await failures(each) for each in (one, two)] == [[("note", "masterslave.master_replaced")]] * 2
    await service.retry_all(crowd.house.runtime.units, crowd.mira, await now(one), None, limit=10)
    assert [[article.body for article in await articles_of(each)][1:] for each in (one, two)] == [["for all"]] * 2
    assert await Failure.all().count() == 0


@every_database
async def test_a_group_is_dissolved(crowd: Crowd) -> None:
    master, (one, two) = await crowd.group()
    await crowd.desk.run(crowd.desk.bert, tickets.lock, one)
    await crowd.act(tickets.update, master, priority=await Priority.get(name="5 very high"))
    assert await failures(one) != []
    with pytest.raises(Forbidden):
        await crowd.act(service.dissolve, master, actor=crowd.desk.anna)
    released = await crowd.act(service.dissolve, master)
    assert [each.id for each in released] == [one.id, two.id]
    assert await Group.all().count() == await Member.all().count() == await Failure.all().count() == 0
    assert (await facts(master))[-1] == ("masterslave.dissolved", {"count": 2})
    assert (await facts(two))[-1][0] == "masterslave.released"
    with pytest.raises(NoMaster):
        await crowd.act(service.dissolve, master)
    await crowd.attach(one, [master], actor=SYSTEM)
    await sound()


class TestMerging:
    @every_database
    async def test_what_a_slave_was_merged_into_takes_its_place(self, crowd: Crowd) -> None:
        master, (one, two) = await crowd.group()
        other = await crowd.ticket("Other")
        await crowd.act(articles.merge, one, other)
        assert [await master_of(each) for each in (one, two, other)] == [None, master.id, master.id]
        await crowd.act(tickets.close, master, state=await state("closed successful"))
        assert await state_of(other) == "closed successful"
        assert await Failure.all().count() == 0
        await sound()

    async def test_a_slave_that_is_merged_into_one_with_a_place_leaves(self, crowd: Crowd) -> None:
        master, (one, two, three) = await crowd.group(3)
        other_master, (elses, _) = await crowd.group(2)
        await crowd.act(articles.merge, one, two)
        await crowd.act(articles.merge, two, elses)
        await crowd.act(articles.merge, three, master)
        assert [await master_of(each) for each in (one, two, three)] == [None] * 3
        assert (await master_of(master), await master_of(elses)) == (master.id, other_master.id)
        await sound()

    @every_database
    async def test_what_a_master_was_merged_into_leads_the_group(self, crowd: Crowd) -> None:
        master, (one, _) = await crowd.group()
        other = await crowd.ticket("Other")
        await crowd.act(articles.merge, master, other)
        assert (await master_of(one), await master_of(other), await master_of(master)) == (other.id, other.id, None)
        await crowd.act(tickets.close, other, state=await state("closed successful"))
        assert await state_of(one) == "closed successful"
        await sound()

    async def test_a_master_that_is_merged_into_its_slave_leaves_it_the_group(self, crowd: Crowd) -> None:
        master, (one, two) = await crowd.group()
        await crowd.act(articles.merge, master, one)
        assert [await master_of(each) for each in (master, one, two)] == [None, one.id, one.id]
        await sound()

    async def test_the_slaves_of_two_masters_that_become_one_follow_it(self, crowd: Crowd) -> None:
        master, (one, _) = await crowd.group()
        other, extra = await crowd.ticket("Other"), await crowd.ticket("Extra")
        await crowd.attach(other, [extra])
        await crowd.act(articles.merge, master, other)
        assert [await master_of(each) for each in (master, one, extra, other)] == [None, other.id, other.id, other.id]
        await crowd.act(tickets.close, other, state=await state("closed successful"))
        assert await state_of(one) == "closed successful"
        await sound()

    async def test_a_master_that_is_merged_into_anothers_slave_lets_all_go(self, crowd: Crowd) -> None:
        master = await crowd.ticket()
        slave, elses = await crowd.ticket("Slave"), await crowd.ticket("Else")
        other = await crowd.ticket("Other")
        await crowd.attach(master, [slave])
        await crowd.attach(other, [elses])
        await crowd.act(articles.merge, master, elses)
        assert [await master_of(each) for each in (master, slave, elses)] == [None, None, other.id]
        await sound()

    async def test_merging_unlinks_where_the_setting_says_so(self, crowd: Crowd) -> None:
        await crowd.house.run(lambda unit: settings.change_setting(unit, UNLINK_ON_MERGE, value=True))
        master, (one, two) = await crowd.group()
        target, other = await crowd.ticket("Target"), await crowd.ticket("Other")
        await crowd.act(articles.merge, one, target)
        assert [await master_of(each) for each in (one, target, two)] == [None, None, master.id]
        await crowd.act(articles.merge, master, other)
        assert await Group.all().count() == 0
        assert (await facts(two))[-1][0] == "masterslave.released"
        await sound()

    async def test_what_was_done_before_the_merge_is_not_lost(self, crowd: Crowd) -> None:
        master, (one, _) = await crowd.group()
        other = await crowd.ticket("Other")
        await crowd.desk.run(crowd.mira, tickets.update, master, priority=await Priority.get(name="5 very high"))
        await crowd.desk.run(crowd.mira, articles.merge, master, other)
        await crowd.house.drain()
        seen = [(await now(one)).priority_id == (await Priority.get(name="5 very high")).id, await failures(one)]
        assert seen in ([True, []], [False, [("priority", "masterslave.master_replaced")]])

    async def test_nobody_but_the_system_moves_places(self, crowd: Crowd) -> None:
        master, _ = await crowd.group()
        with pytest.raises(Forbidden):
            await crowd.house.run(partial(service.follow_merge, ticket_id=master.id), actor=crowd.mira)
        await crowd.house.run(partial(service.follow_merge, ticket_id=master.id))
        assert await master_of(master) == master.id

    async def test_merged_tickets_join_nothing(self, crowd: Crowd) -> None:
        one, two, three = await crowd.tickets(3)
        await crowd.act(articles.merge, one, two)
        with pytest.raises(TicketMerged):
            await crowd.attach(one, [three])
        assert reasons(await crowd.attach(three, [one])) == {one.id: "tickets.merged"}


async def test_a_split_stays_outside_of_the_group(crowd: Crowd) -> None:
    master, (one, _) = await crowd.group()
    for ticket in (master, one):
        (article, *_) = await articles_of(ticket)
        made, _ = await crowd.act(articles.split, article, article=words(), title="Part", queue=crowd.desk.queue)
        assert await master_of(made) is None
    await sound()
