"""A real desk behind real sockets: HTTP, WebSocket and SMTP, and the people who work and ask there."""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, TypeVar

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from tessera.access import queries as access_queries
from tessera.access import service as access
from tessera.access.models import Group
from tessera.accounts import service as accounts
from tessera.kit.actor import RIGHTS, ActorKind
from tessera.kit.secrets import hash_password
from tessera.kit.unit import Unit
from tessera.mail.service import receive
from tessera.queues import service as queues
from tessera.testing.fixtures import SECRET
from tessera.testing.house import PASSWORD, House, serve_house
from tessera_client import ArticleInput, TesseraClient, TicketCreateInput
from tessera_client.fragments import (
    ArticlePayloadFields,
    TicketFields,
    TicketPayloadFields,
    TicketStoryFields,
    UserErrorFields,
)

ResultT = TypeVar("ResultT")

PATIENCE = 60.0
"""Seconds within which what was set going must have happened."""

journey = [
    pytest.mark.parametrize(
        "database_kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.long)], indirect=True
    ),
    pytest.mark.timeout(300),
]
"""Marks of a module of journeys: on which databases they are made, and the time they have."""


@dataclass
class Inbox:
    """A mail server that takes every mail; the mails it got, in order."""

    port: int = 0
    mails: list[tuple[list[str], EmailMessage]] = field(default_factory=list)
    _came: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        content = envelope.content
        assert isinstance(content, bytes)
        self.mails.append((list(envelope.rcpt_tos), message_from_bytes(content, policy=policy.default)))
        self._came.set()
        return "250 OK"

    async def wait(self, count: int) -> EmailMessage:
        """Wait for the mail with a number, from 1; return it."""
        async with asyncio.timeout(PATIENCE):
            while len(self.mails) < count:
                self._came.clear()
                await self._came.wait()
        return self.mails[count - 1][1]


@dataclass
class Desk:
    """An open desk; its people's password is `PASSWORD`."""

    house: House
    inbox: Inbox
    data: Path
    _stack: AsyncExitStack
    states: Mapping[str, str] = field(default_factory=dict)
    queues: Mapping[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Where the API is."""
        return f"{self.house.url}/graphql"

    async def client(self, token: str | None = None) -> TesseraClient:
        """Give a client, nobody's without a token; it is closed with the desk."""
        return await self._stack.enter_async_context(TesseraClient(self.url, token=token))

    async def agent(self, login: str) -> TesseraClient:
        """Sign an agent in."""
        return await self._sign_in(login, as_customer_user=False)

    async def customer(self, login: str) -> TesseraClient:
        """Sign a customer user in."""
        return await self._sign_in(login, as_customer_user=True)

    async def _sign_in(self, login: str, *, as_customer_user: bool) -> TesseraClient:
        client = await self.client()
        session = await client.session_create(login, PASSWORD, as_customer_user)
        assert session.access_token is not None, session.user_errors
        client.token = session.access_token
        return client

    async def run(self, *command: str, stdin: bytes = b"") -> tuple[int, str]:
        """Run a `tessera` command on this desk in a process of its own; return exit code and output."""
        environment = {
            **os.environ,
            "TESSERA_DATA": str(self.data),
            "TESSERA_DATABASE_URL": self.house.config.database,
            "TESSERA_SECRET": SECRET,
        }
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tessera", *command),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=environment,
        )
        output, _ = await process.communicate(stdin)
        return process.returncode or 0, output.decode()

    async def deliver(self, mail: EmailMessage, *options: str) -> None:
        """Pipe a mail into the desk as a mail server would."""
        code, output = await self.run("mail", "deliver", *options, stdin=mail.as_bytes())
        assert code == 0, output

    async def drop(self, letter: EmailMessage) -> None:
        """Take a mail in without a pipe, for journeys that are about something else."""
        await receive(self.house.runtime.units, letter.as_bytes(), source="pipe")

    async def crowd(self, count: int) -> list[TesseraClient]:
        """Let new agents of the first level in, by API tokens."""

        async def hire(unit: Unit) -> list[int]:
            group = await access_queries.group_named("first level")
            names = [f"agent{number}" for number in range(count)]
            agents = [
                await accounts.create_agent(unit, login=name, name=name.title(), email=f"{name}@desk.example")
                for name in names
            ]
            for agent in agents:
                await access.grant_rights(unit, agent, group, RIGHTS)
            return [agent.id for agent in agents]

        clients = []
        for key in await self.house.run(hire):
            actor = await access_queries.actor_for(ActorKind.AGENT, key)
            assert actor is not None
            _, token = await self.house.run(lambda unit: accounts.issue_token(unit, name="crowd"), actor=actor)
            clients.append(await self.client(token))
        return clients

    async def open(self, client: TesseraClient, title: str = "A lamp flickers", **values: Any) -> TicketFields:
        """Open a ticket by the API."""
        values = {"queue_id": self.queues["Support::1st Level"], "article": ArticleInput(body="Please help."), **values}
        return ticket_of(await client.ticket_create(TicketCreateInput(title=title, **values)))


def ticket_of(payload: TicketPayloadFields | ArticlePayloadFields) -> TicketFields:
    """Return the ticket of a mutation that told no problem."""
    assert payload.user_errors == [], payload.user_errors
    assert payload.ticket is not None
    return payload.ticket


def only(errors: Sequence[UserErrorFields]) -> UserErrorFields:
    """Return the one problem a mutation told."""
    (error,) = errors
    return error


async def story(client: TesseraClient, ticket_id: str) -> TicketStoryFields:
    """Read a ticket with everything around it."""
    found = await client.ticket(ticket_id)
    assert found is not None
    return found


async def until(condition: Callable[[], Awaitable[ResultT]], *, what: str) -> ResultT:
    """Ask again and again until there is an answer that counts as true; return it."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            while not (found := await condition()):  # noqa: ASYNC110 - it happens behind a socket
                await asyncio.sleep(0.05)
            return found
    pytest.fail(f"{what} did not come in {PATIENCE} s")


@asynccontextmanager
async def listening(stream: AsyncIterator[ResultT]) -> AsyncIterator[AsyncIterator[ResultT]]:
    """Listen to a stream of the client, and hang up at the end."""
    try:
        yield stream
    finally:
        assert isinstance(stream, AsyncGenerator)
        await stream.aclose()


@asynccontextmanager
async def open_desk(database_url: str, data: Path, **environment: Any) -> AsyncIterator[Desk]:
    """Open a desk with its mail server and its people; `environment` configures it further."""
    inbox = Inbox()
    loop = asyncio.get_running_loop()
    mail_server = await loop.create_server(lambda: SMTP(inbox, loop=loop), "127.0.0.1", 0)
    inbox.port = mail_server.sockets[0].getsockname()[1]
    smtp_url = f"smtp://127.0.0.1:{inbox.port}?starttls=never"
    async with (
        mail_server,
        serve_house(database_url, data, secret=SECRET, smtp_url=smtp_url, **environment) as house,
        AsyncExitStack() as stack,
    ):
        password_hash = await hash_password(PASSWORD)
        await house.run(lambda unit: _move_in(unit, password_hash))
        desk = Desk(house, inbox, data, stack)
        anna = await desk.agent("anna")
        desk.states = {state.name: state.id for state in await anna.ticket_states()}
        desk.queues = {queue.path: queue.id for queue in await anna.queues()}
        yield desk


async def _move_in(unit: Unit, password_hash: str) -> None:
    support = await access.create_group(unit, name="support")
    first_level = await access.create_group(unit, name="first level")
    top = await queues.create_queue(unit, name="Support", group=support, email_address="support@desk.example")
    await queues.create_queue(unit, name="1st Level", parent=top, group=first_level, email_address="help@desk.example")
    for login, name in (("anna", "Anna Abel"), ("ben", "Ben Baptiste"), ("cleo", "Cleo Costa"), ("nora", "Nora None")):
        agent = await accounts.create_agent(
            unit, login=login, name=name, email=f"{login}@desk.example", password_hash=password_hash
        )
        if login == "anna":
            await access.grant_role(unit, agent, await access_queries.role_named("Administrators"))
            for group in await Group.all():
                await access.grant_rights(unit, agent, group, RIGHTS)
        elif login != "nora":
            await access.grant_rights(unit, agent, first_level, RIGHTS)
    example = await accounts.create_customer(unit, number="EXAMPLE", name="Example Ltd")
    other = await accounts.create_customer(unit, number="OTHER", name="Other Ltd")
    for login, customer in (("carla", example), ("dmitri", example), ("esra", other)):
        await accounts.create_customer_user(
            unit,
            login=login,
            name=login.title(),
            email=f"{login}@customer.example",
            customer=customer,
            password_hash=password_hash,
        )


def mail(subject: str, body: str, **headers: str) -> EmailMessage:
    """Write a mail from carla to the first level."""
    message = EmailMessage()
    defaults = {
        "From": "Carla Conti <carla@customer.example>",
        "To": "help@desk.example",
        "Date": "Sat, 21 Nov 2026 10:00:00 +0000",
        "Message-ID": f"<{abs(hash((subject, body)))}@customer.example>",
    }
    for name, value in {**defaults, **{key.replace("_", "-"): value for key, value in headers.items()}}.items():
        message[name] = value
    message["Subject"] = subject
    message.set_content(body)
    return message
