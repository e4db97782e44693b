"""Who reads what was said: the visibility matrix, and the look-ups that answer mails."""

import pytest

from tessera.articles import queries, service
from tessera.articles.models import Article, Attachment, Channel
from tessera.kit.actor import SYSTEM
from tessera.kit.errors import NotFound
from tessera.testing.fixtures import every_database
from tessera.tickets import service as tickets
from tests.articles.words import articles, attachment, mail, opened, words
from tests.tickets.desk import Desk, gid, state


@every_database
async def test_the_matrix(desk: Desk) -> None:
    file = await attachment()
    mine = await opened(desk, article=mail("a", attachments=(file,)))
    await desk.run(desk.anna, service.add_note, mine, words(Channel.NOTE, "b", attachments=(file,)))
    foreign = await opened(desk, article=mail("c", attachments=(file,)), queue=desk.other_queue, customer_user=None)
    removed = await opened(desk, article=mail("d"))
    await desk.run(SYSTEM, tickets.set_state, removed, await state("removed"))
    expected = {
        "system": (SYSTEM, "abcd"),
        "anna": (desk.anna, "abd"),
        "ben": (desk.ben, "abd"),
        "eve": (desk.eve, ""),
        "carla": (desk.carla, "a"),
        "colleague": (desk.colleague, "a"),
        "stranger": (desk.stranger, ""),
    }
    for name, (actor, bodies) in expected.items():
        seen = await queries.visible_to(actor).order_by("id")
        assert "".join(sorted(article.body for article in seen)) == bodies, name
        ids = {article.id for article in seen}
        files = await queries.visible_attachments(actor)
        assert {each.article_id for each in files} == {i for i in ids if await Attachment.exists(article_id=i)}, name
    assert (await articles(foreign))[0].body == "c"


async def test_hidden_and_unknown_look_the_same(desk: Desk) -> None:
    ticket = await opened(desk)
    note = await desk.run(desk.anna, service.add_note, ticket, words(Channel.NOTE, attachments=(await attachment(),)))
    (file,) = await Attachment.filter(article_id=note.id)
    assert await queries.get(desk.anna, gid(note)) == note
    assert await queries.get_attachment(desk.anna, gid(file)) == file
    for actor, global_id in ((desk.carla, gid(note)), (desk.anna, "nonsense"), (desk.anna, gid(ticket))):
        with pytest.raises(NotFound):
            await queries.get(actor, global_id)
    with pytest.raises(NotFound):
        await queries.get_attachment(desk.carla, gid(file))


async def test_message_ids_of_any_length_are_found(desk: Desk) -> None:
    long = f"<{'x' * 3000}@c.example>"
    first = await opened(desk, article=mail(message_id=long))
    await opened(desk, article=mail(message_id=long))
    (article,) = await articles(first)
    assert await queries.by_message_id(long) == article
    assert await queries.by_message_id("<other@c.example>") is None
    reply = await desk.run(desk.anna, service.reply, first, words(Channel.EMAIL))
    assert await queries.by_message_ids([long, str(reply.message_id), "<x@y>"]) == reply
    assert await queries.by_message_ids([str(reply.message_id), long]) == article
    assert await queries.by_message_ids([]) is None
    assert queries.references_for(reply) == (long, reply.message_id)


async def test_first_and_last(desk: Desk) -> None:
    ticket = await opened(desk, article=mail("1", message_id="<1@c.example>"))
    await desk.run(desk.carla, service.add_portal_message, ticket, words(body="2"))
    await desk.run(desk.anna, service.add_note, ticket, words(Channel.NOTE, "3"))
    ends = (
        await queries.first_of(ticket.id),
        await queries.last_of(ticket.id),
        await queries.last_from_customer(ticket.id),
        await queries.last_customer_message(ticket.id),
    )
    assert [article.body for article in ends if article is not None] == ["1", "3", "2", "1"]
    assert await queries.last_number(ticket.id) == 3
    assert await queries.last_number(ticket.id + 1) == 0
    assert not await queries.is_answered(ticket.id)
    await desk.run(desk.anna, service.reply, ticket, words(Channel.EMAIL))
    assert await queries.is_answered(ticket.id)
    assert await Article.filter(ticket_id=ticket.id).count() == 4
