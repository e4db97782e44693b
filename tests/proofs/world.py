"""Real processes of a house: servers, workers, a Redis and a mail server of our own, killed as a proof wants."""

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from pathlib import Path
from typing import Any

import httpx2
from aiosmtpd.controller import Controller

from tests.kit.redis_world import free_port, redis_server

PASSWORD = "a password for proofs"
ROOT = Path(__file__).parents[2]
START_SECONDS = 60


@dataclass
class Place:
    """Where a house lives: what its processes find in their environment."""

    folder: Path
    database_url: str
    redis_port: int | None = None
    smtp_url: str | None = None

    @property
    def environment(self) -> dict[str, str]:
        """The environment of each of its processes."""
        given = {
            "TESSERA_DATA": str(self.folder / "data"),
            "TESSERA_DATABASE_URL": self.database_url,
            "TESSERA_REDIS_URL": f"redis://127.0.0.1:{self.redis_port}/0" if self.redis_port else None,
            "TESSERA_SMTP_URL": self.smtp_url,
            "TESSERA_ADMIN_PASSWORD": PASSWORD,
            "TESSERA_SECRET": "a secret for proofs",
            "TESSERA_RATE_LIMIT": "0",
            "TESSERA_LOG_LEVEL": "ERROR",
        }
        own = {name: value for name, value in os.environ.items() if not name.startswith("TESSERA_")}
        return own | {name: value for name, value in given.items() if value is not None}

    @contextmanager
    def process(self, *command: str) -> Iterator[subprocess.Popen[bytes]]:
        """Run a command of the house, killed with SIGKILL at the end of the block; it logs to `processes.log`."""
        with (self.folder / "processes.log").open("ab") as output:
            child = subprocess.Popen(
                [sys.executable, "-m", "tessera", *command],
                env=self.environment,
                stdout=output,
                stderr=output,
                cwd=ROOT,
            )
        try:
            yield child
        finally:
            child.send_signal(signal.SIGKILL)
            child.wait()

    @contextmanager
    def server(self, port: int) -> Iterator[subprocess.Popen[bytes]]:
        """Run a server on a port of loopback."""
        with self.process("serve", "--port", str(port)) as child:
            yield child

    @contextmanager
    def worker(self) -> Iterator[subprocess.Popen[bytes]]:
        """Run a worker."""
        with self.process("work") as child:
            yield child

    @contextmanager
    def redis(self) -> Iterator[None]:
        """Run the house's Redis, which keeps nothing."""
        assert self.redis_port is not None
        with redis_server(self.redis_port, self.folder):
            yield

    async def run(self, *command: str) -> tuple[int, str]:
        """Run a command of the house to its end; return its exit code and everything it said."""
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "tessera", *command),
            env=self.environment,
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await child.communicate()
        assert child.returncode is not None
        return child.returncode, output.decode()

    def log(self) -> str:
        """Return what the processes logged."""
        return (self.folder / "processes.log").read_text()


def address(port: int) -> str:
    return f"http://127.0.0.1:{port}"


async def listening(port: int) -> None:
    """Wait until the server on a port answers."""
    deadline = time.monotonic() + START_SECONDS
    async with httpx2.AsyncClient(base_url=address(port)) as http:
        while True:
            with suppress(httpx2.TransportError):
                if (await http.get("/health")).json()["database"]["ok"]:
                    return
            assert time.monotonic() < deadline, "the server did not start"
            await asyncio.sleep(0.05)


class Unanswered(Exception):
    """Nobody knows whether it happened: the answer got lost."""


@dataclass
class Caller:
    """A client of one or of several servers of the same house."""

    ports: tuple[int, ...]
    token: str | None = None

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[httpx2.AsyncClient]:
        """Open a connection to any of the servers."""
        # loopback has no certificates, and to load those of the world for each connection takes longer than an answer
        async with httpx2.AsyncClient(base_url=address(random.choice(self.ports)), timeout=30, verify=False) as http:
            yield http

    async def ask(self, document: str, http: httpx2.AsyncClient | None = None, **variables: Any) -> Any:
        """Return the data of an operation.

        Raises `Unanswered` when the connection broke, and `AssertionError` for an error in the answer.
        """
        if http is None:
            async with self.opened() as opened:
                return await self.ask(document, opened, **variables)
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        body = {"query": document, "variables": variables}
        try:
            answer = (await http.post("/graphql", json=body, headers=headers)).json()
        except (httpx2.TransportError, httpx2.ProtocolError) as error:
            raise Unanswered from error
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    async def change(self, document: str, http: httpx2.AsyncClient | None = None, **variables: Any) -> Any:
        """Return the payload of a document's one mutation, which must have no user errors.

        Too many collisions with other writers are nothing wrong: it is sent again.
        """
        while True:
            (payload,) = (await self.ask(document, http, **variables)).values()
            errors = payload.pop("userErrors")
            if [error["reason"] for error in errors] != ["busy"]:
                break
        assert errors == [], errors
        return payload

    async def insist(self, document: str, **variables: Any) -> Any:
        """Like `change`, again with the very same variables until an answer arrives."""
        while True:
            try:
                return await self.change(document, **variables)
            except Unanswered:
                await asyncio.sleep(0.05)

    async def sign_in(self, login: str = "admin", password: str = PASSWORD) -> "Caller":
        """Get a token."""
        document = """mutation($login: String!, $password: String!) {
            sessionCreate(login: $login, password: $password) { accessToken userErrors { reason message } } }"""
        payload = await self.insist(document, login=login, password=password)
        self.token = payload["accessToken"]
        return self


@dataclass
class Mailbox:
    """A mail server that keeps what it accepts: the ids of the mails by the subject's last word."""

    ids: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Take a mail."""
        message = message_from_bytes(envelope.content)
        self.ids[str(message["Subject"]).split()[-1]].append(str(message["Message-ID"]))
        return "250 Kept"

    @contextmanager
    def listening(self) -> Iterator[str]:
        """Listen in a thread; give the server's URL."""
        controller = Controller(self, hostname="127.0.0.1", port=free_port())
        controller.start()
        try:
            yield f"smtp://127.0.0.1:{controller.port}"
        finally:
            controller.stop()


async def eventually(condition: Callable[[], Awaitable[object]], *, within: float) -> None:
    """Wait until a condition holds; fail after so many seconds."""
    deadline = time.monotonic() + within
    while not await condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        await asyncio.sleep(0.1)


async def keep_killing(
    run: Callable[[], AbstractContextManager[object]],
    *,
    end: float,
    lives: tuple[float, float],
    ready: Callable[[], Awaitable[None]] | None = None,
) -> int:
    """Run something again and again until the end; return how often it was killed.

    Each life takes a random number of seconds, counted from when it is `ready`.
    """
    kills = 0
    while time.monotonic() < end:
        with run():
            if ready is not None:
                await ready()
            await asyncio.sleep(random.uniform(*lives))
        kills += 1
    return kills
