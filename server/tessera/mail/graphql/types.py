"""Mail accounts, filter rules, kept mails and deliveries as types, and how they are found."""

from collections.abc import Mapping
from datetime import datetime
from enum import Enum

import strawberry

from tessera.articles.graphql import Article
from tessera.engine.connections import Connection, connection
from tessera.engine.context import Context
from tessera.engine.directives import Requires
from tessera.engine.fields import batch, column, derived, json_list, rows, to_one
from tessera.engine.nodes import Node, node
from tessera.engine.scalars import URL
from tessera.files.queries import download_url
from tessera.kit.events import from_json
from tessera.kit.paging import Key, Listing
from tessera.kit.sql import seen
from tessera.mail import models, queries
from tessera.mail.permissions import MANAGE
from tessera.queues.graphql import Queue

NEWEST_FIRST = (Key("id", descending=True),)
NEEDS_MANAGE = [Requires(permission=MANAGE.name)]


@strawberry.enum
class MailProtocol(Enum):
    IMAP = "imap"
    POP3 = "pop3"


@strawberry.enum
class MailSecurity(Enum):
    TLS = strawberry.enum_value("tls", description="Encrypted from the first byte.")
    STARTTLS = strawberry.enum_value("starttls", description="Encrypted before the password travels.")
    NONE = strawberry.enum_value("none", description="Not encrypted: for the same machine alone.")


@strawberry.enum
class MailMessageState(Enum):
    RECEIVED = strawberry.enum_value("received", description="Kept, and about to be filed.")
    FILED = strawberry.enum_value("filed", description="It is an article.")
    IGNORED = strawberry.enum_value("ignored", description="Kept, but nothing else; `reason` says why.")
    QUARANTINED = strawberry.enum_value("quarantined", description="It could not be filed; `reason` says why.")


@strawberry.enum
class ArticleDeliveryState(Enum):
    QUEUED = strawberry.enum_value("queued", description="It is to be sent, perhaps again.")
    SENT = strawberry.enum_value("sent", description="A mail server has taken it, at least for some recipients.")
    FAILED = strawberry.enum_value("failed", description="No mail server took it; nothing is tried any more.")
    BOUNCED = strawberry.enum_value("bounced", description="It was taken, and came back.")


@node(models.MailAccount, queries.visible_accounts, description="A mailbox the postmaster empties.")
class MailAccount(Node):
    name: str
    protocol: MailProtocol = column("protocol", read=MailProtocol)
    host: str
    port: int
    security: MailSecurity = column("security", read=MailSecurity)
    login: str
    folder: str = strawberry.field(description="IMAP only.")
    queue: Queue | None = to_one("queue_id", description="Where its mail goes; by address when null.")
    trusted: bool = strawberry.field(description="Whether its mails' X-Tessera headers are obeyed.")
    active: bool
    checked_at: datetime | None = strawberry.field(description="When it was last emptied.")
    problem: str | None = strawberry.field(description="What is wrong with it.")
    version: int


@strawberry.type(description="A header and the regular expression found in it; `Body` stands for the text.")
class MailFilterMatch:
    header: str
    pattern: str


@strawberry.type(description="A control header without `X-Tessera-`, and its value.")
class MailFilterSetting:
    name: str
    value: str


def _matches(text: str) -> list[MailFilterMatch]:
    return [MailFilterMatch(header=header, pattern=pattern) for header, pattern in from_json(text).items()]


def _sets(text: str) -> list[MailFilterSetting]:
    return [MailFilterSetting(name=name, value=value) for name, value in from_json(text).items()]


@node(models.MailFilter, queries.visible_filters, description="A rule that gives matching mails control headers.")
class MailFilter(Node):
    name: str
    position: int = strawberry.field(description="Rules run by position, smallest first.")
    matches: list[MailFilterMatch] = column("matches", read=_matches, description="All have to match.")
    sets: list[MailFilterSetting] = column("sets", read=_sets)
    stops: bool = strawberry.field(description="Later rules are not asked when this one matches.")
    active: bool
    version: int


def _raw_url(context: Context, key: int, digest: str) -> URL:
    return URL(download_url(context.base_url, digest, name=f"mail-{key}.eml", content_type="message/rfc822"))


@node(models.IncomingMessage, queries.visible_messages, description="A mail as it came in.")
class MailMessage(Node):
    state: MailMessageState = column("state", read=MailMessageState)
    reason: str | None
    source: str = strawberry.field(description="Which way it came: `account:1`, `pipe`, `listener`.")
    subject: str
    from_: str = column("sender", graphql_name="from")
    received_at: datetime
    article: Article | None = to_one("article_id", description="What it became.")
    raw_url: URL = derived(_raw_url, "id", "digest", context=True, description="The original; short-lived.")


@node(models.OutgoingMessage, queries.visible_deliveries, description="How a mail leaves.")
class ArticleDelivery(Node):
    state: ArticleDeliveryState = column("state", read=ArticleDeliveryState)
    recipients: list[str] = column("envelope", read=json_list)
    automatic: bool = strawberry.field(description="Sent by no human.")
    attempts: int
    error: str | None = column("problem", description="What the mail server said last.")
    created_at: datetime
    sent_at: datetime | None
    article: Article | None = to_one("article_id", description="Null for notices to agents.")


async def _deliveries(context: Context, keys: list[int]) -> Mapping[int, models.OutgoingMessage]:
    return await queries.deliveries_of(context.actor, keys)


@strawberry.type
class ArticleDeliveries:
    delivery: ArticleDelivery | None = batch(
        _deliveries, description="How it left as a mail; null for what is no outgoing mail, and for customers."
    )


def _messages(context: Context, state: MailMessageState | None = None) -> Listing[models.IncomingMessage]:
    context.actor.require(MANAGE.name)
    rows = queries.visible_messages(context.actor)
    return Listing.of(rows if state is None else rows.filter(state=state.value), NEWEST_FIRST)


def _all_deliveries(context: Context, state: ArticleDeliveryState | None = None) -> Listing[models.OutgoingMessage]:
    rows = queries.visible_deliveries(context.actor)
    return Listing.of(rows if state is None else rows.filter(state=state.value), NEWEST_FIRST)


def _accounts(context: Context) -> Listing[models.MailAccount]:
    context.actor.require(MANAGE.name)
    return Listing(seen(context.actor, queries.visible_accounts), (Key("name_key"),))


def _filters(context: Context) -> Listing[models.MailFilter]:
    context.actor.require(MANAGE.name)
    return Listing(seen(context.actor, queries.visible_filters), (Key("position"),))


@strawberry.type
class MailQuery:
    mail_messages: Connection[MailMessage] = connection(
        _messages, description="What came in, newest first.", directives=NEEDS_MANAGE
    )
    article_deliveries: Connection[ArticleDelivery] = connection(
        _all_deliveries, description="What left or is to leave, newest first."
    )
    mail_accounts: list[MailAccount] = rows(_accounts, directives=NEEDS_MANAGE)
    mail_filters: list[MailFilter] = rows(
        _filters, description="In the order in which they run.", directives=NEEDS_MANAGE
    )
