"""The tables: forward, backward and forward again on every database, as the models want them."""

import pytest

from tessera.kit.db import Database
from tessera.kit.db.migrations import drift, migrate, unmigrate
from tessera.testing.databases import KINDS, Kind, available, fresh_database
from tessera.testing.house import base_assembly
from tessera_faq.models import Category

APPS = base_assembly().apps


async def test_models_and_migrations_agree() -> None:
    assert [each for each in await drift(APPS) if each.startswith("faq:")] == []


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
async def test_forward_backward_forward(kind: Kind) -> None:
    if reason := available(kind):
        pytest.skip(reason)
    async with fresh_database(kind) as url:
        await migrate(url, APPS)
        assert await _make(url) == 1
        assert await unmigrate(url, APPS, "faq") == ["- faq.0001_initial"]
        assert await migrate(url, APPS, label="faq") == ["+ faq.0001_initial"]
        assert await _make(url) == 1


async def _make(url: str) -> int:
    """Make a category; return how many there are."""
    database = await Database.open(url, APPS)
    try:
        await Category.create(name="Ä", path="Ä", path_key="a")
        return await Category.all().count()
    finally:
        await database.close()
