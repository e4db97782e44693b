"""The house's rate limits: its callers' budgets, signing in, and a Redis that is away."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from tessera.kit.clock import now
from tessera.kit.config import Config, ConfigurationError
from tessera.testing.fixtures import SECRET
from tessera.testing.house import House, serve_house
from tests.kit.redis_world import free_port

BUDGET = "{ rateLimit { cost limit remaining resetAt } serverInfo { version limits { maxCost } } }"
SIGN_IN = """
mutation ($login: String!) {
  sessionCreate(login: $login, password: "wrong password") { accessToken userErrors { reason } }
}
"""
MODERN = {"Accept": "application/graphql-response+json"}


async def post(house: House, query: str, **variables: Any) -> httpx2.Response:
    async with httpx2.AsyncClient(base_url=house.url, headers=MODERN) as client:
        return await client.post("/graphql", json={"query": query, "variables": variables})


@pytest_asyncio.fixture
async def tight(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with serve_house(
        database_url, tmp_path, secret=SECRET, rate_limit=1000, field_limits={"sign_in": 2}
    ) as house:
        yield house


async def test_a_caller_sees_its_budget(tight: House) -> None:
    await post(tight, BUDGET)
    answer = await post(tight, BUDGET)
    budget = answer.json()["data"]["rateLimit"]
    assert (budget["cost"], budget["limit"]) == (2, 1000)
    assert answer.headers["ratelimit-remaining"] == str(budget["remaining"])
    assert now() <= datetime.fromisoformat(budget["resetAt"])


async def test_in_process_nothing_is_charged(house: House) -> None:
    budget = (await house.ask("{ rateLimit { cost limit remaining } }"))["rateLimit"]
    assert budget == {"cost": 0, "limit": 2**31 - 1, "remaining": 2**31 - 1}


async def test_signing_in_is_limited_more_tightly(tight: House) -> None:
    statuses = [await post(tight, SIGN_IN, login=f"somebody-{number}") for number in range(3)]
    assert [each.status_code for each in statuses] == [200, 200, 429]
    assert statuses[2].json()["errors"][0]["extensions"]["bucket"] == "sign_in"
    assert 25 <= int(statuses[2].headers["retry-after"]) <= 30
    assert (await post(tight, BUDGET)).status_code == 200


async def test_a_dead_redis_stops_nobody(database_url: str, tmp_path: Path) -> None:
    async with serve_house(
        database_url,
        tmp_path,
        secret=SECRET,
        redis_url=f"redis://127.0.0.1:{free_port()}/0",
        field_limits={"sign_in": 2},
    ) as house:
        async with asyncio.timeout(30):
            answers = [await post(house, SIGN_IN, login=f"somebody-{number}") for number in range(3)]
    assert [each.status_code for each in answers] == [200, 200, 429]


@pytest.mark.parametrize("value", ["-1", "999"])
def test_a_limit_a_single_page_would_meet_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("TESSERA_RATE_LIMIT", value)
    with pytest.raises(ConfigurationError, match="TESSERA_RATE_LIMIT is wrong: must be 0 or at least 1000"):
        Config.read()


def test_limits_of_fields_are_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TESSERA_FIELD_LIMITS", '{"sign_in": 7}')
    assert Config.read().field_limits == {"sign_in": 7}
