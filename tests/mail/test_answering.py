import asyncio

from tessera.articles.models import Article
from tessera.kit.actor import SYSTEM
from tessera.kit.unit import Unit
from tessera.mail import service
from tessera.mail.models import AutomaticMail, OutgoingMessage
from tessera.mail.settings import LOOP_LIMIT, TELL_OWNER
from tessera.queues import service as queues
from tessera.queues.models import AutoResponse, AutoResponseKind, FollowUpPolicy, Queue
from tessera.settings import service as settings
from tessera.testing.fixtures import every_database
from tessera.tickets import service as ticket_service
from tessera.tickets.models import State, Ticket
from tests.corpus import needs_corpus, table
from tests.mail.office import CARLA, DESK, Office, letter

REPLY = AutoResponseKind.REPLY


async def answering(office: Office) -> None:
    """Let Support answer every kind of mail with the kind's name."""
    for kind in AutoResponseKind:
        await office.answers_with(
            kind, f"{kind}: {{{{ ticket.title }}}}", "Dear {{ customer.name }}, {{ ticket.number }}"
        )


async def close(office: Office, ticket: Ticket, state: str = "closed successful") -> None:
    row, wanted = await Ticket.get(id=ticket.id), await State.get(name=state)
    await office.house.run(lambda unit: ticket_service.set_state(unit, row, wanted))


def subjects(office: Office) -> list[str]:
    return [mail["Subject"] for mail in office.outbox()]


@every_database
async def test_a_new_ticket_is_confirmed(office: Office) -> None:
    await answering(office)
    row = await office.receive(letter(message_id="<first@customer.example>"))
    ticket = await office.ticket(row)
    [mail] = office.outbox()
    assert mail["Subject"] == f"[Ticket#{ticket.number}] reply: Printer"
    assert (mail["From"], mail["To"]) == (DESK, f"Carla Customer <{CARLA}>")
    assert mail["In-Reply-To"] == "<first@customer.example>"
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["X-Tessera-Loop"] == "yes"
    assert mail.get_content().strip() == f"Dear Carla Customer, {ticket.number}"
    [_, answer] = await office.articles(ticket)
    assert (answer.sender_type, answer.visible_for_customer) == ("system", True)
    assert answer.message_id == mail["Message-ID"]
    assert (await OutgoingMessage.get()).automatic


async def test_every_kind_of_mail_has_its_answer(office: Office) -> None:
    await answering(office)
    ticket = await office.ticket(await office.receive(letter()))
    again = letter("again", subject=f"Re: [Ticket#{ticket.number}]")
    await office.receive(again)
    await close(office, ticket)
    await office.follow_ups(FollowUpPolicy.REJECT)
    await office.receive(again + b"1")
    await office.follow_ups(FollowUpPolicy.NEW_TICKET)
    await office.receive(again + b"2")
    await close(office, ticket, "removed")
    await office.house.drain()
    words = [subject.partition("] ")[2].partition(":")[0] for subject in subjects(office)]
    assert words == ["reply", "follow_up", "reject", "reply_new_ticket", "remove"]
    assert await Ticket.all().count() == 2


async def test_the_answer_goes_where_the_sender_wants_it(office: Office) -> None:
    await answering(office)
    await office.receive(letter(reply_to='"Else, Where" <else@x.example>'))
    assert office.outbox()[0]["To"] == '"Else, Where" <else@x.example>'


async def test_machines_are_not_answered(office: Office) -> None:
    await answering(office)
    for number, headers in enumerate(
        (
            {"auto_submitted": "auto-generated"},
            {"precedence": "bulk"},
            {"list_id": "<l.example>"},
            {"return_path": "<>"},
            {"from_": "MAILER-DAEMON@mx.example"},
            {"reply_to": "no-reply@x.example"},
            {"from_": DESK},
            {"reply_to": DESK},
            {"from_": ""},
        )
    ):
        row = await office.receive(letter(f"{number}", **headers))
        assert row.state == "filed", headers
    assert office.outbox() == []


@needs_corpus
async def test_the_table_of_loops(office: Office) -> None:
    await answering(office)
    for row in table("tables/PostMaster/LoopDetection.json")["Tests"]:
        before = len(office.outbox())
        raw = row["Email"].replace("To: test@home.com", f"To: {DESK}").replace("X-OTOBO-", "X-Tessera-")
        filed = await office.receive(raw.encode())
        assert filed.state == "filed", row["Name"]
        expected = 0 if row["EmailParams"]["X-OTOBO-Loop"] == "yes" else 1
        assert len(office.outbox()) - before == expected, row["Name"]


async def test_a_trusted_header_forbids_the_answer(office: Office) -> None:
    await answering(office)
    await office.receive(letter(x_tessera_loop="yes"), trusted=True)
    assert office.outbox() == []


async def test_two_desks_do_not_answer_each_other_for_ever(office: Office) -> None:
    await answering(office)
    await office.receive(letter())
    [answer] = office.outbox()
    back = (
        answer.as_bytes().replace(DESK.encode(), b"other@desk.invalid", 1).replace(b"Message-ID: <", b"Message-ID: <x")
    )
    assert (await office.receive(back)).state == "filed"
    assert len(office.outbox()) == 1


async def test_one_address_gets_so_many_answers_a_day(office: Office) -> None:
    await answering(office)
    await office.house.run(lambda unit: settings.change_setting(unit, LOOP_LIMIT, 2))
    for number in range(4):
        await office.receive(
            letter(f"{number}", from_=f"Carla <{'CARLA' if number % 2 else 'carla'}@customer.example>")
        )
    assert len(office.outbox()) == 2
    await office.receive(letter("x", from_="other@customer.example"))
    assert len(office.outbox()) == 3
    await office.house.run(lambda unit: settings.change_setting(unit, LOOP_LIMIT, 0))
    await office.receive(letter("x", from_="third@customer.example"))
    assert len(office.outbox()) == 3


@every_database
async def test_the_count_is_right_when_many_are_answered_at_once(office: Office) -> None:
    await answering(office)
    await office.house.run(lambda unit: settings.change_setting(unit, LOOP_LIMIT, 5))
    units = office.house.runtime.units
    rows = [await office.receive(letter(f"{number}", list_id="<l>")) for number in range(8)]

    async def answer(number: int) -> None:
        async def work(unit: Unit) -> None:
            article = await Article.get(id=rows[number].article_id)
            await service.answer(unit, await Ticket.get(id=article.ticket_id), rows[number], article, "new")

        await units.run(SYSTEM, work)

    await asyncio.gather(*(answer(number) for number in range(8)))
    [counted] = await AutomaticMail.all()
    assert counted.sent == 5
    await office.house.drain()
    assert len(office.outbox()) == 5


async def test_a_text_that_cannot_be_filled_in_is_passed_over(office: Office) -> None:
    await answering(office)
    await AutoResponse.filter(kind=REPLY.value).update(text="{% for x in y %}")
    assert (await office.receive(letter())).state == "filed"
    assert office.outbox() == []


async def test_a_queue_without_an_address_writes_by_the_one_above_or_not_at_all(office: Office) -> None:
    await office.answers_with(REPLY, "s", "t", office.sales)
    sales = await Queue.get(id=office.sales.id)
    await office.house.run(lambda unit: queues.update_queue(unit, sales, email_address=None))
    await service.receive(office.house.runtime.units, letter(), source="pipe", queue=sales)
    await office.house.drain()
    assert [mail["From"] for mail in office.outbox()] == [DESK]
    junk = await Queue.get(path="Junk")
    await office.answers_with(REPLY, "s", "t", junk)
    await service.receive(office.house.runtime.units, letter("x"), source="pipe", queue=junk)
    await office.house.drain()
    assert len(office.outbox()) == 1


async def test_the_owner_is_told_what_the_customer_wrote(office: Office) -> None:
    ticket = await office.ticket(await office.receive(letter()))
    await office.reply(ticket)
    await office.receive(letter("It smokes.", subject=f"Re: [Ticket#{ticket.number}] Printer"))
    notice = office.outbox()[-1]
    assert (notice["To"], notice["Subject"]) == ("Anna <anna@desk.example>", f"[Ticket#{ticket.number}] Printer")
    assert "It smokes." in notice.get_content()
    assert notice["Auto-Submitted"] == "auto-replied"
    assert len(await office.articles(ticket)) == 3
    back = await office.receive(letter("thanks", from_="anna@desk.example", in_reply_to=notice["Message-ID"]))
    assert (await office.ticket(back)).id == ticket.id
    assert len(office.outbox()) == 2


async def test_owners_are_not_told_when_the_setting_says_so(office: Office) -> None:
    ticket = await office.ticket(await office.receive(letter()))
    await office.reply(ticket)
    await office.house.run(lambda unit: settings.change_setting(unit, TELL_OWNER, value=False))
    await office.receive(letter("It smokes.", subject=f"Re: [Ticket#{ticket.number}] Printer"))
    assert len(office.outbox()) == 1
