import asyncio
import smtplib
import socket
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tessera.kit.db import Contention, in_background
from tessera.kit.jobs import Job
from tessera.mail import service
from tessera.mail._fetching import fetch
from tessera.mail._health import check
from tessera.mail._imap import ImapMailbox
from tessera.mail._listener import listen
from tessera.mail._mailbox import Access, MailboxError
from tessera.mail._opened import Opened
from tessera.mail.models import IncomingMessage, MailAccount, OutgoingMessage
from tessera.mail.settings import LISTENER, LISTENER_KNOWN_ONLY, LISTENER_PORT, MAX_BYTES
from tessera.settings import service as settings
from tessera.testing.house import House
from tests.mail.dovecot import LOGIN, PASSWORD, Dovecot, dovecot_server, needs_dovecot
from tests.mail.office import CARLA, DESK, SALES, Office, letter, open_office


@pytest_asyncio.fixture
async def dovecot() -> AsyncIterator[Dovecot]:
    """A mail server with one user."""
    with tempfile.TemporaryDirectory(prefix="tessera-dovecot-", ignore_cleanup_errors=True) as folder:
        async with dovecot_server(Path(folder)) as server:
            yield server


async def account(office: Office, server: Dovecot, protocol: str = "imap", **values: Any) -> MailAccount:
    given: dict[str, Any] = {
        "name": "Main",
        "protocol": protocol,
        "host": "127.0.0.1",
        "port": server.imap if protocol == "imap" else server.pop3,
        "security": "none",
        "login": LOGIN,
        "password": PASSWORD,
    }
    return await office.house.run(lambda unit: service.create_account(unit, **given | values))


async def until(condition: Callable[[], Awaitable[object]], seconds: float = 20.0) -> None:
    """Wait for something to become true."""
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110 - the database calls nobody
            await asyncio.sleep(0.05)


@needs_dovecot
@pytest.mark.parametrize("protocol", ["imap", "pop3"])
async def test_a_mailbox_is_emptied_and_every_mail_kept_first(office: Office, dovecot: Dovecot, protocol: str) -> None:
    row = await account(office, dovecot, protocol, queue=office.sales)
    long_line = f"From: {CARLA}\nSubject: long\n\n{'y' * 5000}\n".encode()
    mails = [letter("one"), letter("two\n.\n..dots\n"), long_line]
    for number, raw in enumerate(mails):
        dovecot.put(f"{number}", raw.replace(b"\n", b"\r\n"))
    assert await fetch(office.house.runtime.units, row) == (3, None)
    assert dovecot.unseen() == []
    assert dovecot.everything() == ([] if protocol == "pop3" else ["0", "1", "2"])
    assert await fetch(office.house.runtime.units, row) == (0, None)
    await office.house.drain()
    rows = await IncomingMessage.all().order_by("id")
    assert [(each.source, each.state) for each in rows] == [(f"account:{row.id}", "filed")] * 3
    tickets = [await office.ticket(each) for each in rows]
    assert {ticket.queue_id for ticket in tickets} == {office.sales.id}
    bodies = [(await office.articles(ticket))[0].body for ticket in tickets]
    assert bodies == ["one\n", "two\n.\n..dots\n", "y" * 5000 + "\n"]
    row = await MailAccount.get(id=row.id)
    assert (row.problem, row.checked_at is not None) == (None, True)


@needs_dovecot
@pytest.mark.parametrize("protocol", ["imap", "pop3"])
async def test_what_cannot_be_kept_waits_in_the_mailbox(
    office: Office, dovecot: Dovecot, protocol: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_arguments: object, **_more: object) -> None:
        message = "the database is away"
        raise Contention(message)

    row = await account(office, dovecot, protocol)
    dovecot.put("1", letter())
    with monkeypatch.context() as patched:
        patched.setattr("tessera.mail.service.receive", away)
        with pytest.raises(Contention):
            await fetch(office.house.runtime.units, row)
    assert dovecot.unseen() == ["1"]
    assert await fetch(office.house.runtime.units, row) == (1, None)
    assert await IncomingMessage.all().count() == 1


@needs_dovecot
async def test_a_mail_that_came_before_is_not_filed_again(office: Office, dovecot: Dovecot) -> None:
    row = await account(office, dovecot)
    dovecot.put("1", letter())
    dovecot.put("2", letter())
    await fetch(office.house.runtime.units, row)
    await office.house.drain()
    assert await IncomingMessage.all().count() == 1
    assert dovecot.unseen() == []


@needs_dovecot
async def test_a_mail_too_large_waits_and_is_told_of(office: Office, dovecot: Dovecot) -> None:
    await office.house.run(lambda unit: settings.change_setting(unit, MAX_BYTES, 1024))
    row = await account(office, dovecot)
    dovecot.put("1", letter("x" * 2000))
    dovecot.put("2", letter())
    kept, problem = await fetch(office.house.runtime.units, row)
    assert kept == 1
    assert problem is not None
    assert problem.startswith("1 mails are larger")
    assert dovecot.unseen() == ["1"]


@needs_dovecot
async def test_a_mailbox_that_does_not_open_is_a_problem_of_its_account(office: Office, dovecot: Dovecot) -> None:
    units = office.house.runtime.units
    wrong = await account(office, dovecot, name="wrong", password="wrong")
    closed = await account(office, dovecot, name="closed", port=9)
    strange = await account(office, dovecot, name="strange", security="tls", port=dovecot.imaps)
    for row in (wrong, closed, strange):
        kept, problem = await fetch(units, row)
        assert kept == 0
        assert problem
        assert PASSWORD not in problem
    health = await check(office.house.runtime.wiring)
    assert (health.ok, health.facts["accountsWithProblems"]) == (False, 3)
    assert any("wrong" in advice for advice in health.advice)


@needs_dovecot
@pytest.mark.parametrize(("security", "protocol"), [("tls", "imap"), ("starttls", "imap"), ("starttls", "pop3")])
async def test_encrypted_mailboxes_open_when_their_certificate_is_good(
    dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch, security: str, protocol: str, office: Office
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(dovecot.certificate))
    port = {"tls": dovecot.imaps, "imap": dovecot.imap, "pop3": dovecot.pop3}["tls" if security == "tls" else protocol]
    row = await account(office, dovecot, protocol, host="localhost", security=security, port=port)
    dovecot.put("1", letter())
    assert await fetch(office.house.runtime.units, row) == (1, None)


@needs_dovecot
async def test_a_working_house_hears_of_new_mails_at_once(served: House, dovecot: Dovecot) -> None:
    office = await open_office(served)
    await account(office, dovecot)
    await until(lambda: MailAccount.filter(checked_at__not_isnull=True).exists())
    dovecot.put("1", letter("first"))
    await until(lambda: IncomingMessage.filter(state="filed").exists())
    dovecot.put("2", letter("second"))
    await until(lambda: IncomingMessage.filter(state="filed", id__gt=1).exists())
    # the time of the next poll has not come: the mails announced themselves
    assert await Job.filter(name="mail.fetch").count() >= 2


@needs_dovecot
async def test_who_waits_for_announcements_can_be_cut_off(dovecot: Dovecot) -> None:
    access = Access("imap", "127.0.0.1", dovecot.imap, "none", LOGIN, PASSWORD)

    async def wait() -> None:
        async with Opened(ImapMailbox, access) as opened:
            await opened.call(opened.box.idle, 600.0)

    waiting = in_background(wait(), name="idle")
    await asyncio.sleep(0.5)
    waiting.cancel()
    async with asyncio.timeout(5):
        with pytest.raises(asyncio.CancelledError):
            await waiting


async def test_a_server_that_hangs_up_is_told_of() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(5)
        access = Access("imap", "127.0.0.1", server.getsockname()[1], "none", LOGIN, PASSWORD)

        def hang_up() -> None:
            server.accept()[0].close()

        hanging = asyncio.to_thread(hang_up)
        opening = asyncio.to_thread(ImapMailbox, access)
        _, error = await asyncio.gather(hanging, opening, return_exceptions=True)
        assert isinstance(error, MailboxError)


async def test_mail_is_well_until_something_is_stuck(office: Office) -> None:
    health = await check(office.house.runtime.wiring)
    assert (health.ok, health.facts["outgoing"]) == (True, "outbox")
    ticket = await office.ticket(await office.receive(letter()))
    await office.reply(ticket)
    await OutgoingMessage.all().update(state="failed")
    await IncomingMessage.all().update(state="quarantined")
    health = await check(office.house.runtime.wiring)
    assert (health.ok, health.facts["failed"], health.facts["quarantined"]) == (False, 1, 1)
    assert len(health.advice) == 2


class Listening:
    """The listener of an office, and a client of it."""

    def __init__(self, office: Office, port: int, protocol: str) -> None:
        self.office = office
        self._make = smtplib.LMTP if protocol == "lmtp" else smtplib.SMTP
        self._port = port

    async def send(self, raw: bytes, to: list[str], sender: str = CARLA) -> dict[str, tuple[int, bytes]]:
        """Bring a mail; return who was refused. Raises what smtplib raises when all were."""

        def bring() -> dict[str, tuple[int, bytes]]:
            with self._make("127.0.0.1", self._port, timeout=10) as client:
                refused = client.sendmail(sender, to, raw)
                if isinstance(client, smtplib.LMTP):
                    # smtplib reads the answer for the first recipient alone
                    for _ in to[len(refused) + 1 :]:
                        assert client.getreply()[0] == 250
                return refused

        return await asyncio.to_thread(bring)


@pytest_asyncio.fixture(params=["smtp", "lmtp"])
async def listening(office: Office, request: pytest.FixtureRequest) -> AsyncIterator[Listening]:
    """An office that listens."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    async def configure(unit: Any) -> None:
        await settings.change_setting(unit, LISTENER, request.param)
        await settings.change_setting(unit, LISTENER_PORT, port)
        await settings.change_setting(unit, MAX_BYTES, 100_000)

    await office.house.run(configure)
    task = in_background(listen(office.house.runtime.units), name="listener")
    await until(lambda: _answers(port))
    yield Listening(office, port, request.param)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _answers(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


async def test_the_listener_keeps_mail_to_known_addresses(listening: Listening) -> None:
    office = listening.office
    refused = await listening.send(letter(to="list@x.example"), [SALES, "nobody@desk.example"])
    assert {address: code for address, (code, _) in refused.items()} == {"nobody@desk.example": 550}
    await office.house.drain()
    [row] = await IncomingMessage.all()
    assert (row.source, row.state) == ("listener", "filed")
    assert (await office.ticket(row)).queue_id == office.sales.id
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        await listening.send(letter(), ["nobody@desk.example"])
    await listening.send(letter(to="list@x.example"), [SALES])
    assert await IncomingMessage.all().count() == 1
    await office.house.run(lambda unit: settings.change_setting(unit, LISTENER_KNOWN_ONLY, value=False))
    assert await listening.send(letter("other"), ["nobody@desk.example", DESK]) == {}
    assert await IncomingMessage.all().count() == 2


async def test_the_listener_acknowledges_nothing_that_is_not_kept(
    listening: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_arguments: object, **_more: object) -> None:
        message = "the database is away"
        raise Contention(message)

    with monkeypatch.context() as patched:
        patched.setattr("tessera.mail.service.receive", away)
        with pytest.raises((smtplib.SMTPDataError, smtplib.SMTPRecipientsRefused)) as caught:
            await listening.send(letter(), [DESK])
    assert "451" in str(caught.value)
    with monkeypatch.context() as patched:
        patched.setattr("tessera.queues.queries.by_address", away)
        with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
            await listening.send(letter(), [DESK])
    assert refused.value.recipients[DESK][0] == 451
    with pytest.raises(smtplib.SMTPException, match="552"):
        await listening.send(letter("x\n" * 100_000), [DESK])
    assert await IncomingMessage.all().count() == 0


async def test_what_the_envelope_says_is_kept(listening: Listening) -> None:
    office = listening.office
    await listening.send(letter(), [DESK], sender="")
    await office.house.drain()
    row = await IncomingMessage.get()
    assert row.state == "filed"
    assert await OutgoingMessage.all().count() == 0


async def test_a_listener_that_is_off_returns_at_once(office: Office) -> None:
    async with asyncio.timeout(5):
        await listen(office.house.runtime.units)
