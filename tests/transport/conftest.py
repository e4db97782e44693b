"""The toy server and a client for it."""

from collections.abc import AsyncIterator

import httpx2
import pytest

from tessera.kit import log
from tests.transport.toy import Served, served


@pytest.fixture(autouse=True, scope="session")
def plain_logs() -> None:
    """Log as in life: structlog's own default paints every traceback's variables, which takes seconds."""
    log.configure()


@pytest.fixture
async def server() -> AsyncIterator[Served]:
    async with served() as running:
        yield running


@pytest.fixture
async def http(server: Served) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(
        base_url=server.http, headers={"Accept": "application/graphql-response+json"}, verify=False
    ) as client:
        yield client
