"""What happens to tickets when a time has come, and what keeps a lock alive."""

from datetime import timedelta

import pytest

from tessera.kit import clock
from tessera.kit.actor import SYSTEM
from tessera.kit.clock import now
from tessera.settings import service as settings_service
from tessera.tickets import queries, service
from tessera.tickets.errors import (
    NotPending,
)
from tessera.tickets.models import Ticket
from tessera.tickets.settings import STATE_AFTER_PENDING
from tests.tickets.desk import Desk, facts, names, state


async def test_a_touch_keeps_the_lock_alive(desk: Desk) -> None:
    ticket = await desk.ticket()
    locked = await desk.run(desk.anna, service.lock, ticket)
    assert locked.lock_expires_at is not None
    with clock.set_forward(timedelta(minutes=20)):
        touched = await desk.run(desk.anna, service.touch, ticket)
    assert touched.lock_expires_at is not None
    assert touched.lock_expires_at - locked.lock_expires_at > timedelta(minutes=19)
    assert touched.version == locked.version + 1


async def test_a_pending_reminder_reminds_once_and_again_after_a_new_time(desk: Desk) -> None:
    ticket = await desk.ticket(state=await state("pending reminder"), pending_until=now() + timedelta(hours=1))
    assert not await desk.run(SYSTEM, service.act_on_pending, ticket.id)
    with clock.set_forward(timedelta(hours=2)):
        assert await desk.run(SYSTEM, service.act_on_pending, ticket.id)
        assert not await desk.run(SYSTEM, service.act_on_pending, ticket.id)
        assert (await names(ticket)).count("ticket.pending_reached") == 1
        await desk.run(desk.anna, service.update, ticket, pending_until=now() - timedelta(seconds=1))
        assert await desk.run(SYSTEM, service.act_on_pending, ticket.id)
    assert (await queries.state_type_of(await Ticket.get(id=ticket.id))) == "pending_reminder"


@pytest.mark.parametrize(("mark", "closed"), [("+", "closed successful"), ("-", "closed unsuccessful")])
async def test_pending_auto_closes_as_its_name_says(desk: Desk, mark: str, closed: str) -> None:
    ticket = await desk.ticket(state=await state(f"pending auto close{mark}"), pending_until=now())
    await desk.run(desk.anna, service.lock, ticket)
    assert await desk.run(SYSTEM, service.act_on_pending, ticket.id)
    after = await Ticket.get(id=ticket.id)
    assert (after.state_id, after.lock_holder_id, after.pending_until) == ((await state(closed)).id, None, None)
    assert (await names(ticket))[-3:] == ["ticket.pending_reached", "ticket.state_changed", "ticket.unlocked"]


async def test_pending_auto_without_a_following_state_reminds_only(desk: Desk) -> None:
    await desk.run(SYSTEM, settings_service.change_setting, STATE_AFTER_PENDING, {})
    ticket = await desk.ticket(state=await state("pending auto close+"), pending_until=now())
    assert await desk.run(SYSTEM, service.act_on_pending, ticket.id)
    assert not await desk.run(SYSTEM, service.act_on_pending, ticket.id)
    assert (await names(ticket))[-1] == "ticket.pending_reached"


async def test_an_untouched_lock_is_released_when_its_time_is_over(desk: Desk) -> None:
    ticket = await desk.ticket()
    await desk.run(desk.anna, service.lock, ticket)
    assert not await desk.run(SYSTEM, service.release_expired_lock, ticket.id)
    with clock.set_forward(timedelta(minutes=31)):
        assert await desk.run(SYSTEM, service.release_expired_lock, ticket.id)
        assert not await desk.run(SYSTEM, service.release_expired_lock, ticket.id)
    assert (await facts(ticket))[-1] == (
        "ticket.unlocked",
        {"holder": "Anna", "holder_id": desk.anna.id, "why": "timeout"},
    )


async def test_a_waiting_ticket_keeps_its_lock(desk: Desk) -> None:
    ticket = await desk.ticket()
    await desk.run(desk.anna, service.lock, ticket)
    waiting = await desk.run(desk.anna, service.set_state, ticket, await state("pending reminder"))
    assert waiting.lock_expires_at is None
    opened = await desk.run(desk.anna, service.set_state, ticket, await state("open"))
    assert opened.lock_expires_at is not None


async def test_pending_goes_with_a_time(desk: Desk) -> None:
    ticket, later = await desk.ticket(), now() + timedelta(days=2)
    with pytest.raises(NotPending):
        await desk.run(desk.anna, service.update, ticket, pending_until=later)
    with pytest.raises(NotPending):
        await desk.run(desk.anna, service.set_state, ticket, await state("open"), pending_until=later)
    with clock.stopped(now()):
        waiting = await desk.run(desk.anna, service.set_state, ticket, await state("pending reminder"))
        assert waiting.pending_until == now() + timedelta(minutes=1440)
    with pytest.raises(NotPending):
        await desk.run(desk.anna, service.update, ticket, pending_until=None)
    moved = await desk.run(desk.anna, service.update, ticket, pending_until=later)
    assert moved.pending_until == later
    opened = await desk.run(desk.anna, service.set_state, ticket, await state("open"))
    assert opened.pending_until is None
    with pytest.raises(NotPending):
        await desk.ticket(pending_until=later)
