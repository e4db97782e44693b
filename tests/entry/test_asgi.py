"""The application's edge: health, origins, cookies that are worth nothing."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
import pytest_asyncio

from tessera import __version__
from tessera.asgi import Application
from tessera.kit.config import Config
from tessera.kit.wiring import Wiring
from tessera.plugin import Check, Health
from tessera.testing.fixtures import SECRET, every_database
from tessera.testing.house import House, configured, serve_house

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
    assert (report["ok"], report["ready"]) == (True, True)
    assert report["version"] == __version__
    assert report["database"] == {"ok": True, "kind": served.runtime.database.dialect}
    assert report["jobs"]["ok"] is True
    assert report["mail"]["ok"] is True


async def _unwell(_wiring: Wiring) -> Health:
    return Health(ok=False, facts={"stuck": 3}, advice=("Look.",))


async def _broken(_wiring: Wiring) -> Health:
    raise RuntimeError("a package's bug")


@pytest.mark.parametrize(("run", "facts"), [(_unwell, {"ok": False, "stuck": 3}), (_broken, {"ok": False})])
async def test_a_slice_that_is_not_well_is_told_while_requests_are_served(
    served: House, run: Callable[[Wiring], Awaitable[Health]], facts: dict[str, object]
) -> None:
    assembly = served.runtime.assembly
    served.runtime.assembly = replace(assembly, checks=(*assembly.checks, Check("odd", run)))
    async with httpx2.AsyncClient(base_url=served.url) as client:
        answer = await client.get("/health")
        metrics = (await client.get("/metrics")).text
    report = answer.json()
    assert (answer.status_code, report["ready"], report["ok"]) == (200, True, False)
    assert report["odd"] == facts
    assert report["mail"]["ok"] is True
    assert 'tessera_check_ok{check="odd"} 0.0' in metrics


async def test_a_process_lives_before_its_house_is_open(database_url: str, tmp_path: Path) -> None:
    config = Config(data=tmp_path, database_url=database_url, secret=SECRET)
    closed = Application(configured(config), works=False)
    transport = httpx2.ASGITransport(app=closed)
    async with httpx2.AsyncClient(transport=transport, base_url="http://desk.example") as client:
        assert (await client.get("/health/live")).status_code == 200
        health = await client.get("/health")
        assert (health.status_code, health.json()["ready"], health.json()["ok"]) == (503, False, False)
        assert (await client.get("/metrics")).status_code == 503


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
