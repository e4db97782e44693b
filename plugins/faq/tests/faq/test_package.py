"""The package as it is installed, and what every package keeps to."""

from importlib.metadata import entry_points, metadata

from tessera.testing.contracts import contract
from tessera.testing.house import House
from tessera_faq import service
from tests.articles.words import opened
from tests.faq.test_attachments import file
from tests.faq.world import World


async def use(house: House) -> None:
    """Write a row into every table."""
    world = await World.furnish(house)
    item = await world.item(keywords=["fire"], attachments=[await file()])
    await world.run(world.desk.anna, service.link_tickets, item, [await opened(world.desk)])
    await world.run(world.desk.carla, service.vote, item, 75)


TestContract = contract("faq", fill=use)


def test_it_is_found_and_names_its_licence() -> None:
    assert [entry.value for entry in entry_points(group="tessera", name="faq")] == ["tessera_faq"]
    assert metadata("tessera-faq")["License-Expression"] == "MIT"
