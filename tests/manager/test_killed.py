"""Whoever installs is killed at any step: the work is taken up again, and leads to the same end."""

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tessera.assembly.runtime import open_runtime
from tessera.kit.config import Config
from tessera.kit.db import locate
from tessera.kit.jobs import Job, JobState
from tessera.packages import jobs, queries, service
from tessera.packages.models import Package
from tessera.testing.databases import fresh_database
from tessera.testing.house import configured
from tests.manager.wheels import Repository

STEPS = (0.0, jobs.WORKED_OUT, jobs.FETCHED, jobs.UNPACKED, jobs.ADMITTED)


def tessera(data: Path, url: str, *words: str) -> "subprocess.Popen[bytes]":
    known = {name: value for name, value in os.environ.items() if not name.startswith("TESSERA_")}
    return subprocess.Popen(
        [sys.executable, "-m", "tessera", *words],
        env=known | {"TESSERA_DATA": str(data), "TESSERA_DATABASE_URL": url},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def kill_at(process: "subprocess.Popen[bytes]", file: Path, step: float) -> None:
    """Kill a process as soon as its job is as far as a step, or has ended."""
    with contextlib.closing(sqlite3.connect(file, timeout=30)) as connection:
        while process.poll() is None:
            row = connection.execute("SELECT state, progress FROM job WHERE name = 'packages.change'").fetchone()
            if row is not None and ((row[0] == "running" and row[1] >= step) or row[0] == "succeeded"):
                break
            time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("step", STEPS)
async def test_a_killed_installation_comes_to_its_end(step: float, shelf: Repository, tmp_path: Path) -> None:
    async with fresh_database("sqlite") as url:
        for words in (
            ("migrate",),
            ("package", "key", "trust", shelf.public),
            ("setting", "set", "packages.repositories", f'["{shelf.folder}"]'),
        ):
            assert tessera(tmp_path, url, *words).wait() == 0
        kill_at(tessera(tmp_path, url, "package", "install", "gizmo"), locate(url).file(), step)

        config = Config(data=tmp_path, database_url=url)
        async with open_runtime(configured(config), exclusive=True) as runtime:
            await runtime.dispatcher.start()
            await runtime.dispatcher.drain()
            (job,) = await Job.filter(name=service.CHANGE)
            assert not job.error
            assert job.state is JobState.SUCCEEDED
            assert {row.name: row.state.value for row in await queries.installed()} == {
                "gadget": "enabled",
                "gizmo": "enabled",
            }
            revision, folder = await service.prepare(runtime.units)
            assert (revision, folder is not None) == (1, True)
            assert await service.differences("gizmo") == []
            assert await Package.all().count() == 2
