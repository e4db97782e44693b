"""Programs in Node that use a desk with the clients of the npm world, installed once into this folder."""

import asyncio
import contextlib
import fcntl
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from tests.journeys.desk import Desk, open_desk

FOLDER = Path(__file__).parent
LOCK = FOLDER / "package-lock.json"
STAMP = FOLDER / "node_modules" / ".installed"
INSTALL = ("npm", "ci", "--no-progress", "--fetch-retries=1", "--fetch-timeout=30000")

Node = Callable[..., Awaitable[str]]


@pytest.fixture(scope="session")
def installed() -> None:
    """Install what package-lock.json names, unless it is there; skip where that cannot be done."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("node or npm is absent")
    with LOCK.open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another worker may be at it
        wanted = lock.read()
        if STAMP.is_file() and STAMP.read_bytes() == wanted:
            return
        found = subprocess.run(INSTALL, cwd=FOLDER, capture_output=True, text=True, check=False)
        if found.returncode:
            pytest.skip(f"npm could not install the clients: {(found.stderr.splitlines() or ['?'])[-1]}")
        STAMP.write_bytes(wanted)


@pytest.fixture
def node(installed: None) -> Node:
    """Give a function that runs a program of this folder and returns what it prints; a failure is the test's."""

    async def run(program: str, *arguments: str, **environment: str) -> str:
        process = await asyncio.create_subprocess_exec(
            *("node", program, *arguments),
            cwd=FOLDER,
            env={**os.environ, **environment},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            output, _ = await process.communicate()
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
        assert process.returncode == 0, output.decode()
        return output.decode()

    return run


@pytest_asyncio.fixture
async def desk(database_url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_desk(database_url, tmp_path / "data") as opened:
        yield opened
