"""Labels, watchers and marks of reading."""

from datetime import timedelta

import pytest

from tessera.kit import clock
from tessera.kit.clock import now
from tessera.kit.errors import Forbidden, Problem
from tessera.tickets import queries, service
from tessera.tickets.models import Ticket
from tests.tickets.desk import Desk, facts, names


async def test_labels_are_the_same_in_any_case(desk: Desk) -> None:
    ticket = await desk.ticket(tags=["VIP"])
    await desk.run(desk.anna, service.add_tags, ticket, ["vip", "Büro"])
    assert await queries.tags_of([ticket.id]) == {ticket.id: ["Büro", "VIP"]}
    await desk.run(desk.anna, service.remove_tags, ticket, ["buro", "unknown"])
    assert await queries.tags_of([ticket.id]) == {ticket.id: ["VIP"]}
    assert (await facts(ticket))[-1][1] == {"before": "Büro, VIP", "after": "VIP"}
    version = (await Ticket.get(id=ticket.id)).version
    await desk.run(desk.anna, service.add_tags, ticket, ["VIP"])
    assert (await Ticket.get(id=ticket.id)).version == version == 3


@pytest.mark.parametrize("tags", [[""], ["a\x00"], ["x" * 101], [f"tag {each}" for each in range(101)]])
async def test_unfit_labels_are_refused(desk: Desk, tags: list[str]) -> None:
    ticket = await desk.ticket()
    with pytest.raises(Problem) as refused:
        await desk.run(desk.anna, service.add_tags, ticket, tags)
    assert refused.value.field == ("tags",)
    assert await queries.tags_of([ticket.id]) == {ticket.id: []}


async def test_watching_is_each_agents_own_and_happens_once(desk: Desk) -> None:
    ticket = await desk.ticket()
    for _ in range(2):
        await desk.run(desk.ben, service.watch, ticket)
    await desk.run(desk.anna, service.watch, ticket)
    assert await queries.watched_by(desk.ben, [ticket.id]) == {ticket.id}
    for _ in range(2):
        await desk.run(desk.ben, service.unwatch, ticket)
    assert await queries.watched_by(desk.ben, [ticket.id]) == set()
    watchers = await queries.watchers_of(desk.anna, [ticket.id])
    assert [agent.name for agent in watchers[ticket.id]] == ["Anna"]
    assert (await names(ticket)).count("ticket.watcher_added") == 2
    assert (await names(ticket)).count("ticket.watcher_removed") == 1
    with pytest.raises(Forbidden):
        await desk.run(desk.carla, service.watch, ticket)


async def test_each_reader_has_a_mark_of_their_own(desk: Desk) -> None:
    ticket = await desk.ticket()
    await desk.run(desk.ben, service.mark_seen, ticket)
    with clock.set_forward(timedelta(minutes=5)):
        await desk.run(desk.ben, service.mark_seen, ticket)
        await desk.run(desk.carla, service.mark_seen, ticket)
    ben, carla = [(await queries.seen_by(actor, [ticket.id]))[ticket.id] for actor in (desk.ben, desk.carla)]
    assert abs(ben - carla) < timedelta(minutes=1)
    assert ben > now() + timedelta(minutes=4)
    assert await queries.seen_by(desk.anna, [ticket.id]) == {}
