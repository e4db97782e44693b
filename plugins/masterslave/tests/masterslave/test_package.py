"""The package as it is installed, and what every package keeps to."""

from importlib.metadata import entry_points, metadata

from tessera.testing.contracts import contract
from tessera.testing.house import House
from tessera.tickets import service as tickets
from tests.masterslave.crowd import open_crowd
from tests.tickets.desk import state


async def use(house: House) -> None:
    """Write a row into every table."""
    crowd = await open_crowd(house)
    master, (locked, _) = await crowd.group()
    await crowd.desk.run(crowd.desk.bert, tickets.lock, locked)
    await crowd.act(tickets.close, master, state=await state("closed successful"))


TestContract = contract("masterslave", fill=use)


def test_it_is_found_and_names_its_licence() -> None:
    assert [entry.value for entry in entry_points(group="tessera", name="masterslave")] == ["tessera_masterslave"]
    assert metadata("tessera-masterslave")["License-Expression"] == "MIT"
