"""A history nobody changes: the database refuses, and `tessera audit verify` names what was done behind its back."""

from pathlib import Path

import pytest
from tortoise.exceptions import IntegrityError

from tessera.kit.db import connection
from tessera.kit.journal import Entry, seal_pending
from tessera.testing.fixtures import every_database
from tessera.testing.house import House, open_house
from tests.articles.words import furnish, opened
from tests.kit.journal_world import unprotected
from tests.proofs.world import Place


async def count(table: str) -> int:
    _, rows = await connection().execute_query(f"SELECT count(*) AS found FROM {table}")
    return int(rows[0]["found"])


async def run(sql: str) -> None:
    await connection().execute_query(sql)


@every_database
@pytest.mark.parametrize("table", ["ticket", "article"])
async def test_the_database_deletes_no_history(house: House, table: str) -> None:
    await opened(await furnish(house))
    before = await count(table)
    assert before > 0
    with pytest.raises(IntegrityError):
        await run(f"DELETE FROM {table}")
    assert await count(table) == before


async def test_the_audit_names_the_entry_that_was_tampered_with(database_url: str, tmp_path: Path) -> None:
    async with open_house(database_url, tmp_path):
        await seal_pending()
        victim = await Entry.all().order_by("id").offset(2).first()
        assert victim is not None
        async with unprotected("entry"):
            await run(f"UPDATE entry SET actor_name = 'Mallory' WHERE id = {victim.id}")
    code, said = await Place(tmp_path, database_url).run("audit", "verify")
    assert code == 1
    assert "2 entries are sound" in said
    assert f"Entry {victim.id} at position 3: the entry was changed." in said
    assert "Traceback" not in said
