"""What people write on a ticket: notes, replies, calls, portal messages, and what they send on."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from tessera.accounts.models import Agent
from tessera.articles import _content, queries
from tessera.articles.errors import FollowUpNeedsNewTicket, FollowUpRejected, NotForCustomers, RecipientMissing
from tessera.articles.models import Article, Channel, SenderType
from tessera.articles.service import _messages as messages
from tessera.articles.service._adding import INPUT, NewArticle, NewAttachment, add
from tessera.kit.inputs import Field
from tessera.kit.unit import Unit
from tessera.queues import queries as queues
from tessera.queues.models import FollowUpPolicy
from tessera.settings import queries as settings
from tessera.tickets import queries as ticket_queries
from tessera.tickets import service as tickets
from tessera.tickets.errors import TicketMerged
from tessera.tickets.models import State, Ticket
from tessera.tickets.service.rules import require_right
from tessera.tickets.settings import FOLLOW_UP_STATE, LOCK_ON_REPLY


async def add_article(
    unit: Unit, ticket: Ticket, article: NewArticle, *, state: State | None = None, field: Field = INPUT
) -> Article:
    """Add what a person says in the way its channel asks for: a note, a mail, a call, else a portal message.

    Raises what that verb raises.
    """
    verb = _VERBS.get(article.channel, add_portal_message)
    return await verb(unit, ticket, article, state=state, field=field)


async def add_note(
    unit: Unit, ticket: Ticket, article: NewArticle, *, state: State | None = None, field: Field = INPUT
) -> Article:
    """Add a note, inside unless it says otherwise; needs `note` and, as in OTRS, no lock.

    A `state` is set as well, for which the ticket must be workable. Raises `RightMissing`, `NotForCustomers`,
    `TicketMerged` and what `add` raises.
    """
    require_staff(unit, field)
    await require_right(unit, ticket, "note")
    if ticket.merged_into_id is not None:
        raise TicketMerged(number=ticket.number)
    sender_type = SenderType.SYSTEM if unit.actor.is_system else SenderType.AGENT
    note = replace(article, channel=Channel.NOTE, sender_type=sender_type, sender=article.sender or unit.actor.name)
    added = await add(unit, ticket, note, field=field)
    if state is not None:
        await tickets.set_state(unit, ticket, state)
    return added


async def remark(unit: Unit, ticket: Ticket, text: str | None, *, field: Field = ("note",)) -> None:
    """Add what somebody says beside another verb, if anything: agents as a note, customer users as a message.

    Raises what `add_note` and `add_portal_message` raise.
    """
    if text is None or not text.strip():
        return
    if unit.actor.is_customer_user:
        await add_portal_message(unit, ticket, NewArticle(channel=Channel.WEB, body=text), field=field)
    else:
        await add_note(unit, ticket, NewArticle(channel=Channel.NOTE, body=text), field=field)


async def reply(
    unit: Unit,
    ticket: Ticket,
    article: NewArticle,
    *,
    state: State | None = None,
    takes_on: bool = True,
    field: Field = INPUT,
) -> Article:
    """Answer by mail; who is to get it defaults to the customer user. The mail leaves after the commit.

    Needs `rw` and a ticket nobody else holds; the first reply locks it for the agent. `state` is the state
    afterwards: a new ticket is opened by itself. Without `takes_on` lock, owner and state stay as they are, for a
    message that goes to many. Raises what `require_workable` raises, `SenderMissing`,
    `RecipientMissing`, `InvalidRecipient` and what `add` raises.
    """
    require_staff(unit, field)
    await tickets.require_workable(unit, ticket, "rw")
    message = await messages.outgoing(unit.actor, ticket, article, field=field)
    return await _answer(unit, ticket, message, state, field, takes_on=takes_on)


async def log_call(
    unit: Unit, ticket: Ticket, article: NewArticle, *, state: State | None = None, field: Field = INPUT
) -> Article:
    """Record a call with the customer; rights, locks and states as `reply` has them."""
    require_staff(unit, field)
    await tickets.require_workable(unit, ticket, "rw")
    customer = await messages.customer_mailbox(ticket)
    call = replace(
        article,
        channel=Channel.PHONE,
        sender_type=SenderType.AGENT,
        sender=article.sender or unit.actor.name,
        to=article.to or ((customer,) if customer else ()),
    )
    return await _answer(unit, ticket, call, state, field)


async def add_portal_message(
    unit: Unit,
    ticket: Ticket,
    article: NewArticle,
    *,
    state: State | None = None,
    takes_on: bool = True,
    field: Field = INPUT,
) -> Article:
    """Write on the portal: agents to the customer, with rights and locks as `reply` has them, or the customer.

    A customer's message reopens a closed ticket or opens a pending one. Raises `NotForCustomers` for another
    channel than `web` or an invisible message of theirs, `FollowUpRejected` and `FollowUpNeedsNewTicket` for a
    closed ticket whose queue says so, what `require_workable` and `add` raise.
    """
    if unit.actor.is_customer_user:
        return await _customer_message(unit, ticket, article, state, field)
    await tickets.require_workable(unit, ticket, "rw")
    message = replace(article, sender=article.sender or unit.actor.name)
    return await _answer(unit, ticket, message, state, field, takes_on=takes_on)


async def forward(
    unit: Unit, article: Article, *, to: tuple[str, ...], note: str | None = None, field: Field = ()
) -> Article:
    """Send an article on by mail, with its attachments; the customer does not see that.

    Needs `rw` and a ticket nobody else holds. Raises what `require_workable` raises, `SenderMissing`,
    `RecipientMissing` without recipients, `InvalidRecipient`, `TooManyRecipients`.
    """
    require_staff(unit, field)
    ticket = await Ticket.get(id=article.ticket_id)
    await tickets.require_workable(unit, ticket, "rw")
    header = messages.header_of(article)
    new = NewArticle(
        channel=Channel.EMAIL,
        visible_for_customer=False,
        subject=_content.forwarding(article.subject or ticket.title),
        body=_content.forwarded(note, header, article.body),
        body_html=_content.forwarded_html(note, header, article.body_html) if article.body_html else None,
        to=_content.recipients(to, field=(*field, "to")),
        in_reply_to=article,
        attachments=await copies_of(article),
    )
    if not new.to:
        raise RecipientMissing("Say who shall get the message.", field=(*field, "to"))
    return await add(unit, ticket, await messages.outgoing(unit.actor, ticket, new, field=field), field=field)


async def copies_of(article: Article) -> tuple[NewAttachment, ...]:
    """Return an article's attachments for another article; the bytes are shared."""
    return tuple(
        NewAttachment(
            filename=each.filename,
            content_type=each.content_type,
            digest=each.digest,
            size=each.size,
            content_id=each.content_id,
            inline=each.inline,
        )
        for each in (await queries.attachments_of([article.id]))[article.id]
    )


def require_staff(unit: Unit, field: Field) -> None:
    """Raise `NotForCustomers` for a customer user."""
    if unit.actor.is_customer_user:
        raise NotForCustomers(field=(*field, "channel") if field else None)


async def _answer(
    unit: Unit, ticket: Ticket, new: NewArticle, state: State | None, field: Field, *, takes_on: bool = True
) -> Article:
    """Add what an agent says; unless it stays inside, the ticket is opened and becomes theirs."""
    added = await add(unit, ticket, new, field=field, answers=True)
    if state is not None:
        await tickets.set_state(unit, ticket, state)
    if not takes_on:
        return added
    if state is None and added.visible_for_customer and await ticket_queries.state_type_of(ticket) == "new":
        await _open(unit, ticket)
    if unit.actor.is_agent and added.visible_for_customer:
        await _take_on(unit, ticket)
    return added


async def _take_on(unit: Unit, ticket: Ticket) -> None:
    if ticket.lock_holder_id is not None or not await settings.value(LOCK_ON_REPLY):
        return
    if await ticket_queries.is_finished(ticket):
        return
    await tickets.lock(unit, ticket, holder=await Agent.get(id=unit.actor.id))


async def _open(unit: Unit, ticket: Ticket) -> None:
    named = await ticket_queries.state_named(await settings.value(FOLLOW_UP_STATE))
    state = named or await State.filter(type="open", active=True).order_by("id").first()
    if state is not None:
        await tickets.set_state(unit, ticket, state)


async def _customer_message(
    unit: Unit, ticket: Ticket, article: NewArticle, state: State | None, field: Field
) -> Article:
    if article.channel != Channel.WEB or not article.is_visible:
        raise NotForCustomers(field=(*field, "channel"))
    await tickets.require_workable(unit, ticket, "note")
    if await ticket_queries.state_type_of(ticket) == "closed":
        await _require_open_ended(ticket)
    message = replace(
        article, sender_type=SenderType.CUSTOMER, sender=await messages.own_mailbox(unit.actor), to=(), cc=()
    )
    added = await add(unit, ticket, message, field=field)
    if state is None:
        await tickets.follow_up(unit, ticket)
    else:
        await tickets.close(unit, ticket, state=state)
    return added


async def _require_open_ended(ticket: Ticket) -> None:
    queue = await queues.known(ticket.queue_id)
    if queue.follow_up_policy == FollowUpPolicy.REJECT:
        raise FollowUpRejected(number=ticket.number)
    if queue.follow_up_policy == FollowUpPolicy.NEW_TICKET:
        raise FollowUpNeedsNewTicket(number=ticket.number)


_VERBS: Mapping[str, Callable[..., Awaitable[Article]]] = {
    Channel.NOTE: add_note,
    Channel.EMAIL: reply,
    Channel.PHONE: log_call,
}
