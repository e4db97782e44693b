"""The GraphQL over HTTP audits of the npm package graphql-http, run against the toy."""

import asyncio
import shutil
import tempfile
from hashlib import sha256
from pathlib import Path

import pytest

from tests.transport.toy import Served

AUDITS = Path(__file__).resolve().parents[3] / "shared" / "conformance"
FILES = ("package.json", "run.mjs")


async def run(*command: str, folder: Path) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    output, _ = await process.communicate()
    return process.returncode or 0, output.decode()


async def installed() -> Path:
    """Install the audits once per version of their folder; skip where the registry is out of reach."""
    digest = sha256(b"".join((AUDITS / name).read_bytes() for name in FILES)).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / f"tessera-conformance-{digest}"
    if not (folder / "complete").exists():
        building = Path(tempfile.mkdtemp(prefix="tessera-conformance-"))
        for name in FILES:
            shutil.copy(AUDITS / name, building)
        code, output = await run("npm", "install", "--no-audit", "--no-fund", folder=building)
        if code:
            pytest.skip(f"npm could not install the audits: {output.splitlines()[-1] if output else code}")
        (building / "complete").touch()
        shutil.rmtree(folder, ignore_errors=True)
        building.rename(folder)
    return folder


@pytest.mark.skipif(not AUDITS.is_dir(), reason="the folder shared/conformance is absent")
@pytest.mark.skipif(shutil.which("node") is None or shutil.which("npm") is None, reason="node or npm is absent")
async def test_every_audit_passes(server: Served) -> None:
    code, output = await run("node", "run.mjs", server.http, folder=await installed())
    assert "61 audits: 61 ok" in output, output
    assert code == 0
