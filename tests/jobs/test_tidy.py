from datetime import timedelta

from tessera.kit import clock
from tessera.kit.actor import SYSTEM
from tessera.kit.idempotency import ClientMutation, first_result
from tessera.testing.house import House


async def test_old_idempotency_keys_are_forgotten(house: House) -> None:
    await house.run(lambda unit: first_result(SYSTEM, "ticketCreate", "old"))
    with clock.set_forward(timedelta(hours=25)):
        await house.run(lambda unit: first_result(SYSTEM, "ticketCreate", "new"))
        await house.run(lambda unit: unit.enqueue("jobs.tidy"))
        await house.drain()
    assert [row.key for row in await ClientMutation.all()] == ["new"]
    assert any(schedule.job == "jobs.tidy" for schedule in house.runtime.wiring.schedules)
