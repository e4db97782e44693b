"""A server as people start it, its processes, and signals to any of them."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

PASSWORD = "a password for servers"
ADDRESS = re.compile(r"listens on (http://\S+)/graphql")
START_SECONDS = 100


def environment(data: Path, given: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a house's processes."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("TESSERA_")}
    house = {"TESSERA_DATA": str(data), "TESSERA_ADMIN_PASSWORD": PASSWORD, "TESSERA_RATE_LIMIT": "0"}
    return own | house | dict(given)


@dataclass
class Server:
    """A running `tessera serve`, or any other command that is a server."""

    process: asyncio.subprocess.Process
    log: Path
    url: str = ""

    @property
    def generations(self) -> list[int]:
        """The process ids of what the supervisor started."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(each) for each in children.read_text().split()] if children.exists() else []

    def signal(self, number: signal.Signals) -> None:
        """Send the supervisor a signal."""
        self.process.send_signal(number)

    async def ended(self) -> int:
        """Wait for the supervisor's end; return its exit code."""
        async with asyncio.timeout(60):
            return await self.process.wait()

    async def only(self, *, beside: int) -> int:
        """Wait until one generation is there, and another than before; return its process id."""

        async def found() -> int | None:
            now = self.generations
            return now[0] if len(now) == 1 and now[0] != beside else None

        process: int = await until(found, what="the next generation")
        return process

    async def ready(self) -> bool:
        """Say whether it answers."""
        try:
            return bool((await self.health())["ready"])
        except httpx2.TransportError:
            return False

    async def settled_memory(self) -> int:
        """Wait until one generation is there; return the bytes that it and the supervisor hold."""
        await self.only(beside=0)
        return sum(_held(process) for process in (self.process.pid, *self.generations))

    async def health(self) -> dict[str, Any]:
        """Ask how it is."""
        async with httpx2.AsyncClient(base_url=self.url, timeout=60) as http:
            report: dict[str, Any] = (await http.get("/health")).json()
            return report


async def until(condition: Callable[[], Awaitable[Any]], *, what: str, seconds: float = START_SECONDS) -> Any:
    """Ask again and again until there is an answer that counts as true; return it."""
    async with asyncio.timeout(seconds) as limit:
        while not (found := await condition()):
            assert not limit.expired(), what
            await asyncio.sleep(0.05)
        return found


@asynccontextmanager
async def serve(data: Path, *command: str, **given: str) -> AsyncIterator[Server]:
    """Run `tessera serve`, or another command, on a free port; whatever lives at the end is killed."""
    data.mkdir(parents=True, exist_ok=True)
    log = data / "log"
    with log.open("ab") as errors:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tessera", *(command or ("serve", "--port", "0"))),
            env=environment(data, given),
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
        )
    server = Server(process, log)
    try:
        if not command:
            server.url = await _address(process, log)
            await until(server.ready, what="the first answer")
        yield server
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def command(data: Path, *words: str, **given: str) -> str:
    """Run `tessera` beside a server of this data folder until it ends well; return what it prints."""
    code, said = await tried(data, *words, **given)
    assert code == 0, said
    return said


async def tried(data: Path, *words: str, **given: str) -> tuple[int, str]:
    """Run `tessera` likewise; return its exit code and what it prints, on whichever stream."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tessera", *words),
        env=environment(data, given),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


def _held(process: int) -> int:
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


async def _address(process: asyncio.subprocess.Process, log: Path) -> str:
    assert process.stdout is not None
    async with asyncio.timeout(START_SECONDS):
        async for line in process.stdout:
            if told := ADDRESS.search(line.decode()):
                return told[1]
    raise AssertionError(log.read_text())
