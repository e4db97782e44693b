"""How a mail comes to be owed, and what is noted when it has left or has not."""

from collections.abc import Mapping, Sequence
from typing import Any

from tessera.articles.models import Article, Channel, SenderType
from tessera.kit.clock import now
from tessera.kit.events import from_json, to_json
from tessera.kit.ids import ObjectRef
from tessera.kit.unit import Unit
from tessera.mail._addresses import Address, addresses
from tessera.mail._compose import bare, message_id
from tessera.mail._transport import Report
from tessera.mail.errors import MessageNotFailed
from tessera.mail.events import MessageFailed, MessageQueuedAgain, MessageSent
from tessera.mail.models import IncomingMessage, OutgoingMessage
from tessera.mail.permissions import MANAGE
from tessera.tickets.models import Ticket
from tessera.tickets.service.rules import require_right

SEND_JOB = "mail.send"


async def owe_article(unit: Unit, article: Article) -> OutgoingMessage | None:
    """Owe the mail that an article is, unless it is none, came in as a mail, or has no recipients; once."""
    recipients = _bare([*from_json(article.recipients), *from_json(article.copies)])
    if article.channel != Channel.EMAIL or article.sender_type == SenderType.CUSTOMER or not recipients:
        return None
    if await IncomingMessage.exists(article_id=article.id):
        return None
    identity = article.message_id or message_id(f"article {article.id}", _domain(article.sender))
    return await _owe(
        unit,
        ticket_id=article.ticket_id,
        article_id=article.id,
        message_id=identity,
        envelope=to_json(recipients),
        automatic=article.sender_type == SenderType.SYSTEM,
    )


async def owe_notice(
    unit: Unit, ticket: Ticket, *, key: str, sender: Address, to: Address, subject: str, text: str
) -> OutgoingMessage:
    """Owe somebody of the desk a mail about a ticket that is no article; the same key is owed once."""
    return await _owe(
        unit,
        ticket_id=ticket.id,
        message_id=message_id(key, sender.address.rpartition("@")[2]),
        envelope=to_json([bare(to.address)]),
        automatic=True,
        notice=to_json({"sender": list(sender), "to": list(to), "subject": subject, "text": text}),
    )


async def _owe(unit: Unit, **columns: Any) -> OutgoingMessage:
    known = await OutgoingMessage.get_or_none(message_id=columns["message_id"])
    if known is not None:
        return known
    row = await OutgoingMessage.create(**columns)
    await unit.enqueue(SEND_JOB, {"message": row.id})
    return row


async def note_outcome(unit: Unit, row: OutgoingMessage, report: Report, *, is_last_try: bool) -> OutgoingMessage:
    """Note what the mail server said about an owed mail, and tell its ticket when the mail is sent or lost.

    Whoever was answered about gets it no second time. With deferred recipients it stays owed until the last try.
    """
    fresh = await OutgoingMessage.get(id=row.id)
    if fresh.state != "queued":
        return fresh
    lost = {**report.refused, **(report.deferred if is_last_try else {})}
    answers: dict[str, str | None] = {**from_json(fresh.answers), **dict.fromkeys(report.accepted), **lost}
    sent = [address for address, why in answers.items() if why is None]
    reasons = {address: why for address, why in answers.items() if why is not None} | dict(report.deferred)
    changes: dict[str, object] = {
        "answers": to_json(answers),
        "attempts": fresh.attempts + 1,
        "problem": "; ".join(f"{address}: {why}" for address, why in reasons.items()) or None,
    }
    is_over = is_last_try or not report.deferred
    if is_over:
        changes |= {"state": "sent" if sent else "failed", "sent_at": now() if sent else None}
    await OutgoingMessage.filter(id=row.id, state="queued").update(**changes)
    await _tell(unit, fresh, sent if is_over else [], lost)
    return await OutgoingMessage.get(id=row.id)


async def _tell(unit: Unit, row: OutgoingMessage, sent: Sequence[str], lost: Mapping[str, str]) -> None:
    subject = ObjectRef("ticket", row.ticket_id)
    if sent:
        await unit.record(MessageSent(subject=subject, article_id=row.article_id, recipients=", ".join(sent)))
    if lost:
        why = "; ".join(dict.fromkeys(lost.values()))
        event = MessageFailed(subject=subject, article_id=row.article_id, recipients=", ".join(lost), why=why)
        await unit.record(event)


async def send_again(unit: Unit, row: OutgoingMessage) -> OutgoingMessage:
    """Try once more to send a mail that failed or came back.

    Needs `rw` on the ticket, or the permission `mail.manage`. Raises `RightMissing`, `MessageNotFailed`.
    """
    if not unit.actor.can(MANAGE.name):
        await require_right(unit, await Ticket.get(id=row.ticket_id), "rw")
    again = OutgoingMessage.filter(id=row.id, state__in=["failed", "bounced"])
    if not await again.update(state="queued", attempts=0, problem=None, answers="{}"):
        raise MessageNotFailed
    await unit.record(MessageQueuedAgain(subject=ObjectRef("ticket", row.ticket_id), article_id=row.article_id))
    await unit.enqueue(SEND_JOB, {"message": row.id})
    return await OutgoingMessage.get(id=row.id)


def _bare(written: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(bare(each.address) for text in written for each in addresses(text)))


def _domain(sender: str | None) -> str:
    found = addresses(sender or "")
    return found[0].address.rpartition("@")[2] if found else "localhost"
