"""Paging on every database: walked in either direction, pages make up exactly the sorted list."""

import uuid
from base64 import urlsafe_b64encode
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tessera.kit.errors import Invalid
from tessera.kit.jobs import Job
from tessera.kit.paging import Key, Listing, Page, PageRequest, counts, page, pages, read_cursor, write_cursor
from tests.kit.jobs_world import LONG_AGO

COLUMNS = {
    "attempts": st.integers(0, 2),
    "depth": st.integers(0, 1),
    "cause_id": st.none() | st.integers(-2, 2**62),
    "lease_by": st.none() | st.text("abc", max_size=2),
    "progress": st.sampled_from([0.0, 0.1, 1 / 3, 1.0]),
    "run_at": st.integers(0, 3).map(lambda step: LONG_AGO + timedelta(microseconds=step)),
    "finished_at": st.none() | st.integers(0, 2).map(lambda step: LONG_AGO + timedelta(hours=step)),
}
NULLABLE = {"cause_id", "lease_by", "finished_at"}
WILD = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=5)


def _key_of(name: str) -> st.SearchStrategy[Key]:
    return st.builds(Key, st.just(name), st.booleans(), st.just(name in NULLABLE), st.just(False))


keys = st.lists(st.sampled_from([*COLUMNS, "id"]), unique=True, max_size=4).flatmap(
    lambda names: st.tuples(*map(_key_of, names))
)
rows = st.lists(st.fixed_dictionaries({**COLUMNS, "name": WILD}), max_size=15)
on_a_database = settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])


async def fill(values: list[dict[str, Any]]) -> str:
    """Insert rows of their own group; return the group."""
    group = uuid.uuid4().hex
    await Job.bulk_create([Job(payload=group, **value) for value in values])
    return group


def listing(group: str, order: tuple[Key, ...]) -> Listing[Job]:
    return Listing.of(Job.filter(payload=group), order)


async def walk(of: Listing[Job], sizes: list[int], *, backward: bool) -> list[int]:
    """Follow the cursors to the end, with pages of changing sizes; return the ids in the order of the listing."""
    found: list[int] = []
    cursor = None
    for turn in range(1000):
        size = sizes[turn % len(sizes)]
        request = PageRequest(last=size, before=cursor) if backward else PageRequest(first=size, after=cursor)
        got = await page(of, request)
        ids = [row.id for row in got.rows]
        found = ids + found if backward else found + ids
        more = got.has_previous if backward else got.has_next
        assert (got.has_next if backward else got.has_previous) is (cursor is not None)
        if not more:
            return found
        cursor = got.cursors[0 if backward else -1]
    raise AssertionError("the pages have no end")


def sorted_ids(values: list[Job], of: Listing[Job]) -> list[int]:
    ordered = list(values)
    for key in reversed(of.order):
        present = [row for row in ordered if getattr(row, key.column) is not None]
        absent = [row for row in ordered if getattr(row, key.column) is None]
        column = key.column
        ordered = sorted(present, key=lambda row: getattr(row, column), reverse=key.descending) + absent
    return [row.id for row in ordered]


@on_a_database
@given(values=rows, order=keys, sizes=st.lists(st.integers(1, 6), min_size=1, max_size=3))
async def test_pages_make_up_the_sorted_list(
    every_job_table: str, values: list[dict[str, Any]], order: tuple[Key, ...], sizes: list[int]
) -> None:
    of = listing(await fill(values), order)
    # two stable sorts of equal rows keep their order in either direction, so that `reverse` needs the id as a key
    expected = sorted_ids(await of.rows.queryset.order_by("id"), of)
    assert await walk(of, sizes, backward=False) == expected
    assert await walk(of, sizes, backward=True) == expected


@on_a_database
@given(values=rows, descending=st.booleans(), size=st.integers(1, 4))
async def test_words_of_any_alphabet_are_walked_in_the_databases_own_order(
    every_job_table: str, values: list[dict[str, Any]], descending: bool, size: int
) -> None:
    of = listing(await fill(values), (Key("name", descending), Key("attempts")))
    whole = [row.id for row in (await page(of, PageRequest(first=100))).rows]
    assert len(whole) == len(values)
    assert await walk(of, [size], backward=False) == whole
    assert await walk(of, [size], backward=True) == whole


@on_a_database
@given(values=rows, order=keys, asked=st.tuples(st.integers(0, 4), st.booleans(), st.integers(0, 3)))
async def test_pages_of_many_parents_are_those_of_each(
    every_job_table: str,
    values: list[dict[str, Any]],
    order: tuple[Key, ...],
    asked: tuple[int, bool, int],
) -> None:
    size, backward, step = asked
    of = listing(await fill(values), order)
    first = await page(of, PageRequest(first=100))
    cursor = first.cursors[step] if step < len(first.cursors) else None
    request = PageRequest(last=size, before=cursor) if backward else PageRequest(first=size, after=cursor)
    parents = [0, 1, 2, 3]
    found = await pages(of, request, via="attempts", parents=parents)
    assert list(found) == parents
    for parent in parents:
        alone = Listing.of(of.rows.queryset.filter(attempts=parent), order)
        assert _plain(found[parent]) == _plain(await page(alone, request))
    number = await counts(of, via="attempts", parents=parents)
    assert number == {parent: len([each for each in values if each["attempts"] == parent]) for parent in parents}


def _plain(of: Page[Job]) -> tuple[list[int], list[str], bool, bool]:
    return [row.id for row in of.rows], list(of.cursors), of.has_next, of.has_previous


async def test_a_row_that_arrives_meanwhile_moves_no_page(every_job_table: str) -> None:
    def value(name: str) -> dict[str, Any]:
        return {"name": name, "run_at": LONG_AGO}

    group = await fill([value("a"), value("c"), value("e")])
    of = listing(group, (Key("name"),))
    first = await page(of, PageRequest(first=2))
    await Job.bulk_create([Job(payload=group, **value(name)) for name in ("b", "d")])
    second = await page(of, PageRequest(first=2, after=first.cursors[-1]))
    assert [row.name for row in (*first.rows, *second.rows)] == ["a", "c", "d", "e"]


async def test_a_page_between_two_cursors(every_job_table: str) -> None:
    of = listing(await fill([{"name": name, "run_at": LONG_AGO} for name in "abcde"]), (Key("name"),))
    whole = await page(of, PageRequest(first=100))
    request = PageRequest(after=whole.cursors[0], before=whole.cursors[4])
    assert [row.name for row in (await page(of, request)).rows] == ["b", "c", "d"]


@pytest.mark.parametrize("request_", [PageRequest(first=-1), PageRequest(first=101), PageRequest(last=101)])
async def test_a_page_has_a_size_from_0_to_100(job_table: None, request_: PageRequest) -> None:
    with pytest.raises(Invalid) as caught:
        await page(listing("", ()), request_)
    assert caught.value.field in {("first",), ("last",)}


@on_a_database
@given(text=st.text(max_size=40) | st.binary(max_size=40).map(lambda raw: urlsafe_b64encode(raw).decode()))
async def test_what_is_no_cursor_is_refused(job_table: None, text: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_cursor(listing("", (Key("name"),)), text, "after")
    assert caught.value.field == ("after",)


async def test_a_cursor_counts_only_in_its_own_order(job_table: None) -> None:
    row = Job(id=1, name="a", attempts=3, run_at=LONG_AGO)
    by_name, by_attempts = (Listing.of(Job.all(), (Key(column),)) for column in ("name", "attempts"))
    cursor = write_cursor(by_name, row)
    assert read_cursor(by_name, cursor, "after") == ["a", 1]
    for other in (by_attempts, Listing.of(Job.all(), (Key("name", descending=True),)), Listing.of(Job.all())):
        with pytest.raises(Invalid):
            read_cursor(other, cursor, "after")
