"""Votes and views: once per person, whoever comes at the same time; counted without writing at every reading."""

import asyncio

import pytest

from tessera.kit.actor import SYSTEM
from tessera.kit.errors import Forbidden
from tessera.testing.fixtures import every_database
from tessera_faq import _views, queries, service
from tessera_faq.errors import InvalidVote, NotPublished
from tessera_faq.models import Item, Vote
from tests.faq.world import World, facts, gid

SEEN = "query ($id: ID!) { faqItem(id: $id) { viewCount } }"


async def rated(item: Item) -> tuple[int, float | None]:
    row = await Item.get(id=item.id)
    return row.vote_count, row.rating


@every_database
async def test_a_person_votes_once_changes_and_withdraws(world: World) -> None:
    item = await world.item()
    await world.run(world.desk.carla, service.vote, item, 100)
    await world.run(world.desk.anna, service.vote, item, 25)
    assert await rated(item) == (2, 62.5)
    await world.run(world.desk.carla, service.vote, item, 0)
    assert await rated(item) == (2, 12.5)
    assert await queries.votes_by(world.desk.carla, [item.id]) == {item.id: 0}
    await world.run(world.desk.carla, service.vote, item, 0)
    await world.run(world.desk.carla, service.vote, item, None)
    await world.run(world.desk.anna, service.vote, item, None)
    await world.run(world.desk.anna, service.vote, item, None)
    assert await rated(item) == (0, None)
    told = [
        (fact["before"], fact["after"]) for name, fact in await facts("faq.item", item.id) if name == "faq.item_voted"
    ]
    assert told == [(None, 100), (None, 25), (100, 0), (0, None), (25, None)]
    assert (await Item.get(id=item.id)).version == item.version


@every_database
async def test_many_vote_at_once_and_none_is_lost(world: World) -> None:
    item = await world.item()
    voters = [world.desk.carla, world.desk.colleague, world.desk.stranger, world.desk.anna, world.desk.bert]
    await asyncio.gather(*(world.run(each, service.vote, item, mark) for each in voters for mark in (50, 75)))
    row = await Item.get(id=item.id)
    marks = await Vote.filter(item_id=item.id).values_list("vote", flat=True)
    assert (row.vote_count, row.vote_sum) == (5, sum(int(str(mark)) for mark in marks))


async def test_who_and_what_is_no_vote(world: World) -> None:
    item = await world.item()
    for mark in (-25, 1, 101):
        with pytest.raises(InvalidVote):
            await world.run(world.desk.carla, service.vote, item, mark)
    for actor in (SYSTEM, queries.ANONYMOUS):
        with pytest.raises(Forbidden):
            await world.run(actor, service.vote, item, 50)
    hidden = await world.item(approved=False)
    with pytest.raises(NotPublished):
        await world.run(world.editor, service.vote, hidden, 50)
    assert not await Vote.exists()


@every_database
async def test_views_are_counted_together_and_once_for_each_operation(world: World) -> None:
    item = await world.item()
    for reader in (world.desk.carla, None, world.desk.anna):
        await world.house.ask(SEEN, {"id": gid(item)}, actor=reader)
    await world.house.ask("query { faqItems { nodes { title } } }", actor=world.desk.anna)
    assert (await Item.get(id=item.id)).view_count == 0
    await _views.write(world.house.runtime.units)
    assert await world.house.ask(SEEN, {"id": gid(item)}, actor=world.desk.anna) == {"faqItem": {"viewCount": 3}}
    await _views.write(world.house.runtime.units)
    after = await Item.get(id=item.id)
    assert (after.view_count, after.version, after.updated_at) == (4, item.version, item.updated_at)


async def test_views_that_cannot_be_written_wait(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    item = await world.item()
    await world.house.ask(SEEN, {"id": gid(item)})
    units = world.house.runtime.units

    async def fail(*_args: object, **_kwargs: object) -> None:
        raise OSError

    with monkeypatch.context() as patched:
        patched.setattr(units, "run", fail)
        await _views.write(units)
    await _views.write(units)
    assert (await Item.get(id=item.id)).view_count == 1
