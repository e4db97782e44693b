"""A server's processes follow one another, and nobody who talks to it notices."""

import asyncio
import os
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tessera.assembly import assemble
from tessera.assembly.runtime import migrate_house, open_runtime
from tessera.kit.actor import SYSTEM
from tessera.kit.config import Config
from tessera.kit.unit import Unit
from tessera.mail.settings import LISTENER, LISTENER_PORT
from tessera.settings import service as settings
from tests.kit.redis_world import free_port
from tests.supervisor.load import load
from tests.supervisor.servers import Server, serve, until

pytestmark = pytest.mark.timeout(300)


async def test_a_generation_takes_over_another_one_is_started_for_one_that_crashed_and_all_end(tmp_path: Path) -> None:
    mail = await _listen_for_mail(tmp_path / "data")
    async with serve(tmp_path / "data") as server:
        first = await server.only(beside=0)
        await until(lambda: _greets(mail), what="the mail listener")
        async with load(server.url) as running:
            server.signal(signal.SIGHUP)
            second = await server.only(beside=first)
        assert await _greets(mail)
        assert "daemon_failed" not in server.log.read_text()
        assert running.answers > 20
        assert len(running.closed) >= len(running.heard)
        os.kill(second, signal.SIGKILL)
        assert await server.only(beside=second) != first
        assert (await server.health())["ok"] is True
        server.signal(signal.SIGTERM)
        assert await server.ended() == 0
        assert _all_gone(server, first, second)


async def test_a_server_that_is_killed_leaves_nothing_that_hinders_the_next(tmp_path: Path) -> None:
    async with serve(tmp_path / "data") as server:
        generation = await server.only(beside=0)
        port = str(_port(server))
        server.signal(signal.SIGKILL)
        async with serve(tmp_path / "data", "serve", "--port", port) as again:
            again.url = server.url
            assert await server.ended() == -signal.SIGKILL
            await until(again.ready, what="the next server")
            assert not _lives(generation)
            again.signal(signal.SIGINT)
            assert await again.ended() == 0


async def test_a_server_has_more_connections_than_processes_may_open_files_at_first(tmp_path: Path) -> None:
    with _few_files(300):
        async with serve(tmp_path / "data") as server:
            (generation,) = server.generations
            with _few_files(10_000):
                held = [await asyncio.open_connection("127.0.0.1", _port(server)) for _ in range(500)]
                assert (await server.health())["ok"] is True
                assert len(list(Path(f"/proc/{generation}/fd").iterdir())) > 500
                for _, writer in held:
                    writer.close()


def _port(server: Server) -> int:
    return int(server.url.rpartition(":")[2])


@contextmanager
def _few_files(soft: int) -> Iterator[None]:
    """Let this process, and those it starts, open no more files than some."""
    before, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (before, hard))


async def _listen_for_mail(data: Path) -> int:
    """Let the house take mail by SMTP on a free port, and return that."""
    config, port = Config(data=data), free_port()
    assembly = assemble(config, packages=())
    await migrate_house(assembly)

    async def choose(unit: Unit) -> None:
        await settings.change_setting(unit, LISTENER, "smtp")
        await settings.change_setting(unit, LISTENER_PORT, port)

    async with open_runtime(assembly) as runtime:
        await runtime.units.run(SYSTEM, choose)
    return port


async def _greets(port: int) -> bool:
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    greeting = await reader.readline()
    writer.close()
    return greeting.startswith(b"220")


def _lives(process: int) -> bool:
    return Path(f"/proc/{process}").exists()


def _all_gone(server: Server, *processes: int) -> bool:
    return not any(_lives(each) for each in (server.process.pid, *processes))
