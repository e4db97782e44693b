"""Ten packages that are broken, each in its own way: refused with a sentence, and nothing was touched."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tessera.kit.db import locate
from tests.manager.conftest import Manager, data_of
from tests.manager.wheels import GADGET, GRAPHQL, MIGRATION, MODELS, PLUGIN, Repository

WIDENING = '''
"""A value that is not the kernel's."""
from enum import Enum
import strawberry
from tessera.tickets import graphql
from tessera.plugin import hookimpl
from strawberry.types.enum import EnumValue

definition = graphql.TicketStateType.__strawberry_definition__
definition.values.append(EnumValue(name="BROKEN", value="broken"))

@hookimpl
def permissions():
    return []
'''


def change(path: str, old: str, new: str) -> dict[str, str]:
    """Return the gadget's files with one of them changed."""
    assert old in GADGET[path]
    return {**GADGET, path: GADGET[path].replace(old, new)}


def altered(repository: Repository) -> None:
    file = next(repository.folder.glob("*.whl"))
    file.write_bytes(file.read_bytes()[:-1] + b"x")


def badly_signed(repository: Repository) -> None:
    signature = repository.folder / "index.json.sig"
    signature.write_text(signature.read_text().replace(" ", " AAAA", 1))


Break = Callable[[Repository], None]

UNLOADED: dict[str, tuple[dict[str, Any], Break | None, str]] = {
    "missing dependency": (
        {"requires": ["nowhere>=1"]},
        None,
        "tessera-gadget needs nowhere>=1, which is in no repository.",
    ),
    "too new for the kernel": (
        {"requires": ["tessera-server>=99"]},
        None,
        "tessera-gadget runs on Tessera >=99, and this",
    ),
    "another starlette": (
        {"requires": ["starlette<0.1"]},
        None,
        "tessera-gadget wants starlette<0.1, but the server's",
    ),
    "altered file": ({}, altered, "is not the file the signed index names: its SHA-256 differs."),
    "bad signature": ({}, badly_signed, "Its index is not signed by a key that is trusted here, or was altered."),
    "path out of the wheel": ({"files": {**GADGET, "../starlette/x.py": ""}}, None, "leads out of it."),
    "module of the environment": (
        {"files": {**GADGET, ".data/purelib/starlette/x.py": ""}},
        None,
        "brings the module starlette, which is the server's.",
    ),
    "no package at all": (
        {"label": ""},
        None,
        "is no package of Tessera: it has no entry point in the group `tessera`.",
    ),
}

LOADED: dict[str, tuple[dict[str, str], str]] = {
    "import error": (change("plugin.py", '"""What', 'import nowhere\n"""What'), "No module named 'nowhere'"),
    "taken field name": (
        change("graphql.py", "gadget_count:", "tickets:"),
        "The package gadget (tessera_gadget) adds Query.tickets, which the kernel has already.",
    ),
    "widened enum": ({**GADGET, "plugin.py": WIDENING}, "BROKEN"),
    "wrong table prefix": (
        {
            **GADGET,
            "models.py": MODELS.replace("gadget_thing", "thing"),
            "migrations/0001_initial.py": MIGRATION.replace("gadget_thing", "thing"),
        },
        "The package gadget has a table thing: its tables begin with its label.",
    ),
    "failing migration": (
        change(
            "migrations/0001_initial.py",
            "    ]\n",
            '        ops.RunSQL("INSERT INTO nowhere VALUES (1)", "SELECT 1"),\n    ]\n',
        ),
        "nowhere",
    ),
    "an end of the process": (change("plugin.py", '"""What', 'import os; os._exit(3)\n"""What'), "with code 3"),
    "a wish to stop": (change("plugin.py", '"""What', 'raise SystemExit("no")\n"""What'), "SystemExit"),
    "garbage": (
        change("plugin.py", '"""What', 'print("{}" * 9, flush=True); raise RuntimeError("loud")\n"""What'),
        "RuntimeError: loud",
    ),
}
assert GRAPHQL
assert PLUGIN


def rows(manager: Manager) -> dict[str, list[tuple[object, ...]]]:
    """Return everything in the database but what says that somebody asked, and what was answered."""
    file = locate(manager.house.config.database).file()
    with sqlite3.connect(file) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        own = {
            "job",
            "journal",
            "entry",
            "unsealed",
            "seal",
            "sealed",
            "setting",
            "blob",
            "sqlite_sequence",
            "tortoise_migrations",
        }
        found = {name: connection.execute(f'SELECT * FROM "{name}"').fetchall() for name in names if name not in own}
        migrations = connection.execute("SELECT app, name FROM tortoise_migrations").fetchall()
    return {**found, "migrations": migrations}


async def refuse(manager: Manager, repository: Repository) -> str:
    await manager.use(repository)
    before = rows(manager)
    sentence = await manager.refused("install", "tessera-gadget")
    assert rows(manager) == before
    assert not (data_of(manager.house) / "current").exists()
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return sentence


@pytest.mark.parametrize("kind", UNLOADED)
async def test_what_does_not_fit_is_not_even_loaded(kind: str, manager: Manager, tmp_path: Path) -> None:
    what, damage, why = UNLOADED[kind]
    repository = Repository.make(tmp_path / "repository")
    repository.add("tessera-gadget", **{"files": GADGET, **what})
    if damage is not None:
        damage(repository)
    assert why in await refuse(manager, repository)


@pytest.mark.long
@pytest.mark.timeout(300)
@pytest.mark.parametrize("kind", LOADED)
async def test_what_breaks_breaks_in_a_child(kind: str, manager: Manager, tmp_path: Path) -> None:
    files, why = LOADED[kind]
    repository = Repository.make(tmp_path / "repository")
    repository.add("tessera-gadget", files=files)
    assert why in await refuse(manager, repository)
