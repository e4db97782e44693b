"""The main job: a mail becomes a ticket, an agent answers by mail, the reply finds it, and the history tells all."""

import tempfile
from email.message import EmailMessage
from pathlib import Path

from tessera_client import (
    ArticleInput,
    ArticleSenderType,
    MailAccountCreateInput,
    MailAccountUpdateInput,
    MailProtocol,
    MailSecurity,
    TesseraClient,
    TicketFilter,
    TicketStateType,
)
from tessera_client.fragments import TicketFields, TicketStoryFields
from tests.journeys.desk import Desk, journey, mail, story, ticket_of, until
from tests.mail.dovecot import LOGIN, PASSWORD, dovecot_server, needs_dovecot

pytestmark = journey


async def _tickets(client: TesseraClient, title: str) -> list[TicketFields]:
    found = await client.tickets(filter_=TicketFilter(query=title))
    return list(found.nodes)


async def test_from_a_customers_mail_to_the_agents_answer_and_the_end(desk: Desk) -> None:
    ben = await desk.agent("ben")
    first = mail("The printer is on fire", "It burns since this morning.\n")
    await desk.deliver(first)
    (ticket,) = await until(lambda: _tickets(ben, "printer"), what="the ticket")
    await _is_the_mail(ben, ticket, first)

    answer = await _answered(desk, ben, ticket, first)
    identity = answer["Message-ID"]
    await desk.deliver(mail("AW: something else", "Thank you!", In_Reply_To=identity, References=identity))

    async def replied() -> bool:
        return (await story(ben, ticket.id)).articles.total_count == 3

    await until(replied, what="the reply")
    closed = ticket_of(await ben.ticket_close(ticket.id, desk.states["closed successful"], "Put out."))
    assert closed.state.type_ is TicketStateType.CLOSED
    _tells_everything(await story(ben, ticket.id))
    code, output = await desk.run("audit", "verify")
    assert code == 0, output
    assert "are sound" in output


async def _is_the_mail(ben: TesseraClient, ticket: TicketFields, first: EmailMessage) -> None:
    """The ticket lies in the queue of the address, is the sender's, and holds the mail."""
    assert (ticket.queue.path, ticket.state.type_) == ("Support::1st Level", TicketStateType.NEW)
    assert ticket.customer_user is not None
    assert ticket.customer_user.login == "carla"
    (request,) = (await story(ben, ticket.id)).articles.nodes
    assert (request.sender_type, request.channel) == (ArticleSenderType.CUSTOMER, "email")
    assert request.body.strip() == "It burns since this morning."
    assert request.message_id == first["Message-ID"]


async def _answered(desk: Desk, ben: TesseraClient, ticket: TicketFields, first: EmailMessage) -> EmailMessage:
    """Ben answers, which takes the ticket over; the answer arrives at the customer's, threaded. Return it."""
    payload = await ben.article_create(ticket.id, ArticleInput(channel="email", body="We bring water.\n"))
    answered = ticket_of(payload)
    assert answered.state.type_ is TicketStateType.OPEN
    assert answered.owner is not None
    assert answered.lock is not None
    assert (answered.owner.login, answered.lock.holder.login) == ("ben", "ben")

    answer = await desk.inbox.wait(1)
    assert desk.inbox.mails[0][0] == ["carla@customer.example"]
    assert f"[Ticket#{ticket.number}]" in answer["Subject"]
    assert payload.article is not None
    assert answer["Message-ID"] == payload.article.message_id
    assert answer["In-Reply-To"] == first["Message-ID"]
    assert first["Message-ID"] in answer["References"]
    assert "help@desk.example" in answer["From"]
    text = answer.get_body(preferencelist=("plain",))
    assert text is not None
    assert "We bring water." in text.get_content()
    return answer


def _tells_everything(told: TicketStoryFields) -> None:
    """Every step is in the history, in order, in words."""
    bodies = ["It burns since this morning.", "We bring water.", "Thank you!", "Put out."]
    assert [article.body.strip() for article in told.articles.nodes] == bodies
    assert [event.kind for event in told.history.nodes if not event.kind.startswith("mail.")] == [
        "ticket.created",
        "article.added",
        "article.added",
        "ticket.state_changed",
        "ticket.locked",
        "ticket.owner_changed",
        "article.added",
        "article.added",
        "ticket.state_changed",
        "ticket.unlocked",
    ]
    assert all(event.summary.endswith(".") for event in told.history.nodes)
    authors = [event.actor.name for event in told.history.nodes if event.kind == "article.added"]
    assert authors == ["Tessera", "Ben Baptiste", "Tessera", "Ben Baptiste"]
    states = [(c.before, c.after) for event in told.history.nodes for c in event.changes if c.field == "state"]
    assert states == [("new", "open"), ("open", "closed successful")]


@needs_dovecot
async def test_a_mailbox_an_administrator_names_is_emptied_into_tickets(desk: Desk) -> None:
    anna, ben = await desk.agent("anna"), await desk.agent("ben")
    with tempfile.TemporaryDirectory(prefix="tessera-dovecot-", ignore_cleanup_errors=True) as folder:
        async with dovecot_server(Path(folder)) as server:
            server.put("1", mail("From the mailbox", "Waiting.").as_bytes())
            account = MailAccountCreateInput(
                name="Main",
                protocol=MailProtocol.IMAP,
                host="127.0.0.1",
                port=server.imap,
                security=MailSecurity.NONE,
                login=LOGIN,
                password=PASSWORD,
            )
            made = await anna.mail_account_create(account)
            assert made.user_errors == []
            await until(lambda: _tickets(ben, "mailbox"), what="the ticket of the mail that waited")
            server.put("2", mail("While it listens", "Just now.").as_bytes())
            await until(lambda: _tickets(ben, "listens"), what="the ticket of the mail that came")
            assert server.unseen() == []
            assert made.mail_account is not None
            off = await anna.mail_account_update(made.mail_account.id, MailAccountUpdateInput(active=False))
            assert off.user_errors == []


async def test_the_same_mail_twice_is_one_article(desk: Desk) -> None:
    ben = await desk.agent("ben")
    letter = mail("Twice", "The mail server stuttered.")
    await desk.drop(letter)
    await desk.drop(letter)
    (ticket,) = await until(lambda: _tickets(ben, "twice"), what="the ticket")
    await desk.house.drain()
    assert len(await _tickets(ben, "twice")) == 1
    assert (await story(ben, ticket.id)).articles.total_count == 1


async def test_a_stranger_who_writes_becomes_a_customer_user(desk: Desk) -> None:
    ben = await desk.agent("ben")
    await desk.drop(mail("Hello there", "Who are you?", From="Zoë Zenith <zoe@nowhere.example>"))
    (ticket,) = await until(lambda: _tickets(ben, "hello there"), what="the ticket")
    assert ticket.customer_user is not None
    assert (ticket.customer_user.name, ticket.customer_user.email) == ("Zoë Zenith", "zoe@nowhere.example")


async def test_a_reply_with_the_number_in_its_subject_finds_a_closed_ticket_and_opens_it(desk: Desk) -> None:
    ben = await desk.agent("ben")
    ticket = await desk.open(ben, customer_user_id=(await ben.customer_users(query="carla")).nodes[0].id)
    ticket_of(await ben.ticket_close(ticket.id, desk.states["closed successful"]))
    await desk.drop(mail(f"Re: [Ticket#{ticket.number}] A lamp", "It flickers again."))

    async def reopened() -> bool:
        return (await story(ben, ticket.id)).state.type_ is TicketStateType.OPEN

    await until(reopened, what="the open ticket")
