"""Articles and attachments as types, and the articles of a ticket."""

from collections.abc import Sequence
from datetime import datetime

import strawberry

from tessera.accounts.graphql import ActorType, actor_of
from tessera.articles import _content, models, queries
from tessera.engine.connections import Connection, connection
from tessera.engine.context import Context
from tessera.engine.fields import batch, column, json_list, to_one
from tessera.engine.nodes import Node, node
from tessera.engine.scalars import HTML, URL
from tessera.files.queries import download_url
from tessera.kit.paging import Key, Listing
from tessera.tickets.graphql import Ticket

IN_ORDER = (Key("number"),)

strawberry.enum(models.SenderType, name="ArticleSenderType")


def _url(context: Context, attachment: models.Attachment) -> str:
    return download_url(
        context.base_url, attachment.digest, name=attachment.filename, content_type=attachment.content_type
    )


def _download_url(root: models.Attachment, info: strawberry.Info) -> URL:
    return URL(_url(info.context, root))


@node(models.Attachment, queries.visible_attachments, description="A file of an article.")
class Attachment(Node):
    filename: str
    content_type: str
    size: int = strawberry.field(description="Bytes.")
    sha256: str = column("digest")
    inline: bool
    download_url: URL = strawberry.field(
        resolver=_download_url, description="Short-lived; needs no further authentication."
    )


async def _attachments(context: Context, keys: list[int]) -> dict[int, list[models.Attachment]]:
    return await queries.attachments_of(keys)


async def _load_attachments(keys: list[int]) -> Sequence[list[models.Attachment]]:
    found = await queries.attachments_of(keys)
    return [found[key] for key in keys]


async def _body_html(root: models.Article, info: strawberry.Info) -> HTML | None:
    if root.body_html is None or "cid:" not in root.body_html:
        return None if root.body_html is None else HTML(root.body_html)
    files = await info.context.load("article pictures", root.id, _load_attachments)
    urls = {each.content_id: _url(info.context, each) for each in files if each.content_id}
    return HTML(_content.with_pictures(root.body_html, urls))


def _author(root: models.Article) -> ActorType:
    return actor_of(root.author_kind, root.author_id, root.author_name)


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
    author: ActorType = strawberry.field(resolver=_author)
    from_: str | None = column("sender", graphql_name="from")
    to: list[str] = column("recipients", read=json_list)
    cc: list[str] = column("copies", read=json_list)
    subject: str | None
    body: str = strawberry.field(description="Plain text; made from the HTML when only that came.")
    body_html: HTML | None = strawberry.field(
        resolver=_body_html, description="Embedded pictures point to short-lived URLs."
    )
    message_id: str | None
    in_reply_to: "Article | None" = to_one("in_reply_to_id")
    attachments: list[Attachment] = batch(_attachments)
    created_at: datetime


def _articles_of(context: Context, visible_for_customer: bool | None = None) -> Listing[models.Article]:
    rows = queries.visible_to(context.actor)
    if visible_for_customer is not None:
        rows = rows.filter(visible_for_customer=visible_for_customer)
    return Listing(rows, IN_ORDER)


@strawberry.type
class TicketArticles:
    articles: Connection[Article] = connection(_articles_of, via="ticket_id")
