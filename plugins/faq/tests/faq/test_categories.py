"""The tree of categories: names, places, groups, and what may be switched off."""

import asyncio
from typing import Any

import pytest

from tessera.kit.actor import SYSTEM
from tessera.kit.errors import Forbidden, Required
from tessera.testing.fixtures import every_database
from tessera_faq import service
from tessera_faq.errors import (
    CategoryCycle,
    CategoryInactive,
    CategoryInUse,
    CategoryName,
    CategoryTaken,
    GroupMissing,
)
from tessera_faq.models import Category, CategoryLine
from tests.faq.world import World, facts


async def make(world: World, name: str, parent: Category | None = None) -> Category:
    return await world.desk.run(
        world.manager, service.create_category, name=name, groups=[world.desk.group], parent=parent
    )


async def change(world: World, row: Category, **values: Any) -> Category:
    parent = await Category.get(id=row.parent_id) if row.parent_id else None
    given = {"name": row.name, "groups": [world.desk.group], "parent": parent, **values}
    return await world.desk.run(world.manager, service.update_category, row, **given)


async def lines() -> set[tuple[str, str]]:
    return set(await CategoryLine.all().values_list("category__path", "above__path"))


@every_database
async def test_what_lies_below_moves_along(world: World) -> None:
    laser = await make(world, "Laser", world.category)
    drum = await make(world, "Drum", laser)
    await change(world, laser, name="LED", parent=world.other)
    assert (await Category.get(id=drum.id)).path == "Elsewhere::LED::Drum"
    assert {pair for pair in await lines() if pair[0] == "Elsewhere::LED::Drum"} == {
        ("Elsewhere::LED::Drum", "Elsewhere::LED::Drum"),
        ("Elsewhere::LED::Drum", "Elsewhere::LED"),
        ("Elsewhere::LED::Drum", "Elsewhere"),
    }
    told = {"field": "path", "before": "Printers::Laser::Drum", "after": "Elsewhere::LED::Drum"}
    assert (await facts("faq.category", drum.id))[-1] == ("faq.category_changed", told)


async def test_a_category_is_not_put_into_itself(world: World) -> None:
    laser = await make(world, "Laser", world.category)
    for parent in (world.category, laser):
        with pytest.raises(CategoryCycle):
            await change(world, world.category, parent=parent)


async def test_names_are_plain_and_unique_in_their_place(world: World) -> None:
    for name in ("a::b", ":a", "a:"):
        with pytest.raises(CategoryName):
            await make(world, name)
    with pytest.raises(Required):
        await make(world, " ")
    with pytest.raises(CategoryTaken):
        await make(world, "PRINTERS")
    with pytest.raises(CategoryTaken):
        await change(world, world.other, name="printers")


@every_database
async def test_two_who_make_the_same_category_make_one(world: World) -> None:
    made = await asyncio.gather(*(make(world, "Scanner") for _ in range(3)), return_exceptions=True)
    assert sorted(type(each).__name__ for each in made) == ["Category", "CategoryTaken", "CategoryTaken"]


async def test_somebody_must_see_it(world: World) -> None:
    with pytest.raises(GroupMissing):
        await world.desk.run(world.manager, service.create_category, name="Dark", groups=[])
    with pytest.raises(GroupMissing):
        await change(world, world.category, groups=[])


async def test_only_what_is_empty_is_switched_off(world: World) -> None:
    laser = await make(world, "Laser", world.category)
    item = await world.item(category=laser)
    for row in (world.category, laser):
        with pytest.raises(CategoryInUse):
            await change(world, row, active=False)
    await world.update(item, active=False)
    laser = await change(world, laser, active=False)
    await change(world, world.category, active=False)
    with pytest.raises(CategoryInactive):
        await change(world, laser, active=True)
    with pytest.raises(CategoryInactive):
        await make(world, "Ink", await Category.get(id=world.category.id))
    with pytest.raises(CategoryInactive):
        await world.update(item, active=True)


async def test_setting_up_needs_the_permission(world: World) -> None:
    for actor in (world.editor, world.approver, world.desk.carla):
        with pytest.raises(Forbidden):
            await world.desk.run(actor, service.create_category, name="Mine", groups=[world.desk.group])
        with pytest.raises(Forbidden):
            await world.desk.run(actor, service.update_category, world.category, name="X", groups=[world.desk.group])
    row = await world.desk.run(SYSTEM, service.create_category, name="Ours", groups=[world.desk.group])
    assert row.active
