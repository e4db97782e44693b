"""A package's tables are dropped when no server's process can need them: not before, and no later."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tessera.kit.clock import now
from tessera.packages import jobs, queries
from tessera.packages.models import PackageRunner, PackageSet
from tests.manager.conftest import Manager
from tests.manager.wheels import Repository
from tests.supervisor.servers import PASSWORD, Server, command, serve, until

SIGN_IN = 'mutation ($password: String!) { sessionCreate(login: "admin", password: $password) { accessToken } }'
PURGE = 'mutation { packageUninstall(name: "gadget", purge: true) { job { id } userErrors { message } } }'


def rows(data: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(data / "tessera.sqlite3", timeout=30)) as database:
        return database.execute(query).fetchall()


def tables(data: Path) -> set[str]:
    return {name for (name,) in rows(data, "SELECT name FROM sqlite_master WHERE name LIKE 'gadget%'")}


async def install(data: Path, shelf: Repository) -> None:
    await command(data, "package", "key", "trust", shelf.public)
    await command(data, "setting", "set", "packages.repositories", f'["{shelf.folder}"]')
    await command(data, "package", "install", "gadget")


async def ask(server: Server, document: str, token: str | None = None, **variables: Any) -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with httpx2.AsyncClient(base_url=server.url, headers=headers, timeout=60) as http:
        answer = (await http.post("/graphql", json={"query": document, "variables": variables})).json()
    return next(iter(answer["data"].values()))


@pytest.mark.long
@pytest.mark.timeout(600)
async def test_the_server_that_purges_lets_go_itself(shelf: Repository, tmp_path: Path) -> None:
    data = tmp_path / "data"
    async with serve(data) as server:
        await install(data, shelf)

        async def runs() -> bool:
            return rows(data, "SELECT digest FROM package_runner") != [] and len(server.generations) == 1

        await until(runs, what="the package in the server")
        token = (await ask(server, SIGN_IN, password=PASSWORD))["accessToken"]
        assert (await ask(server, PURGE, token))["userErrors"] == []

        async def over() -> bool:
            return rows(data, "SELECT state FROM job WHERE name = 'packages.change' ORDER BY id DESC")[0][0] not in {
                "queued",
                "running",
            }

        await until(over, what="the end of the purge")
        states = rows(data, "SELECT state, error FROM job WHERE name = 'packages.change'")
        assert states == [("succeeded", None), ("succeeded", None)]
        assert tables(data) == set()
        assert "Traceback" not in server.log.read_text()


@pytest.mark.long
@pytest.mark.timeout(600)
async def test_a_server_that_was_away_makes_no_tables_anew(shelf: Repository, tmp_path: Path) -> None:
    data = tmp_path / "data"
    async with serve(data) as server:
        await install(data, shelf)

        async def runs() -> bool:
            return bool((data / "packages" / "ran").exists())

        await until(runs, what="the package in the server")
    await command(data, "package", "uninstall", "gadget", "--purge")
    assert tables(data) == set()
    async with serve(data) as server:
        assert (await server.health())["ready"] is True
        assert tables(data) == set()


async def test_a_purge_is_given_up_while_somebody_runs_the_package_and_not_for_the_dead(
    manager: Manager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "PATIENCE", timedelta())
    monkeypatch.setattr(jobs, "LOOK_SECONDS", 0.01)
    await manager.do("install", "gadget")
    digest = (await PackageSet.all().first() or PackageSet()).digest
    other = await PackageRunner.create(token="another server", digest=digest)
    assert "1 processes of servers still run it" in await manager.refused("purge", "gadget")
    await PackageRunner.filter(id=other.id).update(digest="nobody knows")
    assert await queries.runners("gadget") == 1
    await PackageRunner.filter(id=other.id).update(seen_at=now() - queries.RUNNER_LIVES)
    await manager.do("purge", "gadget")
