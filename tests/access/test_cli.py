import pytest

from tessera.access.cli import app
from tessera.access.errors import LastAdministrator
from tessera.kit.errors import NotFound
from tessera.testing.house import House
from tests.accounts import people
from tests.accounts.console import Console


async def test_a_role_is_granted_and_revoked(house: House) -> None:
    console, row = Console(house, app), await people.agent(house, "ben")
    await people.administrator(house)
    assert await console.type("grant", "Ben", "administrators") == "The agent Ben has the role administrators.\n"
    assert (await people.actor(row)).can("access.manage")
    await console.type("revoke", "ben", "Administrators")
    assert not (await people.actor(row)).can("access.manage")


async def test_what_cannot_be_done_is_said(house: House) -> None:
    console = Console(house, app)
    with pytest.raises(NotFound, match="no agent nobody"):
        await console.type("grant", "nobody", "Administrators")
    await people.agent(house, "ben")
    with pytest.raises(NotFound, match="no role nothing"):
        await console.type("grant", "ben", "nothing")
    await console.type("grant", "ben", "Administrators")
    with pytest.raises(LastAdministrator):
        await console.type("revoke", "ben", "Administrators")
