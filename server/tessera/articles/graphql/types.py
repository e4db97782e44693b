"""Articles and attachments as types, and the articles of a ticket."""

from collections.abc import Sequence
from datetime import datetime

import strawberry

from tessera.accounts.graphql import ActorType, actor_of
from tessera.articles import _content, models, queries
from tessera.engine.connections import Connection, connection
from tessera.engine.context import Context
from tessera.engine.fields import batch, column, derived, json_list, to_one
from tessera.engine.nodes import Node, node
from tessera.engine.scalars import HTML, URL
from tessera.files.queries import download_url
from tessera.kit import sql
from tessera.kit.paging import Key, Listing
from tessera.kit.sql import seen
from tessera.tickets.graphql import Ticket

IN_ORDER = (Key("number", unique=True),)

strawberry.enum(models.SenderType, name="ArticleSenderType")


def _download_url(context: Context, digest: str, filename: str, content_type: str) -> URL:
    return URL(download_url(context.base_url, digest, name=filename, content_type=content_type))


@node(models.Attachment, queries.visible_attachments, description="A file of an article.")
class Attachment(Node):
    filename: str
    content_type: str
    size: int = strawberry.field(description="Bytes.")
    sha256: str = column("digest")
    inline: bool
    download_url: URL = derived(
        _download_url,
        *("digest", "filename", "content_type"),
        context=True,
        description="Short-lived; needs no further authentication.",
    )


async def _attachments(context: Context, keys: list[int]) -> dict[int, list[models.Attachment]]:
    return await queries.attachments_of(keys)


async def _bodies(context: Context, keys: list[tuple[int, str | None]]) -> list[HTML | None]:
    with_pictures = [article_id for article_id, body in keys if body is not None and "cid:" in body]
    files = await queries.attachments_of(with_pictures) if with_pictures else {}
    return [None if body is None else _shown_body(context, body, files.get(key, ())) for key, body in keys]


def _shown_body(context: Context, body: str, files: Sequence[models.Attachment]) -> HTML:
    urls = {
        each.content_id: _download_url(context, each.digest, each.filename, each.content_type)
        for each in files
        if each.content_id
    }
    return HTML(_content.with_pictures(body, urls) if urls or "cid:" in body else body)


@node(models.Article, queries.visible_to, description="One message or note in a ticket.")
class Article(Node):
    ticket: Ticket = to_one("ticket_id", covered=True)
    number: int = strawberry.field(description="1-based position in its ticket.")
    channel: str = strawberry.field(
        description=(
            "How it travelled. Open vocabulary: `email`, `phone`, `note`, `web`, `chat`, `api`, and packages' own."
        )
    )
    sender_type: models.SenderType = column("sender_type", read=models.SenderType)
    visible_for_customer: bool
    author: ActorType = derived(actor_of, "author_kind", "author_id", "author_name")
    from_: str | None = column("sender", graphql_name="from")
    to: list[str] = column("recipients", read=json_list)
    cc: list[str] = column("copies", read=json_list)
    subject: str | None
    body: str = strawberry.field(description="Plain text; made from the HTML when only that came.")
    body_html: HTML | None = batch(
        _bodies, key=("id", "body_html"), description="Embedded pictures point to short-lived URLs."
    )
    message_id: str | None
    in_reply_to: "Article | None" = to_one("in_reply_to_id")
    attachments: list[Attachment] = batch(_attachments)
    created_at: datetime


def _articles_of(context: Context, visible_for_customer: bool | None = None) -> Listing[models.Article]:
    rows = seen(context.actor, queries.visible_in_tickets)
    if visible_for_customer is None:
        return Listing(rows, IN_ORDER)
    return Listing(rows, IN_ORDER, (sql.equals("visible_for_customer", visible_for_customer),))


@strawberry.type
class TicketArticles:
    articles: Connection[Article] = connection(_articles_of, via="ticket_id")
