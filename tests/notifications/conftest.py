"""The desk that the tests of notifications work on."""

import pytest_asyncio

from tessera.testing.house import House
from tests.articles.words import furnish
from tests.tickets.desk import Desk


@pytest_asyncio.fixture
async def desk(house: House) -> Desk:
    return await furnish(house)
