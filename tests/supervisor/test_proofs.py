"""Proofs that take minutes: whatever is killed whenever, a server starts; two servers follow one installation."""

import asyncio
import hashlib
import os
import random
import signal
from contextlib import ExitStack, suppress
from pathlib import Path

import httpx2
import pytest

from tessera.packages.models import Member
from tessera.testing.databases import available, fresh_database
from tests.kit.redis_world import free_port, needs_redis_server, redis_server
from tests.supervisor.servers import Server, command, serve, until
from tests.supervisor.sets import RAISES, install, wheel
from tests.supervisor.test_sets import field, visible

pytestmark = [pytest.mark.long, pytest.mark.timeout(1200)]

ROUNDS = 12
DOCUMENT = "query Greeting { hello }"


async def test_whatever_is_killed_whenever_a_server_starts(tmp_path: Path) -> None:
    data, kinds = tmp_path / "data", random.Random(7)
    async with serve(data) as server:
        server.signal(signal.SIGTERM)
        assert await server.ended() == 0
    for number in range(ROUNDS):
        sets: tuple[list[tuple[Member, bytes]], ...] = (
            [wheel("hello", f"1.{number}")],
            [],
            [wheel("hello", "9.0"), wheel("broken", f"1.{number}", RAISES)],
        )
        async with serve(data) as server:
            await install(data, kinds.choice(sets))
            await asyncio.sleep(kinds.uniform(0, 8))
            victims = kinds.choice(([server.process.pid], server.generations, server.generations[-1:]))
            for victim in victims:
                with suppress(ProcessLookupError):
                    os.kill(victim, signal.SIGKILL)
            if server.process.pid not in victims:
                await until(server.ready, what=f"an answer in round {number}")
    await install(data, [wheel("hello", "10.0")])
    async with serve(data) as server:
        await visible(server, "hello", "10.0")
        assert (await server.health())["ready"] is True


@needs_redis_server
@pytest.mark.skipif(available("postgres") is not None, reason=available("postgres") or "")
async def test_two_servers_and_a_worker_follow_one_installation(tmp_path: Path) -> None:
    port = free_port()
    async with fresh_database("postgres") as url:
        with ExitStack() as stack:
            stack.enter_context(redis_server(port, tmp_path))
            house = {
                "TESSERA_DATABASE_URL": url,
                "TESSERA_REDIS_URL": f"redis://127.0.0.1:{port}/0",
                "TESSERA_SECRET": "a secret for two servers",
            }
            async with serve(tmp_path / "one", **house) as one, serve(tmp_path / "two", **house) as two:
                await command(tmp_path / "one", "setting", "set", "files.place", '"database"', **house)
                async with serve(tmp_path / "three", "work", **house) as worker:
                    first = await worker.only(beside=0)
                    hello = wheel("hello", "1.0")
                    await install(tmp_path / "one", [hello], database_url=url, redis_url=house["TESSERA_REDIS_URL"])
                    for server in (one, two):
                        await visible(server, "hello", "1.0")
                    await _documents(tmp_path / "one", house, one, two)
                    assert await worker.only(beside=first) != first
                    for server in (one, two, worker):
                        server.signal(signal.SIGTERM)
                        assert await server.ended() == 0


async def _documents(data: Path, house: dict[str, str], *servers: Server) -> None:
    """Import a document that uses the package's field, and ask it by its name alone at every server."""
    name = hashlib.sha256(DOCUMENT.encode()).hexdigest()
    document = data / "greeting.graphql"
    document.write_text(DOCUMENT)
    await command(data, "documents", "import", str(document), **house)
    for server in servers:
        async with httpx2.AsyncClient(base_url=server.url, timeout=60) as http:
            answer = await http.post("/graphql", json={"documentId": f"sha256:{name}"})
        assert answer.json() == {"data": {"hello": "1.0"}}
        assert await field(server, "hello") == "1.0"
