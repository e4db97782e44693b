"""Fixtures of the toolbox's tests: the table of jobs, captured logs, a namespace in Redis."""

import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from tessera.testing.databases import KINDS, Kind, available, fresh_database
from tests.kit.jobs_world import table
from tests.kit.redis_world import REDIS_URL


@pytest.fixture
def logs() -> Iterator[list[Any]]:
    with capture_logs() as lines:
        yield lines


@pytest.fixture
async def job_table(tmp_path: Path) -> AsyncIterator[None]:
    async with table(f"sqlite://{tmp_path}/jobs.db"):
        yield


@pytest.fixture(params=KINDS)
async def every_job_table(request: pytest.FixtureRequest) -> AsyncIterator[str]:
    kind: Kind = request.param
    if reason := available(kind):
        pytest.skip(reason)
    async with fresh_database(kind) as url, table(url):
        yield url


@pytest.fixture
async def namespace() -> AsyncIterator[str]:
    name = f"test-{uuid.uuid4().hex}"
    yield name
    async with Redis.from_url(REDIS_URL) as redis:
        if keys := await redis.keys(f"*{name}*"):
            await redis.delete(*keys)
