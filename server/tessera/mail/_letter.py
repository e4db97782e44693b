"""From rows to the bytes of a mail that leaves."""

from tessera.articles import queries as articles
from tessera.articles.models import Article
from tessera.files import queries as files
from tessera.kit.events import from_json
from tessera.mail._addresses import Address, addresses
from tessera.mail._compose import Outgoing, compose, mark_of, subject_with_number
from tessera.mail._parse import Attachment
from tessera.mail.models import OutgoingMessage
from tessera.settings import queries as settings
from tessera.tickets.models import Ticket
from tessera.tickets.settings import HOOK

NOBODY = Address("", "postmaster@localhost")


async def bytes_of(row: OutgoingMessage) -> tuple[str, bytes]:
    """Return the address an owed mail comes from, and its bytes: the same ones every time.

    Raises `FileMissing` when an attachment's bytes are not there.
    """
    letter = await (_of_notice(row) if row.article_id is None else _of_article(row, row.article_id))
    return letter.sender.address, compose(letter)


async def _of_article(row: OutgoingMessage, article_id: int) -> Outgoing:
    article = await Article.get(id=article_id)
    earlier = await Article.get_or_none(id=article.in_reply_to_id)
    return Outgoing(
        sender=next(iter(addresses(article.sender or "")), NOBODY),
        to=_all(article.recipients),
        cc=_all(article.copies),
        subject=await _subject(row, article.subject or ""),
        message_id=row.message_id,
        date=article.created_at,
        text=article.body,
        html=article.body_html,
        in_reply_to=earlier.message_id if earlier else None,
        references=tuple(from_json(article.reference_ids)),
        attachments=await _attachments(article_id),
        automatic=row.automatic,
    )


async def _of_notice(row: OutgoingMessage) -> Outgoing:
    notice = from_json(row.notice or "{}")
    return Outgoing(
        sender=Address(*notice["sender"]),
        to=(Address(*notice["to"]),),
        subject=await _subject(row, notice["subject"]),
        message_id=row.message_id,
        date=row.created_at,
        text=notice["text"],
        automatic=row.automatic,
    )


async def _subject(row: OutgoingMessage, subject: str) -> str:
    ticket = await Ticket.get(id=row.ticket_id)
    return subject_with_number(subject, ticket.number, await settings.value(HOOK), mark_of(subject))


async def _attachments(article_id: int) -> tuple[Attachment, ...]:
    rows = (await articles.attachments_of([article_id]))[article_id]
    return tuple(
        [
            Attachment(
                filename=each.filename,
                content_type=each.content_type,
                data=await files.read(each.digest),
                content_id=each.content_id,
                inline=each.inline,
            )
            for each in rows
        ]
    )


def _all(written: str) -> tuple[Address, ...]:
    return tuple(each for text in from_json(written) for each in addresses(text))
