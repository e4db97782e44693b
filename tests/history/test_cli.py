"""What was noted of the audit proves that nothing of it is missing."""

import re

import pytest

from tessera.history.cli import app
from tessera.kit.db import connection
from tessera.kit.journal import Seal, Unsealed, seal_pending
from tessera.testing.house import House
from tests.commands import typed
from tests.kit.journal_world import unprotected


async def newest(house: House) -> str:
    said = await typed(house, app, "verify")
    found = re.search(r"Newest: (\d+:[0-9a-f]{64})$", said.strip())
    assert found is not None, said
    return found[1]


async def test_what_was_noted_is_still_there(house: House) -> None:
    noted = await newest(house)
    assert int(noted.partition(":")[0]) > 0
    assert "entries are sound" in await typed(house, app, "verify", "--noted", noted)


async def test_an_end_that_was_cut_off_is_missed_by_who_noted_it(house: House) -> None:
    noted = await newest(house)
    last = await Seal.all().order_by("-position").first()
    assert last is not None
    async with unprotected("seal"), unprotected("entry"):
        await connection().execute_query(f"DELETE FROM seal WHERE position = {last.position}")
        await connection().execute_query(f"DELETE FROM entry WHERE id = {last.entry_id}")
    assert "entries are sound" in await typed(house, app, "verify")
    with pytest.raises(SystemExit):
        await typed(house, app, "verify", "--noted", noted)


@pytest.mark.parametrize("nonsense", ["", "1", "1:", "x:y", f"{2**70}:{'0' * 64}", f"1:{'0' * 64}"])
async def test_a_note_that_was_never_printed_holds_nothing(house: House, nonsense: str) -> None:
    await seal_pending()
    assert not await Unsealed.exists()
    if nonsense:
        with pytest.raises(SystemExit):
            await typed(house, app, "verify", "--noted", nonsense)
    else:
        assert "entries are sound" in await typed(house, app, "verify", "--noted", nonsense)
