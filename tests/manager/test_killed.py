"""Whoever changes packages is killed at any step: a server starts, a repeated command ends well, and no row is lost."""

import asyncio
import json
import shutil
import signal
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tessera.packages import jobs
from tests.manager.wheels import GADGET, Repository
from tests.supervisor.servers import command, environment, serve, tried, until

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]

Reached = Callable[[sqlite3.Connection, Path, int], bool]
"""Says by the database, the data folder and the last entry before the change whether a step is reached."""

NEWER = {
    **GADGET,
    "models.py": GADGET["models.py"].replace(
        "    extra = ", "    colour = fields.CharField(max_length=20, null=True)\n    extra = "
    ),
    "migrations/0002_colour.py": '''
"""A colour."""
from tortoise import fields, migrations
from tortoise.migrations import operations as ops

class Migration(migrations.Migration):
    dependencies = [("gadget", "0001_initial")]
    operations = [ops.AddField(model_name="Gadget", name="colour", field=fields.CharField(max_length=20, null=True))]
''',
}
ROW = "INSERT INTO gadget_thing (name, weight, made_at) VALUES ('lever', 1.5, '2026-01-01 00:00:00+00:00')"


def progress(step: float) -> Reached:
    """Say how far the job is when it is killed."""

    def reached(database: sqlite3.Connection, _data: Path, _since: int) -> bool:
        told = "SELECT 1 FROM job WHERE name = 'packages.change' AND state = 'running' AND progress >= ?"
        return database.execute(told, (step,)).fetchone() is not None

    return reached


def settled(database: sqlite3.Connection, _data: Path, since: int) -> bool:
    told = (
        "SELECT 1 FROM entry WHERE name IN ('package.installed', 'package.upgraded', 'package.uninstalled') AND id > ?"
    )
    return database.execute(told, (since,)).fetchone() is not None


def exported(_database: sqlite3.Connection, data: Path, _since: int) -> bool:
    return any((data / "packages" / jobs.EXPORTS).glob("*.jsonl"))


def dropped(database: sqlite3.Connection, _data: Path, _since: int) -> bool:
    return not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'gadget_thing'").fetchall()


STEPS: dict[str, Reached] = {
    "begun": progress(0.0),
    "worked out": progress(jobs.WORKED_OUT),
    "fetched": progress(jobs.FETCHED),
    "unpacked": progress(jobs.UNPACKED),
    "admitted": progress(jobs.ADMITTED),
    "settled": settled,
}
OF_PURGE = {**STEPS, "let go": progress(jobs.LET_GO), "exported": exported, "dropped": dropped}

CHANGES = {
    "install": ("install", "gizmo"),
    "upgrade": ("upgrade", "gadget"),
    "purge": ("uninstall", "gadget", "--purge"),
}
BEFORE = {"install": [], "upgrade": ["tessera-gadget==1.0", "gizmo"], "purge": ["gadget"]}
AFTER = {
    "install": {"gadget": ["enabled", "1.1", None], "gizmo": ["enabled", "2.0", None]},
    "upgrade": {"gadget": ["enabled", "1.1", None], "gizmo": ["enabled", "2.0", None]},
    "purge": {"gadget": ["available", None, None]},
}


@pytest.fixture(scope="module")
def houses(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return the data folder of a house in which a change can begin; it is made once."""
    repository = Repository.make(tmp_path_factory.mktemp("repository"))
    repository.add("tessera-gadget", "1.0", files=GADGET)
    repository.add("tessera-gadget", "1.1", files=NEWER)
    repository.add("tessera-gizmo", "2.0", requires=("tessera-server", "tessera-gadget>=1"))
    folder, made = tmp_path_factory.mktemp("houses"), dict[str, Path]()

    async def make(change: str) -> Path:
        data = folder / change
        data.mkdir()
        await command(data, "migrate")
        await command(data, "package", "key", "trust", repository.public)
        await command(data, "setting", "set", "packages.repositories", json.dumps([str(repository.folder)]))
        for wish in BEFORE[change]:
            await command(data, "package", "install", wish)
        if BEFORE[change]:
            with closing(sqlite3.connect(data / DATABASE)) as database, database:
                database.execute(ROW)
        return data

    def house(change: str) -> Path:
        if change not in made:
            made[change] = asyncio.run(make(change))
        return made[change]

    return house


DATABASE = "tessera.sqlite3"


async def kill_at(data: Path, reached: Reached, *words: str) -> None:
    """Run a command, and kill it as soon as a step is reached."""
    ((since,),) = rows(data, "SELECT coalesce(max(id), 0) FROM entry")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tessera", "package", *words),
        env=environment(data, {}),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    with closing(sqlite3.connect(data / DATABASE, timeout=30)) as database:
        while process.returncode is None and not reached(database, data, since):  # noqa: ASYNC110 - in a process
            await asyncio.sleep(0.002)
    assert process.returncode is None, "it ended before it came to that step"
    process.send_signal(signal.SIGKILL)
    await process.wait()


def rows(data: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(data / DATABASE, timeout=30)) as database:
        return database.execute(query).fetchall()


@pytest.mark.parametrize(
    ("change", "step"),
    [(change, step) for change in CHANGES for step in (OF_PURGE if change == "purge" else STEPS)],
)
def test_a_change_whose_process_is_killed_comes_to_its_end(
    change: str, step: str, houses: Callable[[str], Path], tmp_path: Path
) -> None:
    data = tmp_path / "data"
    shutil.copytree(houses(change), data, symlinks=True)
    asyncio.run(_killed_and_repeated(data, change, OF_PURGE[step]))


async def _killed_and_repeated(data: Path, change: str, reached: Reached) -> None:
    await kill_at(data, reached, *CHANGES[change])
    async with serve(data) as server:
        code, said = await tried(data, "package", *CHANGES[change])
        # where the server went on by itself, all is done already
        assert code == 0 or said.splitlines()[-1].startswith("The package "), said

        async def ended() -> bool:
            return not rows(data, "SELECT 1 FROM job WHERE name = 'packages.change' AND finished_at IS NULL")

        await until(ended, what="the end of the work")
        assert (await server.health())["ready"] is True
        server.signal(signal.SIGTERM)
        assert await server.ended() == 0
    assert "Traceback" not in server.log.read_text()
    found = {name: told for name, *told in rows(data, "SELECT name, state, version_installed, problem FROM package")}
    assert {name: found[name] for name in AFTER[change]} == AFTER[change]
    if change == "upgrade":
        assert rows(data, "SELECT name, weight, colour FROM gadget_thing") == [("lever", "1.5", None)]
    elif change == "purge":
        assert rows(data, "SELECT name FROM sqlite_master WHERE name LIKE 'gadget%'") == []
        exports = [each.read_text() for each in (data / "packages" / jobs.EXPORTS).iterdir()]
        assert any('"lever"' in each for each in exports)
    else:
        assert rows(data, "SELECT name FROM gadget_thing") == []
