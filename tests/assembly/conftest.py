"""The dummy package, as an installer would leave it."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

DUMMY = Path(__file__).resolve().parents[1] / "dummy"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], dict[str, str]]:
    """Give the environment of a process in which the dummy is installed, for a data folder."""
    folder = tmp_path_factory.mktemp("site")
    information = folder / "tessera_dummy-0.1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: tessera-dummy\nVersion: 0.1.0\n")
    (information / "entry_points.txt").write_text("[tessera]\ndummy = tessera_dummy\n")

    def environment(data: Path) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join([str(folder), str(DUMMY), str(DUMMY.parents[1])]),
            "TESSERA_DATA": str(data),
            "TESSERA_LOG_LEVEL": "WARNING",
        }

    return environment
