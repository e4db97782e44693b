"""The desk that the tests of groups work on."""

import pytest_asyncio

from tessera.testing.house import House
from tests.masterslave.crowd import Crowd, open_crowd


@pytest_asyncio.fixture
async def crowd(house: House) -> Crowd:
    return await open_crowd(house)
