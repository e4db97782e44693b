"""Who reads what: audience, groups, approval, validity, and the audience of each text."""

import dataclasses
from datetime import timedelta
from typing import Any

import pytest

from tessera.kit.actor import SYSTEM
from tessera.kit.clock import now
from tessera.testing.fixtures import every_database
from tessera_faq import queries
from tessera_faq.models import Audience
from tessera_faq.settings import FIELDS
from tests.faq.test_attachments import file
from tests.faq.world import World, actor_of, gid

EDITORS = {"editor", "approver"}
IN_GROUP = EDITORS | {"agent"}
READERS = {
    Audience.INTERNAL: IN_GROUP,
    Audience.EXTERNAL: IN_GROUP | {"customer"},
    Audience.PUBLIC: IN_GROUP | {"customer", "anonymous"},
}
HOUR = timedelta(hours=1)


async def readers_of(world: World, item: Any) -> set[str]:
    return {
        name
        for name, reader in world.readers.items()
        if await queries.visible_to(actor_of(reader)).filter(id=item.id).exists()
    }


@every_database
async def test_audience_and_groups_decide_who_reads(world: World) -> None:
    for audience, readers in READERS.items():
        assert await readers_of(world, await world.item(audience=audience)) == readers
        elsewhere = await world.item(audience=audience, category=world.other)
        assert await readers_of(world, elsewhere) == readers - IN_GROUP


@every_database
async def test_only_what_is_published_is_read_by_those_who_do_not_write(world: World) -> None:
    begun = await world.item(valid_from=now() - HOUR, valid_until=now() + HOUR)
    assert await readers_of(world, begun) == READERS[Audience.PUBLIC]
    for unpublished in (
        await world.item(approved=False),
        await world.item(valid_from=now() + HOUR),
        await world.item(valid_from=now() - 2 * HOUR, valid_until=now() - HOUR),
        await world.update(await world.item(), active=False),
    ):
        assert await readers_of(world, unpublished) == EDITORS
        assert not queries.is_published(unpublished)


async def test_validity_ends_for_readers_whose_rights_stay_the_same(world: World) -> None:
    item = await world.item(valid_until=now() + timedelta(seconds=1))
    document = "query { faqItems { nodes { id } } }"
    for reader in (world.desk.anna, world.desk.carla, None):
        assert (await world.house.ask(document, actor=reader))["faqItems"]["nodes"] == [{"id": gid(item)}]
    await world.update(item, valid_from=now() - 2 * HOUR, valid_until=now() - HOUR)
    for reader in (world.desk.anna, world.desk.carla, None):
        assert (await world.house.ask(document, actor=reader))["faqItems"]["nodes"] == []


@pytest.mark.parametrize(
    ("reader", "names"),
    [
        ("agent", ["symptom", "problem", "solution", "comment"]),
        ("customer", ["symptom", "problem"]),
        ("anonymous", ["symptom"]),
    ],
)
async def test_each_text_is_for_its_audience(world: World, reader: str, names: list[str]) -> None:
    await world.set(
        FIELDS,
        [
            {"name": "symptom", "label": "Symptom", "audience": "public"},
            {"name": "problem", "label": "Problem", "audience": "external"},
            {"name": "solution", "label": "How to", "audience": "internal"},
            {"name": "comment", "label": "Comment", "audience": "internal"},
        ],
    )
    item = await world.item(texts={name: f"<p>{name}</p>" for name in ("symptom", "problem", "solution", "comment")})
    found = await world.house.ask(
        "query ($id: ID!) { faqItem(id: $id) { fields { name html } } }",
        {"id": gid(item)},
        actor=world.readers[reader],
    )
    assert found["faqItem"]["fields"] == [{"name": name, "html": f"<p>{name}</p>"} for name in names]


@every_database
async def test_categories_are_seen_by_their_groups_and_by_who_reads_in_them(world: World) -> None:
    async def seen() -> dict[str, list[str]]:
        return {
            name: [row.path for row in await queries.visible_categories(actor_of(reader)).order_by("path_key")]
            for name, reader in {**world.readers, "manager": world.manager}.items()
        }

    empty = await seen()
    assert empty["agent"] == empty["editor"] == ["Printers"]
    assert empty["manager"] == ["Elsewhere", "Printers"]
    assert empty["customer"] == empty["anonymous"] == empty["outside"] == []
    await world.item(audience=Audience.EXTERNAL)
    await world.item(category=world.other)
    filled = await seen()
    assert filled["customer"] == ["Elsewhere", "Printers"]
    assert filled["anonymous"] == ["Elsewhere"]
    assert filled["agent"] == ["Printers"]


async def test_files_are_for_whoever_reads_the_item(world: World) -> None:
    item = await world.item(audience=Audience.EXTERNAL, attachments=[await file()])
    seen = {
        name
        for name, reader in world.readers.items()
        if await queries.visible_attachments(actor_of(reader)).filter(item_id=item.id).exists()
    }
    assert seen == READERS[Audience.EXTERNAL]


async def test_nobody_signed_in_stays_nobody_when_copied(world: World) -> None:
    external = await world.item(audience=Audience.EXTERNAL)
    item = await world.item()
    for nobody in (
        dataclasses.replace(queries.ANONYMOUS, locale="de"),
        dataclasses.replace(queries.ANONYMOUS, name="Nobody", memory={}),
    ):
        assert nobody is not queries.ANONYMOUS
        assert not await queries.visible_to(nobody).filter(id=external.id).exists()
        assert await queries.visible_to(nobody).filter(id=item.id).exists()
        assert not queries.may_vote(nobody, item)
    assert queries.may_vote(world.desk.carla, item)
    assert not queries.is_anonymous(SYSTEM)
