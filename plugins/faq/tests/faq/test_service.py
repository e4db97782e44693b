"""Verbs of items: numbers, languages, approval, changes, what comes from a ticket."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from tessera.articles import service as articles
from tessera.kit.clock import now
from tessera.kit.errors import Forbidden, Invalid, LimitExceeded, NotFound, Required, StaleVersion
from tessera.testing.fixtures import every_database
from tessera_faq import queries, service
from tessera_faq.errors import (
    CategoryInactive,
    InvalidFields,
    InvalidLanguage,
    InvalidValidity,
    NothingToTake,
    TranslationExists,
    UnknownField,
)
from tessera_faq.models import Audience, Item, ItemTicket
from tessera_faq.settings import FIELDS, LANGUAGES
from tests.articles.words import attachment, mail, opened, words
from tests.faq.world import World, facts, gid
from tests.tickets.desk import facts as facts_of


@every_database
async def test_numbers_are_unique_and_follow_one_another(world: World) -> None:
    made = await asyncio.gather(*(world.item(title=f"Item {each}") for each in range(5)))
    numbers = {item.number for item in made}
    assert len(numbers) == 5
    assert numbers == {str(10_000 + item.id) for item in made}
    taken = await world.item(number=str(10_000 + max(item.id for item in made) + 2))
    assert len({taken.number, (await world.item()).number}) == 2


async def test_who_may_not_write_is_refused_and_nothing_is_written(world: World) -> None:
    item = await world.item()
    for actor in (world.desk.anna, world.approver, world.desk.carla):
        with pytest.raises(Forbidden):
            await world.item(actor)
        with pytest.raises(Forbidden):
            await world.update(item, actor, title="Mine")
    for actor in (world.desk.anna, world.editor):
        with pytest.raises(Forbidden):
            await world.run(actor, service.approve_item, item)
    assert await Item.all().count() == 1
    assert (await Item.get(id=item.id)).title == "Printer on fire"


async def test_html_is_made_safe(world: World) -> None:
    html = '<p onclick="x()">Hi<script>alert(1)</script><img src="http://spy.example/a.png"></p>'
    item = await world.item(texts={"symptom": html})
    assert item.symptom == "<p>Hi<img></p>"
    assert (await world.update(item, texts={"problem": html})).problem == "<p>Hi<img></p>"


async def test_what_makes_no_item(world: World) -> None:
    wrong: list[tuple[dict[str, Any], type[Exception]]] = [
        ({"title": " "}, Required),
        ({"title": "x" * 256}, LimitExceeded),
        ({"title": "a\x07b"}, Invalid),
        ({"language": "klingon"}, InvalidLanguage),
        ({"texts": {"field4": "<p>spare</p>"}}, UnknownField),
        ({"texts": {"cause": "<p>none</p>"}}, UnknownField),
        ({"texts": {"symptom": "x" * 500_001}}, LimitExceeded),
        ({"keywords": ["k" * 101]}, LimitExceeded),
        ({"valid_from": now(), "valid_until": now() - timedelta(days=1)}, InvalidValidity),
    ]
    for values, problem in wrong:
        with pytest.raises(problem):
            await world.item(**values)
    assert not await Item.exists()


async def test_languages_are_those_of_the_setting(world: World) -> None:
    assert (await world.item(language="DE")).language == "de"
    assert (await world.item(language="pt_br")).language == "pt-BR"
    await world.set(LANGUAGES, ["en"])
    with pytest.raises(InvalidLanguage):
        await world.item(language="de")


@every_database
async def test_translations_are_one_group_with_each_language_once(world: World) -> None:
    english = await world.item()
    german = await world.item(language="de", title="Drucker brennt", translation_of=english)
    french = await world.item(language="fr", title="Imprimante en feu", translation_of=german)
    found = await queries.translations_of(world.desk.carla, [(item.id, item.original_id) for item in (german, french)])
    assert [[row.language for row in rows] for rows in found.values()] == [["en", "fr"], ["de", "en"]]
    for language in ("en", "de", "fr"):
        with pytest.raises(TranslationExists):
            await world.item(language=language, translation_of=french)


async def test_keywords_are_kept_once_whatever_their_case(world: World) -> None:
    item = await world.item(keywords=["Toner, Fire", "FIRE", " ", "toner"])
    assert await queries.keywords_of([item.id]) == {item.id: ["Fire", "Toner"]}
    await world.update(item, keywords=None)
    assert await queries.keywords_of([item.id]) == {item.id: []}


async def test_a_change_is_told_once_for_each_property(world: World) -> None:
    item = await world.item(keywords=["toner"])
    changed = await world.update(
        item, world.editor, title="Printer burns", audience=Audience.PUBLIC, keywords=["toner"], texts={"problem": ""}
    )
    assert (changed.version, changed.title_key) == (2, "printer burns")
    told = {"field": "title", "before": "Printer on fire", "after": "Printer burns", "item_version": 2}
    assert (await facts("faq.item", item.id))[1:] == [("faq.item_changed", told)]
    assert (await world.update(item, world.editor, title="Printer burns")).version == 2
    with pytest.raises(StaleVersion):
        await world.update(item, world.editor, title="Late", expected_version=1)
    with pytest.raises(InvalidValidity):
        await world.update(await world.update(item, valid_from=now()), valid_until=now() - timedelta(days=9))


@every_database
async def test_approval_is_asked_for_again_after_every_change(world: World) -> None:
    await world.require_approval()
    item = await world.item(world.editor)
    assert not item.approved
    assert (await world.run(world.approver, service.approve_item, item)).approved
    assert (await world.run(world.approver, service.approve_item, item)).version == 2
    changed = await world.update(item, world.editor, title="Printer burns")
    assert not changed.approved
    names = [name for name, _ in await facts("faq.item", item.id)]
    assert names == ["faq.item_created", "faq.item_approved", "faq.item_changed", "faq.approval_withdrawn"]
    await world.run(world.approver, service.approve_item, item)
    assert (await world.update(item, world.editor, active=False)).approved


async def test_without_the_setting_nobody_is_asked(world: World) -> None:
    item = await world.item(world.editor)
    assert item.approved
    assert (await world.update(item, world.editor, title="Printer burns")).approved


async def test_an_item_is_in_a_category_that_is_switched_on(world: World) -> None:
    await world.desk.run(
        world.manager, service.update_category, world.other, name="Elsewhere", groups=[world.desk.group], active=False
    )
    with pytest.raises(CategoryInactive):
        await world.item(category=world.other)
    item = await world.item()
    with pytest.raises(CategoryInactive):
        await world.update(item, category=world.other)


async def test_a_ticket_gives_symptom_and_solution(world: World) -> None:
    desk = world.desk
    ticket = await opened(desk, article=mail("My printer <b>burns</b>"))
    await desk.run(desk.anna, articles.add_note, ticket, article=words("note", "He is drunk"))
    await desk.run(desk.anna, articles.reply, ticket, article=words("email", "Use sand.\nPlenty"))
    item = await world.item(world.editor, texts={"problem": "<p>Heat</p>"}, from_ticket=ticket)
    assert item.symptom == "My printer &lt;b&gt;burns&lt;/b&gt;"
    assert item.solution.startswith("Use sand.<br>\nPlenty")
    assert (item.problem, item.comment) == ("<p>Heat</p>", "")
    assert await ItemTicket.exists(item_id=item.id, ticket_id=ticket.id)
    assert (await facts_of(ticket))[-1] == ("faq.item_linked", {"item_id": item.id, "number": item.number})
    linked = ("faq.ticket_linked", {"ticket_id": ticket.id, "number": ticket.number})
    assert (await facts("faq.item", item.id))[-1] == linked
    own = await world.item(world.editor, texts={"symptom": "<p>Smoke</p>"}, from_ticket=ticket)
    assert own.symptom == "<p>Smoke</p>"


async def test_pictures_of_an_article_come_along(world: World) -> None:
    picture = await attachment("a.png", b"PNG", content_type="image/png", content_id="one", inline=True)
    html = '<p>See <img src="cid:one"> <img src="cid:gone"></p>'
    ticket = await opened(world.desk, article=mail("", body_html=html, attachments=(picture,)))
    item = await world.item(world.editor, texts={}, from_ticket=ticket)
    assert 'src="data:image/png;base64,UE5H"' in item.symptom


async def test_a_ticket_without_words_for_customers_gives_nothing(world: World) -> None:
    ticket = await world.desk.ticket()
    with pytest.raises(NothingToTake):
        await world.item(world.editor, from_ticket=ticket)


async def test_the_texts_of_the_setting_must_be_texts(world: World) -> None:
    good = {"name": "symptom", "label": "Symptom", "audience": "public"}
    for bad in (
        ["symptom"],
        [{**good, "name": "x"}],
        [{**good, "audience": "all"}],
        [good, good],
        [{**good, "label": ""}],
    ):
        with pytest.raises(InvalidFields):
            await world.set(FIELDS, bad)
    await world.set(FIELDS, [good])
    assert [each.name for each in await queries.texts()] == ["symptom"]


async def test_links_of_other_kinds_ask_the_item(world: World) -> None:
    item = await world.item(audience=Audience.INTERNAL)
    touched = await world.house.run(lambda unit: service.touch(unit, item.id), actor=world.editor)
    assert touched.version == 2
    with pytest.raises(Forbidden):
        await world.house.run(lambda unit: service.touch(unit, item.id), actor=world.desk.anna)
    with pytest.raises(NotFound):
        await world.house.run(lambda unit: service.touch(unit, item.id), actor=world.outside_editor)
    assert gid(item)
