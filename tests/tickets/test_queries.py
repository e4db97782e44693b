"""Who sees which ticket, and what else is read about tickets."""

from datetime import timedelta

import pytest

from tessera.accounts.settings import SHARE_CUSTOMER_TICKETS
from tessera.kit import clock
from tessera.kit.actor import SYSTEM, Actor, ActorKind
from tessera.kit.clock import now
from tessera.kit.errors import NotFound
from tessera.kit.ids import to_global
from tessera.settings import service as settings
from tessera.testing.fixtures import every_database
from tessera.tickets import queries, service
from tests.tickets.desk import Desk, actor, gid, state


async def seen(by: Actor) -> set[str]:
    return {ticket.title for ticket in await queries.visible_to(by)}


@every_database
async def test_the_visibility_matrix(desk: Desk) -> None:
    stranger, carl = await desk.customer_user(desk.stranger), await desk.customer_user(desk.colleague)
    await desk.ticket(title="carla's")
    await desk.ticket(title="carl's", customer_user=carl)
    await desk.ticket(title="sid's", customer_user=stranger)
    await desk.ticket(title="elsewhere", queue=desk.other_queue)
    removed = await desk.ticket(title="removed")
    await desk.run(SYSTEM, service.set_state, removed, await state("removed"))
    support = {"carla's", "carl's", "sid's", "removed"}
    assert await seen(SYSTEM) == {*support, "elsewhere"}
    assert await seen(desk.anna) == support
    assert await seen(desk.ben) == support
    assert await seen(desk.eve) == set()
    assert await seen(desk.carla) == {"carla's", "carl's", "elsewhere"}
    assert await seen(desk.stranger) == {"sid's"}
    await desk.run(SYSTEM, settings.change_setting, SHARE_CUSTOMER_TICKETS, False)
    alone = await actor(ActorKind.CUSTOMER_USER, carl.id)
    assert await seen(alone) == {"carl's"}


@pytest.mark.parametrize("right", ["move_into", "create", "note", "owner", "priority"])
async def test_no_right_but_ro_shows_a_ticket(desk: Desk, right: str) -> None:
    await desk.ticket()
    assert await seen(await desk.agent_with("rita", [right])) == set()


async def test_hidden_and_unknown_look_the_same(desk: Desk) -> None:
    ticket = await desk.ticket()
    assert (await queries.get(desk.anna, gid(ticket))).id == ticket.id
    unknown = (gid(ticket, "Agent"), to_global("Ticket", 10**6), "nonsense", gid(ticket))
    messages = set()
    for global_id in unknown:
        with pytest.raises(NotFound) as refused:
            await queries.get(desk.eve, global_id, field=("ticket_id",))
        messages.add((refused.value.message, refused.value.field))
    assert len(messages) == 1
    assert await queries.by_number(ticket.number, actor=desk.eve) is None
    assert await queries.by_number(f" {ticket.number} ") == ticket


@every_database
async def test_open_tickets_are_counted_as_the_viewer_sees_them(desk: Desk) -> None:
    for name in ("new", "open", "pending reminder", "pending auto close+", "closed successful"):
        await desk.ticket(state=await state(name))
    await desk.ticket(customer_user=await desk.customer_user(desk.stranger), queue=desk.sub_queue)
    both = [desk.queue.id, desk.sub_queue.id]
    assert await queries.open_counts(desk.anna, both) == {both[0]: 4, both[1]: 1}
    assert await queries.open_counts(desk.stranger, both) == {both[0]: 0, both[1]: 1}
    assert await queries.open_counts(desk.eve, both) == {both[0]: 0, both[1]: 0}


@every_database
async def test_what_is_due_is_found_when_its_time_has_come(desk: Desk) -> None:
    later = now() + timedelta(hours=1)
    pending = await desk.ticket(state=await state("pending reminder"), pending_until=later)
    locked = await desk.ticket()
    await desk.run(desk.anna, service.lock, locked)
    assert await queries.ids_of(queries.pending_reached(now())) == []
    assert await queries.ids_of(queries.lock_expired(now())) == []
    assert await queries.ids_of(queries.pending_reached(later)) == [pending.id]
    assert await queries.ids_of(queries.lock_expired(later)) == [locked.id]


async def test_what_is_switched_off_is_seen_by_administrators_only(desk: Desk) -> None:
    await desk.run(SYSTEM, service.update_state, await state("removed"), active=False)
    manager = await desk.agent_with("mona", ["ro"], permissions=["tickets.manage"])
    assert await queries.states_visible_to(manager).count() == 9
    assert await queries.states_visible_to(desk.anna).count() == 8
    assert await queries.state_named("Removed") is None
    assert await queries.state_named(" OPEN ") is not None


async def test_a_summary_is_text_for_people(desk: Desk) -> None:
    with clock.stopped(now()):
        ticket = await desk.ticket(owner=await desk.agent(desk.anna))
        assert await queries.summary(ticket) == {
            "Number": ticket.number,
            "Title": "Printer on fire",
            "Queue": "Support",
            "State": "new",
            "Priority": "3 normal",
            "Owner": "Anna",
            "Locked by": "nobody",
            "Customer": "Carla of Example Ltd",
            "Created": clock.isoformat(now()),
            "History": "1 entries",
        }


async def test_what_is_longer_than_any_name_is_nobodys(desk: Desk) -> None:
    for find in (queries.by_number, queries.state_named, queries.priority_named, queries.type_named):
        assert await find("9" * 2000) is None
