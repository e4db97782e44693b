"""How a kept mail becomes an article: of the ticket it answers, or of a new one."""

import asyncio
from collections.abc import Mapping

from tessera.articles import service as articles
from tessera.articles.models import Article, Channel, SenderType
from tessera.articles.service import NewArticle, NewAttachment
from tessera.files import queries as file_queries
from tessera.files import service as files
from tessera.kit import log
from tessera.kit.actor import SYSTEM
from tessera.kit.db import Contention
from tessera.kit.ids import ObjectRef
from tessera.kit.unit import Unit, Units
from tessera.links import service as links
from tessera.mail import _followup, _loop, queries
from tessera.mail._addresses import written
from tessera.mail._charset import storable
from tessera.mail._control import Control, Orders
from tessera.mail._followup import Outcome
from tessera.mail._parse import Attachment, Message, parse
from tessera.mail.events import (
    FollowUpReceived,
    MessageBounced,
    MessageFiled,
    MessageIgnored,
    MessageQuarantined,
)
from tessera.mail.models import IncomingMessage, OutgoingMessage
from tessera.mail.service import _orders as orders
from tessera.mail.service._receiving import reference
from tessera.queues.models import FollowUpPolicy, Queue
from tessera.tickets import queries as tickets
from tessera.tickets.models import Ticket

MAX_LINE = 500
MAX_REASON = 2000


async def file(
    units: Units, row: IncomingMessage, *, cause_id: int | None = None, depth: int = 0, is_last_try: bool = False
) -> IncomingMessage:
    """File a kept mail once; a second call changes nothing.

    Whatever goes wrong with the mail itself puts it into quarantine with the reason. What a database or a storage
    that is away raises is passed on, so that it is tried again, unless this is the last try.
    """
    if row.state != "received":
        return row
    message: Message | None = None
    try:
        raw = await file_queries.read(row.digest)
        message = await asyncio.to_thread(parse, raw)
        attachments = [await _attachment(each) for each in message.attachments]
        filing = _Filing(row, message, tuple(attachments))
        await units.run(SYSTEM, filing.file, cause_id=cause_id, depth=depth)
    except Exception as error:
        if isinstance(error, queries.OUTAGES) and not is_last_try:
            raise
        log.get().warning("mail.quarantined", message_id=row.id, exc_info=True)
        why = storable(f"{type(error).__name__}: {error}")[:MAX_REASON]
        found = message
        await units.run(SYSTEM, lambda unit: _quarantine(unit, row, found, why), cause_id=cause_id, depth=depth)
    return await IncomingMessage.get(id=row.id)


async def _attachment(each: Attachment) -> NewAttachment:
    blob = await files.store(None, each.data)
    return NewAttachment(
        filename=each.filename,
        content_type=each.content_type,
        digest=blob.digest,
        size=blob.size,
        content_id=each.content_id,
        inline=each.inline,
    )


async def _quarantine(unit: Unit, row: IncomingMessage, message: Message | None, why: str) -> None:
    await _settle(row, message, state="quarantined", reason=why)
    await unit.record(MessageQuarantined(subject=reference(row), why=why))


async def _settle(row: IncomingMessage, message: Message | None, **columns: object) -> None:
    """Say what became of a mail; of two who file it at once, one begins again and finds it filed."""
    about: Mapping[str, object] = {} if message is None else _about(message)
    if not await IncomingMessage.filter(id=row.id, state="received").update(**about, **columns):
        raise Contention("Somebody else has filed the mail.")


def _about(message: Message) -> dict[str, str]:
    answer_to = message.reply_to[0] if message.reply_to else message.sender
    return {
        "subject": storable(message.subject)[:MAX_LINE],
        "sender": written(message.sender)[-MAX_LINE:],
        "answer_to": written(answer_to)[-MAX_LINE:],
    }


class _Filing:
    """One mail while it is being filed."""

    def __init__(self, row: IncomingMessage, message: Message, attachments: tuple[NewAttachment, ...]) -> None:
        self.row = row
        self.message = message
        self.attachments = attachments
        self.automatic = _loop.automatic(message)

    async def file(self, unit: Unit) -> None:
        """Decide what the mail is, and make it that."""
        if not await IncomingMessage.exists(id=self.row.id, state="received"):
            return
        control = await orders.control_of(unit, self.row, self.message)
        if control.ignore:
            await self._ignore(unit, "A filter or a trusted sender says so.")
        elif self.message.message_id and await queries.is_own(self.message.message_id):
            await self._ignore(unit, "It is our own mail come back.")
        elif twin := await queries.twin_of(self.row, self.message):
            await self._ignore(unit, "The same message came in by another way.", twin)
        else:
            await self._place(unit, control)

    async def _ignore(self, unit: Unit, why: str, article_id: int | None = None) -> None:
        await _settle(self.row, self.message, state="ignored", reason=why, article_id=article_id)
        await unit.record(MessageIgnored(subject=reference(self.row), why=why))

    async def _place(self, unit: Unit, control: Control) -> None:
        answered = await queries.answered_ticket(self.message)
        if answered is None:
            ticket, article = await self._open(unit, control.new_ticket)
            await self._done(unit, ticket, article, "new", control)
        elif self.message.bounce is not None:
            await self._bounce(unit, await tickets.final_target(answered), control)
        else:
            await self._follow_up(unit, await tickets.final_target(answered), control)

    async def _follow_up(self, unit: Unit, ticket: Ticket, control: Control) -> None:
        queue = await Queue.get(id=ticket.queue_id)
        state_type = await tickets.state_type_of(ticket)
        outcome = _followup.decide(state_type, FollowUpPolicy(queue.follow_up_policy))
        if outcome is Outcome.NEW_TICKET:
            new, article = await self._open(unit, control.new_ticket, default_queue=queue)
            await links.keep_linked(unit, "normal", ObjectRef("ticket", new.id), ObjectRef("ticket", ticket.id))
            await self._done(unit, new, article, "new_ticket", control)
            return
        is_customers = orders.sender_type_of(control.follow_up) in {None, SenderType.CUSTOMER}
        visible = not is_customers or await queries.is_visible_follow_up(ticket, self.message)
        article = await self._add(unit, ticket, control.follow_up, visible=visible, reopens=not control.keep_state)
        if outcome is Outcome.REJECT:
            await self._done(unit, ticket, article, "reject", control)
            return
        await orders.obey(unit, ticket, control.follow_up)
        await self._tell_owner(unit, ticket, article)
        await self._done(unit, ticket, article, "follow_up", control)

    async def _tell_owner(self, unit: Unit, ticket: Ticket, article: Article) -> None:
        fresh = await Ticket.get(id=ticket.id).prefetch_related("owner")
        if fresh.owner is not None:
            await unit.record(
                FollowUpReceived(
                    subject=ObjectRef("ticket", ticket.id),
                    article_id=article.id,
                    owner=fresh.owner.name,
                    owner_id=fresh.owner.id,
                )
            )

    async def _bounce(self, unit: Unit, ticket: Ticket, control: Control) -> None:
        """File a delivery report on the ticket of the mail that came back; the ticket's state stays."""
        article = await self._add(
            unit, ticket, control.follow_up, visible=False, reopens=False, sender_type=SenderType.SYSTEM
        )
        bounce = self.message.bounce
        if bounce is not None and bounce.action in {"failed", ""}:
            why = storable(bounce.diagnostic or bounce.status or "no reason given")[:MAX_LINE]
            sent = await queries.sent_as(bounce.original_message_id) if bounce.original_message_id else None
            if sent is not None:
                await OutgoingMessage.filter(id=sent.id).update(state="bounced", problem=why)
            await unit.record(
                MessageBounced(
                    subject=ObjectRef("ticket", ticket.id),
                    article_id=article.id,
                    recipient=storable(bounce.recipient)[:MAX_LINE],
                    why=why,
                )
            )
        await self._done(unit, ticket, article, "bounce", control)

    async def _open(self, unit: Unit, given: Orders, *, default_queue: Queue | None = None) -> tuple[Ticket, Article]:
        queue = await orders.queue_for(self.row, self.message, given, default=default_queue)
        values = await orders.values_for(given)
        ticket, article = await articles.open_ticket(
            unit,
            queue=queue,
            article=self._article(given, visible=True, sender_type=SenderType.CUSTOMER),
            title=orders.title_of(self.message, given),
            customer_user=await orders.customer_user_for(unit, self.message, given),
            customer=await orders.customer_for(given),
            **values,
        )
        await orders.obey_people(unit, ticket, given)
        return ticket, article

    async def _add(
        self,
        unit: Unit,
        ticket: Ticket,
        given: Orders,
        *,
        visible: bool,
        reopens: bool,
        sender_type: SenderType = SenderType.CUSTOMER,
    ) -> Article:
        new = self._article(given, visible=visible, sender_type=sender_type)
        return await articles.add_incoming(unit, ticket, new, reopens=reopens)

    def _article(self, given: Orders, *, visible: bool, sender_type: SenderType) -> NewArticle:
        message = self.message
        ordered = given.is_visible_for_customer
        return NewArticle(
            channel=orders.channel_of(given) or Channel.EMAIL,
            sender_type=orders.sender_type_of(given) or sender_type,
            visible_for_customer=visible if ordered is None else ordered,
            subject=message.subject,
            body=message.text,
            body_html=message.html,
            sender=written(message.sender),
            to=tuple(written(each) for each in message.to),
            cc=tuple(written(each) for each in message.cc),
            message_id=message.message_id,
            references=message.references,
            attachments=self.attachments,
        )

    async def _done(self, unit: Unit, ticket: Ticket, article: Article, how: str, control: Control) -> None:
        await _settle(self.row, self.message, state="filed", reason=None, article_id=article.id)
        await unit.record(
            MessageFiled(
                subject=ObjectRef("ticket", ticket.id),
                message_id=self.row.id,
                article_id=article.id,
                how=how,
                automatic="a control header" if control.loop else self.automatic,
            )
        )
