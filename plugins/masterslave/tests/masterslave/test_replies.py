"""One answer on the master is a mail of their own for each slave's customer."""

import json
from collections.abc import AsyncIterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest_asyncio

from tessera.articles import service as articles
from tessera.articles.models import Channel
from tessera.mail import service as mail_service
from tessera.mail.models import OutgoingMessage
from tessera.testing.fixtures import SECRET, every_database
from tessera.testing.house import open_house
from tessera.tickets import service as tickets
from tests.articles.words import ADDRESS, attachment, mail, words
from tests.mail.servers import SmtpServer, smtp_server
from tests.masterslave.crowd import SYSTEM, Crowd, failures, now, open_crowd, said, state_of
from tests.tickets.desk import state

GREETING = "Hello Carla,\n\nticket {number} is solved.\n\nOn Monday Carla wrote:\n> secret words\n"


@pytest_asyncio.fixture
async def server() -> AsyncIterator[SmtpServer]:
    """A mail server that takes everything."""
    async with smtp_server() as running:
        yield running


@pytest_asyncio.fixture
async def posting(database_url: str, tmp_path: Path, server: SmtpServer) -> AsyncIterator[Crowd]:
    """A crowd whose mail leaves by SMTP."""
    async with open_house(database_url, tmp_path, secret=SECRET, smtp_url=server.url) as house:
        yield await open_crowd(house)


def parsed(raw: object) -> EmailMessage:
    assert isinstance(raw, bytes)
    message = message_from_bytes(raw, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def text_of(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def mails(server: SmtpServer) -> dict[str, EmailMessage]:
    """Return the mails that arrived, by their only recipient."""
    found = {}
    for each in server.envelopes:
        (recipient,) = each.rcpt_tos
        assert recipient not in found
        found[recipient] = parsed(each.content)
    return found


@every_database
async def test_each_customer_gets_a_mail_of_their_own(posting: Crowd, server: SmtpServer) -> None:
    master, (one, two) = await posting.group()
    file = await attachment("plan.txt", b"tomorrow")
    answer = words(
        Channel.EMAIL,
        GREETING.format(number=master.number),
        subject=f"[Ticket#{master.number}] Printers",
        cc=("boss@customer.example",),
        attachments=(file,),
    )
    await posting.act(articles.reply, master, answer)
    own = [each for each in server.envelopes if "carla@customer.example" in each.rcpt_tos]
    assert [sorted(each.rcpt_tos) for each in own] == [["boss@customer.example", "carla@customer.example"]]
    server.envelopes[:] = [each for each in server.envelopes if each not in own]
    arrived = mails(server)
    assert set(arrived) == {"person.a@customer.example", "person.b@customer.example"}
    for slave, letter, other in ((one, "a", two), (two, "b", one)):
        message = arrived[f"person.{letter}@customer.example"]
        assert message["To"] == f"Person {letter.upper()} <person.{letter}@customer.example>"
        assert message["Subject"] == f"[Ticket#{slave.number}] Printers"
        assert (message["From"], message["Cc"]) == (ADDRESS, None)
        text = text_of(message)
        assert text.startswith(f"Hello Person {letter.upper()},\n\nticket {slave.number} is solved.")
        for word in ("Carla", "secret words", master.number, other.number):
            assert word not in text
            assert word not in message["Subject"]
        (plan,) = message.iter_attachments()
        assert (plan.get_filename(), plan.get_content()) == ("plan.txt", "tomorrow")
        (article,) = await said(slave)
        assert (article.author_id, article.channel, article.visible_for_customer) == (posting.mira.id, "email", True)
        assert message["Message-ID"] == article.message_id
    assert len({each["Message-ID"] for each in arrived.values()}) == 2


async def test_an_answer_of_a_slaves_customer_comes_to_the_slave(posting: Crowd, server: SmtpServer) -> None:
    master, (one, _) = await posting.group()
    await posting.act(articles.reply, master, words(Channel.EMAIL, "Solved"))
    message = mails(server)["person.a@customer.example"]
    back = EmailMessage()
    back["From"], back["To"], back["Subject"] = "person.a@customer.example", ADDRESS, f"Re: {message['Subject']}"
    back["In-Reply-To"] = message["Message-ID"]
    back.set_content("Not for me")
    await mail_service.receive(posting.house.runtime.units, back.as_bytes(), source="pipe", trusted=False)
    await posting.house.drain()
    assert [each.body.strip() for each in await said(one)] == ["Solved", "Not for me"]
    assert [each.body for each in await said(master)] == ["Solved"]


async def test_a_subject_made_from_the_title_is_made_from_the_slaves(crowd: Crowd) -> None:
    master, slave = await crowd.ticket(), await crowd.ticket("Person A", title="Laser dead")
    await crowd.attach(master, [slave])
    await crowd.act(articles.reply, master, words(Channel.EMAIL, "Solved"))
    (article,) = await said(slave)
    assert article.subject == "Re: Laser dead"


@every_database
async def test_who_has_no_address_is_listed_and_the_others_get_it(crowd: Crowd) -> None:
    master, slave = await crowd.ticket(), await crowd.ticket("Person A")
    nameless, nobody = await crowd.ticket("Person B", email=False), await crowd.ticket("Person C")
    await crowd.desk.run(SYSTEM, tickets.update, nobody, customer_user=None)
    await crowd.attach(master, [slave, nameless, nobody])
    await crowd.act(articles.reply, master, words(Channel.EMAIL, "Solved"))
    assert [len(await said(each)) for each in (slave, nameless, nobody)] == [1, 0, 0]
    missing = [("reply", "articles.recipient_missing")]
    assert [await failures(each) for each in (slave, nameless, nobody)] == [[], missing, missing]
    assert await OutgoingMessage.all().count() == 2


async def test_a_reply_does_what_the_other_cascades_say_and_no_more(crowd: Crowd) -> None:
    master, (one, _) = await crowd.group()
    await crowd.cascades(master, "reply")
    await crowd.act(articles.reply, master, words(Channel.EMAIL, "Solved"))
    row = await now(one)
    assert (await state_of(master), (await now(master)).lock_holder_id) == ("open", crowd.mira.id)
    assert (await state_of(one), row.lock_holder_id, row.owner_id) == ("new", None, None)
    other, (two, _) = await crowd.group()
    await crowd.act(articles.reply, other, words(Channel.EMAIL, "Solved"))
    row = await now(two)
    assert (await state_of(two), row.lock_holder_id, row.owner_id) == ("open", crowd.mira.id, crowd.mira.id)


async def test_what_is_no_answer_to_the_customer_is_not_sent_on(crowd: Crowd) -> None:
    master, (one, _) = await crowd.group()
    await crowd.act(articles.reply, master, words(Channel.EMAIL, "Please repair", to=("vendor@repair.example",)))
    await crowd.act(articles.forward, (await said(master))[0], to=("vendor@repair.example",))
    await crowd.act(articles.log_call, master, words(Channel.PHONE, "Called"))
    await crowd.act(articles.add_incoming, master, mail(), actor=SYSTEM)
    assert await said(one) == []
    assert await failures(one) == []


async def test_a_master_without_a_customer_speaks_to_all(crowd: Crowd) -> None:
    master, (one, _) = await crowd.group()
    await crowd.desk.run(SYSTEM, tickets.update, master, customer_user=None)
    await crowd.act(articles.reply, master, words(Channel.EMAIL, "Solved", to=("all@desk.example",)))
    (article,) = await said(one)
    assert json.loads(article.recipients) == ["Person A <person.a@customer.example>"]


async def test_messages_on_the_portal_are_repeated_there(crowd: Crowd) -> None:
    master, (one, _) = await crowd.group()
    await crowd.act(articles.add_portal_message, master, words(body="Dear Carla, solved"))
    (article,) = await said(one)
    assert (article.channel, article.body, article.visible_for_customer) == ("web", "Dear Person A, solved", True)


async def test_a_note_stays_as_it_is_unless_the_customer_sees_it(crowd: Crowd) -> None:
    master, (one, _) = await crowd.group()
    await crowd.act(articles.add_note, master, words(Channel.NOTE, "Carla called", subject="Carla"))
    await crowd.act(articles.add_note, master, words(Channel.NOTE, "Dear Carla", visible_for_customer=True))
    inside, outside = await said(one)
    assert (inside.body, inside.subject, inside.visible_for_customer) == ("Carla called", "Carla", False)
    assert (outside.body, outside.visible_for_customer) == ("Dear Person A", True)


async def test_a_closed_slave_still_gets_the_answer(crowd: Crowd) -> None:
    master, (one, _) = await crowd.group()
    await crowd.act(tickets.close, one, state=await state("closed successful"))
    await crowd.act(articles.reply, master, words(Channel.EMAIL, "Solved"))
    assert len(await said(one)) == 1
    assert [cascade for cascade, _ in await failures(one)] == []
