"""The tables: forward, backward and forward again on every database, as the models want them."""

import pytest

from tessera.kit.db import Database
from tessera.kit.db.migrations import drift, migrate, unmigrate
from tessera.testing.databases import KINDS, Kind, available, fresh_database
from tessera.testing.house import base_assembly
from tessera_masterslave.models import Failure, Group, Member

APPS = base_assembly().apps


async def test_models_and_migrations_agree() -> None:
    assert [each for each in await drift(APPS) if each.startswith("masterslave:")] == []


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
async def test_forward_backward_forward(kind: Kind) -> None:
    if reason := available(kind):
        pytest.skip(reason)
    async with fresh_database(kind) as url:
        await migrate(url, APPS)
        assert await unmigrate(url, APPS, "masterslave") == ["- masterslave.0001_initial"]
        assert await migrate(url, APPS, label="masterslave") == ["+ masterslave.0001_initial"]
        database = await Database.open(url, APPS)
        try:
            assert [await model.all().count() for model in (Group, Member, Failure)] == [0, 0, 0]
        finally:
            await database.close()
