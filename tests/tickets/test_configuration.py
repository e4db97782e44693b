"""States, priorities and types: who configures them, and what follows."""

import pytest

from tessera.kit.actor import SYSTEM, Actor
from tessera.kit.errors import Forbidden, Invalid, Taken
from tessera.queues import service as queues_service
from tessera.queues.models import Queue
from tessera.tickets import queries, service
from tessera.tickets.errors import (
    QueueHasOpenTickets,
)
from tessera.tickets.models import State, Ticket
from tests.tickets.desk import Desk, state


async def test_a_queue_with_open_tickets_stays_active(desk: Desk) -> None:
    ticket = await desk.ticket()
    queue = await Queue.get(id=desk.queue.id)
    with pytest.raises(QueueHasOpenTickets):
        await desk.run(SYSTEM, queues_service.update_queue, queue, active=False)
    await desk.run(SYSTEM, service.close, ticket, state=await state("closed successful"))
    await desk.run(SYSTEM, queues_service.update_queue, await Queue.get(id=desk.queue.id), active=False)


@pytest.mark.parametrize("by", ["nobody", "manager"])
async def test_configuring_needs_its_permission(desk: Desk, by: str) -> None:
    manager = await desk.agent_with("mona", ["rw"], permissions=["tickets.manage"])
    actor: Actor = manager if by == "manager" else desk.anna
    if by == "nobody":
        with pytest.raises(Forbidden):
            await desk.run(actor, service.create_state, name="waiting", type="open")
        return
    waiting = await desk.run(actor, service.create_state, name="waiting", type="open")
    with pytest.raises(Taken):
        await desk.run(actor, service.create_state, name="WAITING", type="new")
    with pytest.raises(Taken):
        await desk.run(actor, service.update_state, waiting, name="Open")
    renamed = await desk.run(actor, service.update_state, await State.get(id=waiting.id), name="Waiting", active=False)
    assert (renamed.name, renamed.active, renamed.version) == ("Waiting", False, 2)


async def test_a_new_rank_sorts_the_tickets_that_have_it(desk: Desk) -> None:
    ticket = await desk.ticket()
    normal = await queries.priority_named("3 normal")
    assert normal
    await desk.run(SYSTEM, service.update_priority, normal, rank=9)
    assert (await Ticket.get(id=ticket.id)).priority_rank == 9
    for values in ({"rank": -1}, {"rank": 1001}, {"color": "red"}):
        with pytest.raises(Invalid):
            await desk.run(SYSTEM, service.update_priority, normal, **values)
