"""The README's walk and what `make demo` says to try, done word for word in a shell against a real demo desk."""

import asyncio
import contextlib
import json
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.desk import until

pytestmark = pytest.mark.timeout(300)

ROOT = Path(__file__).resolve().parents[2]
WALK = re.compile(r"^## Five minutes to a first ticket$(.*?)^## ", re.MULTILINE | re.DOTALL)
SHELL = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMANDS = re.compile(r"^  \d\. .*:\n((?:     .*\n)+)", re.MULTILINE)
STARTED = "Three things to try"


@asynccontextmanager
async def demo_desk(data: Path) -> AsyncIterator[tuple[str, str]]:
    """Run `tessera demo`; yield its address and everything it said."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tessera", "demo", "--port", str(port)),
        env={**os.environ, "TESSERA_DATA": str(data)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout is not None
    said = ""
    try:
        async with asyncio.timeout(200):
            while STARTED not in said or "mail deliver" not in said:
                line = await process.stdout.readline()
                assert line, said
                said += line.decode()
        await until(lambda: _listens(port), what="the desk")
        yield f"http://127.0.0.1:{port}", said
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        await process.communicate()


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


async def shell(script: str, data: Path) -> str:
    """Run a script as a newcomer's shell would, but end at the first failure; return what it printed."""
    process = await asyncio.create_subprocess_exec(
        *("bash", "-euo", "pipefail", "-c", script),
        env={**os.environ, "TESSERA_DATA": str(data), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
    return output.decode()


def readme_blocks() -> list[str]:
    walk = WALK.search((ROOT / "README.md").read_text(encoding="utf-8"))
    assert walk is not None
    return SHELL.findall(walk[1])


async def test_the_readmes_walk_and_the_three_things_to_try_work_word_for_word(tmp_path: Path) -> None:
    blocks = readme_blocks()
    assert len(blocks) >= 4
    async with demo_desk(tmp_path) as (address, said):
        script = "\n".join(blocks).replace("http://127.0.0.1:8000", address)
        assert address in script
        answers = _answers(await shell(script, tmp_path))
        assert all("errors" not in answer for answer in answers), answers
        listed, noted, told = (answer["data"] for answer in answers)
        assert listed["tickets"]["totalCount"] > 5
        assert all(node["queue"]["path"] for node in listed["tickets"]["nodes"])
        assert noted["articleCreate"] == {"article": {"number": 2, "channel": "note"}, "userErrors": []}
        assert [event["kind"] for event in told["ticket"]["history"]["nodes"]] == [
            "ticket.created",
            "article.added",
            "article.added",
        ]
        await _try_three_things(said, tmp_path)


def _answers(printed: str) -> list[Any]:
    """Read the JSON objects that stand one behind the other."""
    decoder, found, rest = json.JSONDecoder(), [], printed.strip()
    while rest:
        answer, end = decoder.raw_decode(rest)
        found.append(answer)
        rest = rest[end:].strip()
    return found


async def _try_three_things(said: str, data: Path) -> None:
    sign_in, listing, mail = COMMANDS.findall(said)
    (session,) = _answers(await shell(sign_in, data))
    token = session["data"]["sessionCreate"]["accessToken"]
    assert isinstance(token, str)
    (listed,) = _answers(await shell(listing.replace("TOKEN", token), data))
    before = listed["data"]["tickets"]["totalCount"]
    assert await shell(mail, data)

    async def one_more() -> bool:
        (answer,) = _answers(await shell(listing.replace("TOKEN", token), data))
        tickets = answer["data"]["tickets"]
        return tickets["totalCount"] == before + 1 and "Hello" in json.dumps(tickets["nodes"])

    await until(one_more, what="the mail's ticket")
