"""Ticket numbers: what they look like, and that none comes twice, however many ask at once."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tessera.kit import clock
from tessera.kit.actor import SYSTEM
from tessera.kit.db import dialect
from tessera.kit.unit import Unit
from tessera.settings import service as settings
from tessera.testing.fixtures import every_database
from tessera.tickets import _numbers as numbers
from tessera.tickets import service
from tessera.tickets.models import Counter, Ticket
from tessera.tickets.settings import NUMBER_GENERATOR, SYSTEM_ID
from tests.corpus import CORPUS, needs_corpus
from tests.tickets.desk import Desk

TABLES = CORPUS / "tables" / "Ticket" / "Number"
INSTANT = datetime(2016, 1, 1, 12, tzinfo=UTC)


def table(name: str) -> dict[str, list[dict[str, Any]]]:
    return json.loads((TABLES / f"{name}.json").read_text())  # type: ignore[no-any-return]  # the corpus is JSON


def test_the_check_digit_weighs_every_second_digit_twice() -> None:
    assert numbers.by_date_with_checksum(INSTANT, 10, 1) == "2016010110000019"
    assert numbers.check_digit("0" * 15) == 1
    assert numbers.check_digit("91" + "0" * 13) == 9


@given(st.datetimes(), st.integers(1, 99999), st.integers(1, 10**9))
def test_numbers_are_digits_and_differ_with_their_counter(at: datetime, system_id: int, value: int) -> None:
    for generator in numbers.GENERATORS:
        number = generator.write(at, system_id, value)
        assert number.isdigit()
        assert number != generator.write(at, system_id, value + 1)
        assert len(number) <= 50


@given(st.datetimes(min_value=datetime(1000, 1, 1)), st.integers(1, 99999), st.integers(1, 10**6))  # noqa: DTZ001 - strategies are naive
def test_numbers_by_date_are_recognised(at: datetime, system_id: int, value: int) -> None:
    assert numbers.looks_dated(numbers.by_date(at, system_id, value))


@given(st.text(max_size=30))
def test_whatever_the_newest_number_was_counting_goes_on(newest: str) -> None:
    assert numbers.counted_so_far(newest, 10) >= 0


@given(st.integers(1, 99999), st.integers(1, 10**6))
def test_counting_goes_on_where_it_was(system_id: int, value: int) -> None:
    number = numbers.by_increment(INSTANT, system_id, value)
    assert numbers.counted_so_far(number, system_id) in {value, 0}
    assert numbers.looks_dated(number) == (numbers.counted_so_far(number, system_id) == 0)


@needs_corpus
@pytest.mark.parametrize("kind", ["date", "date_checksum"])
async def test_the_corpus_counts_anew_each_day(desk: Desk, kind: str) -> None:
    await desk.run(SYSTEM, settings.change_setting, NUMBER_GENERATOR, kind)
    for case in table("Date" if kind == "date" else "DateChecksum")["Tests"]:
        with clock.stopped(datetime.fromisoformat(case["DateString"]).replace(tzinfo=UTC)):
            number = (await desk.ticket()).number
        assert number[:15] == case["ExpectedResult"], case["Name"]
        assert number[15:] == ("" if kind == "date" else str(numbers.check_digit(number[:15])))


@needs_corpus
def test_the_corpus_knows_dated_numbers() -> None:
    cases = table("AutoIncrement")["Tests#2"]
    found = {case["Name"]: int(numbers.looks_dated(str(case["TicketNumber"]))) for case in cases}
    assert found == {case["Name"]: case["ExpectedResult"] for case in cases}
    assert len(cases) >= 8


@needs_corpus
async def test_the_corpus_counts_on_behind_great_numbers(desk: Desk) -> None:
    await desk.run(SYSTEM, settings.change_setting, NUMBER_GENERATOR, "increment")
    for case in table("AutoIncrement")["Tests"]:
        await Counter.all().delete()
        await desk.ticket(number=str(case["TN"]))
        assert (await desk.ticket()).number == f"10{case['TN'] + 1}"


async def test_counting_begins_at_one_on_a_desk_that_was_dated(desk: Desk) -> None:
    await desk.ticket()
    await desk.run(SYSTEM, settings.change_setting, NUMBER_GENERATOR, "increment")
    await desk.run(SYSTEM, settings.change_setting, SYSTEM_ID, 77)
    assert [(await desk.ticket()).number for _ in range(2)] == ["7700001", "7700002"]


@every_database
async def test_numbers_that_exist_are_skipped(desk: Desk) -> None:
    with clock.stopped(INSTANT):
        for count in range(1, 10):
            await desk.ticket(number=numbers.by_date_with_checksum(INSTANT, 10, count))
        found = (await desk.ticket()).number
        assert found == numbers.by_date_with_checksum(INSTANT, 10, 10)


async def test_a_generator_nobody_brings_any_more_is_replaced(desk: Desk) -> None:
    await desk.run(SYSTEM, settings.change_setting, NUMBER_GENERATOR, "gone")
    with clock.stopped(INSTANT):
        assert (await desk.ticket()).number == numbers.by_date_with_checksum(INSTANT, 10, 1)


@every_database
async def test_no_number_comes_twice_and_none_is_left_out(desk: Desk) -> None:
    with clock.stopped(INSTANT + timedelta(days=3)):
        tickets = await asyncio.gather(*(desk.ticket() for _ in range(30)))
    counted = sorted(int(ticket.number[10:15]) for ticket in tickets)
    assert counted == list(range(1, 31))
    assert await Ticket.all().count() == 30


@every_database
async def test_a_number_of_a_ticket_that_failed_is_given_to_the_next_unless_it_was_counted_beside(desk: Desk) -> None:
    async def fail(unit: Unit) -> None:
        await service.create(unit, title="Never", queue=desk.queue)
        raise LookupError

    with clock.stopped(INSTANT):
        with pytest.raises(LookupError):
            await desk.house.run(fail)
        next_one = 2 if dialect() == "postgres" else 1
        assert (await desk.ticket()).number == numbers.by_date_with_checksum(INSTANT, 10, next_one)


@pytest.mark.parametrize("database_kind", ["postgres"], indirect=True)
async def test_nobody_waits_for_the_commit_of_another_who_has_counted(desk: Desk) -> None:
    counted, made = asyncio.Event(), asyncio.Event()

    async def linger(unit: Unit) -> str:
        ticket = await service.create(unit, title="Slow", queue=desk.queue)
        counted.set()
        await made.wait()
        return ticket.number

    with clock.stopped(INSTANT):
        slow = asyncio.create_task(desk.house.run(linger))
        await counted.wait()
        async with asyncio.timeout(10):
            quick = (await desk.ticket()).number
        made.set()
    assert [await slow, quick] == [numbers.by_date_with_checksum(INSTANT, 10, each) for each in (1, 2)]
