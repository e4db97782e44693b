"""The knowledge base that these tests read and write."""

import pytest_asyncio

from tessera.testing.house import House
from tests.faq.world import World


@pytest_asyncio.fixture
async def world(house: House) -> World:
    return await World.furnish(house)
