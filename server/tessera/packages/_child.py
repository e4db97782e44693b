"""Runs what needs packages' code in a child process, where nothing it does can harm this one.

The child is `tessera.assembly.probe`: it assembles a house on a set, and says what it found in a file of its own, so
that whatever packages print means nothing.
"""

import asyncio
import contextlib
import json
import signal
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tessera.kit.config import Config

MODULE = "tessera.assembly.probe"
SECONDS = 60.0
MIGRATION_SECONDS = 3000.0
MAX_LINE = 1000
MAX_RESULT = 64 * 1024 * 1024


class ChildFailed(Exception):
    """The child did not do what it was asked; the message is a sentence, and what went wrong is in it."""


async def run(
    task: str, config: Config, folder: Path | None, *, seconds: float = SECONDS, **request: Any
) -> dict[str, Any]:
    """Run a task on a set of packages (None: no packages) and return its result.

    Raises `ChildFailed` when a package cannot be imported, exits, hangs for so many seconds, or does not fit.
    """
    with tempfile.TemporaryDirectory(prefix="tessera-probe-") as place:
        result = Path(place, "result.json")
        told = {"task": task, "result": str(result), "config": _configuration(config, folder), **request}
        code, error = await _ran(json.dumps(told).encode(), seconds)
        answer = await asyncio.to_thread(_read, result)
    if "done" in answer:
        found: dict[str, Any] = answer["done"]
        return found
    raise ChildFailed(_sentence(str(answer.get("failed") or _reason(code, error))))


def _configuration(config: Config, folder: Path | None) -> Mapping[str, Any]:
    return {
        "data": str(config.data.absolute()),
        "database_url": config.database,
        "environment_packages": config.environment_packages,
        "package_set": str(folder) if folder else str(config.packages / "none"),
    }


async def _ran(request: bytes, seconds: float) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", MODULE),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(seconds):
            _, error = await process.communicate(request)
    except TimeoutError:
        raise ChildFailed(f"It did not come to an end within {seconds:.0f} seconds.") from None
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
    return process.returncode or 0, error.decode(errors="replace")


def _read(result: Path) -> dict[str, Any]:
    try:
        with result.open("rb") as stream:
            found = json.loads(stream.read(MAX_RESULT))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _sentence(words: str) -> str:
    """Make one line of whatever was said, with a full stop."""
    line = " ".join(words.split())[:MAX_LINE]
    return line if line.endswith(".") else f"{line}."


def _reason(code: int, error: str) -> str:
    """Say why a child ended without a result."""
    if code == -signal.SIGALRM:
        return "It does not finish loading."
    last = next((line.strip() for line in reversed(error.splitlines()) if line.strip()), "")
    how = f"ended the process with code {code}" if code >= 0 else f"was ended by signal {-code}"
    return f"It {how}{': ' + last if last else ''}."
