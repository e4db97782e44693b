"""`tessera package new` writes a package that works at once, and its tour through the documentation is true."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from tessera.assembly import assemble
from tessera.assembly.imports import back_rooms
from tessera.kit.config import Config
from tessera.kit.db.migrations import drift
from tessera.packages._scaffold import NotWritten, write
from tessera.testing.house import packaged
from tools.docs.pages import ROOT

TOUR = ROOT / "docs" / "plugins" / "first-plugin.md"
COMMANDS = 5


@pytest.fixture
def importable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Let a package below be imported, and forget it afterwards."""
    folder = tmp_path / "tessera-two-words"
    monkeypatch.setattr("tessera.kit.i18n._homes", [])
    monkeypatch.syspath_prepend(folder)
    yield folder
    for name in [each for each in sys.modules if each.partition(".")[0] == "tessera_two_words"]:
        del sys.modules[name]


async def test_what_it_writes_keeps_every_fence(importable: Path, tmp_path: Path) -> None:
    assert write("two_words", tmp_path) == importable
    texts = [path.read_text(encoding="utf-8") for path in importable.rglob("*") if path.is_file()]
    assert [text for text in texts if "__label" in text or "__camel" in text or "__migration" in text] == []
    package = packaged("two_words")
    assert back_rooms(package) == []
    assembly = assemble(Config(), packages=[package])
    assert 'twoWords: TwoWordsNote @package(name: "two_words")' in assembly.schema.sdl
    assert "twoWordsNoteSet(id: ID!, text: String!)" in assembly.schema.sdl
    assert await drift(assembly.apps) == []


@pytest.mark.parametrize(
    "label", ["", "Remarks", "1st", "a-b", "a__b", "_a", "a_", "../a", "tickets", "tessera", "kit"]
)
def test_a_name_that_cannot_be_is_refused(label: str, tmp_path: Path) -> None:
    with pytest.raises(NotWritten, match=r"is no name for a package|is taken"):
        write(label, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_is_left_alone(tmp_path: Path) -> None:
    write("remarks", tmp_path)
    with pytest.raises(NotWritten, match="exists already"):
        write("remarks", tmp_path)
    assert not entry_points(group="tessera", name="remarks")


@pytest.mark.long
@pytest.mark.timeout(900)
def test_the_tour_leads_to_a_passing_test_and_an_installed_field(tmp_path: Path) -> None:
    found = re.search(r"```sh\n(.*?)```", TOUR.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    commands = found[1].strip().splitlines()
    assert commands[0].startswith("tessera package new ")
    assert len(commands) <= COMMANDS
    known = {name: value for name, value in os.environ.items() if not name.startswith(("TESSERA_", "PYTHON"))}
    place = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{known['PATH']}",
        "TESSERA_DATA": str(tmp_path / "data"),
    }
    said = []
    for command in commands:
        done = subprocess.run(
            ["bash", "-c", command], cwd=tmp_path, env=known | place, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, (command, done.stdout, done.stderr)
        said.append(done.stdout)
    assert re.search(r"\d+ passed", said[1])
    assert 'remarks: RemarksNote @package(name: "remarks")' in said[-1]
