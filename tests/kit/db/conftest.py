"""The three databases, one after the other."""

from collections.abc import AsyncIterator

import pytest

from tessera.kit.db import Database
from tessera.testing.databases import KINDS, Kind, available, fresh_database, migrated_database
from tests.kit.db.shop import SHOP


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    kind: Kind = request.param
    if reason := available(kind):
        pytest.skip(reason)
    return kind


@pytest.fixture
async def database_url(kind: Kind) -> AsyncIterator[str]:
    """An empty database."""
    async with fresh_database(kind) as url:
        yield url


@pytest.fixture
async def shop_url(kind: Kind) -> AsyncIterator[str]:
    """A database with the shop's tables."""
    async with migrated_database(kind, [SHOP]) as url:
        yield url


@pytest.fixture
async def shop(shop_url: str) -> AsyncIterator[Database]:
    """The shop, open."""
    database = await Database.open(shop_url, [SHOP], pool_size=5)
    yield database
    await database.close()
