"""Conditions on every database: whatever text somebody typed, they match what is equal to it and raise nothing."""

from collections.abc import AsyncIterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tessera.kit import rows, sql
from tessera.kit.clock import now
from tessera.kit.db import fetch_rows
from tessera.kit.jobs import Job
from tessera.kit.sql import Sql
from tessera.testing.fixtures import every_database
from tests.kit.journal_world import database

NAMES = ("a", "b%", "_", "ä!")
any_text = st.text(max_size=5) | st.text(st.sampled_from("ab%_!\x00\ud800ä"), max_size=5)
UNSTORABLE = ("\x00", "a\x00", "\ud800", "\udfffb")


@pytest.fixture(autouse=True)
async def opened(database_url: str) -> AsyncIterator[None]:
    async with database(database_url):
        await rows.insert([rows.made(Job, name=name, payload="{}", run_at=now()) for name in NAMES])
        yield


async def matched(condition: Sql) -> set[str]:
    text = sql.bound(f'SELECT x."name" FROM "job" x WHERE {condition.on("x")}')
    return {row[0] for row in await fetch_rows(text, condition.values)}


@every_database
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=any_text)
async def test_any_text_is_compared(text: str) -> None:
    equal = {name for name in NAMES if name == text}
    assert await matched(sql.equals("name", text)) >= equal
    assert await matched(sql.one_of("name", [text, "b%"])) >= equal | {"b%"}
    assert await matched(sql.differs("name", text)) | equal >= set(NAMES) - await matched(sql.equals("name", text))
    assert await matched(sql.contains("name", text)) >= {name for name in NAMES if text in name}
    assert await matched(sql.starts_with("name", text)) >= {name for name in NAMES if name.startswith(text)}
    less, more = await matched(sql.compares("name", "<", text)), await matched(sql.compares("name", ">=", text))
    assert (less | more, less & more) == (set(NAMES), set())


@every_database
@pytest.mark.parametrize("text", UNSTORABLE)
async def test_a_text_that_no_database_holds_matches_nothing(text: str) -> None:
    for condition in (sql.equals, sql.contains, sql.starts_with):
        assert await matched(condition("name", text)) == set()
    assert await matched(sql.one_of("name", [text, "a"])) == {"a"}
    assert await matched(sql.none_of("name", [text, "a"])) == set(NAMES) - {"a"}
    assert await matched(sql.differs("name", text)) == set(NAMES)
