"""A folder becomes a wheel, with what is installed here."""

import importlib.util
import shutil
import sys
from pathlib import Path

import pytest

from tessera.packages._build import BuildFailed, build
from tessera.packages._wheels import facts

DUMMY = Path(__file__).resolve().parents[1] / "dummy"

needs_builder = pytest.mark.skipif(
    shutil.which("uv") is None
    and not (Path(sys.executable).parent / "uv").exists()
    and importlib.util.find_spec("pip") is None,
    reason="neither uv nor pip is installed",
)


@needs_builder
def test_a_folder_with_a_pyproject_becomes_a_wheel(tmp_path: Path) -> None:
    wheel = build(DUMMY, tmp_path / "dist")
    told = facts(wheel.name, wheel.read_bytes())
    assert (told.name, told.label, told.version) == ("tessera-dummy", "dummy", "0.1.0")
    assert list((tmp_path / "dist").iterdir()) == [wheel]


def test_a_folder_without_one_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(BuildFailed, match=r"has no pyproject\.toml\.$"):
        build(tmp_path, tmp_path / "dist")


@needs_builder
def test_what_cannot_be_built_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'tessera-x'\n")
    with pytest.raises(BuildFailed, match=r"cannot be built: .*\.$"):
        build(tmp_path, tmp_path / "dist")
