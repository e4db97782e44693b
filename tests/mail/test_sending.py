import base64
from collections.abc import AsyncIterator
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
import pytest_asyncio

from tessera.articles import service as articles
from tessera.articles.models import Article
from tessera.articles.service import NewArticle, NewAttachment
from tessera.files import service as files
from tessera.kit.clock import set_forward
from tessera.kit.errors import Forbidden
from tessera.kit.jobs import Job, JobState
from tessera.kit.journal import Entry
from tessera.kit.unit import Unit
from tessera.mail import service
from tessera.mail.errors import MessageNotFailed
from tessera.mail.jobs import SEND_ATTEMPTS
from tessera.mail.models import OutgoingMessage
from tessera.testing.fixtures import SECRET, every_database
from tessera.testing.house import House, open_house
from tessera.tickets.models import Ticket
from tests.mail.office import CARLA, DESK, Office, letter, open_office
from tests.mail.servers import SmtpServer, smtp_server

PIXEL = base64.b64decode("iVBORw0KGgo=")


@pytest_asyncio.fixture
async def server() -> AsyncIterator[SmtpServer]:
    """A mail server that takes everything until it is told otherwise."""
    async with smtp_server() as running:
        yield running


@pytest_asyncio.fixture
async def posting(database_url: str, tmp_path: Path, server: SmtpServer) -> AsyncIterator[Office]:
    """An office whose mail leaves by SMTP."""
    async with open_house(database_url, tmp_path, secret=SECRET, smtp_url=server.url) as house:
        yield await open_office(house)


async def opened(office: Office) -> Ticket:
    return await office.ticket(await office.receive(letter(message_id="<first@customer.example>")))


async def again(house: House) -> None:
    """Let the time of the next try come."""
    with set_forward(timedelta(minutes=10)):
        await house.drain()


def parsed(raw: object) -> EmailMessage:
    assert isinstance(raw, bytes)
    message = message_from_bytes(raw, policy=default)
    assert isinstance(message, EmailMessage)
    return message


async def names_of(ticket: Ticket) -> list[str]:
    entries = await Entry.filter(subject_kind="ticket", subject_id=ticket.id).order_by("id")
    return [entry.name for entry in entries if entry.name in {"mail.sent", "mail.failed", "mail.queued_again"}]


async def test_without_a_mail_server_mails_are_files(office: Office) -> None:
    ticket = await opened(office)
    article = await office.reply(ticket)
    [mail] = office.outbox()
    assert mail["Message-ID"] == article.message_id
    assert mail["In-Reply-To"] == mail["References"] == "<first@customer.example>"
    assert mail["Subject"] == f"[Ticket#{ticket.number}] Re: Printer"
    assert (mail["From"], mail["To"]) == (DESK, f"Carla Customer <{CARLA}>")
    assert mail["Auto-Submitted"] is None
    [file] = office.house.config.outbox.iterdir()
    assert file.name.startswith(ticket.number)
    row = await OutgoingMessage.get()
    assert (row.state, row.attempts, row.problem, row.automatic) == ("sent", 1, None, False)
    assert row.sent_at is not None
    assert await names_of(ticket) == ["mail.sent"]


@every_database
async def test_text_pictures_and_files_leave_by_smtp(posting: Office, server: SmtpServer) -> None:
    ticket = await opened(posting)
    blob = await files.store(None, PIXEL)

    async def work(unit: Unit) -> Article:
        new = NewArticle(
            channel="email",
            body_html='<p>Grüße</p><img src="cid:pic">',
            cc=("Boss <boss@customer.example>",),
            attachments=(
                NewAttachment(
                    filename="b.png",
                    content_type="image/png",
                    digest=blob.digest,
                    size=8,
                    content_id="pic",
                    inline=True,
                ),
                NewAttachment(filename="Übersicht.bin", content_type="application/x-thing", digest=blob.digest, size=8),
            ),
        )
        return await articles.reply(unit, await Ticket.get(id=ticket.id), new)

    article = await posting.house.run(work, actor=await posting.actor(posting.anna))
    await posting.house.drain()
    [envelope] = server.envelopes
    assert (envelope.mail_from, envelope.rcpt_tos) == (DESK, [CARLA, "boss@customer.example"])
    mail = parsed(envelope.content)
    assert mail["Message-ID"] == article.message_id
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert "Grüße" in plain.get_content()
    assert '<img src="cid:pic">' in html.get_content()
    [attached] = mail.iter_attachments()
    assert (attached.get_filename(), attached.get_content()) == ("Übersicht.bin", PIXEL)
    pictures = [part for part in mail.walk() if part["Content-ID"] == "<pic>"]
    assert [part.get_content() for part in pictures] == [PIXEL]


async def test_a_forwarded_article_leaves_with_its_mark(office: Office) -> None:
    ticket = await opened(office)
    [article] = await office.articles(ticket)
    anna = await office.actor(office.anna)
    await office.house.run(lambda unit: articles.forward(unit, article, to=("else@x.example",)), actor=anna)
    await office.house.drain()
    [mail] = office.outbox()
    assert mail["Subject"] == f"[Ticket#{ticket.number}] Fwd: Printer"


async def test_international_domains_travel_in_ascii(posting: Office, server: SmtpServer) -> None:
    ticket = await opened(posting)
    new = NewArticle(channel="email", body="x", to=("Bo <bo@bücher.example>",))
    anna = await posting.actor(posting.anna)

    async def work(unit: Unit) -> None:
        await articles.reply(unit, await Ticket.get(id=ticket.id), new)

    await posting.house.run(work, actor=anna)
    await posting.house.drain()
    [envelope] = server.envelopes
    assert envelope.rcpt_tos == ["bo@xn--bcher-kva.example"]
    assert parsed(envelope.content)["To"] == "Bo <bo@xn--bcher-kva.example>"


async def test_what_is_no_mail_of_ours_does_not_leave(office: Office) -> None:
    ticket = await opened(office)
    anna = await office.actor(office.anna)

    async def work(unit: Unit) -> None:
        row = await Ticket.get(id=ticket.id)
        await articles.add_note(unit, row, NewArticle(channel="note", body="secret"))
        await articles.log_call(unit, row, NewArticle(channel="phone", body="call"))

    await office.house.run(work, actor=anna)
    await office.receive(letter(x_tessera_sendertype="agent", subject="by order"), trusted=True)
    assert office.outbox() == []
    assert await OutgoingMessage.all().count() == 0


@every_database
async def test_a_server_that_is_away_is_asked_again(posting: Office, server: SmtpServer) -> None:
    server.answer = "451 4.3.0 full"
    ticket = await opened(posting)
    await posting.reply(ticket)
    row = await OutgoingMessage.get()
    assert (row.state, row.attempts, row.problem) == ("queued", 1, f"{CARLA}: 451 4.3.0 full")
    assert await names_of(ticket) == []
    server.answer = "250 OK"
    await again(posting.house)
    row = await OutgoingMessage.get()
    assert (row.state, row.attempts, row.problem) == ("sent", 2, None)
    assert len(server.envelopes) == 1
    assert await names_of(ticket) == ["mail.sent"]


async def test_when_all_tries_are_used_up_the_mail_is_lost_and_the_ticket_says_so(
    posting: Office, server: SmtpServer
) -> None:
    server.answer = "451 4.3.0 full"
    ticket = await opened(posting)
    await posting.reply(ticket)
    await Job.filter(name="mail.send").update(attempts=SEND_ATTEMPTS - 1)
    await again(posting.house)
    assert (await OutgoingMessage.get()).state == "failed"
    assert await names_of(ticket) == ["mail.failed"]
    assert (await Job.get(name="mail.send")).state is JobState.SUCCEEDED


@pytest.mark.parametrize("refuses", ["recipient", "mail"])
async def test_a_refusal_for_good_is_told_at_once_and_can_be_overcome(
    posting: Office, server: SmtpServer, refuses: str
) -> None:
    if refuses == "recipient":
        server.refusals[CARLA] = "550 5.1.1 unknown"
    else:
        server.answer = "554 5.7.1 spam"
    ticket = await opened(posting)
    await posting.reply(ticket)
    row = await OutgoingMessage.get()
    why = "550 5.1.1 unknown" if refuses == "recipient" else "554 5.7.1 spam"
    assert (row.state, row.problem) == ("failed", f"{CARLA}: {why}")
    [entry] = await Entry.filter(name="mail.failed")
    assert (entry.subject_id, entry.facts["why"], entry.facts["recipients"]) == (ticket.id, why, CARLA)
    server.refusals.clear()
    server.answer = "250 OK"
    anna = await posting.actor(posting.anna)
    await posting.house.run(lambda unit: service.send_again(unit, row), actor=anna)
    await posting.house.drain()
    assert (await OutgoingMessage.get()).state == "sent"
    assert await names_of(ticket) == ["mail.failed", "mail.queued_again", "mail.sent"]
    with pytest.raises(MessageNotFailed):
        await posting.house.run(lambda unit: service.send_again(unit, row), actor=anna)


async def test_of_several_recipients_each_gets_the_mail_once(posting: Office, server: SmtpServer) -> None:
    ticket = await opened(posting)
    new = NewArticle(channel="email", body="x", to=("good@x.example", "later@x.example", "never@x.example"))
    server.refusals = {"later@x.example": "450 4.2.0 greylisted", "never@x.example": "550 5.1.1 no"}
    anna = await posting.actor(posting.anna)

    async def work(unit: Unit) -> None:
        await articles.reply(unit, await Ticket.get(id=ticket.id), new)

    await posting.house.run(work, actor=anna)
    await posting.house.drain()
    row = await OutgoingMessage.get()
    assert row.state == "queued"
    assert row.problem == "never@x.example: 550 5.1.1 no; later@x.example: 450 4.2.0 greylisted"
    server.refusals.clear()
    await again(posting.house)
    row = await OutgoingMessage.get()
    assert (row.state, row.problem) == ("sent", "never@x.example: 550 5.1.1 no")
    assert [envelope.rcpt_tos for envelope in server.envelopes] == [["good@x.example"], ["later@x.example"]]
    assert server.envelopes[0].content == server.envelopes[1].content
    assert await names_of(ticket) == ["mail.failed", "mail.sent"]


async def test_nobody_without_rights_sends_again(posting: Office, server: SmtpServer) -> None:
    server.refusals[CARLA] = "550 no"
    ticket = await opened(posting)
    await posting.reply(ticket)
    row = await OutgoingMessage.get()
    ben = await posting.actor(posting.ben)
    bare = type(ben)(kind=ben.kind, id=ben.id, name=ben.name)
    with pytest.raises(Forbidden):
        await posting.house.run(lambda unit: service.send_again(unit, row), actor=bare)


async def test_a_mail_whose_server_is_gone_waits(database_url: str, tmp_path: Path) -> None:
    async with open_house(database_url, tmp_path, secret=SECRET, smtp_url="smtp://u:hunter2@127.0.0.1:9") as house:
        office = await open_office(house)
        await office.reply(await opened(office))
        row = await OutgoingMessage.get()
        job = await Job.get(name="mail.send")
        assert (row.state, job.state) == ("queued", JobState.QUEUED)
        assert row.problem
        assert "hunter2" not in row.problem + (job.error or "")
