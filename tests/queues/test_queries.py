import pytest

from tessera.kit.actor import SYSTEM, Actor
from tessera.kit.errors import NotFound
from tessera.kit.ids import to_global
from tessera.kit.unit import Unit
from tessera.queues import queries, service
from tessera.queues.errors import RightMissing
from tessera.queues.models import Queue
from tessera.testing.fixtures import every_database
from tests.queues.desk import CUSTOMER, MANAGER, Desk


async def seen(actor: Actor) -> set[str]:
    return {queue.name for queue in await queries.visible_to(actor)} - {"Postmaster", "Raw", "Junk", "Misc"}


@every_database
async def test_who_sees_which_queue(desk: Desk) -> None:
    async def close(unit: Unit) -> None:
        await service.update_queue(unit, await Queue.get(id=desk.second.id), active=False)

    await desk.house.run(close)
    everything = {"Support", "1st Level", "2nd Level", "Sales"}
    assert await seen(SYSTEM) == await seen(MANAGER) == everything
    assert await seen(desk.agent(sellers=frozenset({"create"}))) == {"Sales"}
    assert await seen(desk.agent(everybody=frozenset({"ro"}))) == everything - {"Sales"}
    assert await seen(desk.agent(everybody=frozenset())) == set()
    assert await seen(desk.agent()) == set()
    assert await seen(CUSTOMER) == everything - {"2nd Level"}


async def test_hidden_unknown_and_foreign_ids_look_the_same(desk: Desk) -> None:
    seller = desk.agent(sellers=frozenset({"ro"}))
    assert (await queries.get(seller, to_global("Queue", desk.sales.id))).id == desk.sales.id
    for global_id in (to_global("Queue", desk.support.id), to_global("Queue", 99999), to_global("Ticket", 1), "x", ""):
        with pytest.raises(NotFound) as caught:
            await queries.get(seller, global_id, field=("input", "queueId"))
        assert caught.value.field == ("input", "queueId")


async def test_a_right_is_demanded_of_the_queues_group(desk: Desk) -> None:
    seller = desk.agent(sellers=frozenset({"note"}))
    await queries.require(seller, "note", desk.sales.id)
    await queries.require(SYSTEM, "rw", desk.sales.id)
    with pytest.raises(RightMissing) as caught:
        await queries.require(seller, "move_into", desk.sales.id)
    assert caught.value.reason == "queues.right_missing"
    assert "move_into" in caught.value.message
    with pytest.raises(RightMissing):
        await queries.require(CUSTOMER, "ro", desk.sales.id)
    assert await queries.group_of(desk.sales.id) == desk.sellers.id
    with pytest.raises(NotFound):
        await queries.group_of(99999)
