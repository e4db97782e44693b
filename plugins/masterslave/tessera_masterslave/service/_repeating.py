"""What a slave does when something happens on its master, by what it was."""

import dataclasses
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from tessera.accounts.models import Agent, CustomerUser
from tessera.articles import queries as article_queries
from tessera.articles import service as articles
from tessera.articles.errors import RecipientMissing
from tessera.articles.models import Article, Channel
from tessera.articles.service import NewArticle, NewAttachment
from tessera.kit import rows
from tessera.kit.ids import to_global
from tessera.kit.unit import Unit
from tessera.tickets import queries as ticket_queries
from tessera.tickets import service as tickets
from tessera.tickets.models import Priority, State, Ticket
from tessera_masterslave import _cascades as cascades
from tessera_masterslave import _words as words
from tessera_masterslave._words import Addressee
from tessera_masterslave.queries import Deed

Repeat = Callable[[Unit, Ticket], Awaitable[None]]
"""Does to a slave what was done to its master; leaves one alone that is so already, and raises what the verb raises."""


async def repeating(deed: Deed) -> Repeat:
    """Read what a deed is, once for all slaves; return what repeats it on one of them."""
    return await _READ[deed.cascade](deed)


async def _state(deed: Deed) -> Repeat:
    after = await ticket_queries.get_state(to_global("TicketState", _key(deed)))
    until = None if deed.with_pending is None else _instant(deed.with_pending.facts["after"])
    return partial(_set_state, after=after, until=until)


async def _set_state(unit: Unit, slave: Ticket, *, after: State, until: datetime | None) -> None:
    if slave.state_id != after.id or (until is not None and slave.pending_until != until):
        await tickets.set_state(unit, slave, after, pending_until=until)


async def _pending_time(deed: Deed) -> Repeat:
    return partial(_wait, until=_instant(deed.entry.facts["after"]))


async def _wait(unit: Unit, slave: Ticket, *, until: datetime) -> None:
    if slave.pending_until != until:
        await tickets.update(unit, slave, pending_until=until)


async def _priority(deed: Deed) -> Repeat:
    after = await ticket_queries.get_priority(to_global("TicketPriority", _key(deed)))
    return partial(_prioritise, after=after)


async def _prioritise(unit: Unit, slave: Ticket, *, after: Priority) -> None:
    if slave.priority_id != after.id:
        await tickets.update(unit, slave, priority=after)


async def _lock(deed: Deed) -> Repeat:
    facts: Mapping[str, Any] = deed.entry.facts
    if deed.entry.name == "ticket.unlocked":
        return partial(_unlock, holder_id=facts["holder_id"])
    return partial(_lock_for, holder=await Agent.get(id=facts["holder_id"]), taken_from=facts.get("taken_from_id"))


async def _unlock(unit: Unit, slave: Ticket, *, holder_id: int) -> None:
    """Release a slave's lock, unless it is another one's than the one that was released."""
    if slave.lock_holder_id == holder_id:
        await tickets.unlock(unit, slave)


async def _lock_for(unit: Unit, slave: Ticket, *, holder: Agent, taken_from: int | None) -> None:
    """Lock a slave; who took the master's lock from somebody takes the same one's from the slave.

    Nobody works on a finished slave.
    """
    if slave.lock_holder_id == holder.id or await ticket_queries.is_finished(slave):
        return
    takes_over = slave.lock_holder_id is not None and slave.lock_holder_id == taken_from
    await tickets.lock(unit, slave, holder=holder, force=takes_over)


async def _owner(deed: Deed) -> Repeat:
    return partial(_assign_owner, after=await _agent(deed))


async def _assign_owner(unit: Unit, slave: Ticket, *, after: Agent | None) -> None:
    if slave.owner_id != (after.id if after else None):
        await tickets.assign_owner(unit, slave, after)


async def _responsible(deed: Deed) -> Repeat:
    return partial(_assign_responsible, after=await _agent(deed))


async def _assign_responsible(unit: Unit, slave: Ticket, *, after: Agent | None) -> None:
    if slave.responsible_id != (after.id if after else None):
        await tickets.assign_responsible(unit, slave, after)


@dataclass(frozen=True, slots=True)
class _Said:
    """Something that was said on the master: the message, the master's title, and whom it speaks to."""

    new: NewArticle
    title: str
    of: Addressee

    def to(self, slave: Ticket, customer: CustomerUser | None) -> NewArticle:
        """Address it to a slave's customer; a subject made from the master's title is made from the slave's."""
        new, of, to = self.new, self.of, _addressee(slave, customer)
        made = {self.title, f"Re: {self.title}"}
        return dataclasses.replace(
            new,
            subject=None if new.subject is None or new.subject in made else words.readdressed_line(new.subject, of, to),
            body=words.readdressed(new.body or "", of, to),
            body_html=None if new.body_html is None else words.readdressed_html(new.body_html, of, to),
        )


async def _note(deed: Deed) -> Repeat:
    return partial(_add_note, said=await _said(await _article(deed), deed))


async def _add_note(unit: Unit, slave: Ticket, *, said: _Said) -> None:
    """Copy a note; one that the customer sees is addressed to the slave's customer."""
    await articles.add_note(unit, slave, said.to(slave, await _customer(slave)) if said.new.is_visible else said.new)


async def _reply(deed: Deed) -> Repeat:
    """Read a reply; a mail that went to others than the master's customer is no answer to anybody."""
    article = await _article(deed)
    said = await _said(article, deed)
    if article.channel == Channel.EMAIL and not _went_to(article, said.of.email):
        return _leave_alone
    return partial(_answer, said=said)


async def _answer(unit: Unit, slave: Ticket, *, said: _Said) -> None:
    """Answer the slave's customer, by a mail or a message of their own; raises `RecipientMissing`."""
    customer = await _customer(slave)
    if customer is None:
        raise RecipientMissing
    verb = articles.reply if said.new.channel == Channel.EMAIL else articles.add_portal_message
    await verb(unit, slave, said.to(slave, customer), takes_on=False)


async def _leave_alone(_unit: Unit, _slave: Ticket) -> None:
    pass


def _went_to(article: Article, address: str | None) -> bool:
    return address is None or address.casefold() in f"{article.recipients} {article.copies}".casefold()


async def _said(article: Article, deed: Deed) -> _Said:
    master = await Ticket.get(id=deed.entry.subject_id)
    return _Said(await _copy(article), master.title, _addressee(master, await _customer(master)))


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


async def _customer(ticket: Ticket) -> CustomerUser | None:
    return await rows.get(CustomerUser, ticket.customer_user_id)


def _addressee(ticket: Ticket, customer: CustomerUser | None) -> Addressee:
    return Addressee(ticket.number, customer.name if customer else None, customer.email if customer else None)


async def _article(deed: Deed) -> Article:
    return await Article.get(id=deed.entry.facts["article_id"])


async def _agent(deed: Deed) -> Agent | None:
    key: Any = deed.entry.facts["after_id"]
    return None if key is None else await Agent.get(id=key)


def _key(deed: Deed) -> int:
    return int(str(deed.entry.facts["after_id"]))


def _instant(text: object) -> datetime:
    return datetime.fromisoformat(str(text))


_READ: Mapping[str, Callable[[Deed], Awaitable[Repeat]]] = {
    cascades.STATE: _state,
    cascades.PENDING_TIME: _pending_time,
    cascades.PRIORITY: _priority,
    cascades.LOCK: _lock,
    cascades.OWNER: _owner,
    cascades.RESPONSIBLE: _responsible,
    cascades.NOTE: _note,
    cascades.REPLY: _reply,
}
