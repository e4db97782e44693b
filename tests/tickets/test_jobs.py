"""The minute's work through the job table: everything due is done, and one refusal stops no other."""

from datetime import timedelta
from typing import Any, cast

import pytest

from tessera.kit import clock
from tessera.kit.clock import now
from tessera.kit.errors import WrongState
from tessera.kit.jobs import Job, JobState
from tessera.kit.unit import Unit
from tessera.testing.house import House
from tessera.tickets import service
from tessera.tickets.events import StateChanged
from tessera.tickets.models import Ticket
from tests.tickets.desk import Desk, names, state

JOB = "tickets.act_on_deadlines"


async def work(house: House) -> None:
    async def owe(unit: Unit) -> None:
        await unit.enqueue(JOB)

    await house.run(owe)
    await house.drain()


def test_the_minute_is_kept(house: House) -> None:
    every = {schedule.job: schedule.every for schedule in house.runtime.wiring.schedules}
    assert every[JOB] == timedelta(minutes=1)


async def test_what_is_due_is_done_and_one_refusal_stops_no_other(
    house: House, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = now() + timedelta(minutes=40)
    stuck = await desk.ticket(state=await state("pending auto close+"), pending_until=later)
    auto = await desk.ticket(state=await state("pending auto close-"), pending_until=later)
    reminder = await desk.ticket(state=await state("pending reminder"), pending_until=later)
    locked = await desk.ticket()
    await desk.run(desk.anna, service.lock, locked)

    async def refuse(_unit: Unit, event: StateChanged) -> None:
        if event.subject.id == stuck.id:
            raise WrongState

    await work(house)
    assert [len(await names(ticket)) for ticket in (stuck, auto, reminder, locked)] == [1, 1, 1, 3]
    with clock.set_forward(timedelta(hours=1)):
        with monkeypatch.context() as patch:
            patch.setitem(cast("dict[Any, Any]", house.runtime.wiring.guards), StateChanged, (refuse,))
            await work(house)
        assert await names(stuck) == ["ticket.created"]
        assert (await Ticket.get(id=auto.id)).state_id == (await state("closed unsuccessful")).id
        assert (await Ticket.get(id=locked.id)).lock_holder_id is None
        await work(house)
    assert (await Ticket.get(id=stuck.id)).state_id == (await state("closed successful")).id
    assert (await names(reminder)).count("ticket.pending_reached") == 1
    assert await Job.filter(name=JOB, state=JobState.SUCCEEDED).count() == 3
