"""What is said on tickets: who may, what becomes of the ticket, what is recorded, what stays untouched."""

import asyncio
import json
from typing import Any

import pytest

from tessera.articles import queries, service
from tessera.articles.errors import (
    BodyMissing,
    FollowUpNeedsNewTicket,
    FollowUpRejected,
    InvalidChannel,
    InvalidRecipient,
    NotForCustomers,
    RecipientMissing,
    SenderMissing,
    TooManyAttachments,
    TooManyRecipients,
)
from tessera.articles.models import Article, Attachment, Channel, SenderType
from tessera.articles.service import BulkChange, NewAttachment
from tessera.articles.settings import MAX_ATTACHMENTS, MAX_BODY, SENDER_NAME
from tessera.kit.actor import SYSTEM
from tessera.kit.errors import Forbidden, LimitExceeded, NotFound
from tessera.kit.journal import Entry
from tessera.kit.unit import Unit
from tessera.queues import service as queues
from tessera.queues.errors import RightMissing
from tessera.queues.models import FollowUpPolicy, SystemAddress
from tessera.settings import service as settings
from tessera.testing.fixtures import every_database
from tessera.tickets import service as tickets
from tessera.tickets.errors import TicketLocked, TicketMerged
from tessera.tickets.models import State, Ticket
from tessera.tickets.settings import LOCK_ON_REPLY
from tests.articles.words import ADDRESS, articles, attachment, mail, opened, words
from tests.tickets.desk import Desk, facts, gid, names, state


async def state_of(ticket: Ticket) -> str:
    return (await State.get(id=(await Ticket.get(id=ticket.id)).state_id)).name


async def test_a_ticket_opens_with_what_was_asked(desk: Desk) -> None:
    ticket = await opened(desk, article=mail(subject="Fire!", message_id="<1@customer.example>", to=(ADDRESS,)))
    (article,) = await articles(ticket)
    assert (article.number, article.channel, article.sender_type) == (1, "email", "customer")
    assert (article.author_kind, article.author_name) == ("system", "Tessera")
    assert (article.sender, json.loads(article.recipients)) == ("Carla <carla@customer.example>", [ADDRESS])
    assert (article.subject, article.body, article.body_html) == ("Fire!", "It still burns", None)
    assert await names(ticket) == ["ticket.created", "article.added"]
    assert (await facts(ticket))[-1][1] == {
        "article_id": article.id,
        "number": 1,
        "channel": "email",
        "sender_type": "customer",
        "visible_for_customer": True,
        "first_reply": False,
        "attachments": 0,
    }
    assert await queries.by_message_id(" <1@customer.example> ") == article


async def test_the_journal_never_holds_what_was_written(desk: Desk) -> None:
    ticket = await opened(desk, article=mail("my secret words", subject="a secret subject"))
    await desk.run(desk.anna, service.add_note, ticket, words(Channel.NOTE, "secret note"))
    assert "secret" not in " ".join(entry.data for entry in await Entry.all())


@pytest.mark.parametrize(
    ("channel", "sender_type", "visible"),
    [("phone", "customer", True), ("web", "customer", True), ("note", "agent", False), ("email", "agent", True)],
)
async def test_an_agent_opens_a_ticket_for_a_customer(
    desk: Desk, channel: str, sender_type: str, visible: bool
) -> None:
    ticket = await opened(desk, desk.anna, words(channel))
    (article,) = await articles(ticket)
    assert (article.sender_type, article.visible_for_customer) == (sender_type, visible)
    assert (article.author_kind, article.author_id) == ("agent", desk.anna.id)
    assert (await Ticket.get(id=ticket.id)).lock_holder_id is None
    assert await state_of(ticket) == "new"


async def test_an_agents_own_request_is_the_agents(desk: Desk) -> None:
    (article,) = await articles(await opened(desk, desk.anna, words(), customer_user=None))
    assert (article.sender_type, article.sender) == ("agent", "Anna")


async def test_a_refused_article_opens_no_ticket(desk: Desk) -> None:
    with pytest.raises(BodyMissing) as refused:
        await opened(desk, desk.anna, words(body="  \n"))
    assert refused.value.field == ("input", "article", "body")
    with pytest.raises(RecipientMissing):
        await opened(desk, desk.anna, words(Channel.EMAIL), customer_user=None)
    with pytest.raises(NotForCustomers):
        await opened(desk, desk.carla, words(Channel.NOTE))
    with pytest.raises(RightMissing):
        await opened(desk, desk.ben, words())
    assert (await Ticket.all().count(), await Article.all().count()) == (0, 0)


async def test_a_note_stays_inside_and_needs_no_lock(desk: Desk) -> None:
    ticket = await opened(desk)
    await desk.run(desk.bert, tickets.lock, ticket)
    noter = await desk.agent_with("nora", ["ro", "note"])
    for actor in (desk.anna, noter):
        note = await desk.run(actor, service.add_note, ticket, words(Channel.NOTE, "Between us"))
        assert (note.channel, note.visible_for_customer, note.sender_type) == ("note", False, "agent")
    after = await Ticket.get(id=ticket.id)
    assert (after.lock_holder_id, await state_of(ticket)) == (desk.bert.id, "new")


async def test_a_note_needs_its_right(desk: Desk) -> None:
    ticket = await opened(desk)
    for actor, problem in ((desk.ben, RightMissing), (desk.carla, NotForCustomers)):
        with pytest.raises(problem):
            await desk.run(actor, service.add_note, ticket, words(Channel.NOTE))
    assert len(await articles(ticket)) == 1


async def test_a_reply_goes_to_the_customer_as_part_of_the_thread(desk: Desk) -> None:
    ticket = await opened(desk, article=mail(message_id="<2@c.example>", references=("<1@c.example>",)))
    reply = await desk.run(desk.anna, service.reply, ticket, words(Channel.EMAIL, "We come"))
    first = (await articles(ticket))[0]
    assert json.loads(reply.recipients) == ["Carla <carla@customer.example>"]
    assert (reply.sender, reply.subject, reply.in_reply_to_id) == (ADDRESS, "Re: Printer on fire", first.id)
    assert json.loads(reply.reference_ids) == ["<1@c.example>", "<2@c.example>"]
    assert reply.message_id is not None
    assert reply.message_id.startswith(f"<{ticket.number}.")
    assert reply.message_id.endswith("@desk.example>")
    second = await desk.run(desk.anna, service.reply, ticket, words(Channel.EMAIL, "We are there"))
    assert second.message_id != reply.message_id
    first_replies = [data["first_reply"] for name, data in await facts(ticket) if name == "article.added"]
    assert first_replies == [False, True, False]


@pytest.mark.parametrize(
    ("form", "sender"),
    [
        ("queue", f'"Help, desk" <{ADDRESS}>'),
        ("agent", f"Anna <{ADDRESS}>"),
        ("agent_queue", f'"Anna via Help, desk" <{ADDRESS}>'),
    ],
)
async def test_a_setting_says_whose_name_a_reply_bears(desk: Desk, form: str, sender: str) -> None:
    ticket = await opened(desk, queue=desk.sub_queue)
    address = await SystemAddress.get(address_key=ADDRESS)
    await desk.run(SYSTEM, queues.update_address, address, display_name="Help, desk")
    await desk.run(SYSTEM, settings.change_setting, SENDER_NAME, form)
    reply = await desk.run(desk.anna, service.reply, ticket, words(Channel.EMAIL))
    assert reply.sender == sender


async def test_a_reply_needs_sender_and_recipients(desk: Desk) -> None:
    nobodys = await opened(desk, customer_user=None)
    with pytest.raises(RecipientMissing) as refused:
        await desk.run(desk.anna, service.reply, nobodys, words(Channel.EMAIL))
    assert refused.value.field == ("input", "to")
    for bad in ("nonsense", "a@b@c", "Two <a@b.example> <c@d.example>", "a b@c.example", "x" * 400 + "@c.example"):
        with pytest.raises(InvalidRecipient):
            await desk.run(desk.anna, service.reply, nobodys, words(Channel.EMAIL, to=(bad,)))
    many = tuple(f"a{number}@b.example" for number in range(101))
    with pytest.raises(TooManyRecipients):
        await desk.run(desk.anna, service.reply, nobodys, words(Channel.EMAIL, cc=many, to=("a@b.example",)))
    to = ("Doe, John <john@x.example>", "john@x.example\r\nBcc: eve@x.example")
    with pytest.raises(InvalidRecipient):
        await desk.run(desk.anna, service.reply, nobodys, words(Channel.EMAIL, to=to))
    reply = await desk.run(desk.anna, service.reply, nobodys, words(Channel.EMAIL, to=to[:1]))
    assert json.loads(reply.recipients) == ['"Doe, John" <john@x.example>']
    await desk.run(SYSTEM, queues.update_queue, desk.queue, email_address=None)
    with pytest.raises(SenderMissing):
        await desk.run(desk.anna, service.reply, nobodys, words(Channel.EMAIL, to=to[:1]))


@pytest.mark.parametrize("channel", ["email", "phone", "web"])
async def test_the_first_reply_opens_locks_and_takes_on(desk: Desk, channel: str) -> None:
    ticket = await opened(desk)
    await desk.run(desk.anna, service.add_article, ticket, words(channel))
    after = await Ticket.get(id=ticket.id)
    assert (after.owner_id, after.lock_holder_id, await state_of(ticket)) == (desk.anna.id, desk.anna.id, "open")
    with pytest.raises(TicketLocked) as refused:
        await desk.run(desk.bert, service.add_article, ticket, words(channel))
    assert refused.value.current == after
    assert len(await articles(ticket)) == 2


async def test_what_the_customer_does_not_see_takes_nobody_on(desk: Desk) -> None:
    ticket = await opened(desk)
    await desk.run(desk.anna, service.log_call, ticket, words(Channel.PHONE, visible_for_customer=False))
    after = await Ticket.get(id=ticket.id)
    assert (after.owner_id, after.lock_holder_id, await state_of(ticket)) == (None, None, "new")


@pytest.mark.parametrize("verb", [service.reply, service.add_portal_message])
async def test_a_reply_to_many_takes_nothing_on(desk: Desk, verb: Any) -> None:
    ticket = await opened(desk)
    await desk.run(desk.anna, verb, ticket, words(), takes_on=False)
    row = await Ticket.get(id=ticket.id)
    assert (row.owner_id, row.lock_holder_id, await state_of(ticket)) == (None, None, "new")
    assert len(await articles(ticket)) == 2


async def test_the_lock_on_reply_can_be_switched_off(desk: Desk) -> None:
    ticket = await opened(desk)
    await desk.run(SYSTEM, settings.change_setting, LOCK_ON_REPLY, value=False)
    await desk.run(desk.anna, service.reply, ticket, words(Channel.EMAIL))
    assert (await Ticket.get(id=ticket.id)).lock_holder_id is None


async def test_a_chosen_state_wins_and_a_closed_ticket_is_not_locked(desk: Desk) -> None:
    ticket = await opened(desk)
    closed = await state("closed successful")
    await desk.run(desk.anna, service.reply, ticket, words(Channel.EMAIL), state=closed)
    after = await Ticket.get(id=ticket.id)
    assert (await state_of(ticket), after.lock_holder_id) == ("closed successful", None)
    assert after.closed_at is not None


@every_database
async def test_of_two_agents_replying_at_once_one_wins(desk: Desk) -> None:
    ticket = await opened(desk)
    results = await asyncio.gather(
        *(desk.run(actor, service.reply, ticket, words(Channel.EMAIL)) for actor in (desk.anna, desk.bert)),
        return_exceptions=True,
    )
    won = [each for each in results if isinstance(each, Article)]
    lost = [each for each in results if isinstance(each, TicketLocked)]
    assert (len(won), len(lost)) == (1, 1)
    after = await Ticket.get(id=ticket.id)
    assert after.lock_holder_id == after.owner_id == won[0].author_id
    assert [article.number for article in await articles(ticket)] == [1, 2]


@every_database
async def test_numbers_have_no_gaps_under_concurrency(desk: Desk) -> None:
    ticket = await opened(desk)
    notes = [desk.run(desk.anna, service.add_note, ticket, words(Channel.NOTE, str(number))) for number in range(8)]
    done = await asyncio.gather(*notes, return_exceptions=True)
    added = [each for each in done if isinstance(each, Article)]
    assert sorted(each.number for each in added) == list(range(2, 2 + len(added)))
    assert [article.number for article in await articles(ticket)] == list(range(1, 2 + len(added)))


@pytest.mark.parametrize("before", ["closed successful", "pending reminder", "open", "new"])
@pytest.mark.parametrize("by_mail", [True, False])
async def test_a_customers_answer_opens_what_waits_or_is_closed(desk: Desk, before: str, by_mail: bool) -> None:
    ticket = await opened(desk)
    await desk.run(desk.anna, tickets.set_state, ticket, await state(before))
    if by_mail:
        await desk.run(SYSTEM, service.add_incoming, ticket, mail())
    else:
        await desk.run(desk.carla, service.add_portal_message, ticket, words())
    assert await state_of(ticket) == ("new" if before == "new" else "open")
    last = (await articles(ticket))[-1]
    assert (last.sender_type, last.visible_for_customer) == ("customer", True)
    assert (await Ticket.get(id=ticket.id)).lock_holder_id is None


async def test_a_reopened_ticket_is_locked_for_its_owner_where_the_queue_says_so(desk: Desk) -> None:
    await desk.run(SYSTEM, queues.update_queue, desk.queue, follow_up_lock=True)
    ticket = await opened(desk, owner=await desk.agent(desk.bert))
    await desk.run(desk.bert, tickets.close, ticket, state=await state("closed successful"))
    await desk.run(SYSTEM, service.add_incoming, ticket, mail())
    assert (await Ticket.get(id=ticket.id)).lock_holder_id == desk.bert.id


@pytest.mark.parametrize(
    ("policy", "problem"),
    [(FollowUpPolicy.REJECT, FollowUpRejected), (FollowUpPolicy.NEW_TICKET, FollowUpNeedsNewTicket)],
)
async def test_a_queue_may_refuse_answers_to_closed_tickets(
    desk: Desk, policy: FollowUpPolicy, problem: type[Exception]
) -> None:
    ticket = await opened(desk)
    await desk.run(SYSTEM, queues.update_queue, desk.queue, follow_up_policy=policy)
    await desk.run(desk.carla, service.add_portal_message, ticket, words())
    await desk.run(desk.anna, tickets.close, ticket, state=await state("closed successful"))
    with pytest.raises(problem):
        await desk.run(desk.carla, service.add_portal_message, ticket, words())
    kept = await desk.run(SYSTEM, service.add_incoming, ticket, mail())
    assert (kept.number, await state_of(ticket)) == (3, "closed successful")


async def test_a_mail_can_be_filed_without_reopening(desk: Desk) -> None:
    ticket = await opened(desk)
    await desk.run(desk.anna, tickets.close, ticket, state=await state("closed successful"))
    await desk.run(SYSTEM, service.add_incoming, ticket, mail(), reopens=False)
    assert (await state_of(ticket), len(await articles(ticket))) == ("closed successful", 2)


async def test_customers_write_visible_portal_messages_only(desk: Desk) -> None:
    ticket = await opened(desk, desk.carla, words())
    for channel in ("note", "email", "phone", "api", "chat"):
        with pytest.raises(NotForCustomers):
            await desk.run(desk.carla, service.add_article, ticket, words(channel))
    with pytest.raises(NotForCustomers):
        await desk.run(desk.carla, service.add_article, ticket, words(visible_for_customer=False))
    with pytest.raises(Forbidden):
        await desk.run(desk.stranger, service.add_article, ticket, words())
    with pytest.raises(NotForCustomers):
        await desk.run(desk.carla, service.forward, (await articles(ticket))[0], to=("a@b.example",))
    message = await desk.run(desk.carla, service.add_article, ticket, words(sender="The boss <boss@x.example>"))
    assert (message.sender, message.sender_type) == ("Carla <carla@customer.example>", "customer")


async def test_only_the_house_files_mails(desk: Desk) -> None:
    ticket = await opened(desk)
    for verb in (service.add_incoming, service.add_automatic):
        for actor in (desk.anna, desk.carla):
            with pytest.raises(Forbidden):
                await desk.run(actor, verb, ticket, mail())


async def test_an_automatic_answer_changes_nothing_else(desk: Desk) -> None:
    ticket = await opened(desk)
    answer = await desk.run(SYSTEM, service.add_automatic, ticket, mail("We got it", sender_type=SenderType.SYSTEM))
    assert (answer.sender_type, await state_of(ticket)) == ("system", "new")
    assert not await queries.is_answered(ticket.id)


async def test_an_answer_to_a_merged_ticket_goes_to_its_target(desk: Desk) -> None:
    source, target = await opened(desk), await opened(desk)
    await desk.run(desk.anna, service.merge, source, target)
    added = await desk.run(SYSTEM, service.add_incoming, source, mail("late"))
    assert (added.ticket_id, added.number) == (target.id, 3)
    with pytest.raises(TicketMerged):
        await desk.run(desk.anna, service.add_note, source, words(Channel.NOTE))
    with pytest.raises(TicketMerged):
        await desk.run(desk.carla, service.add_portal_message, source, words())


async def test_merging_puts_the_articles_behind_the_targets_own(desk: Desk) -> None:
    source, target = await opened(desk), await opened(desk)
    for ticket, texts in ((source, ("s2", "s3")), (target, ("t2",))):
        for text in texts:
            await desk.run(desk.anna, service.add_note, ticket, words(Channel.NOTE, text))
    merged = await desk.run(desk.anna, service.merge, source, target)
    assert merged.merged_into_id == target.id
    found = await articles(target)
    assert [article.number for article in found] == [1, 2, 3, 4, 5]
    assert [article.body for article in found] == ["It burns", "t2", "It burns", "s2", "s3"]
    assert await articles(source) == []
    assert (await facts(target))[-1] == (
        "article.moved",
        {"source": source.number, "source_id": source.id, "article_ids": [each.id for each in found[2:]]},
    )
    late = await desk.run(desk.anna, service.add_note, target, words(Channel.NOTE, "t6"))
    assert late.number == 6


async def test_splitting_begins_with_the_articles_words(desk: Desk) -> None:
    source = await opened(desk, article=mail("Two things", attachments=(await attachment(),)))
    (first,) = await articles(source)
    ticket, origin = await desk.run(
        desk.anna, service.split, first, article=words(body=None), title="The second", queue=desk.queue
    )
    (copy,) = await articles(ticket)
    assert (copy.number, copy.body, copy.message_id) == (1, "Two things", None)
    assert [each.filename for each in (await queries.attachments_of([copy.id]))[copy.id]] == ["a.txt"]
    assert (ticket.customer_user_id, origin.id) == (source.customer_user_id, source.id)
    assert (await facts(source))[-1] == (
        "ticket.split",
        {"article_id": first.id, "into": ticket.number, "into_id": ticket.id},
    )
    assert len(await articles(source)) == 1
    with pytest.raises(NotForCustomers):
        await desk.run(desk.carla, service.split, first, article=words(), title="x", queue=desk.queue)
    with pytest.raises(RightMissing):
        await desk.run(desk.ben, service.split, first, article=words(), title="x", queue=desk.queue)


async def test_forwarding_shows_the_customer_nothing(desk: Desk) -> None:
    ticket = await opened(
        desk,
        article=mail("line\nline", subject="Fire", body_html="<p>line</p>", attachments=(await attachment(),)),
    )
    (first,) = await articles(ticket)
    sent = await desk.run(desk.anna, service.forward, first, to=("fire@brigade.example",), note="Please go")
    assert (sent.channel, sent.visible_for_customer, sent.subject) == ("email", False, "Fwd: Fire")
    assert json.loads(sent.recipients) == ["fire@brigade.example"]
    assert sent.body.startswith("Please go\n\nFrom: Carla <carla@customer.example>\n")
    assert sent.body.endswith("> line\n> line")
    assert sent.body_html is not None
    assert "<blockquote><p>line</p></blockquote>" in sent.body_html
    assert len((await queries.attachments_of([sent.id]))[sent.id]) == 1
    assert (await Ticket.get(id=ticket.id)).lock_holder_id is None
    with pytest.raises(RecipientMissing):
        await desk.run(desk.anna, service.forward, first, to=())


async def test_html_is_made_safe_and_becomes_text(desk: Desk) -> None:
    html = '<p onclick="x()">Hi <b>you</b><script>alert(1)</script></p><img src="https://spy.example/p.gif">'
    ticket = await opened(desk, article=mail("", body_html=html))
    (article,) = await articles(ticket)
    assert article.body == "Hi you"
    assert article.body_html is not None
    for bad in ("script", "onclick", "spy.example"):
        assert bad not in article.body_html


async def test_what_no_database_stores_is_replaced(desk: Desk) -> None:
    article = mail(
        "a\x00b\ud800c", subject="two\r\nlines\x00", sender="x" * 600 + " <a@b.example>", body_html="<p>\x00</p>"
    )
    names_of = (await attachment("../../etc/pass\x00wd", content_type="no type", content_id="<c@x>"),)
    ticket = await opened(desk, article=service.NewArticle(**{**_fields(article), "attachments": names_of}))
    (found,) = await articles(ticket)
    assert (found.body, found.subject) == ("ab\ufffdc", "two lines")
    assert found.sender is not None
    assert found.sender.endswith(" <a@b.example>")
    assert len(found.sender) == 500
    (file,) = await Attachment.filter(article_id=found.id)
    assert (file.filename, file.content_type, file.content_id) == ("passwd", "application/octet-stream", "c@x")


def _fields(article: Any) -> dict[str, Any]:
    return {name: getattr(article, name) for name in article.__slots__}


async def test_people_are_told_about_limits_mails_are_cut(desk: Desk) -> None:
    await desk.run(SYSTEM, settings.change_setting, MAX_BODY, 1000)
    await desk.run(SYSTEM, settings.change_setting, MAX_ATTACHMENTS, 1)
    two = (await attachment(), await attachment("b.txt"))
    ticket = await opened(desk, article=mail("x" * 2000, subject="y" * 2000, attachments=two))
    (article,) = await articles(ticket)
    assert (len(article.body), len(article.subject or "")) == (1000, 1000)
    refused: list[tuple[dict[str, Any], type[Exception], str]] = [
        ({"body": "x" * 1001}, LimitExceeded, "body"),
        ({"body_html": "x" * 1001}, LimitExceeded, "body_html"),
        ({"subject": "y" * 1001}, LimitExceeded, "subject"),
        ({"attachments": two}, TooManyAttachments, "attachments"),
        ({"body": None}, BodyMissing, "body"),
        ({"channel": "No Channel"}, InvalidChannel, "channel"),
    ]
    for values, problem, field in refused:
        with pytest.raises(problem) as told:
            await desk.run(desk.anna, service.add_article, ticket, words(**{"channel": "web", **values}))
        assert getattr(told.value, "field", None) == ("input", field)
    assert len(await articles(ticket)) == 1


async def test_one_replies_within_a_ticket(desk: Desk) -> None:
    ticket, other = await opened(desk), await opened(desk)
    (foreign,) = await articles(other)
    with pytest.raises(NotFound):
        await desk.run(desk.anna, service.reply, ticket, words(Channel.EMAIL, in_reply_to=foreign))


async def test_a_mail_finds_what_it_answers(desk: Desk) -> None:
    ticket = await opened(desk, article=mail(message_id="<1@c.example>"))
    reply = await desk.run(desk.anna, service.reply, ticket, words(Channel.EMAIL))
    references = ("<1@c.example>", str(reply.message_id), "<unknown@c.example>")
    answer = await desk.run(SYSTEM, service.add_incoming, ticket, mail(references=references))
    assert answer.in_reply_to_id == reply.id


async def test_a_bulk_change_happens_once_to_each(desk: Desk) -> None:
    ticket = await opened(desk)
    change = BulkChange.of(
        {"state": await state("open"), "title": "All the same", "pending_until": None},
        queue=None,
        owner=await desk.agent(desk.bert),
        article=words(Channel.NOTE, "to all", attachments=(await attachment(),)),
    )
    again = BulkChange.from_json(json.loads(json.dumps(change.to_json())))
    assert again == change

    async def once(unit: Unit) -> Ticket:
        return await service.change_once(unit, gid(ticket), again, key="a job")

    for _ in range(2):
        await desk.house.run(once, actor=desk.anna)
    after = await Ticket.get(id=ticket.id)
    assert (after.title, after.owner_id, await state_of(ticket)) == ("All the same", desk.bert.id, "open")
    assert [article.body for article in await articles(ticket)] == ["It burns", "to all"]


async def test_attachments_name_their_blobs(desk: Desk) -> None:
    kept = await attachment()
    await opened(desk, article=mail(attachments=(kept,)))
    free = NewAttachment(filename="x", content_type="text/plain", digest="0" * 64, size=0)
    assert await queries.named_digests({kept.digest, free.digest}) == {kept.digest}
