"""GraphiQL is served to browsers that may have it, and works in a real one under its strict policy."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
import pytest_asyncio

from tests.clients.browser import CHROMIUM, in_a_browser
from tests.clients.conftest import Node
from tests.journeys.desk import Desk, open_desk

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest_asyncio.fixture
async def open_to_people(database_url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_desk(database_url, tmp_path / "data", graphiql=True) as opened:
        yield opened


@pytest.mark.timeout(200)
@in_a_browser
async def test_graphiql_works_in_a_browser_under_its_policy(open_to_people: Desk, node: Node) -> None:
    assert await node("graphiql.mjs", open_to_people.house.url, CHROMIUM=CHROMIUM) == ""


async def test_only_a_browser_gets_the_page(open_to_people: Desk) -> None:
    async with httpx2.AsyncClient(base_url=open_to_people.house.url) as client:
        page = await client.get("/graphql", headers=BROWSER)
        answer = await client.get("/graphql", params={"query": "{ __typename }"})
        script = await client.get("/graphiql/graphiql.js")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.json() == {"data": {"__typename": "Query"}}
    assert script.status_code == 200


async def test_a_house_shows_no_page_unless_it_is_told_to(desk: Desk) -> None:
    async with httpx2.AsyncClient(base_url=desk.house.url) as client:
        page = await client.get("/graphql", headers=BROWSER)
        script = await client.get("/graphiql/graphiql.js")
    assert page.status_code == 400
    assert "html" not in page.headers["content-type"]
    assert script.status_code == 404
