"""The command `tessera`: every word of it is explained, and expected failures are one sentence."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from tessera.cli import app
from tessera.testing.house import base_assembly
from tools.docs.pages import ROOT


def words(command: Any, path: str = "tessera") -> list[tuple[str, Any]]:
    """Return every command with its full name."""
    if hasattr(command, "commands"):
        return [found for name, each in command.commands.items() for found in words(each, f"{path} {name}")]
    return [(path, command)]


EVERY = words(typer.main.get_command(app)) + [
    found
    for each in base_assembly().commands
    for found in words(typer.main.get_command(each.app), f"tessera {each.name}")
]


def tessera(data: Path, *arguments: str, given: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    known = {name: value for name, value in os.environ.items() if not name.startswith("TESSERA_")}
    return subprocess.run(
        [sys.executable, "-m", "tessera", *arguments],
        env=known | {"TESSERA_DATA": str(data)} | environment,
        input=given,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )


@pytest.mark.parametrize(("path", "command"), EVERY, ids=[path for path, _ in EVERY])
def test_a_command_explains_itself(path: str, command: Any) -> None:
    assert command.help, path
    assert command.help.splitlines()[0].endswith((".", "?"))
    assert [each.name for each in command.params if not getattr(each, "help", None) and each.name != "help"] == []


def test_the_commands_people_are_told_of_exist() -> None:
    known = {path for path, _ in EVERY}
    assert {
        *("tessera serve", "tessera demo", "tessera work", "tessera migrate", "tessera check", "tessera explain"),
        "tessera schema print",
        *("tessera agent add", "tessera agent passwd", "tessera agent deactivate", "tessera ticket show"),
        *("tessera mail deliver", "tessera mail fetch", "tessera audit verify"),
    } <= known


@pytest.mark.parametrize(
    ("environment", "begins"),
    [
        ({"TESSERA_DATABASE_URL": "oracle://db"}, "TESSERA_DATABASE_URL is wrong: "),
        ({"TESSERA_DATABASE_URL": "postgres://127.0.0.1:1/none"}, "The database"),
        ({"TESSERA_SECRET": "short"}, "TESSERA_SECRET is wrong: "),
    ],
)
def test_a_wrong_configuration_is_one_sentence(tmp_path: Path, environment: dict[str, str], begins: str) -> None:
    done = tessera(tmp_path, "check", **environment)
    assert done.returncode == 1
    assert done.stderr.startswith(begins)
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.endswith(".\n")
    assert done.stdout == ""


def test_a_fresh_folder_is_told_what_it_lacks_then_migrated(tmp_path: Path) -> None:
    lacking = tessera(tmp_path, "check")
    assert (lacking.returncode, "run `tessera migrate`" in lacking.stdout) == (1, True)
    for words in (("package", "list"), ("package", "install", "lamp"), ("setting", "list")):
        refused = tessera(tmp_path, *words)
        assert (refused.returncode, refused.stderr) == (1, lacking.stdout.removeprefix("- "))
    planned = tessera(tmp_path, "migrate", "--plan")
    assert planned.stdout.startswith("+ tessera.0001_initial\n")
    assert tessera(tmp_path, "migrate").stdout == planned.stdout
    assert tessera(tmp_path, "migrate").stdout == "Nothing to do: the database has the newest tables.\n"
    assert tessera(tmp_path, "check").stdout == "All is well.\n"
    unknown = tessera(tmp_path, "ticket", "show", "1")
    assert (unknown.returncode, unknown.stderr) == (1, "There is no ticket 1.\n")


def test_the_printed_schema_is_the_committed_one(tmp_path: Path) -> None:
    printed = tessera(tmp_path, "schema", "print")
    assert printed.stdout == (ROOT / "schema.graphql").read_text(encoding="utf-8")
