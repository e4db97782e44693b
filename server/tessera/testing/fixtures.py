"""Fixtures for tests of the kernel and of packages: databases, a house, a served house."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tessera.assembly import Assembly
from tessera.testing.databases import KINDS, Kind, available, migrated_database
from tessera.testing.house import House, base_assembly, open_house, serve_house

every_database = pytest.mark.parametrize("database_kind", KINDS, indirect=True)
"""Runs a test on SQLite, PostgreSQL and MariaDB, as far as their servers can be reached."""

SECRET = "a secret for tests alone"  # noqa: S105 - for tests alone


@pytest.fixture
def database_kind(request: pytest.FixtureRequest) -> Kind:
    """Which database the test runs on: SQLite, unless it is parametrised with `every_database`."""
    kind: Kind = getattr(request, "param", "sqlite")
    if reason := available(kind):
        pytest.skip(reason)
    return kind


@pytest.fixture
def assembly() -> Assembly:
    """Give what the house is made of: the kernel and what is installed, unless a test says otherwise."""
    return base_assembly()


@pytest_asyncio.fixture
async def database_url(database_kind: Kind, assembly: Assembly) -> AsyncIterator[str]:
    """Give the URL of a fresh database with the newest tables."""
    async with migrated_database(database_kind, assembly.apps) as url:
        yield url


@pytest_asyncio.fixture
async def house(database_url: str, tmp_path: Path, assembly: Assembly) -> AsyncIterator[House]:
    """Open a furnished house without a listening socket."""
    async with open_house(database_url, tmp_path, assembly=assembly, secret=SECRET) as opened:
        yield opened


@pytest_asyncio.fixture
async def served(database_url: str, tmp_path: Path, assembly: Assembly) -> AsyncIterator[House]:
    """Open a furnished house that listens and works by itself; `served.url` is its address."""
    async with serve_house(database_url, tmp_path, assembly=assembly, secret=SECRET) as opened:
        yield opened
