"""The verbs of a ticket: what is right, what is refused, what is recorded, what stays untouched."""

from datetime import timedelta
from typing import Any

import pytest

from tessera.kit import clock
from tessera.kit.actor import SYSTEM
from tessera.kit.clock import now
from tessera.kit.errors import Forbidden, Invalid, LimitExceeded, Required, StaleVersion, Taken
from tessera.queues import service as queues_service
from tessera.queues.errors import RightMissing
from tessera.queues.models import FollowUpPolicy, Queue
from tessera.settings import service as settings_service
from tessera.tickets import queries, service
from tessera.tickets.errors import (
    Inactive,
    MergeImpossible,
    NotAssignable,
    NotClosed,
    StateNotAllowed,
    TicketLocked,
    TicketMerged,
)
from tessera.tickets.models import State, Ticket
from tessera.tickets.settings import CUSTOMER_MAY_CLOSE, UNLOCK_ON_MOVE
from tests.tickets.desk import Desk, facts, names, state


async def test_a_new_ticket_takes_its_defaults(desk: Desk) -> None:
    ticket = await desk.ticket(desk.anna, title="  No paper  ", tags=["Printer", "printer", "urgent"])
    assert (await State.get(id=ticket.state_id)).name == "new"
    assert ticket.title == "No paper"
    assert (ticket.priority_rank, ticket.version, ticket.lock_holder_id, ticket.owner_id) == (3, 1, None, None)
    assert ticket.customer_id == (await desk.customer_user(desk.carla)).customer_id
    assert await queries.tags_of([ticket.id]) == {ticket.id: ["Printer", "urgent"]}
    (created, data), (tagged, tags) = await facts(ticket)
    assert (created, tagged) == ("ticket.created", "ticket.tags_changed")
    assert (data["number"], data["queue"], data["state"]) == (ticket.number, "Support", "new")
    assert (data["customer_user"], data["priority"]) == ("Carla", "3 normal")
    assert tags == {"before": None, "after": "Printer, urgent"}


@pytest.mark.parametrize("title", ["", "   ", "a\x00b", "two\nlines", "x" * 501])
async def test_a_title_is_one_line_of_at_most_500_characters(desk: Desk, title: str) -> None:
    with pytest.raises((Required, Invalid, LimitExceeded)) as refused:
        await desk.ticket(title=title)
    assert refused.value.field == ("input", "title")
    assert await Ticket.all().count() == 0


async def test_creating_needs_the_right_to_create(desk: Desk) -> None:
    creator = await desk.agent_with("cora", ["create"])
    assert (await desk.ticket(creator)).version == 1
    with pytest.raises(RightMissing):
        await desk.ticket(desk.ben)
    with pytest.raises(RightMissing):
        await desk.ticket(creator, queue=desk.other_queue)


async def test_a_customer_user_asks_for_themselves(desk: Desk) -> None:
    ticket = await desk.ticket(desk.carla)
    assert (ticket.customer_user_id, ticket.owner_id) == (desk.carla.id, None)
    stranger = await desk.customer_user(desk.stranger)
    anna = await desk.agent(desk.anna)
    foreign: list[dict[str, Any]] = [
        {"customer_user": stranger},
        {"owner": anna},
        {"responsible": anna},
        {"state": await state("open")},
        {"pending_until": now()},
    ]
    for values in foreign:
        with pytest.raises(Forbidden):
            await desk.ticket(desk.carla, **values)
    assert await Ticket.all().count() == 1


async def test_what_is_switched_off_is_not_used(desk: Desk) -> None:
    new = await state("open")
    await desk.run(SYSTEM, service.update_state, new, active=False)
    with pytest.raises(Inactive):
        await desk.ticket(state=new)
    queue = await Queue.get(id=desk.sub_queue.id)
    await desk.run(SYSTEM, queues_service.update_queue, queue, active=False)
    with pytest.raises(Inactive):
        await desk.ticket(queue=queue)
    ticket = await desk.ticket()
    with pytest.raises(Inactive):
        await desk.run(desk.anna, service.move, ticket, queue)
    with pytest.raises(Inactive):
        await desk.run(desk.anna, service.set_state, ticket, new)


@pytest.mark.parametrize("name", ["merged", "removed"])
async def test_no_ticket_begins_at_its_end(desk: Desk, name: str) -> None:
    with pytest.raises(StateNotAllowed):
        await desk.ticket(state=await state(name))


async def test_a_given_number_is_used_once(desk: Desk) -> None:
    assert (await desk.ticket(number="OLD-1")).number == "OLD-1"
    with pytest.raises(Taken):
        await desk.ticket(number="OLD-1")


async def test_an_update_tells_every_change_once(desk: Desk) -> None:
    ticket = await desk.ticket()
    high, kind = await queries.priority_named("4 high"), await queries.type_named("unclassified")
    assert high
    assert kind
    changed = await desk.run(
        desk.anna,
        service.update,
        ticket,
        expected_version=1,
        title="Fire",
        priority=high,
        type=kind,
        customer_user=await desk.customer_user(desk.stranger),
        responsible=await desk.agent(desk.anna),
        state=await state("pending reminder"),
        pending_until=now() + timedelta(hours=1),
    )
    assert changed.version == 2
    assert (changed.priority_rank, changed.customer_id, changed.responsible_id) == (4, None, desk.anna.id)
    assert await names(ticket) == [
        "ticket.created",
        "ticket.title_changed",
        "ticket.priority_changed",
        "ticket.type_changed",
        "ticket.customer_changed",
        "ticket.responsible_changed",
        "ticket.state_changed",
        "ticket.pending_set",
    ]
    told = dict(await facts(ticket))
    assert told["ticket.title_changed"] == {"before": "Printer on fire", "after": "Fire"}
    assert told["ticket.customer_changed"]["after"] == "Sid"
    assert told["ticket.state_changed"]["after_type"] == "pending_reminder"
    stored = await Ticket.get(id=ticket.id)
    assert (stored.title, stored.title_key, stored.version) == ("Fire", "fire", 2)


async def test_an_update_that_changes_nothing_writes_nothing(desk: Desk) -> None:
    ticket = await desk.ticket()
    await desk.run(desk.anna, service.update, ticket, title=ticket.title, state=await state("new"), type=None)
    assert (await Ticket.get(id=ticket.id)).version == 1
    assert await names(ticket) == ["ticket.created"]


async def test_another_version_is_a_conflict_with_the_ticket_as_it_is(desk: Desk) -> None:
    ticket = await desk.ticket()
    await desk.run(desk.anna, service.update, ticket, title="Changed")
    for title in ("Again", "Changed"):
        with pytest.raises(StaleVersion) as refused:
            await desk.run(desk.anna, service.update, ticket, title=title, expected_version=1)
        assert isinstance(refused.value.current, Ticket)
    assert (await Ticket.get(id=ticket.id)).title == "Changed"


async def verbs(desk: Desk) -> dict[str, tuple[Any, tuple[Any, ...], dict[str, Any], str]]:
    """Return every verb on one ticket with its arguments and the right it needs, in OTRS's words."""
    high = await queries.priority_named("4 high")
    anna = await desk.agent(desk.anna)
    target = await desk.ticket(title="Target")
    return {
        "title": (service.update, (), {"title": "Other"}, "rw"),
        "priority": (service.update, (), {"priority": high}, "priority"),
        "state": (service.set_state, (await state("open"),), {}, "rw"),
        "close": (service.close, (), {"state": await state("closed successful")}, "rw"),
        "move": (service.move, (desk.sub_queue,), {}, "rw"),
        "owner": (service.assign_owner, (anna,), {}, "owner"),
        "responsible": (service.assign_responsible, (anna,), {}, "rw"),
        "lock": (service.lock, (), {}, "rw"),
        "unlock": (service.unlock, (), {}, "owner"),
        "merge": (service.merge, (target,), {}, "rw"),
        "tags": (service.add_tags, (["a"],), {}, "rw"),
        "watch": (service.watch, (), {}, "ro"),
        "seen": (service.mark_seen, (), {}, "ro"),
        "note": (service.require_workable, ("note",), {}, "note"),
    }


@pytest.mark.parametrize("right", ["ro", "move_into", "create", "note", "owner", "priority", "rw"])
async def test_each_right_allows_its_verbs_and_no_other(desk: Desk, right: str) -> None:
    agent = await desk.agent_with("rita", [right])
    for name, (verb, args, kwargs, needed) in (await verbs(desk)).items():
        ticket = await desk.ticket()
        if right in {needed, "rw"}:
            await desk.run(agent, verb, ticket, *args, **kwargs)
        else:
            with pytest.raises(RightMissing):
                await desk.run(agent, verb, ticket, *args, **kwargs)
            assert await names(ticket) == ["ticket.created"], name


async def test_a_customer_user_may_write_close_and_read_and_nothing_else(desk: Desk) -> None:
    allowed = {"close", "note", "seen"}
    for name, (verb, args, kwargs, _) in (await verbs(desk)).items():
        ticket = await desk.ticket()
        if name in allowed:
            await desk.run(desk.carla, verb, ticket, *args, **kwargs)
            continue
        with pytest.raises(Forbidden):
            await desk.run(desk.carla, verb, ticket, *args, **kwargs)
    for verb, args, kwargs in ((service.close, (), {"state": await state("closed successful")}),):
        with pytest.raises(Forbidden):
            await desk.run(desk.stranger, verb, await desk.ticket(), *args, **kwargs)
    await desk.run(desk.colleague, service.close, await desk.ticket(), state=await state("closed successful"))


async def test_customer_users_close_only_where_the_setting_lets_them(desk: Desk) -> None:
    await desk.run(SYSTEM, settings_service.change_setting, CUSTOMER_MAY_CLOSE, False)
    with pytest.raises(Forbidden):
        await desk.run(desk.carla, service.close, await desk.ticket(), state=await state("closed successful"))


async def test_a_move_needs_the_right_on_both_queues(desk: Desk) -> None:
    ticket = await desk.ticket()
    assert (await desk.run(desk.anna, service.move, ticket, desk.other_queue)).queue_id == desk.other_queue.id
    assert (await names(ticket))[-1] == "ticket.moved"
    with pytest.raises(RightMissing):
        await desk.run(desk.anna, service.move, ticket, desk.queue)
    only_here = await desk.agent_with("olga", ["rw"])
    with pytest.raises(RightMissing):
        await desk.run(only_here, service.move, await desk.ticket(), desk.other_queue)


async def test_a_lock_refuses_the_writes_of_other_agents_and_names_who_holds_it(desk: Desk) -> None:
    closed = await state("closed successful")
    ticket = await desk.ticket()
    locked = await desk.run(desk.anna, service.lock, ticket)
    assert (locked.lock_holder_id, locked.owner_id) == (desk.anna.id, desk.anna.id)
    assert await names(ticket) == ["ticket.created", "ticket.locked", "ticket.owner_changed"]
    for name, (verb, args, kwargs, needed) in (await verbs(desk)).items():
        if needed == "ro" or name == "unlock":
            continue
        with pytest.raises(TicketLocked) as refused:
            await desk.run(desk.bert, verb, ticket, *args, **kwargs)
        assert refused.value.facts["holder"] == "Anna"
        assert locked.locked_at is not None
        assert refused.value.facts["since"] == clock.isoformat(locked.locked_at)
        assert refused.value.current == ticket
    await desk.run(desk.carla, service.require_workable, ticket, "note")
    await desk.run(desk.anna, service.close, ticket, state=closed)


async def test_the_right_to_own_takes_a_lock_over(desk: Desk) -> None:
    ticket = await desk.ticket()
    await desk.run(desk.anna, service.lock, ticket)
    with pytest.raises(TicketLocked):
        await desk.run(desk.bert, service.lock, ticket)
    noter = await desk.agent_with("nora", ["ro", "note"])
    with pytest.raises(RightMissing):
        await desk.run(noter, service.lock, ticket, force=True)
    taken = await desk.run(desk.bert, service.lock, ticket, force=True)
    assert (taken.lock_holder_id, taken.owner_id) == (desk.bert.id, desk.bert.id)
    assert (await facts(ticket))[-2] == (
        "ticket.locked",
        {"holder": "Bert", "holder_id": desk.bert.id, "taken_from": "Anna", "taken_from_id": desk.anna.id},
    )


async def test_a_lock_is_released_by_its_holder_or_by_whoever_could_take_it(desk: Desk) -> None:
    ticket = await desk.ticket()
    for releaser in (desk.anna, desk.bert):
        await desk.run(desk.anna, service.lock, ticket)
        with pytest.raises(RightMissing):
            await desk.run(desk.ben, service.unlock, ticket)
        free = await desk.run(releaser, service.unlock, ticket)
        assert (free.lock_holder_id, free.locked_at, free.lock_expires_at) == (None, None, None)
    count = len(await names(ticket))
    await desk.run(desk.bert, service.unlock, ticket)
    assert len(await names(ticket)) == count


async def test_a_lock_follows_the_owner(desk: Desk) -> None:
    ticket = await desk.ticket()
    await desk.run(desk.anna, service.lock, ticket)
    given = await desk.run(desk.anna, service.assign_owner, ticket, await desk.agent(desk.bert))
    assert given.lock_holder_id == desk.bert.id
    freed = await desk.run(desk.bert, service.assign_owner, ticket, None)
    assert (freed.owner_id, freed.lock_holder_id) == (None, None)
    assert (await facts(ticket))[-1][1]["why"] == "owner_removed"


async def test_only_who_has_the_rights_is_given_tickets(desk: Desk) -> None:
    ticket = await desk.ticket()
    for candidate in (desk.ben, desk.eve):
        with pytest.raises(NotAssignable):
            await desk.run(desk.anna, service.assign_owner, ticket, await desk.agent(candidate))
        with pytest.raises(NotAssignable):
            await desk.run(desk.anna, service.assign_responsible, ticket, await desk.agent(candidate))


async def test_closing_frees_the_ticket_and_reopening_begins_again(desk: Desk) -> None:
    ticket = await desk.ticket()
    await desk.run(desk.anna, service.lock, ticket)
    closed = await desk.run(desk.anna, service.close, ticket, state=await state("closed successful"))
    assert closed.closed_at is not None
    assert closed.lock_holder_id is None
    assert (await names(ticket))[-2:] == ["ticket.state_changed", "ticket.unlocked"]
    with pytest.raises(StateNotAllowed):
        await desk.run(desk.bert, service.lock, ticket)
    reopened = await desk.run(desk.bert, service.reopen, ticket)
    assert (reopened.closed_at, reopened.state_id) == (None, (await state("open")).id)
    with pytest.raises(NotClosed):
        await desk.run(desk.bert, service.reopen, ticket)
    with pytest.raises(StateNotAllowed):
        await desk.run(desk.bert, service.close, ticket, state=await state("open"))


@pytest.mark.parametrize("relocks", [True, False])
async def test_a_follow_up_reopens_and_locks_where_the_queue_says_so(desk: Desk, *, relocks: bool) -> None:
    queue = await Queue.get(id=desk.queue.id)
    await desk.run(SYSTEM, queues_service.update_queue, queue, follow_up_lock=relocks)
    ticket = await desk.ticket(owner=await desk.agent(desk.anna))
    await desk.run(desk.anna, service.close, ticket, state=await state("closed successful"))
    reopened = await desk.run(desk.carla, service.follow_up, ticket)
    assert reopened.state_id == (await state("open")).id
    assert reopened.lock_holder_id == (desk.anna.id if relocks else None)


async def test_a_follow_up_wakes_what_waits_and_leaves_the_new_alone(desk: Desk) -> None:
    pending = await desk.ticket(state=await state("pending reminder"))
    opened = await desk.run(SYSTEM, service.follow_up, pending)
    assert (opened.state_id, opened.pending_until) == ((await state("open")).id, None)
    fresh = await desk.ticket()
    assert (await desk.run(desk.carla, service.follow_up, fresh)).version == 1


async def test_a_customer_user_reopens_only_where_follow_ups_are_possible(desk: Desk) -> None:
    queue = await Queue.get(id=desk.queue.id)
    await desk.run(SYSTEM, queues_service.update_queue, queue, follow_up_policy=FollowUpPolicy.REJECT)
    ticket = await desk.ticket(state=await state("closed successful"))
    with pytest.raises(Forbidden):
        await desk.run(desk.carla, service.reopen, ticket)
    assert (await desk.run(SYSTEM, service.reopen, ticket)).closed_at is None


async def test_a_move_releases_the_lock_only_when_the_setting_says_so(desk: Desk) -> None:
    ticket = await desk.ticket()
    await desk.run(desk.anna, service.lock, ticket)
    kept = await desk.run(desk.anna, service.move, ticket, desk.sub_queue)
    assert kept.lock_holder_id == desk.anna.id
    assert kept.lock_expires_at is None
    await desk.run(SYSTEM, settings_service.change_setting, UNLOCK_ON_MOVE, True)
    freed = await desk.run(desk.anna, service.move, ticket, desk.queue)
    assert freed.lock_holder_id is None


async def test_a_merged_ticket_points_to_its_target_and_takes_nothing_more(desk: Desk) -> None:
    source, target = await desk.ticket(title="Source"), await desk.ticket(title="Target")
    await desk.run(desk.anna, service.lock, source)
    merged = await desk.run(desk.anna, service.merge, source, target)
    assert (merged.merged_into_id, merged.lock_holder_id) == (target.id, None)
    assert merged.closed_at is not None
    assert await queries.state_type_of(merged) == "merged"
    assert (await names(source))[-3:] == ["ticket.state_changed", "ticket.unlocked", "ticket.merged"]
    assert (await facts(target))[-1] == ("ticket.absorbed", {"source": source.number, "source_id": source.id})
    assert (await queries.final_target(merged)).id == target.id
    for name, (verb, args, kwargs, needed) in (await verbs(desk)).items():
        if needed == "ro" or name == "unlock":
            continue
        for anybody in (desk.anna, SYSTEM):
            with pytest.raises((TicketMerged, Forbidden)):
                await desk.run(anybody, verb, source, *args, **kwargs)
    with pytest.raises(TicketMerged):
        await desk.run(desk.anna, service.merge, target, source)
    with pytest.raises(MergeImpossible):
        await desk.run(desk.anna, service.merge, target, target)
    with pytest.raises(StateNotAllowed):
        await desk.run(SYSTEM, service.set_state, target, await state("merged"))


async def test_a_locked_ticket_takes_no_other_in(desk: Desk) -> None:
    source, target = await desk.ticket(), await desk.ticket()
    await desk.run(desk.anna, service.lock, target)
    with pytest.raises(TicketLocked):
        await desk.run(desk.bert, service.merge, source, target)
    assert (await Ticket.get(id=source.id)).version == 1
