"""The index follows what happens, costs little, and is built again."""

import asyncio
from collections.abc import Sequence

import pytest

from tessera.articles import service as articles
from tessera.kit.actor import SYSTEM, Actor
from tessera.kit.clock import now
from tessera.kit.db import dialect
from tessera.kit.errors import Forbidden
from tessera.kit.ids import ObjectRef
from tessera.kit.jobs import Job, JobState
from tessera.kit.unit import Unit
from tessera.search import queries, service
from tessera.search._health import check
from tessera.search.cli import app
from tessera.search.errors import NotSearchable
from tessera.search.hooks import Searchable
from tessera.search.jobs import catch_up
from tessera.search.models import SearchDocument, SearchKind
from tessera.testing.fixtures import every_database
from tessera.testing.house import House
from tessera.tickets import service as tickets
from tessera.tickets.models import Ticket
from tests.articles.words import mail, opened, words
from tests.commands import typed
from tests.search.conftest import Find
from tests.tickets.desk import Desk, state


async def test_a_new_ticket_costs_one_small_job(desk: Desk, house: House) -> None:
    await house.drain()
    await opened(desk)
    owed = Job.filter(name__startswith="search.", state=JobState.QUEUED)
    assert [job.name for job in await owed] == ["search.ticket.article.added"]
    await house.drain()
    assert await owed.count() == 0


@every_database
async def test_what_changed_is_found_by_what_it_says_now(desk: Desk, find: Find) -> None:
    one = await opened(desk, title="Printer", article=mail("It burns"))
    other = await opened(desk, title="Scanner", article=mail("It smokes"))
    assert await find(desk.anna, "burns") == ["Printer"]
    await desk.run(desk.anna, tickets.update, one, title="Plotter")
    assert await find(desk.anna, "printer") == []
    assert await find(desk.anna, "plotter burns") == ["Plotter"]
    await desk.run(desk.anna, articles.add_article, one, words("note", "Extinguished"))
    assert await find(desk.anna, "extinguished burns") == ["Plotter"]
    await desk.run(desk.anna, articles.merge, one, other)
    assert await find(desk.anna, "burns smokes") == ["Scanner"]
    assert await find(desk.anna, "plotter") == ["Plotter"]
    assert await find(desk.carla, "burns") == ["Scanner"]
    assert await find(desk.carla, "extinguished") == []
    await desk.run(SYSTEM, tickets.move, other, desk.other_queue)
    assert await find(desk.anna, "smokes") == []
    assert await find(desk.carla, "smokes") == ["Scanner"]
    await desk.run(SYSTEM, tickets.set_state, other, await state("removed"))
    assert await find(desk.carla, "smokes") == []


async def test_after_many_facts_about_tickets_each_is_read_once(
    desk: Desk, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [await opened(desk) for _ in range(2)]
    for number in range(4):
        await desk.run(desk.anna, articles.add_article, made[number % 2], words("note", f"Word{number}"))
    read: list[tuple[str, int]] = []
    index_all = service.index_all

    async def counted(unit: Unit, kind: Searchable, keys: Sequence[int]) -> None:
        read.extend((kind.kind, key) for key in keys)
        await index_all(unit, kind, keys)

    monkeypatch.setattr(service, "index_all", counted)
    await house.drain()
    assert [key for kind, key in read if kind == "ticket"] == [ticket.id for ticket in made]


@every_database
async def test_the_index_is_built_again(desk: Desk, house: House, find: Find) -> None:
    tickets_made = [await opened(desk, title=f"Printer {number}") for number in range(3)]
    await find(desk.anna, "printer")
    for stale in tickets_made[:2]:
        await desk.run(SYSTEM, service.forget, ObjectRef("ticket", stale.id))
    gone = ObjectRef("ticket", tickets_made[2].id + 1000)
    await SearchDocument.create(kind="ticket", subject_id=gone.id, title="Printer gone", digest="")
    assert await find(desk.anna, "printer", kinds=["ticket"]) == ["Printer 2"]
    assert {"ticket", "customer_user", "customer"} <= set(await queries.unbuilt(house.runtime.units.wiring))
    job = await house.run(service.request_rebuild)
    await house.drain()
    done = await Job.get(id=job.id)
    assert (done.state, done.progress) == (JobState.SUCCEEDED, 1.0)
    assert done.result is not None
    assert "ticket: 3" in done.result
    assert await find(desk.anna, "printer", kinds=["ticket"]) == ["Printer 2", "Printer 1", "Printer 0"]
    assert not await SearchDocument.filter(kind="ticket", subject_id=gone.id).exists()
    assert await queries.unbuilt(house.runtime.units.wiring) == []


async def test_a_rebuild_goes_on_in_steps(
    desk: Desk, house: House, find: Find, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "BATCH", 2)
    for number in range(5):
        await opened(desk, title=f"Printer {number}")
    await find(desk.anna, "printer")
    last = await Ticket.all().order_by("-id").first()
    assert last is not None
    await SearchDocument.all().delete()
    for odd in range(last.id + 7, last.id + 12):
        await SearchDocument.create(kind="ticket", subject_id=odd, title="", digest="")
    told: list[float] = []

    async def progress(fraction: float) -> None:
        told.append(fraction)

    searchable = queries.searchable(house.runtime.units.wiring, "ticket")
    assert await service.rebuild(house.runtime.units, searchable, progress) == await Ticket.all().count()
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert await SearchDocument.filter(kind="ticket", subject_id__gt=last.id).count() == 0
    assert len(await find(desk.anna, "printer", kinds=["ticket"])) == 5


async def test_who_may_have_it_built_again(desk: Desk, house: House) -> None:
    with pytest.raises(Forbidden):
        await house.run(service.request_rebuild, actor=desk.anna)
    with pytest.raises(NotSearchable):
        await house.run(lambda unit: service.request_rebuild(unit, ["nonsense"]))
    manager = await desk.agent_with("manager", [], permissions=["search.manage"])
    mutation = "mutation ($kinds: [String!]) { searchRebuild(kinds: $kinds) { job { kind } userErrors { reason } } }"
    answer = (await house.ask(mutation, {"kinds": ["ticket"]}, actor=manager))["searchRebuild"]
    assert answer == {"job": {"kind": "search.rebuild"}, "userErrors": []}
    answer = (await house.ask(mutation, {"kinds": ["x"]}, actor=manager))["searchRebuild"]
    assert [each["reason"] for each in answer["userErrors"]] == ["search.not_searchable"]


async def test_what_was_indexed_by_older_rules_is_indexed_again_by_itself(house: House) -> None:
    for kind in ("ticket", "gone.thing"):
        await SearchKind.create(kind=kind, version="0.1", built_at=now())
    for _ in range(2):  # the second time, it is being built already
        await house.run(catch_up)
    assert await Job.filter(name=queries.REBUILD).count() == 1
    await house.drain()
    assert not await SearchKind.filter(kind="gone.thing").exists()
    await house.run(catch_up)
    assert await Job.filter(name=queries.REBUILD).count() == 1
    assert await queries.unbuilt(house.runtime.units.wiring) == []
    assert (await check(house.runtime.units.wiring)).ok
    await Job.filter(name=queries.REBUILD).update(state=JobState.FAILED)
    told = await check(house.runtime.units.wiring)
    assert not told.ok
    assert "tessera jobs list" in told.advice[0]


async def test_the_command_builds_the_index_at_once(desk: Desk, house: House, find: Find) -> None:
    await opened(desk)
    await find(desk.anna, "printer")
    await SearchDocument.all().delete()
    assert await typed(house, app, "rebuild", "ticket") == f"ticket: {await Ticket.all().count()}\n"
    assert await find(desk.anna, "printer") == ["Printer on fire"]
    assert "customer_user: " in await typed(house, app, "rebuild")
    with pytest.raises(NotSearchable):
        await typed(house, app, "rebuild", "nonsense")


@every_database
async def test_a_text_with_more_words_than_an_index_holds_is_found_by_its_first(desk: Desk, find: Find) -> None:
    characters = [chr(0x4E00 + number * 7919 % 20_000) for number in range(150_000)]
    body = f"printer burns {''.join(characters)} {'paper ' * 1_000}"
    await opened(desk, title="Endless", article=mail(body))
    assert await found_soon(find, desk.anna, "printer burns") == ["Endless"]
    assert await found_soon(find, desk.anna, "".join(characters[:5])) == ["Endless"]


async def found_soon(find: Find, actor: Actor, text: str) -> list[str]:
    """Search; on MariaDB again and again: it misses words for a moment while it moves very many to its tables."""
    titles = await find(actor, text)
    if dialect() == "mysql":
        async with asyncio.timeout(10):
            while not titles:
                await asyncio.sleep(0.05)
                titles = await find(actor, text)
    return titles
