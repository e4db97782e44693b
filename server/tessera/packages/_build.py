"""Builds a wheel out of a folder with a pyproject.toml, with the builders that are installed; blocks."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SECONDS = 300
TOLD = 500


class BuildFailed(Exception):
    """No wheel came out; the message is a sentence."""


def build(project: Path, out: Path) -> Path:
    """Build a folder's wheel into another folder, without the network, and return it.

    Raises `BuildFailed` with the builder's last words.
    """
    if not (project / "pyproject.toml").is_file():
        raise BuildFailed(f"{project} has no pyproject.toml.")
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out, prefix=".new-") as place:
        done = subprocess.run(  # noqa: S603 - the installed builder, on a folder the caller chose
            _builder(project, Path(place)), capture_output=True, text=True, check=False, timeout=SECONDS
        )
        built = sorted(Path(place).glob("*.whl"))
        if done.returncode or len(built) != 1:
            words = " ".join((done.stderr or done.stdout).split())
            raise BuildFailed(f"{project} cannot be built: {words[-TOLD:] or 'the builder says nothing'}.")
        return Path(shutil.move(built[0], out / built[0].name))


def _builder(project: Path, out: Path) -> list[str]:
    beside = Path(sys.executable).parent / "uv"
    uv = str(beside) if beside.exists() else shutil.which("uv")
    if uv:
        return [
            uv,
            "build",
            "--quiet",
            "--offline",
            "--wheel",
            "--python",
            sys.executable,
            "-o",
            str(out),
            str(project),
        ]
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index", "--no-build-isolation"]
    return [*pip, "--wheel-dir", str(out), str(project)]
