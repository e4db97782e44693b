"""Databases for tests: a fresh one of each kind in milliseconds, gone afterwards."""

import atexit
import functools
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args
from uuid import uuid4

from tessera.kit.db import App, locate
from tessera.kit.db.migrations import migrate
from tessera.testing._servers import Rows, drop_at_exit, servers

Kind = Literal["sqlite", "postgres", "mariadb"]
KINDS: tuple[Kind, ...] = get_args(Kind)

_SERVERS = servers()


@functools.cache
def available(kind: Kind) -> str | None:
    """Give the reason why databases of a kind cannot be had here, or None if they can."""
    return None if kind == "sqlite" else _SERVERS[kind].reason()


@asynccontextmanager
async def fresh_database(kind: Kind) -> AsyncIterator[str]:
    """Give the URL of an empty database and drop it afterwards, whoever is still connected."""
    if kind == "sqlite":
        with tempfile.TemporaryDirectory(prefix="tessera-test-") as folder:
            yield f"sqlite://{folder}/tessera.db"
        return
    server, name = _SERVERS[kind], _new_name()
    await server.create(name)
    try:
        yield f"{server.url}/{name}"
    finally:
        await server.drop(name)


@asynccontextmanager
async def migrated_database(kind: Kind, apps: Sequence[App]) -> AsyncIterator[str]:
    """Give the URL of a database with the newest tables of these apps and nothing else in it.

    The migrations run once per process, kind and number of databases used at the same time: afterwards SQLite
    copies a file, and a server's database is emptied after the test that used it.
    """
    if kind == "sqlite":
        template = await _template(tuple(apps))
        async with fresh_database(kind) as url:
            shutil.copyfile(template, locate(url).file())
            yield url
        return
    idle = _idle.setdefault((kind, tuple(apps)), [])
    database = idle.pop() if idle else await _make_reusable(kind, tuple(apps))
    try:
        yield f"{_SERVERS[kind].url}/{database.name}"
    finally:
        await _SERVERS[kind].reset(database.name, database.rows)
        idle.append(database)


_templates: dict[tuple[App, ...], Path] = {}


async def _template(apps: tuple[App, ...]) -> Path:
    if apps not in _templates:
        folder = tempfile.mkdtemp(prefix="tessera-test-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        template = Path(folder, "template.db")
        await migrate(f"sqlite://{template}", apps)
        _templates[apps] = template
    return _templates[apps]


@dataclass
class _Reusable:
    """A migrated database of a server between two tests, and the rows its migrations wrote."""

    name: str
    rows: Rows = field(default_factory=dict)


_idle: dict[tuple[Kind, tuple[App, ...]], list[_Reusable]] = {}


async def _make_reusable(kind: Kind, apps: tuple[App, ...]) -> _Reusable:
    server, name = _SERVERS[kind], _new_name()
    await server.create(name)
    atexit.register(drop_at_exit, server, name)
    await migrate(f"{server.url}/{name}", apps)
    return _Reusable(name, await server.rows(name))


def _new_name() -> str:
    return f"tessera_test_{os.getpid()}_{uuid4().hex[:12]}"
