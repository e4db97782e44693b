"""The application's edge: health, origins, cookies that are worth nothing."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
import pytest_asyncio

from tessera import __version__
from tessera.testing.fixtures import SECRET, every_database
from tessera.testing.house import House, serve_house

PORTAL = "https://portal.example"
WHO = {"query": "{ viewer { permissions } }"}


@pytest_asyncio.fixture
async def open_to_portal(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with serve_house(
        database_url, tmp_path, secret=SECRET, allowed_origins=f"{PORTAL}/, https://x.example"
    ) as house:
        yield house


@every_database
async def test_health_tells_the_state_of_database_jobs_mail_and_the_version(served: House) -> None:
    async with httpx2.AsyncClient(base_url=served.url) as client:
        answer = await client.get("/health")
    report = answer.json()
    assert answer.status_code == 200
    assert report["ok"] is True
    assert report["version"] == __version__
    assert report["database"] == {"ok": True, "kind": served.runtime.database.dialect}
    assert report["jobs"]["ok"] is True
    assert report["mail"]["ok"] is True


@pytest.mark.parametrize(("origin", "allowed"), [(PORTAL, True), ("https://evil.example", False)])
async def test_only_named_origins_may_call_from_a_browser(open_to_portal: House, origin: str, allowed: bool) -> None:
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization",
    }
    async with httpx2.AsyncClient(base_url=open_to_portal.url) as client:
        preflight = await client.options("/graphql", headers=asked)
        answer = await client.post("/graphql", json=WHO, headers={"Origin": origin})
    assert (preflight.headers.get("access-control-allow-origin") == origin) is allowed
    assert (answer.headers.get("access-control-allow-origin") == origin) is allowed


async def test_without_named_origins_no_page_elsewhere_may_call(served: House) -> None:
    async with httpx2.AsyncClient(base_url=served.url) as client:
        answer = await client.post("/graphql", json=WHO, headers={"Origin": PORTAL})
    assert answer.status_code == 200
    assert "access-control-allow-origin" not in answer.headers


async def test_a_worthless_cookie_counts_as_none_and_a_worthless_token_is_refused(served: House) -> None:
    async with httpx2.AsyncClient(base_url=served.url) as client:
        by_cookie = await client.post(
            "/graphql", json=WHO, headers={"Cookie": "tessera_session=ts_session_stale", "X-Tessera-Request": "1"}
        )
        by_token = await client.post("/graphql", json=WHO, headers={"Authorization": "Bearer ts_session_stale"})
    assert by_cookie.json() == {"data": {"viewer": None}}
    assert by_token.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_an_unknown_path_is_not_found(served: House) -> None:
    async with httpx2.AsyncClient(base_url=served.url) as client:
        assert (await client.get("/nowhere")).status_code == 404
