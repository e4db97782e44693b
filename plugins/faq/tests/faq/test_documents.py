"""A knowledge base out and in again: the same; whatever does not fit is told before anything is written."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tessera.files import queries as files
from tessera.kit.actor import SYSTEM
from tessera.kit.errors import Forbidden
from tessera.kit.journal import Entry
from tessera.testing.databases import migrated_database
from tessera.testing.fixtures import SECRET, every_database
from tessera.testing.house import base_assembly, open_house
from tessera_faq import _documents, service
from tessera_faq._documents import Document, ItemEntry
from tessera_faq.cli import app
from tessera_faq.errors import InvalidImport
from tessera_faq.models import Audience, Category, Item, ItemAttachment
from tests.commands import typed
from tests.faq.test_attachments import file
from tests.faq.world import World

ITEM = {"number": "7", "language": "en", "title": "Seven", "category": "Printers", "audience": "public"}
CATEGORY = {"path": "Printers", "groups": ["support"]}


def text(*items: dict[str, Any], categories: Any = None, **more: Any) -> str:
    return json.dumps(
        {
            "format": _documents.FORMAT,
            "categories": [CATEGORY] if categories is None else categories,
            "items": list(items),
            **more,
        }
    )


async def bring_in(world: World, given_text: str) -> tuple[int, int]:
    document = _documents.read(given_text)
    return await world.house.run(lambda unit: service.import_items(unit, document, lambda _done, _total: None))


async def filled(world: World) -> None:
    laser = await world.desk.run(
        SYSTEM, service.create_category, name="Laser", groups=[world.desk.group], parent=world.category
    )
    until = datetime(2031, 1, 1, 12, 30, tzinfo=UTC)
    english = await world.item(
        category=laser, keywords=["Toner", "Ärger"], valid_until=until, attachments=[await file()]
    )
    await world.item(language="de", title="Drucker brennt", translation_of=english, audience=Audience.EXTERNAL)
    await world.update(await world.item(title="Gone", approved=False), active=False)


@every_database
async def test_out_and_in_again_is_the_same(world: World) -> None:
    await filled(world)
    out = _documents.written(await service.export_items())
    assert await bring_in(world, out) == (0, 0)
    assert _documents.written(await service.export_items()) == out


async def test_another_house_gets_it_all_and_once(tmp_path: Path) -> None:
    path = tmp_path / "faq.json"
    async with open_world(tmp_path / "one") as world:
        await filled(world)
        assert await typed(world.house, app, "export", str(path)) == f"3 items in 3 categories written to {path}.\n"
    async with open_world(tmp_path / "two") as world:
        assert await typed(world.house, app, "import", str(path)) == "3 items created, 0 changed, 0 as they were.\n"
        assert await typed(world.house, app, "export") == path.read_text()
        assert await typed(world.house, app, "import", str(path)) == "0 items created, 0 changed, 3 as they were.\n"
        (row,) = await ItemAttachment.all()
        assert await files.read(row.digest) == b"stop, drop and roll"
        assert '"attachments"' not in await typed(world.house, app, "export", "--no-files")


@asynccontextmanager
async def open_world(data: Path) -> AsyncIterator[World]:
    data.mkdir()
    async with migrated_database("sqlite", base_assembly().apps) as url, open_house(url, data, secret=SECRET) as house:
        yield await World.furnish(house)


async def test_a_changed_document_changes_what_it_says(world: World) -> None:
    assert await bring_in(world, text({**ITEM, "approved": False})) == (1, 0)
    assert not (await Item.get(number="7")).approved
    changed = {**ITEM, "title": "Eight", "fields": {"solution": "<p>Dry<script>x</script></p>"}, "active": False}
    assert await bring_in(world, text(changed, {**ITEM, "number": "9"})) == (1, 1)
    item = await Item.get(number="7")
    assert (item.title, item.solution, item.active, item.approved) == ("Eight", "<p>Dry</p>", False, True)


async def test_a_category_is_switched_off_once_its_items_are(world: World) -> None:
    off = {**CATEGORY, "active": False}
    await bring_in(world, text(ITEM))
    await bring_in(world, text({**ITEM, "active": False}, categories=[off]))
    assert not (await Category.get(path="Printers")).active


WRONG = [
    ("[", "this is no JSON"),
    ("[]", '"format": "tessera-faq/1"'),
    (text(more=1), "nothing is known of 'more'"),
    (text(categories=[5]), "categories[0]: an object is needed"),
    (text(categories={}), "categories: a list is needed"),
    (text({**ITEM, "titel": "x"}), "items[0]: nothing is known of 'titel'"),
    (text({**ITEM, "title": 5}), "items[0].title: a text is needed"),
    (text({**ITEM, "title": " "}), "items[0].title: it is empty"),
    (text({**ITEM, "audience": "all"}), "items[0].audience: one of internal"),
    (text({**ITEM, "active": "yes"}), "items[0].active: true or false"),
    (text({**ITEM, "validFrom": "2026-01-01"}), "items[0].validFrom: an instant"),
    (text({**ITEM, "fields": {"cause": ""}}), "items[0].fields: there is no text 'cause'"),
    (text({**ITEM, "keywords": "a"}), "items[0].keywords: a list is needed"),
    (text(ITEM, ITEM), "items[1].number: 7 occurs twice"),
    (text({**ITEM, "attachments": [{"filename": "a", "contentType": "b", "content": "?"}]}), "this is no base64"),
    (text(categories=[{"path": "X", "groups": []}]), "categories[0].groups: a category needs"),
]
UNFIT = [
    (text(categories=[{"path": "X", "groups": ["nobody"]}]), "X: there is no group nobody"),
    (text(categories=[{"path": "No::Where", "groups": ["support"]}]), "No::Where: there is no category No"),
    (text({**ITEM, "category": "None"}), "7: there is no category None"),
    (text({**ITEM, "language": "klingon"}), "7: klingon is no language"),
    (text({**ITEM, "translationOf": "8"}), "7: there is no item 8 to translate"),
    (text({**ITEM, "fields": {"field4": "x"}}), "7: the text field4 is not configured"),
]


@pytest.mark.parametrize(("wrong", "told"), WRONG)
def test_what_is_no_document_is_told_with_its_place(wrong: str, told: str) -> None:
    with pytest.raises(InvalidImport) as refused:
        _documents.read(wrong)
    assert told in refused.value.message


async def test_what_does_not_fit_is_told_and_nothing_is_written(world: World) -> None:
    before = await Entry.all().count()
    for wrong, told in UNFIT:
        with pytest.raises(InvalidImport) as refused:
            await bring_in(world, wrong)
        assert told in refused.value.message
    assert not await Item.exists()
    assert await Entry.all().count() == before


async def test_a_number_keeps_its_language(world: World) -> None:
    await bring_in(world, text(ITEM))
    with pytest.raises(InvalidImport, match="belongs to an item in the language en"):
        await bring_in(world, text({**ITEM, "language": "de"}))


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(InvalidImport) as refused:
        _documents.read(text(*({"number": str(each)} for each in range(30))))
    assert len(refused.value.message.splitlines()) == 22
    assert refused.value.message.endswith("… and 70 more")


async def test_bringing_in_needs_all_permissions(world: World) -> None:
    document = _documents.read(text(ITEM))
    with pytest.raises(Forbidden):
        await world.house.run(
            lambda unit: service.import_items(unit, document, lambda _a, _b: None), actor=world.editor
        )


NAMES = st.text('aä☃ "\\\n', min_size=1, max_size=9).filter(str.strip)


@given(
    st.lists(
        st.builds(ItemEntry, NAMES, NAMES, NAMES, NAMES, st.sampled_from(Audience)), unique_by=lambda each: each.number
    )
)
def test_what_is_written_is_read(items: list[ItemEntry]) -> None:
    document = Document((), tuple(items))
    assert _documents.read(_documents.written(document)) == document
