"""The packages tests put beside the kernel."""

from tessera.assembly.discovery import Distribution, installed
from tessera.kit.config import Config
from tessera.testing.factories import agent, open_ticket
from tessera.testing.house import House, assembly_with
from tessera_dummy import service
from tessera_dummy.permissions import REMARK

DUMMY = Distribution("dummy", "tessera_dummy", ("",))

EVERYTHING = assembly_with(*installed(Config()), DUMMY)
"""The kernel, what is installed, and the dummy."""


async def remark(house: House) -> None:
    """Remark on a ticket."""
    anna = await agent(house, permissions=[REMARK.name])
    ticket = await open_ticket(house)
    await house.run(lambda unit: service.remark(unit, ticket, text="well"), actor=anna)
