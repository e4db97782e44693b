"""What a slave does when something happens on its master, by what it was."""

import dataclasses
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

from tessera.accounts.models import Agent, CustomerUser
from tessera.articles import queries as article_queries
from tessera.articles import service as articles
from tessera.articles.errors import RecipientMissing
from tessera.articles.models import Article, Channel
from tessera.articles.service import NewArticle, NewAttachment
from tessera.kit.ids import to_global
from tessera.kit.unit import Unit
from tessera.tickets import queries as ticket_queries
from tessera.tickets import service as tickets
from tessera.tickets.models import Ticket
from tessera_masterslave import _cascades as cascades
from tessera_masterslave import _words as words
from tessera_masterslave._words import Addressee
from tessera_masterslave.queries import Deed


async def repeat(unit: Unit, slave: Ticket, deed: Deed) -> None:
    """Do to a slave what was done to its master; a slave that is so already is left alone.

    Raises what the verb raises that does it.
    """
    await _VERBS[deed.cascade](unit, slave, deed)


async def _state(unit: Unit, slave: Ticket, deed: Deed) -> None:
    after = await ticket_queries.get_state(to_global("TicketState", _key(deed)))
    until = None if deed.with_pending is None else _instant(deed.with_pending.facts["after"])
    if slave.state_id != after.id or (until is not None and slave.pending_until != until):
        await tickets.set_state(unit, slave, after, pending_until=until)


async def _pending_time(unit: Unit, slave: Ticket, deed: Deed) -> None:
    until = _instant(deed.entry.facts["after"])
    if slave.pending_until != until:
        await tickets.update(unit, slave, pending_until=until)


async def _priority(unit: Unit, slave: Ticket, deed: Deed) -> None:
    after = await ticket_queries.get_priority(to_global("TicketPriority", _key(deed)))
    if slave.priority_id != after.id:
        await tickets.update(unit, slave, priority=after)


async def _lock(unit: Unit, slave: Ticket, deed: Deed) -> None:
    """Lock or unlock a slave; who took the master's lock from somebody takes the same one's from the slave.

    Nobody works on a finished slave, and another one's lock is not the one that was released.
    """
    facts = deed.entry.facts
    if deed.entry.name == "ticket.unlocked":
        if slave.lock_holder_id == facts["holder_id"]:
            await tickets.unlock(unit, slave)
        return
    if slave.lock_holder_id == facts["holder_id"] or await ticket_queries.is_finished(slave):
        return
    takes_over = slave.lock_holder_id is not None and slave.lock_holder_id == facts.get("taken_from_id")
    await tickets.lock(unit, slave, holder=await Agent.get(id=facts["holder_id"]), force=takes_over)


async def _owner(unit: Unit, slave: Ticket, deed: Deed) -> None:
    after = await _agent(deed)
    if slave.owner_id != (after.id if after else None):
        await tickets.assign_owner(unit, slave, after)


async def _responsible(unit: Unit, slave: Ticket, deed: Deed) -> None:
    after = await _agent(deed)
    if slave.responsible_id != (after.id if after else None):
        await tickets.assign_responsible(unit, slave, after)


async def _note(unit: Unit, slave: Ticket, deed: Deed) -> None:
    """Copy a note; one that the customer sees is addressed to the slave's customer."""
    article = await _article(deed)
    new = await _copy(article)
    await articles.add_note(unit, slave, await _addressed(new, deed, slave) if new.is_visible else new)


async def _reply(unit: Unit, slave: Ticket, deed: Deed) -> None:
    """Answer the slave's customer, by a mail or a message of their own.

    A mail that went to others than the master's customer is no answer to anybody. Raises `RecipientMissing`.
    """
    article = await _article(deed)
    if article.channel == Channel.EMAIL and not await _went_to_customer(article, deed):
        return
    if slave.customer_user_id is None:
        raise RecipientMissing
    verb = articles.reply if article.channel == Channel.EMAIL else articles.add_portal_message
    await verb(unit, slave, await _addressed(await _copy(article), deed, slave), takes_on=False)


async def _went_to_customer(article: Article, deed: Deed) -> bool:
    address = (await _addressee(await Ticket.get(id=deed.entry.subject_id))).email
    return address is None or address.casefold() in f"{article.recipients} {article.copies}".casefold()


async def _copy(article: Article) -> NewArticle:
    attachments = (await article_queries.attachments_of([article.id]))[article.id]
    return NewArticle(
        channel=article.channel,
        visible_for_customer=article.visible_for_customer,
        subject=article.subject,
        body=article.body,
        body_html=article.body_html,
        attachments=tuple(
            NewAttachment(
                filename=each.filename,
                content_type=each.content_type,
                digest=each.digest,
                size=each.size,
                content_id=each.content_id,
                inline=each.inline,
            )
            for each in attachments
        ),
    )


async def _addressed(new: NewArticle, deed: Deed, slave: Ticket) -> NewArticle:
    """Address a message to the slave's customer; a subject made from the master's title is made from the slave's."""
    master = await Ticket.get(id=deed.entry.subject_id)
    of, to = await _addressee(master), await _addressee(slave)
    made = {master.title, f"Re: {master.title}"}
    return dataclasses.replace(
        new,
        subject=None if new.subject is None or new.subject in made else words.readdressed_line(new.subject, of, to),
        body=words.readdressed(new.body or "", of, to),
        body_html=None if new.body_html is None else words.readdressed_html(new.body_html, of, to),
    )


async def _addressee(ticket: Ticket) -> Addressee:
    row = await CustomerUser.get_or_none(id=ticket.customer_user_id)
    return Addressee(ticket.number, row.name if row else None, row.email if row else None)


async def _article(deed: Deed) -> Article:
    return await Article.get(id=deed.entry.facts["article_id"])


async def _agent(deed: Deed) -> Agent | None:
    key: Any = deed.entry.facts["after_id"]
    return None if key is None else await Agent.get(id=key)


def _key(deed: Deed) -> int:
    return int(str(deed.entry.facts["after_id"]))


def _instant(text: object) -> datetime:
    return datetime.fromisoformat(str(text))


_VERBS: Mapping[str, Callable[[Unit, Ticket, Deed], Awaitable[None]]] = {
    cascades.STATE: _state,
    cascades.PENDING_TIME: _pending_time,
    cascades.PRIORITY: _priority,
    cascades.LOCK: _lock,
    cascades.OWNER: _owner,
    cascades.RESPONSIBLE: _responsible,
    cascades.NOTE: _note,
    cascades.REPLY: _reply,
}
