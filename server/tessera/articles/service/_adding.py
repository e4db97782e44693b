"""How an article is written: made fit, numbered under the ticket's version, recorded."""

from dataclasses import dataclass
from typing import Any

from tessera.articles import _content, queries
from tessera.articles.errors import TooManyAttachments
from tessera.articles.events import ArticleAdded
from tessera.articles.models import Article, Attachment, Channel, SenderType
from tessera.articles.settings import MAX_ATTACHMENTS, MAX_BODY
from tessera.kit import rows
from tessera.kit.errors import NotFound
from tessera.kit.events import to_json
from tessera.kit.ids import ObjectRef
from tessera.kit.inputs import Field
from tessera.kit.unit import Unit
from tessera.settings import queries as settings
from tessera.tickets import service as tickets
from tessera.tickets.models import Ticket

INPUT: Field = ("input",)
MAX_AUTHOR = 200
ANSWERS = frozenset({Channel.EMAIL, Channel.PHONE, Channel.WEB})
"""Channels on which an agent's visible words answer the customer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAttachment:
    """A file of an article to be; its bytes are stored already. `size` in bytes, `digest` SHA-256 in hex."""

    filename: str
    content_type: str
    digest: str
    size: int
    content_id: str | None = None
    inline: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NewArticle:
    """An article to be.

    `visible_for_customer` None is the channel's own way: notes stay inside. The body is made from `body_html` when
    absent. `message_id` and `references` (oldest first) are Message-IDs with their brackets; `in_reply_to` is an
    article of the same ticket, found by the references when absent.
    """

    channel: str
    sender_type: SenderType = SenderType.AGENT
    visible_for_customer: bool | None = None
    subject: str | None = None
    body: str | None = None
    body_html: str | None = None
    sender: str | None = None
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    message_id: str | None = None
    references: tuple[str, ...] = ()
    in_reply_to: Article | None = None
    attachments: tuple[NewAttachment, ...] = ()

    @property
    def is_visible(self) -> bool:
        """Whether the customer shall see it."""
        return self.channel != Channel.NOTE if self.visible_for_customer is None else self.visible_for_customer


async def add(
    unit: Unit, ticket: Ticket, new: NewArticle, *, field: Field = INPUT, answers: bool = False, opens: bool = False
) -> Article:
    """Write an article as the ticket's last one; the caller asked for the rights.

    Of two writers at once one begins again, because the ticket is touched by compare-and-set. `answers` says that
    it may be the first reply, `opens` that the unit has just made the ticket. What the system brings is made to fit;
    for others raises `LimitExceeded`, `BodyMissing`, `InvalidChannel`, `TooManyAttachments`, and `NotFound` for an
    `in_reply_to` of another ticket.
    """
    lenient = unit.actor.is_system
    if new.in_reply_to is not None and new.in_reply_to.ticket_id != ticket.id:
        raise NotFound(field=(*field, "in_reply_to_id"))
    plain, html = _content.bodies(
        new.body,
        new.body_html,
        limit=await settings.value(MAX_BODY),
        lenient=lenient,
        brings_files=bool(new.attachments),
        field=field,
    )
    subject = _content.subject_line(new.subject, lenient=lenient, field=field)
    channel = _content.checked_channel(new.channel, field=field)
    await _require_few(new.attachments, lenient=lenient, field=field)
    if not opens:
        await tickets.touch(unit, ticket)
    is_first_reply = answers and _answers(new) and not await queries.is_answered(ticket.id)
    article = rows.made(
        Article,
        **await _thread(ticket, new),
        number=1 if opens else await queries.last_number(ticket.id) + 1,
        channel=channel,
        sender_type=new.sender_type.value,
        visible_for_customer=new.is_visible,
        author_kind=unit.actor.kind.value,
        author_id=unit.actor.id,
        author_name=unit.actor.name[:MAX_AUTHOR],
        sender=_content.sender_line(new.sender),
        recipients=to_json(_content.lines(new.to)),
        copies=to_json(_content.lines(new.cc)),
        subject=subject,
        body=plain,
        body_html=html,
    )
    await rows.put_off([article])
    await _attach(article, new.attachments)
    await _record(unit, article, first_reply=is_first_reply, attachments=len(new.attachments))
    return article


def _answers(new: NewArticle) -> bool:
    return new.sender_type is SenderType.AGENT and new.is_visible and new.channel in ANSWERS


async def _require_few(attachments: tuple[NewAttachment, ...], *, lenient: bool, field: Field) -> None:
    limit = await settings.value(MAX_ATTACHMENTS)
    if len(attachments) > limit and not lenient:
        raise TooManyAttachments(limit=limit, field=(*field, "attachments"))


async def _thread(ticket: Ticket, new: NewArticle) -> dict[str, Any]:
    """Return the columns that say where an article stands in its ticket and in its thread of mails."""
    message_id = _content.one_line(new.message_id)
    earlier = new.in_reply_to
    if earlier is None and new.references:
        found = await queries.by_message_ids(new.references)
        earlier = found if found is not None and found.ticket_id == ticket.id else None
    return {
        "ticket_id": ticket.id,
        "message_id": message_id,
        "message_key": queries.message_key(message_id) if message_id else None,
        "reference_ids": to_json(_content.thread(new.references)),
        "in_reply_to_id": earlier.id if earlier is not None else None,
    }


async def _attach(article: Article, attachments: tuple[NewAttachment, ...]) -> None:
    await rows.put_off(
        [
            rows.made(
                Attachment,
                article_id=article.id,
                filename=_content.filename(each.filename),
                content_type=_content.content_type(each.content_type),
                size=each.size,
                digest=each.digest,
                content_id=_content.content_id(each.content_id),
                inline=each.inline,
            )
            for each in attachments
        ]
    )


async def _record(unit: Unit, article: Article, *, first_reply: bool, attachments: int) -> None:
    await unit.record(
        ArticleAdded(
            subject=ObjectRef("ticket", article.ticket_id),
            article_id=article.id,
            number=article.number,
            channel=article.channel,
            sender_type=article.sender_type,
            visible_for_customer=article.visible_for_customer,
            first_reply=first_reply,
            attachments=attachments,
        )
    )
