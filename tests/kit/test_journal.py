"""The journal on every database: one order without gaps, a chain that tells what was tampered with."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from tortoise.exceptions import IntegrityError

from tessera.kit.actor import SYSTEM
from tessera.kit.bus import LocalBus
from tessera.kit.db import Database, connection, in_background
from tessera.kit.feed import Feed
from tessera.kit.journal import (
    GENESIS,
    TOPIC,
    Entry,
    Seal,
    Sealed,
    Sealer,
    Unsealed,
    Verdict,
    head,
    read_sealed,
    seal_pending,
    verify,
)
from tessera.kit.unit import Unit, Units
from tessera.kit.wiring import Wiring
from tessera.testing.fixtures import every_database
from tests.kit.jobs_world import eventually
from tests.kit.journal_world import database, note, noted, number_of, unprotected

on_servers = pytest.mark.parametrize("database_kind", ["postgres", "mariadb"], indirect=True)


@pytest.fixture(autouse=True)
async def opened(database_url: str) -> AsyncIterator[Database]:
    async with database(database_url) as open_database:
        yield open_database


async def run(sql: str) -> None:
    await connection().execute_query(sql)


async def numbers(after: int = 0) -> list[int]:
    return [number_of(sealed.entry) for sealed in await read_sealed(after)]


@every_database
async def test_an_empty_journal_is_sound() -> None:
    assert await seal_pending() == 0
    assert await head() == 0
    assert await verify() == Verdict(0, GENESIS)


@every_database
async def test_what_is_not_sealed_yet_is_not_read() -> None:
    await note(1, 2)
    assert await read_sealed(0) == []
    assert await seal_pending() == 2
    assert await numbers() == [1, 2]
    assert await numbers(after=1) == [2]
    assert await Unsealed.all().count() == 0


@on_servers
async def test_an_entry_that_commits_late_stands_behind_those_read_before() -> None:
    """Its id is lower, so that a reader who follows ids would have skipped it."""
    recorded, may_commit = asyncio.Event(), asyncio.Event()
    units = Units(Wiring())

    async def slow(unit: Unit) -> int:
        entry = await unit.record(noted(1))
        await unit.flush()
        recorded.set()
        await may_commit.wait()
        return int(entry.id)

    late = in_background(units.run(SYSTEM, slow), name="late")
    await recorded.wait()
    (early,) = await note(2)
    await seal_pending()
    assert await numbers() == [2]
    may_commit.set()
    assert await late < early.id
    await seal_pending()
    assert await numbers(after=1) == [1]
    assert (await verify()).flaw is None


async def test_on_sqlite_a_second_writer_waits_for_the_first() -> None:
    recorded, may_commit = asyncio.Event(), asyncio.Event()
    units = Units(Wiring())

    async def slow(unit: Unit) -> int:
        entry = await unit.record(noted(1))
        await unit.flush()
        recorded.set()
        await may_commit.wait()
        return int(entry.id)

    first = in_background(units.run(SYSTEM, slow), name="first")
    await recorded.wait()
    second = in_background(note(2), name="second")
    await asyncio.sleep(0.1)
    assert not second.done()
    may_commit.set()
    assert await first < (await second)[0].id
    await seal_pending()
    assert await numbers() == [1, 2]


async def read_into(seen: list[Sealed], bus: LocalBus) -> None:
    """Follow the journal from where it stands, for ever."""
    feed = Feed()
    with bus.subscribe(TOPIC) as wakes:
        while True:
            while batch := await feed.advance():
                seen.extend(batch)
            await wakes.wait(1)


@every_database
async def test_writers_and_sealers_at_once_give_every_entry_one_position() -> None:
    units = Units(Wiring())

    async def write(first: int) -> None:
        for number in range(first, first + 10):

            async def work(unit: Unit, number: int = number) -> None:
                await unit.record(noted(number))
                await asyncio.sleep(random.uniform(0, 0.005))

            await units.run(SYSTEM, work)

    async def seal() -> None:
        for _ in range(15):
            await seal_pending()
            await asyncio.sleep(random.uniform(0, 0.01))

    seen: list[Sealed] = []

    async def all_seen() -> bool:
        return len(seen) == 80

    bus = LocalBus()
    reader = in_background(read_into(seen, bus), name="reader")
    sealer = in_background(Sealer(bus).run(), name="sealer")
    tasks = [in_background(work, name="writer") for work in (*(write(10 * each) for each in range(8)), seal(), seal())]
    await asyncio.gather(*tasks)
    await eventually(all_seen, within=20)
    for task in (reader, sealer):
        task.cancel()
    await asyncio.gather(reader, sealer, return_exceptions=True)
    assert [each.position for each in seen] == list(range(1, 81))
    assert sorted(number_of(each.entry) for each in seen) == list(range(80))
    verdict = await verify()
    assert verdict.flaw is None
    assert verdict.sound == 80


@every_database
async def test_verifying_beside_a_sealer_finds_nothing_wrong() -> None:
    units, bus = Units(Wiring()), LocalBus()
    sealer = Sealer(bus)

    async def wake(unit: Unit) -> None:
        sealer.wake()

    units.after_commit.append(wake)
    sealing = in_background(sealer.run(), name="sealer")
    writing = in_background(note(*range(60), units=units), name="writer")
    rounds = 0
    while not writing.done():
        assert (await verify()).flaw is None
        rounds += 1
    sealing.cancel()
    await asyncio.gather(sealing, return_exceptions=True)
    assert rounds > 0


@every_database
@pytest.mark.parametrize("table", ["entry", "seal"])
async def test_the_database_refuses_to_change_history(table: str) -> None:
    await note(1)
    await seal_pending()
    column = {"entry": "actor_name", "seal": "digest"}[table]
    for statement in (f"UPDATE {table} SET {column} = 'x'", f"DELETE FROM {table}"):
        with pytest.raises(IntegrityError):
            await run(statement)
    assert await Entry.filter(actor_name=SYSTEM.name).count() == 1
    assert (await verify()).sound == 1


async def _change(entry: Entry) -> None:
    async with unprotected("entry"):
        await run(f"UPDATE entry SET actor_name = 'Mallory' WHERE id = {entry.id}")


async def _antedate(entry: Entry) -> None:
    async with unprotected("entry"):
        await run(f"UPDATE entry SET at = '2001-01-01 00:00:00.000000' WHERE id = {entry.id}")


async def _remove(entry: Entry) -> None:
    async with unprotected("entry"):
        await run(f"DELETE FROM entry WHERE id = {entry.id}")


async def _remove_with_its_seal(entry: Entry) -> None:
    async with unprotected("seal"):
        await run(f"DELETE FROM seal WHERE entry_id = {entry.id}")
    await _remove(entry)


async def _reseal(entry: Entry) -> None:
    async with unprotected("seal"):
        await run(f"UPDATE seal SET digest = '{GENESIS}' WHERE entry_id = {entry.id}")


@every_database
@pytest.mark.parametrize(
    ("tamper", "position", "named", "what"),
    [
        (_change, 3, 3, "changed"),
        (_antedate, 3, 3, "changed"),
        (_remove, 3, 3, "removed"),
        (_remove_with_its_seal, 3, 4, "removed"),
        (_reseal, 3, 3, "changed"),
    ],
)
async def test_the_first_entry_tampered_with_is_named(
    tamper: Callable[[Entry], Awaitable[None]], position: int, named: int, what: str
) -> None:
    entries = await note(1, 2, 3, 4, 5)
    await seal_pending()
    await tamper(entries[2])
    verdict = await verify()
    assert verdict.sound == 2
    assert verdict.flaw is not None
    assert (verdict.flaw.position, verdict.flaw.entry_id) == (position, entries[named - 1].id)
    assert what in verdict.flaw.what


@every_database
async def test_an_entry_inserted_behind_the_servers_back_is_named() -> None:
    await note(1, 2)
    await seal_pending()
    false = await Entry.create(
        name="test.noted",
        shape=1,
        subject_kind="thing",
        subject_id=1,
        actor_kind="agent",
        actor_name="Mallory",
        data="{}",
    )
    verdict = await verify()
    assert verdict.flaw is not None
    assert verdict.flaw.entry_id == false.id
    assert "inserted" in verdict.flaw.what


@every_database
async def test_an_entry_removed_before_it_was_sealed_is_named() -> None:
    first, lost, last = await note(1, 2, 3)
    async with unprotected("entry"):
        await Entry.filter(id=lost.id).delete()
    assert await seal_pending() == 3
    assert not await Unsealed.exists()
    assert [sealed.entry.id for sealed in await read_sealed(0)] == [first.id, last.id]
    verdict = await verify()
    assert verdict.flaw is not None
    assert (verdict.sound, verdict.flaw.position, verdict.flaw.entry_id) == (1, 2, lost.id)
    assert "removed" in verdict.flaw.what


@every_database
async def test_a_position_squeezed_in_is_named() -> None:
    entries = await note(1, 2)
    await seal_pending()
    false = await Entry.create(**{**vars_of(entries[0]), "data": '{"number":9}'})
    await Seal.create(position=3, entry_id=false.id, digest="f" * 64)
    verdict = await verify()
    assert verdict.flaw is not None
    assert (verdict.flaw.position, verdict.flaw.entry_id) == (3, false.id)


def vars_of(entry: Entry) -> dict[str, Any]:
    names = ("name", "shape", "subject_kind", "subject_id", "actor_kind", "actor_id", "actor_name", "data")
    return {name: getattr(entry, name) for name in names}


@every_database
async def test_the_digest_tells_a_cut_off_tail_to_whoever_noted_it_down() -> None:
    entries = await note(1, 2, 3)
    await seal_pending()
    before = await verify()
    await _remove_with_its_seal(entries[2])
    after = await verify()
    assert after.flaw is None
    assert (after.sound, after.digest) != (before.sound, before.digest)
