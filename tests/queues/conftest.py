"""The desk most tests of queues begin with."""

import pytest_asyncio

from tessera.access import service as access
from tessera.kit.unit import Unit
from tessera.queues import service
from tessera.testing.house import House
from tests.queues.desk import Desk


@pytest_asyncio.fixture
async def desk(house: House) -> Desk:
    async def build(unit: Unit) -> Desk:
        everybody = await access.create_group(unit, name="everybody")
        sellers = await access.create_group(unit, name="sellers")
        support = await service.create_queue(unit, name="Support", group=everybody)
        first = await service.create_queue(unit, name="1st Level", group=everybody, parent=support)
        second = await service.create_queue(unit, name="2nd Level", group=everybody, parent=first)
        sales = await service.create_queue(unit, name="Sales", group=sellers, email_address="Sales@Example.com")
        return Desk(house, everybody, sellers, support, first, second, sales)

    return await house.run(build)
