"""Tables of the postmaster: accounts, messages in and out, filter rules."""

from datetime import datetime

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import UniqueConstraint

from tessera.articles.models import Article
from tessera.kit.clock import now
from tessera.kit.model import Row, Versioned
from tessera.queues.models import Queue
from tessera.tickets.models import Ticket

MAX_KEY = 500
"""Folded names may be longer than the names."""

MAX_MESSAGE_ID = 500


class MailAccount(Versioned):
    """A mailbox the postmaster empties.

    `protocol` is `imap` or `pop3`, `security` is `tls`, `starttls` or `none`. `sealed_password` is encrypted
    with the server's key. Mail goes to `queue`, or by its address when that is empty. Control headers count
    only when `trusted`.
    """

    name = fields.CharField(max_length=200)
    name_key = fields.CharField(max_length=MAX_KEY, unique=True)
    protocol = fields.CharField(max_length=10)
    host = fields.CharField(max_length=255)
    port = fields.IntField()
    security = fields.CharField(max_length=10)
    login = fields.CharField(max_length=255)
    sealed_password = fields.TextField()
    folder = fields.CharField(max_length=255, default="INBOX")
    queue: fields.ForeignKeyNullableRelation[Queue] = fields.ForeignKeyField(
        "tessera.Queue", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    queue_id: int | None
    trusted = fields.BooleanField(default=False)
    active = fields.BooleanField(default=True)
    checked_at: datetime | None = fields.DatetimeField(null=True)
    problem: str | None = fields.TextField(null=True)

    class Meta:
        """Never deleted, only switched off."""

        app = "tessera"
        table = "mail_account"


class IncomingMessage(Row):
    """A mail as it came, stored before anything else happens to it.

    `source` names the account or door it came by, `digest` is the SHA-256 of its raw bytes (a blob): together
    they are unique, so that a second fetch is harmless. `state` is `received`, `filed`, `ignored` or
    `quarantined` with its `reason`. `answer_to` is where the sender wants answers.
    """

    source = fields.CharField(max_length=100)
    digest = fields.CharField(max_length=64)
    state = fields.CharField(max_length=20, default="received", db_index=True)
    reason: str | None = fields.TextField(null=True)
    trusted = fields.BooleanField(default=False)
    queue_id: int | None = fields.BigIntField(null=True)
    article: fields.ForeignKeyNullableRelation[Article] = fields.ForeignKeyField(
        "tessera.Article", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    article_id: int | None
    subject = fields.CharField(max_length=500, default="")
    sender = fields.CharField(max_length=500, default="")
    answer_to = fields.CharField(max_length=500, default="")
    received_at = fields.DatetimeField(default=now)

    class Meta:
        """Kept: it is the evidence of what arrived."""

        app = "tessera"
        table = "incoming_message"
        indexes = (Index(fields=("article_id",), name="incoming_message_article"),)
        constraints = (UniqueConstraint(fields=("source", "digest"), name="incoming_message_unique"),)


class OutgoingMessage(Row):
    """A mail about a ticket that is owed; `state` is `queued`, `sent`, `failed` or `bounced`.

    `message_id` never changes, so that a mail sent twice is recognised as one. `envelope` is the JSON list of
    recipients, `answers` a JSON object of those a server has answered about: null when it took the mail, else why it
    refused for good. `automatic` mails say so in their headers. What is no article is a `notice`: a JSON object of
    sender, recipient, subject and text.
    """

    ticket: fields.ForeignKeyRelation[Ticket] = fields.ForeignKeyField(
        "tessera.Ticket", related_name=False, on_delete=fields.RESTRICT
    )
    ticket_id: int
    article: fields.ForeignKeyNullableRelation[Article] = fields.ForeignKeyField(
        "tessera.Article", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    article_id: int | None
    notice: str | None = fields.TextField(null=True)
    message_id = fields.CharField(max_length=MAX_MESSAGE_ID, unique=True)
    envelope = fields.TextField()
    answers = fields.TextField(default="{}")
    automatic = fields.BooleanField(default=False)
    state = fields.CharField(max_length=20, default="queued", db_index=True)
    attempts = fields.IntField(default=0)
    problem: str | None = fields.TextField(null=True)
    created_at = fields.DatetimeField(default=now)
    sent_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        """Kept: it is the evidence of what left."""

        app = "tessera"
        table = "outgoing_message"
        indexes = (
            Index(fields=("article_id",), name="outgoing_message_article"),
            Index(fields=("ticket_id",), name="outgoing_message_ticket"),
        )


class AutomaticMail(Row):
    """How many automatic mails an address got on a day: the loop guard's memory.

    The key is the folded address; of notices to owners, the ticket's id stands before it.
    """

    address_key = fields.CharField(max_length=254)
    day = fields.DateField()
    sent = fields.IntField(default=0)

    class Meta:
        """One row per address and day."""

        app = "tessera"
        table = "automatic_mail"
        constraints = (UniqueConstraint(fields=("address_key", "day"), name="automatic_mail_unique"),)


class MailFilter(Versioned):
    """A rule of an administrator: when the headers match, set control headers.

    `matches` is a JSON object of header name to regular expression (all must match), `sets` one of control
    header to value. Rules run by `position`; `stops` ends the row.
    """

    name = fields.CharField(max_length=200)
    name_key = fields.CharField(max_length=MAX_KEY, unique=True)
    position = fields.IntField(default=0)
    matches = fields.TextField()
    sets = fields.TextField()
    stops = fields.BooleanField(default=False)
    active = fields.BooleanField(default=True)

    class Meta:
        """Never deleted, only switched off."""

        app = "tessera"
        table = "mail_filter"
