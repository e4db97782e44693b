"""The office, for every test of mail that needs one."""

import pytest_asyncio

from tessera.testing.house import House
from tests.mail.office import Office, open_office


@pytest_asyncio.fixture
async def office(house: House) -> Office:
    """A furnished house with two addresses, two agents."""
    return await open_office(house)
