"""Two at once: one lock, one merge, one reminder, no lost update, on every database."""

import asyncio
from datetime import timedelta

from tessera.kit import clock
from tessera.kit.actor import SYSTEM, Actor
from tessera.kit.clock import now
from tessera.kit.errors import Conflict, Problem, WrongState
from tessera.testing.fixtures import every_database
from tessera.tickets import queries, service
from tessera.tickets.models import Ticket
from tests.tickets.desk import Desk, names, state


@every_database
async def test_of_many_who_claim_a_ticket_one_holds_it(desk: Desk) -> None:
    ticket = await desk.ticket()

    async def claim(actor: Actor) -> Actor | None:
        try:
            await desk.run(actor, service.lock, ticket)
        except Conflict:
            return None
        return actor

    found = await asyncio.gather(*(claim(actor) for actor in (desk.anna, desk.bert)))
    holders = [actor for actor in found if actor is not None]
    assert len(holders) == 1
    assert (await Ticket.get(id=ticket.id)).lock_holder_id == holders[0].id
    assert (await names(ticket)).count("ticket.locked") == 1


@every_database
async def test_no_change_is_lost(desk: Desk) -> None:
    ticket = await desk.ticket()
    await asyncio.gather(*(desk.run(desk.anna, service.add_tags, ticket, [f"tag {each}"]) for each in range(6)))
    assert len((await queries.tags_of([ticket.id]))[ticket.id]) == 6
    assert (await Ticket.get(id=ticket.id)).version == 7


@every_database
async def test_of_two_merges_in_opposite_directions_one_is_refused(desk: Desk) -> None:
    left, right = await desk.ticket(), await desk.ticket()

    async def merge(source: Ticket, target: Ticket) -> bool:
        try:
            await desk.run(desk.anna, service.merge, source, target)
        except WrongState:
            return False
        return True

    assert sorted(await asyncio.gather(merge(left, right), merge(right, left))) == [False, True]
    merged = [ticket for ticket in await Ticket.all() if ticket.merged_into_id is not None]
    assert len(merged) == 1


@every_database
async def test_a_time_that_has_come_is_acted_upon_once(desk: Desk) -> None:
    reminder = await desk.ticket(state=await state("pending reminder"), pending_until=now())
    auto = await desk.ticket(state=await state("pending auto close+"), pending_until=now())
    locked = await desk.ticket()
    await desk.run(desk.anna, service.lock, locked)
    with clock.set_forward(timedelta(hours=1)):
        acted = await asyncio.gather(
            *(desk.run(SYSTEM, service.act_on_pending, ticket.id) for ticket in (reminder, auto) for _ in range(3)),
            *(desk.run(SYSTEM, service.release_expired_lock, locked.id) for _ in range(3)),
        )
    assert acted.count(True) == 3
    assert (await names(reminder)).count("ticket.pending_reached") == 1
    assert (await names(auto)).count("ticket.state_changed") == 1
    assert (await names(locked)).count("ticket.unlocked") == 1


@every_database
async def test_watching_and_reading_twice_at_once_is_harmless(desk: Desk) -> None:
    ticket = await desk.ticket()
    verbs = [service.watch, service.mark_seen] * 3
    done = await asyncio.gather(*(desk.run(desk.ben, verb, ticket) for verb in verbs), return_exceptions=True)
    assert [each for each in done if isinstance(each, Problem | Exception)] == []
    assert (await names(ticket)).count("ticket.watcher_added") == 1
    assert ticket.id in await queries.seen_by(desk.ben, [ticket.id])
