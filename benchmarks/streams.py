# ruff: noqa: S101, S106 - a tool for developers, with a secret of its own
"""Deliveries a second and memory of a socket: many WebSockets that follow one stream of one server.

`python -m benchmarks.streams deliveries|idle [SOCKETS]` prints one JSON object. `measure` is for other programs.
"""

import asyncio
import json
import resource
import select
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import uvloop

from tessera.access import queries as access
from tessera.access import service as access_service
from tessera.accounts import service as accounts
from tessera.accounts.models import Agent
from tessera.kit.actor import ActorKind
from tessera.kit.db.migrations import migrate
from tessera.kit.ids import ObjectRef, key_of
from tessera.kit.secrets import hash_password
from tessera.kit.unit import Unit
from tessera.testing.house import PASSWORD, House, base_assembly, serve_house
from tessera.tickets.events import TitleChanged

DOCUMENT = """subscription { ticketEvents { cursor event { id kind at summary actor { name }
    ticket { id number title queue { id name } state { id name type } priority { name } owner { name } } } } }"""
QUEUE_CREATE = "mutation($input: QueueCreateInput!) { queueCreate(input: $input) { queue { id } } }"
TICKET_CREATE = "mutation($input: TicketCreateInput!) { ticketCreate(input: $input) { ticket { id } } }"
TEXT, SHORT, LENGTHS = 0x81, 126, {126: 2, 127: 8}
"""What a text frame begins with, the first size that has bytes of its own, and how many those are."""

PROTOCOL = "graphql-transport-ws"
AGENTS = 10
"""Different agents with the same rights, in turn: they share as well."""

SETTLED = 3.0
"""Seconds that all subscriptions need to begin."""

HANDSHAKE = (
    "GET /graphql HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    f"Sec-WebSocket-Protocol: {PROTOCOL}\r\n\r\n"
).encode()


@dataclass(frozen=True)
class Measured:
    """What a run cost the server: CPU in seconds, memory in kilobytes."""

    sockets: int
    events: int
    deliveries: int
    cpu: float
    cpu_without_sockets: float
    seconds: float
    kilobytes_before: int
    kilobytes: int

    @property
    def per_second(self) -> float:
        """Deliveries in a second of one core, the work of writing the events not counted."""
        return self.deliveries / max(self.cpu - self.cpu_without_sockets, 1e-9)


class Herd:
    """Many WebSockets in one thread; each follows the document."""

    def __init__(self, port: int, tokens: list[str], size: int) -> None:
        self.heard = 0
        self._poll = select.epoll()
        self._sockets: dict[int, socket.socket] = {}
        self._rest: dict[int, bytes] = {}
        for number in range(size):
            self._open(port, tokens[number % len(tokens)])

    def _open(self, port: int, token: str) -> None:
        connection = socket.create_connection(("127.0.0.1", port))
        connection.sendall(HANDSHAKE)
        head = b""
        while b"\r\n\r\n" not in head:
            head += connection.recv(4096)
        _say(connection, {"type": "connection_init", "payload": {"Authorization": f"Bearer {token}"}})
        connection.recv(4096)
        _say(connection, {"id": "1", "type": "subscribe", "payload": {"query": DOCUMENT}})
        connection.setblocking(False)  # noqa: FBT003 - the standard library's signature
        self._sockets[connection.fileno()] = connection
        self._rest[connection.fileno()] = b""
        self._poll.register(connection.fileno(), select.EPOLLIN)

    def hear(self, deliveries: int, within: float) -> None:
        """Read until so many messages were heard, or so many seconds have passed."""
        end = time.monotonic() + within
        while self.heard < deliveries and time.monotonic() < end:
            for number, _ in self._poll.poll(0.5):
                found, self._rest[number] = _messages(self._rest[number] + self._sockets[number].recv(1 << 20))
                self.heard += found

    def close(self) -> None:
        """Hang up."""
        for connection in self._sockets.values():
            connection.close()
        self._poll.close()


def _say(connection: socket.socket, message: object) -> None:
    """Send a message in a masked frame; the mask is zero."""
    text = json.dumps(message).encode()
    length = bytes([0x80 | len(text)]) if len(text) < SHORT else bytes([0x80 | SHORT]) + len(text).to_bytes(2, "big")
    connection.sendall(bytes([TEXT]) + length + bytes(4) + text)


def _messages(data: bytes) -> tuple[int, bytes]:
    """Count the whole text frames at the beginning of what came; return also what is left."""
    found = start = 0
    while len(data) >= start + 2:
        size, head = data[start + 1], 2
        if size >= SHORT:
            head += LENGTHS[size]
            size = int.from_bytes(data[start + 2 : start + head], "big")
        if len(data) < start + head + size:
            break
        found += data[start] == TEXT
        start += head + size
    return found, data[start:]


async def serve() -> None:
    """Serve a small house for the parent process: say where, then write as many events as each line asks for."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/house.sqlite3"
        await migrate(url, base_assembly().apps)
        async with serve_house(url, Path(folder), secret="a secret for benchmarks alone") as house:
            tokens = [await _agent(house, number) for number in range(AGENTS)]
            ticket = await _ticket(house)
            print(json.dumps({"port": int(house.url.rpartition(":")[2]), "tokens": tokens}), flush=True)
            event = TitleChanged(subject=ObjectRef("ticket", ticket), before="Old", after="New")
            loop = asyncio.get_running_loop()
            while line := await loop.run_in_executor(None, sys.stdin.readline):
                for _ in range(int(line)):
                    await house.run(lambda unit: unit.record(event))
                print("done", flush=True)


async def _agent(house: House, number: int) -> str:
    """Make an administrator; return an access token."""
    password_hash = await hash_password(PASSWORD)

    async def work(unit: Unit) -> None:
        agent = await accounts.create_agent(
            unit, login=f"agent{number}", name=f"Agent {number}", email=None, password_hash=password_hash
        )
        await access_service.grant_role(unit, agent, await access.role_named("Administrators"))

    await house.run(work)
    login = f"agent{number}"
    units = house.runtime.units
    tokens = await accounts.sign_in(units, kind=ActorKind.AGENT, login=login, password=PASSWORD, peer=login)
    return tokens.access_token


async def _ticket(house: House) -> int:
    """Open a ticket; return its key."""
    agent = await Agent.get(login_key="agent0")
    actor = await access.actor_for(ActorKind.AGENT, agent.id)
    groups = (await house.ask("{ groups { id name } }", actor=actor))["groups"]
    users = next(group["id"] for group in groups if group["name"] == "users")
    queue = {"name": "Benchmark", "groupId": users, "emailAddress": "benchmark@desk.test"}
    made = await house.ask(QUEUE_CREATE, {"input": queue}, actor=actor)
    article = {"channel": "phone", "body": "Lorem ipsum"}
    ticket = {"title": "Benchmark", "queueId": made["queueCreate"]["queue"]["id"], "article": article}
    opened = await house.ask(TICKET_CREATE, {"input": ticket}, actor=actor)
    return key_of(opened["ticketCreate"]["ticket"]["id"], "Ticket")


class Server:
    """The measured server, a process of its own."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        where = json.loads(self._line())
        self.port: int = where["port"]
        self.tokens: list[str] = where["tokens"]

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def write(self, events: int) -> None:
        """Begin to write events."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{events}\n")
        self._process.stdin.flush()

    def written(self) -> None:
        """Wait until they are written."""
        self._line()

    @property
    def cpu(self) -> float:
        """Seconds of CPU so far, of all threads."""
        tasks = Path(f"/proc/{self._process.pid}/task").glob("*/schedstat")
        return sum(int(each.read_text().split()[0]) for each in tasks) / 1e9

    @property
    def kilobytes(self) -> int:
        """Resident memory."""
        pages = int(Path(f"/proc/{self._process.pid}/statm").read_text().split()[1])
        return pages * resource.getpagesize() // 1024


@contextmanager
def server() -> Iterator[Server]:
    """Run the server as long as it is needed."""
    command = [sys.executable, "-m", "benchmarks.streams", "serve"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Server(process)
        process.kill()


def measure(sockets: int, events: int) -> Measured:
    """Let sockets follow the events of one server; without events, the sockets are only there."""
    with server() as running:
        running.write(events or 1)
        running.written()  # what happens only once has happened
        before = running.cpu
        running.write(events)
        running.written()
        alone, kilobytes_before = running.cpu - before, running.kilobytes
        herd = Herd(running.port, running.tokens, sockets)
        time.sleep(SETTLED)
        before, began = running.cpu, time.monotonic()
        running.write(events)
        herd.hear(sockets * events, within=300)
        running.written()
        spent, seconds = running.cpu - before, time.monotonic() - began
        found = Measured(sockets, events, herd.heard, spent, alone, seconds, kilobytes_before, running.kilobytes)
        herd.close()
    return found


def main() -> None:
    """Do what the command line says."""
    what, *more = sys.argv[1:]
    if what == "serve":
        uvloop.run(serve())
        return
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    sockets, events = (1000, 100) if what == "deliveries" else (10_000, 0)
    found = measure(int(more[0]) if more else sockets, events)
    print(json.dumps({**asdict(found), "per_second": round(found.per_second)}))


if __name__ == "__main__":
    main()
