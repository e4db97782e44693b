from dataclasses import replace
from datetime import timedelta

import pytest

from tessera.accounts import service as accounts
from tessera.accounts.models import CustomerUser
from tessera.articles import service as articles
from tessera.articles.models import Article, Attachment
from tessera.articles.service import NewArticle
from tessera.files import queries as files
from tessera.files import service as house_files
from tessera.kit.clock import set_forward
from tessera.kit.ids import ObjectRef
from tessera.kit.journal import Entry
from tessera.kit.unit import Unit, Units
from tessera.links import queries as links
from tessera.mail import service
from tessera.mail.errors import MessageNotQuarantined, MessageTooLarge
from tessera.mail.hooks import Filter, Message
from tessera.mail.models import IncomingMessage, MailFilter, OutgoingMessage
from tessera.mail.settings import MAX_BYTES, SEARCH_BODY
from tessera.queues.models import FollowUpPolicy, Queue
from tessera.settings import service as settings
from tessera.testing.fixtures import every_database
from tessera.tickets import queries as tickets
from tessera.tickets import service as ticket_service
from tessera.tickets.models import Priority, State, Ticket
from tests.corpus import needs_corpus, table
from tests.mail.office import CARLA, DESK, SALES, Office, letter
from tests.mail.test_parse import REPORT, multipart

WITH_FILES = multipart(
    "mixed",
    "Content-Type: text/plain\n\nsee the picture\n",
    'Content-Type: image/png; name="a.png"\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo=\n',
    headers=f"From: {CARLA}\nTo: {DESK}\nSubject: files\n",
)


async def put(office: Office, ticket: Ticket, state: str) -> None:
    """Give a ticket a state; `merged` merges it into a new one."""
    row = await Ticket.get(id=ticket.id)
    if state == "merged":
        target = await office.ticket(await office.receive(letter(subject="target", message_id="<target@x>")))
        await office.house.run(lambda unit: articles.merge(unit, row, target))
        return
    wanted = await State.get(name=state)
    await office.house.run(lambda unit: ticket_service.set_state(unit, row, wanted))


async def state_of(ticket: Ticket) -> str:
    return (await State.get(id=(await Ticket.get(id=ticket.id)).state_id)).name


async def opened(office: Office, **headers: str) -> Ticket:
    return await office.ticket(await office.receive(letter(message_id="<first@customer.example>", **headers)))


def answering(ticket: Ticket, body: str = "And another thing.\n", **headers: str) -> bytes:
    return letter(body, subject=f"Re: [Ticket#{ticket.number}] Printer", **headers)


@every_database
async def test_a_mail_becomes_a_ticket_of_its_sender_in_the_queue_of_its_address(office: Office) -> None:
    row = await office.receive(letter(subject="=?utf-8?q?Dr=C3=BCcker?=", message_id="<first@customer.example>"))
    assert (row.state, row.reason, row.subject) == ("filed", None, "Drücker")
    ticket = await office.ticket(row)
    carla = await CustomerUser.get(email=CARLA)
    assert (ticket.title, ticket.queue_id, ticket.customer_user_id) == ("Drücker", office.support.id, carla.id)
    assert (await state_of(ticket), carla.name) == ("new", "Carla Customer")
    [article] = await office.articles(ticket)
    assert (article.channel, article.sender_type, article.visible_for_customer) == ("email", "customer", True)
    assert (article.sender, article.body) == (f"Carla Customer <{CARLA}>", "It is broken.\n")
    assert article.message_id == "<first@customer.example>"
    names = [entry.name for entry in await Entry.all().order_by("id")]
    assert [name for name in names if name.startswith("mail.")] == ["mail.received", "mail.filed"]


@every_database
async def test_the_same_bytes_twice_are_one_article(office: Office) -> None:
    raw = letter(message_id="<first@customer.example>")
    first, again = await office.receive(raw), await office.receive(raw)
    assert first.id == again.id
    assert await Article.all().count() == 1


async def test_the_same_message_by_another_way_is_one_article(office: Office) -> None:
    first = await office.receive(letter(message_id="<a@b>"))
    again = await office.receive(b"Received: by another way\r\n" + letter(message_id="<a@b>"), source="account:1")
    assert (again.state, again.article_id, again.reason) == (
        "ignored",
        first.article_id,
        "The same message came in by another way.",
    )
    assert await Article.all().count() == 1


async def test_two_messages_that_share_a_message_id_are_two(office: Office) -> None:
    await office.receive(letter("one", message_id="<a@b>"))
    other = await office.receive(letter("two", message_id="<a@b>"))
    assert other.state == "filed"
    assert await Ticket.all().count() == 2


async def test_the_address_chooses_the_queue(office: Office) -> None:
    for to in (SALES, "Sales <SALES@desk.example>", f"x@other.example, {SALES}"):
        assert (await office.ticket(await office.receive(letter(to=to)))).queue_id == office.sales.id, to


async def test_the_envelope_chooses_the_queue_when_the_header_does_not(office: Office) -> None:
    assert (await opened(office, to="list@other.example", delivered_to=SALES)).queue_id == office.sales.id


async def test_mail_to_nobody_we_know_lies_in_the_default_queue(office: Office) -> None:
    ticket = await opened(office, to="nobody@other.example")
    assert (await Queue.get(id=ticket.queue_id)).path == "Raw"


async def test_a_queue_given_by_the_door_comes_before_the_address(office: Office) -> None:
    row = await service.receive(office.house.runtime.units, letter(), source="pipe", queue=await Queue.get(path="Junk"))
    await office.house.drain()
    ticket = await office.ticket(await IncomingMessage.get(id=row.id))
    assert (await Queue.get(id=ticket.queue_id)).path == "Junk"


async def test_attachments_are_kept_as_files(office: Office) -> None:
    ticket = await office.ticket(await office.receive(WITH_FILES))
    [article] = await office.articles(ticket)
    [attachment] = await Attachment.filter(article_id=article.id)
    assert (attachment.filename, attachment.content_type, attachment.size) == ("a.png", "image/png", 8)
    assert await files.read(attachment.digest) == b"\x89PNG\r\n\x1a\n"


async def test_the_poorest_mail_is_filed(office: Office) -> None:
    for raw in (b"", b"\n", b"\x00\x00", b"no header at all", b"Subject: x\n\n", b"From: a@b.c"):
        row = await office.receive(raw)
        assert row.state == "filed", raw
        assert (await office.ticket(row)).title == (row.subject or "(no subject)"), raw


@every_database
async def test_an_answer_finds_its_ticket_by_what_it_answers(office: Office) -> None:
    ticket = await opened(office)
    reply = await office.reply(ticket)
    again = await office.receive(letter(subject="something else", references=f"<unknown@x> {reply.message_id}"))
    assert (await office.ticket(again)).id == ticket.id
    [_, _, third] = await office.articles(ticket)
    assert third.in_reply_to_id == reply.id
    assert await Ticket.all().count() == 1


async def test_an_answer_finds_its_ticket_by_the_number_in_its_subject(office: Office) -> None:
    ticket = await opened(office)
    again = await office.receive(answering(ticket, from_="third@customer.example"))
    assert (await office.ticket(again)).id == ticket.id


async def test_numbers_in_the_text_count_when_the_setting_says_so(office: Office) -> None:
    ticket = await opened(office)
    text = letter(f"as in Ticket#{ticket.number}\n", subject="again")
    assert (await office.ticket(await office.receive(text))).id != ticket.id
    await office.house.run(lambda unit: settings.change_setting(unit, SEARCH_BODY, value=True))
    assert (await office.ticket(await office.receive(text + b"\n"))).id == ticket.id


POLICIES = {1: FollowUpPolicy.POSSIBLE, 2: FollowUpPolicy.REJECT, 3: FollowUpPolicy.NEW_TICKET}
OUTCOMES = {2: "follow_up", 3: "new_ticket", 4: "reject"}


@needs_corpus
async def test_the_table_of_follow_ups(office: Office) -> None:
    rows = table("tables/PostMaster/FollowUp.json")["Tests"]
    assert len(rows) == 21
    for number, row in enumerate(rows):
        await office.follow_ups(FollowUpPolicy.POSSIBLE)
        ticket = await office.ticket(await office.receive(letter(subject=f"row {number}")))
        await put(office, ticket, row["TicketState"])
        await office.follow_ups(POLICIES[row["QueueFollowUpID"]])
        before = await state_of(ticket)
        filed_on = await office.ticket(await office.receive(answering(ticket)))
        [filed] = await Entry.filter(name="mail.filed").order_by("-id").limit(1)
        how = filed.facts["how"]
        assert how == OUTCOMES[row["ExpectedResult"]], row
        if how == "new_ticket":
            assert (filed_on.id != ticket.id, filed_on.queue_id) == (True, ticket.queue_id), row
            assert await links.between(ObjectRef("ticket", filed_on.id), ObjectRef("ticket", ticket.id)), row
        else:
            assert filed_on.id == (await tickets.final_target(await Ticket.get(id=ticket.id))).id, row
        reopened = how == "follow_up" and before in {"closed successful", "closed unsuccessful", "pending reminder"}
        assert await state_of(ticket) == ("open" if reopened else before), row


@needs_corpus
async def test_the_table_of_kept_states(office: Office) -> None:
    for row in table("tables/PostMaster/KeepState.json")["Tests"]:
        ticket = await office.ticket(await office.receive(letter(subject=row["Name"])))
        await put(office, ticket, row["InitialState"])
        # only the second sample mail has the header, and only where it is allowed does it count
        keeps = {"x_tessera_followup_state_keep": "1"} if row["Email"].endswith("Test25.box") else {}
        await office.receive(answering(ticket, **keeps), trusted="Extended" in row["XHeaders"])
        assert await state_of(ticket) == row["ExpectedResults"], row


@needs_corpus
async def test_the_table_of_visibility(office: Office) -> None:
    ticket = await opened(office)
    internal = NewArticle(
        channel="email",
        visible_for_customer=False,
        to=("provider@example.com",),
        message_id="<message-id-email-internal>",
        body="a question",
        sender=DESK,
    )
    await office.house.run(lambda unit: articles.add_automatic(unit, ticket, internal))
    rows = table("tables/PostMaster/FollowUpArticleVisibilityCheck.json")["Tests"]
    for number, row in enumerate(rows):
        raw = row["Email"].replace("X-OTOBO-", "X-Tessera-").replace("{{Subject}}", f"Re: [Ticket#{ticket.number}]")
        raw = raw.replace("{{CustomerAddress}}", CARLA).replace("{{AgentAddress}}", DESK) + str(number)
        filed = await office.receive(raw.replace("{{InternalAddress}}", "provider@example.com").encode(), trusted=True)
        article = await Article.get(id=filed.article_id)
        seen = (article.visible_for_customer, article.sender_type)
        assert seen == (bool(row["Check"]["IsVisibleForCustomer"]), row["Check"]["SenderType"]), row


async def test_what_an_agent_mails_to_the_desk_stays_inside(office: Office) -> None:
    ticket = await opened(office)
    row = await office.receive(answering(ticket, from_="Anna <anna@desk.example>"))
    assert not (await Article.get(id=row.article_id)).visible_for_customer


async def test_a_follow_up_reopens_the_ticket_and_is_told_to_its_owner(office: Office) -> None:
    ticket = await opened(office)
    await office.reply(ticket)
    await put(office, ticket, "closed successful")
    await office.receive(answering(ticket))
    assert await state_of(ticket) == "open"
    [entry] = await Entry.filter(name="mail.follow_up_received")
    assert entry.facts["owner_id"] == office.anna.id
    assert [mail["To"] for mail in office.outbox()][-1] == "Anna <anna@desk.example>"


async def test_control_headers_count_from_trusted_ways_alone(office: Office) -> None:
    headers = {
        "x_tessera_queue": "Junk",
        "x_tessera_priority": "5 very high",
        "x_tessera_state": "pending reminder",
        "x_tessera_pendingtime": "+2d",
        "x_tessera_title": "By order",
        "x_tessera_owner": "anna",
        "x_tessera_responsibleid": str(office.ben.id),
        "x_tessera_lock": "lock",
        "x_tessera_articletype": "note",
        "x_tessera_isvisibleforcustomer": "0",
    }
    plain = await office.ticket(await office.receive(letter("a", **headers)))
    assert (plain.title, plain.queue_id, plain.owner_id) == ("Printer", office.support.id, None)
    row = await office.receive(letter("b", **headers), trusted=True)
    ticket = await office.ticket(row)
    assert ticket.title == "By order"
    assert (await Queue.get(id=ticket.queue_id)).path == "Junk"
    assert (await Priority.get(id=ticket.priority_id)).name == "5 very high"
    assert await state_of(ticket) == "pending reminder"
    assert ticket.pending_until is not None
    assert (ticket.owner_id, ticket.lock_holder_id) == (office.anna.id, office.anna.id)
    assert ticket.responsible_id == office.ben.id
    article = await Article.get(id=row.article_id)
    assert (article.channel, article.visible_for_customer) == ("note", False)


async def test_orders_that_make_no_sense_are_passed_over(office: Office) -> None:
    headers = {
        "x_tessera_queue": "No::Such",
        "x_tessera_priority": "none",
        "x_tessera_state": "merged",
        "x_tessera_owner": "nobody",
        "x_tessera_ownerid": "99999999999999999999",
        "x_tessera_pendingtime": "soon",
        "x_tessera_customer": "none",
        "x_tessera_articletype": "no channel",
    }
    ticket = await opened(office)
    follow_ups = {f"x_tessera_followup_{name.removeprefix('x_tessera_')}": value for name, value in headers.items()}
    row = await office.receive(answering(ticket, **follow_ups), trusted=True)
    assert (row.state, (await office.ticket(row)).id) == ("filed", ticket.id)
    await office.house.run(lambda unit: accounts.update_agent(unit, office.ben, active=False))
    new = await office.ticket(
        await office.receive(letter("new", **headers, subject="x", x_tessera_responsible="ben"), trusted=True)
    )
    assert (await state_of(new), new.owner_id, new.responsible_id) == ("new", None, None)


async def test_what_is_longer_than_any_column_is_filed(office: Office) -> None:
    ticket = await opened(office)
    address = f"{'a' * 250}@{'b' * 250}.example"
    long = {
        "message_id": f"<{'i' * 880}>",
        "references": f"<{'r' * 880}>",
        "in_reply_to": f"<{'r' * 890}>",
        "from_": address,
        "to": address,
        "reply_to": f"{'n' * 600} <{address}>",
        "subject": f"[Ticket#{'9' * 32}] " + "s" * 3000,
    }
    orders = {
        f"x_tessera_{name}": "o" * 3000
        for name in ("queue", "priority", "state", "type", "owner", "responsible", "title", "customer", "customeruser")
    }
    for headers in (long, long | orders):
        row = await office.receive(letter(str(len(headers)), **headers), trusted=True)
        assert (row.state, row.reason) == ("filed", None)
    headers = {name.replace("x_tessera_", "x_tessera_followup_"): value for name, value in orders.items()}
    row = await office.receive(letter("x", **long | headers | {"subject": f"[Ticket#{ticket.number}]"}), trusted=True)
    assert (await office.ticket(row)).id == ticket.id
    report = f"Content-Type: text/rfc822-headers\n\nMessage-ID: <{'i' * 890}>\n"
    raw = multipart("report", REPORT, report, headers=f"From: MAILER-DAEMON@x\nSubject: [Ticket#{ticket.number}]\n")
    assert (await office.ticket(await office.receive(raw))).id == ticket.id


async def test_mails_are_no_litter(office: Office) -> None:
    row = await office.receive(letter(x_tessera_ignore="1"), trusted=True)
    with set_forward(timedelta(days=3)):
        await house_files.collect(office.house.runtime.wiring.answers["blob_owners"])
    assert await files.read(row.digest) == letter(x_tessera_ignore="1")


async def test_a_trusted_follow_up_changes_its_ticket(office: Office) -> None:
    ticket = await opened(office)
    await office.receive(
        answering(
            ticket,
            x_tessera_followup_queue="Junk",
            x_tessera_followup_priority="1 very low",
            x_tessera_followup_title="Other",
            x_tessera_followup_owner="ben",
        ),
        trusted=True,
    )
    ticket = await Ticket.get(id=ticket.id)
    assert ((await Queue.get(id=ticket.queue_id)).path, ticket.title, ticket.owner_id) == (
        "Junk",
        "Other",
        office.ben.id,
    )
    assert (await Priority.get(id=ticket.priority_id)).name == "1 very low"


async def test_a_mail_that_shall_be_ignored_is_kept(office: Office) -> None:
    row = await office.receive(letter(x_tessera_ignore="yes"), trusted=True)
    assert (row.state, row.subject) == ("ignored", "Printer")
    assert await files.read(row.digest)
    assert await Ticket.all().count() == 0


async def test_filters_set_control_headers_in_order_until_one_stops(office: Office) -> None:
    async def work(unit: Unit) -> None:
        make = service.create_filter
        await make(unit, name="b", position=2, matches={"Subject": "printer"}, sets={"Title": "second"}, stops=True)
        await make(unit, name="a", position=1, matches={"subject": "^print"}, sets={"Title": "first", "Queue": "Misc"})
        await make(unit, name="c", position=3, matches={"Subject": "."}, sets={"Title": "third"})
        await make(unit, name="d", position=0, matches={"From": "carla", "Body": "nowhere"}, sets={"Ignore": "1"})

    await office.house.run(work)
    ticket = await opened(office)
    assert (ticket.title, (await Queue.get(id=ticket.queue_id)).path) == ("second", "Misc")


async def test_a_filter_that_takes_for_ever_does_not_match(office: Office) -> None:
    slow = {"Body": r"(a|aa)+$"}
    await office.house.run(lambda unit: service.create_filter(unit, name="slow", matches=slow, sets={"Ignore": "1"}))
    assert (await office.receive(letter("a" * 5000 + "b"))).state == "filed"


async def test_a_filter_cannot_be_fooled_by_headers_of_the_sender(office: Office) -> None:
    await office.house.run(
        lambda unit: service.create_filter(unit, name="x", matches={"X-Tessera-Title": "."}, sets={"Ignore": "1"})
    )
    assert (await office.receive(letter(x_tessera_title="x"))).state == "filed"


async def test_filters_of_packages_run_after_the_administrators_and_count_as_trusted(office: Office) -> None:
    def junk(message: Message) -> dict[str, str]:
        return {"Queue": "Junk", "Title": f"seen: {message.header('X-Tessera-Title')}"}

    await office.house.run(
        lambda unit: service.create_filter(unit, name="x", matches={"To": "."}, sets={"Title": "rule"})
    )
    row = await service.receive(office.house.runtime.units, letter(), source="pipe")
    wiring = office.house.runtime.wiring
    asked = replace(wiring, answers={**wiring.answers, "mail_filters": (Filter("dummy.junk", junk),)})
    row = await service.file(Units(asked), row)
    ticket = await office.ticket(row)
    assert (ticket.title, (await Queue.get(id=ticket.queue_id)).path) == ("seen: rule", "Junk")


@every_database
async def test_a_delivery_report_is_filed_on_the_ticket_of_the_mail_that_came_back(office: Office) -> None:
    ticket = await opened(office)
    reply = await office.reply(ticket)
    await put(office, ticket, "closed successful")
    original = f"Content-Type: text/rfc822-headers\n\nMessage-ID: {reply.message_id}\n"
    row = await office.receive(multipart("report", REPORT, original, headers="From: MAILER-DAEMON@mx.example\n"))
    assert (await office.ticket(row)).id == ticket.id
    article = await Article.get(id=row.article_id)
    assert (article.sender_type, article.visible_for_customer) == ("system", False)
    assert await state_of(ticket) == "closed successful"
    sent = await OutgoingMessage.get(article_id=reply.id)
    assert sent.state == "bounced"
    assert sent.problem
    assert await Entry.filter(name="mail.bounced", subject_id=ticket.id).count() == 1
    assert len(office.outbox()) == 1


async def test_our_own_mail_come_back_is_ignored(office: Office) -> None:
    ticket = await opened(office)
    await office.reply(ticket)
    [sent] = office.outbox()
    row = await office.receive(sent.as_bytes())
    assert (row.state, row.reason) == ("ignored", "It is our own mail come back.")


async def test_what_cannot_be_filed_is_quarantined_and_can_be_tried_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: object) -> None:
        message = "nobody foresaw this"
        raise LookupError(message)

    with monkeypatch.context() as patched:
        patched.setattr("tessera.mail.service._filing.orders.title_of", broken)
        row = await office.receive(letter())
    assert (row.state, row.reason, row.subject) == ("quarantined", "LookupError: nobody foresaw this", "Printer")
    assert await Ticket.all().count() == await CustomerUser.all().count() == 0
    assert await Entry.filter(name="mail.quarantined", subject_id=row.id).count() == 1
    await office.house.run(lambda unit: service.retry(unit, row))
    await office.house.drain()
    row = await IncomingMessage.get(id=row.id)
    assert (row.state, row.reason) == ("filed", None)
    with pytest.raises(MessageNotQuarantined):
        await office.house.run(lambda unit: service.retry(unit, row))


async def test_a_storage_that_is_away_is_asked_again(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(_digest: str) -> bytes:
        raise OSError(5, "the disk is away")

    with monkeypatch.context() as patched:
        patched.setattr("tessera.files.queries.read", away)
        assert (await office.receive(letter())).state == "received"
        row = await IncomingMessage.get()
        await service.file(office.house.runtime.units, row, is_last_try=True)
    assert (await IncomingMessage.get()).state == "quarantined"


async def test_a_mail_too_large_is_not_taken(office: Office) -> None:
    await office.house.run(lambda unit: settings.change_setting(unit, MAX_BYTES, 1024))
    with pytest.raises(MessageTooLarge):
        await office.receive(letter("x" * 2000))
    assert await IncomingMessage.all().count() == 0


async def test_a_broken_filter_row_does_not_lose_a_mail(office: Office) -> None:
    await MailFilter.create(name="x", name_key="x", matches="no json", sets="{}")
    row = await office.receive(letter())
    assert row.state == "quarantined"
