"""A client that was generated from the kernel's schema works unchanged where packages are."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from tessera.accounts import service as accounts
from tessera.assembly import Assembly, assemble
from tessera.kit.config import Config
from tessera.testing.house import House, assembly_of
from tests.tickets.desk import gid
from tools.setup.client import ENVIRONMENT, generate

faq = pytest.importorskip("tests.faq.world", reason="the packages are not here")
masterslave = pytest.importorskip("tests.masterslave.crowd", reason="the packages are not here")

PACKAGES = ("faq", "masterslave")
SCRIPT = Path(__file__).parent / "kernel_client.py"
MORE = """
query Thing($id: ID!) { node(id: $id) { id ... on Ticket { title } ... on Agent { login } } }
query Find($query: String!) { search(query: $query) { kind id title snippet score } }
query Shelf { packages { name state version } }
"""

pytestmark = pytest.mark.skipif(not ENVIRONMENT.is_dir(), reason="the generator is not here: run `make client-check`")


@pytest.fixture
def assembly() -> Assembly:
    """Give the kernel with both packages."""
    return assembly_of(*PACKAGES)


async def test_a_client_of_the_kernel_alone_meets_both_packages(served: House, tmp_path: Path) -> None:
    sdl = assemble(Config(), packages=()).schema.sdl
    assert not any(f'@package(name: "{label}")' in sdl for label in PACKAGES)
    package = await asyncio.to_thread(generate, tmp_path, schema=sdl, more=MORE)

    world = await faq.World.furnish(served)
    item = await world.item()
    everything = tuple(served.runtime.assembly.permissions)
    mira = await world.desk.agent_with("mira", ("rw",), permissions=everything)
    master, _ = await masterslave.Crowd(served, world.desk, mira).group()
    ids = (gid(master), faq.gid(item), faq.gid(world.category), gid(await world.desk.agent(mira)))
    _, token = await served.run(lambda unit: accounts.issue_token(unit, name="old"), actor=mira)
    await served.drain()
    seen = await _told(package, served.url, token, *ids)

    assert set(PACKAGES) <= set(seen["packages"])
    assert {"faq.edit", "masterslave.manage"} <= set(seen["permissions"])
    assert {"faq.languages", "masterslave.cascades"} <= set(seen["settings"])
    assert seen["nodes"] == [master.title, faq.gid(item), faq.gid(world.category), "mira"]
    assert "masterslave.attached" in seen["history"]
    assert "masterslave.attached" in seen["heard"]
    assert "faq.item" in seen["hits"]


async def _told(package: Path, *words: str) -> Any:
    """Run the script with a generated client in front of the house's own."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(SCRIPT), *words),
        env={**os.environ, "PYTHONPATH": str(package.parent)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    return json.loads(said)
