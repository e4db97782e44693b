"""The unit on every database: all or nothing, guards before, effects after, no update lost."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial

import pytest

from tessera.accounts.models import Customer
from tessera.kit.actor import SYSTEM, Actor, ActorKind
from tessera.kit.clock import now
from tessera.kit.db import in_background
from tessera.kit.errors import StaleVersion, WrongState
from tessera.kit.events import Event
from tessera.kit.jobs import Job
from tessera.kit.journal import Entry, Unsealed
from tessera.kit.unit import MAX_DEPTH, EventLoop, Unit, Units
from tessera.kit.wiring import JobKind, Wiring
from tessera.testing.fixtures import every_database
from tests.kit.journal_world import Noted, database, noted

ANNA = Actor(kind=ActorKind.AGENT, id=7, name="Anna")


@pytest.fixture(autouse=True)
async def opened(database_url: str) -> AsyncIterator[None]:
    async with database(database_url):
        yield


async def customer() -> Customer:
    return await Customer.create(number="1", number_key="1", name="0", name_key="0")


async def tell(unit: Unit) -> Entry:
    return await unit.record(noted(1))


@every_database
async def test_a_fact_is_written_as_it_was_told() -> None:
    before = now()
    entry = await Units(Wiring()).run(ANNA, tell)
    read = await Entry.get(id=entry.id)
    assert (read.name, read.shape, str(read.subject), read.facts) == ("test.noted", 1, "thing:1", {"number": 1})
    assert (read.actor_kind, read.actor_id, read.actor_name) == ("agent", 7, "Anna")
    assert (read.cause_id, read.depth, read.public) == (None, 0, False)
    assert before <= read.at <= now()
    assert await Unsealed.all().values_list("entry_id", flat=True) == [entry.id]


@every_database
async def test_a_failing_unit_leaves_nothing() -> None:
    row = await customer()
    wiring = Wiring(handlers={Noted: ("react",)})
    heard: list[Unit] = []

    async def listen(unit: Unit) -> None:
        heard.append(unit)

    async def fail(unit: Unit) -> None:
        await unit.update(row, name="1")
        await unit.record(noted(1))
        await unit.enqueue("later")
        raise RuntimeError

    units = Units(wiring)
    units.after_commit.append(listen)
    with pytest.raises(RuntimeError):
        await units.run(ANNA, fail)
    assert (await Customer.get(id=row.id)).name == "0"
    assert await Entry.all().count() == await Unsealed.all().count() == await Job.all().count() == 0
    assert heard == []


async def test_whoever_listens_hears_of_a_unit_when_it_is_committed() -> None:
    heard: list[tuple[int, int, int]] = []

    async def listen(unit: Unit) -> None:
        heard.append((await Entry.all().count(), len(unit.entries), len(unit.jobs)))

    units = Units(Wiring(handlers={Noted: ("one", "two")}))
    units.after_commit.append(listen)
    await units.run(ANNA, tell)
    assert heard == [(1, 1, 2)]


async def test_every_handler_of_a_fact_is_owed_a_job_that_knows_its_cause() -> None:
    units = Units(Wiring(handlers={Noted: ("one",), Event: ("all",)}))
    entry = await units.run(ANNA, tell, depth=2)
    jobs = await Job.all().order_by("name")
    assert [(job.name, job.arguments) for job in jobs] == [("all", {"entry": entry.id}), ("one", {"entry": entry.id})]
    assert {(job.cause_id, job.depth) for job in jobs} == {(entry.id, 3)}


async def test_a_handler_is_owed_only_what_it_wishes_for() -> None:
    wiring = Wiring(handlers={Noted: ("odd", "each")}, wishes={"odd": lambda event: event.number % 2 == 1})
    units = Units(wiring)
    for number in (1, 2):
        await units.run(ANNA, partial(Unit.record, event=noted(number)))
    assert [job.name for job in await Job.all().order_by("id")] == ["odd", "each", "each"]


async def test_a_handler_asks_in_the_unit_whether_an_event_concerns_it() -> None:
    row = await customer()

    async def concerns(unit: Unit, event: Noted) -> bool:
        return await Customer.exists(id=row.id, name="1")

    wiring = Wiring(handlers={Noted: ("renamed", "never")}, concerns={"renamed": concerns, "never": _never})
    units = Units(wiring)

    async def rename(unit: Unit) -> Entry:
        await unit.update(await Customer.get(id=row.id), name="1")
        return await tell(unit)

    await units.run(ANNA, tell)
    entry = await units.run(ANNA, rename)
    assert [(job.name, job.arguments) for job in await Job.all()] == [("renamed", {"entry": entry.id})]


async def _never(unit: Unit, event: Noted) -> bool:
    return False


async def test_what_a_handler_does_outside_of_a_unit_is_work_of_whoever_acted() -> None:
    async def run(first: object, entry: int) -> None:
        """Do nothing."""

    kinds = {name: JobKind(name, run, in_unit=name == "short") for name in ("short", "long")}
    entry = await Units(Wiring(handlers={Noted: ("short", "long")}, jobs=kinds)).run(ANNA, tell)
    jobs = await Job.all().order_by("id")
    assert [(job.name, job.actor_kind, job.actor_id) for job in jobs] == [("short", None, None), ("long", "agent", 7)]
    assert {(job.cause_id, job.depth) for job in jobs} == {(entry.id, 1)}


@every_database
async def test_facts_are_written_together_but_before_what_needs_their_ids() -> None:
    async def work(unit: Unit) -> None:
        first = await unit.record(noted(1))
        assert not await Entry.all().count()
        job = await unit.enqueue("later")
        assert job.cause_id == first.id
        second = await unit.record(noted(2))
        await unit.flush()
        assert second.id > first.id
        assert [entry.id for entry in unit.entries] == [first.id, second.id]

    units = Units(Wiring(handlers={Noted: ("react",)}))
    await units.run(ANNA, work)
    assert await Entry.all().count() == await Unsealed.all().count() == 2
    assert [job.name for job in await Job.all().order_by("id")] == ["react", "later", "react"]


async def test_effects_of_effects_end_somewhere() -> None:
    units = Units(Wiring())
    await units.run(ANNA, tell, depth=MAX_DEPTH)
    with pytest.raises(EventLoop):
        await units.run(ANNA, tell, depth=MAX_DEPTH + 1)


async def test_a_guard_refuses_the_whole_unit() -> None:
    async def refuse(unit: Unit, event: Noted) -> None:
        if event.number == 13:
            raise WrongState("Not on a Friday.")

    async def both(unit: Unit) -> None:
        await unit.record(noted(12))
        await unit.record(noted(13))

    units = Units(Wiring(guards={Noted: (refuse,)}))
    with pytest.raises(WrongState, match="Friday"):
        await units.run(ANNA, both)
    assert await Entry.all().count() == 0


@every_database
async def test_a_failed_attempt_undoes_itself_alone() -> None:
    async def attempt(unit: Unit) -> None:
        async with unit.attempt():
            await unit.record(noted(2))
            await unit.enqueue("never")
            raise RuntimeError

    async def work(unit: Unit) -> None:
        await unit.record(noted(1))
        with pytest.raises(RuntimeError):
            await attempt(unit)
        await unit.record(noted(3))
        assert [entry.facts["number"] for entry in unit.entries] == [1, 3]
        assert unit.jobs == []

    await Units(Wiring()).run(ANNA, work)
    assert [entry.facts["number"] for entry in await Entry.all().order_by("id")] == [1, 3]
    assert await Job.all().count() == 0


@every_database
async def test_concurrent_updates_lose_nothing() -> None:
    row = await customer()
    units = Units(Wiring())

    async def count_up(unit: Unit) -> None:
        fresh = await Customer.get(id=row.id)
        await asyncio.sleep(0.002)
        await unit.update(fresh, name=str(int(fresh.name) + 1))

    async def many() -> None:
        for _ in range(4):
            await units.run(SYSTEM, count_up)

    await asyncio.gather(*(in_background(many(), name="counter") for _ in range(5)))
    after = await Customer.get(id=row.id)
    assert (after.name, after.version) == ("20", 21)


async def test_whoever_expects_another_version_is_told_how_it_is_now() -> None:
    row = await customer()

    async def work(unit: Unit) -> None:
        await unit.update(row, name="1")
        await unit.update(row, expected_version=1, name="2")

    with pytest.raises(StaleVersion) as caught:
        await Units(Wiring()).run(ANNA, work)
    assert caught.value.current is row
    assert (await Customer.get(id=row.id)).name == "0"


async def test_an_update_stamps_the_row_and_its_instance() -> None:
    row = await customer()
    before = now()
    await Units(Wiring()).run(ANNA, lambda unit: unit.update(row, expected_version=1, name="1"))
    read = await Customer.get(id=row.id)
    assert (read.name, read.version) == ("1", 2)
    assert (row.name, row.version, row.updated_at) == (read.name, read.version, read.updated_at)
    assert read.updated_at >= before


async def test_the_same_work_is_enqueued_once_by_its_key() -> None:
    async def work(unit: Unit) -> tuple[int, int]:
        return (await unit.enqueue("work", dedupe="k")).id, (await unit.enqueue("work", dedupe="k")).id

    first, second = await Units(Wiring()).run(ANNA, work)
    assert first == second
    assert await Job.all().count() == 1
