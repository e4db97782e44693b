"""Relay compiles its documents against the committed schema, and its runtime lives on what the server answers."""

import asyncio
import json
import shutil
from pathlib import Path

import pytest

from tests.clients.conftest import FOLDER, Node
from tests.journeys.desk import Desk
from tools.checks.source import ROOT

CONFIG = {
    "src": ".",
    "schema": "schema.graphql",
    "language": "javascript",
    "artifactDirectory": "made",
    "eagerEsModules": False,
    "schemaConfig": {"nodeInterfaceIdField": "id"},
}


async def compiled(place: Path) -> Path:
    """Lay out a small project and compile its documents; return the folder of the artifacts."""
    shutil.copy(ROOT / "schema.graphql", place)
    shutil.copy(FOLDER / "relay" / "tickets.js", place)
    (place / "made").mkdir()
    (place / "relay.config.json").write_text(json.dumps(CONFIG))
    compiler = await asyncio.create_subprocess_exec(
        *("node", FOLDER / "node_modules" / "relay-compiler" / "cli.js", "relay.config.json"),
        cwd=place,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await compiler.communicate()
    assert compiler.returncode == 0, output.decode()
    return place / "made"


@pytest.mark.timeout(200)
async def test_relay_pages_refetches_writes_and_listens(desk: Desk, node: Node, tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    made = await compiled(project)
    operations = {"ticketsListQuery", "ticketsPageQuery", "ticketsArticlesQuery", "ticketsChangesSubscription"}
    assert operations <= {file.name.removesuffix(".graphql.js") for file in made.iterdir()}
    assert await node("relay.mjs", desk.house.url, str(made)) == ""
