"""A server follows the set of packages that its house should run, and outlives every set that does not run."""

import asyncio
import signal
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tessera_client import TesseraClient
from tests.supervisor.load import load
from tests.supervisor.servers import Server, serve, until
from tests.supervisor.sets import DEADLY, DIES, RAISES, install, wheel

pytestmark = pytest.mark.timeout(900)


async def field(server: Server, label: str) -> str | None:
    """Return what a package's field says, None when there is no such field."""
    async with httpx2.AsyncClient(base_url=server.url, timeout=60) as http:
        answer = (await http.post("/graphql", json={"query": f"{{ {label} }}"})).json()
    found: str | None = (answer.get("data") or {}).get(label)
    return found


async def visible(server: Server, label: str, version: str | None) -> float:
    """Wait until a package's field says its version; return how many seconds that took."""
    began = time.monotonic()

    async def is_so() -> bool:
        return await field(server, label) == version

    await until(is_so, what=f"{label} {version}")
    return time.monotonic() - began


async def health(server: Server) -> dict[str, Any]:
    report: dict[str, Any] = (await server.health())["generation"]
    return report


async def test_a_server_follows_its_sets_and_keeps_what_runs_when_a_set_does_not(tmp_path: Path) -> None:
    data, hello = tmp_path / "data", wheel("hello", "1.0")
    async with serve(data) as server:
        told = asyncio.create_task(_revisions(server))
        async with load(server.url, queries=2, mutations=1, streams=3) as running:
            await install(data, [hello])
            await visible(server, "hello", "1.0")
        assert running.answers > 20
        first, second = await told
        assert first != second
        broken = await install(data, [hello, wheel("broken", "1.0", RAISES)])

        async def given_up() -> bool:
            return bool((await health(server))["running"] > broken)

        await until(given_up, what="the set without the broken package")
        packages = (await server.health())["packages"]
        assert packages["quarantined"] == 1
        assert await field(server, "hello") == "1.0"
        server.signal(signal.SIGTERM)
        assert await server.ended() == 0
    async with serve(data) as again:
        assert await field(again, "hello") == "1.0"
        again.signal(signal.SIGTERM)
        assert await again.ended() == 0


async def _revisions(server: Server) -> list[str]:
    """Hear two revisions of the schema on one connection."""
    heard: list[str] = []
    async with TesseraClient(f"{server.url}/graphql") as client:
        stream = client.execute_ws("subscription { schemaChanged { schemaRevision } }")
        assert isinstance(stream, AsyncGenerator)
        async with aclosing(stream):
            async for news in stream:
                heard.append(news["schemaChanged"]["schemaRevision"])
                if len(heard) == 2:
                    break
    return heard


@pytest.mark.long
async def test_a_server_starts_whatever_its_set_does(tmp_path: Path) -> None:
    data, hello = tmp_path / "data", wheel("hello", "1.0")
    async with serve(data) as server:
        server.signal(signal.SIGTERM)
        assert await server.ended() == 0
    deadly = await install(data, [hello, wheel("deadly", "1.0", DIES)])
    async with serve(data) as server:
        await visible(server, "hello", "1.0")
        report = await health(server)
        assert report["running"] == report["wanted"] == deadly + 1
        (altered,) = (data / "packages").glob("ran/lib/tessera_hello/plugin.py")
        server.signal(signal.SIGKILL)
        await server.ended()
    altered.write_text("raise SystemExit")
    async with serve(data) as server:
        await visible(server, "hello", None)
        assert (await server.health())["packages"]["quarantined"] == 2
        assert (await server.health())["ready"] is True


@pytest.mark.long
async def test_packages_that_crash_the_server_again_and_again_give_way_to_those_before(tmp_path: Path) -> None:
    data, hello = tmp_path / "data", wheel("hello", "1.0")
    async with serve(data) as server:
        await install(data, [hello])
        await visible(server, "hello", "1.0")
        deadly = await install(data, [hello, wheel("deadly", "1.0", DEADLY)])

        async def taken_over() -> bool:
            return len(server.generations) == 1 and bool((await health(server))["running"] == deadly)

        await until(taken_over, what="the set with the deadly package")
        for _ in range(3):
            (generation,) = server.generations
            with pytest.raises(httpx2.TransportError):
                await field(server, "deadly")
            await server.only(beside=generation)
            await until(server.ready, what="another generation")

        async def settled() -> bool:
            return bool((await health(server))["running"] > deadly)

        await until(settled, what="the set without the package that came last")
        report = (await server.health())["packages"]
        assert (report["ok"], report["quarantined"]) == (False, 1)
        assert await field(server, "hello") == "1.0"
        server.signal(signal.SIGTERM)
        assert await server.ended() == 0
