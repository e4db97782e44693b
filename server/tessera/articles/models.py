"""Tables of articles and their attachments."""

from enum import StrEnum

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import UniqueConstraint

from tessera.kit.clock import now
from tessera.kit.model import Row
from tessera.tickets.models import Ticket


class SenderType(StrEnum):
    """Whose words an article holds."""

    AGENT = "agent"
    CUSTOMER = "customer"
    SYSTEM = "system"


class Channel(StrEnum):
    """The channels the kernel knows; packages add names of their own."""

    EMAIL = "email"
    PHONE = "phone"
    NOTE = "note"
    WEB = "web"
    API = "api"


class Article(Row):
    """One message or note. Never deleted: a database trigger refuses it.

    `recipients` and `copies` are JSON lists of addresses; `message_key` is the SHA-256 of the Message-ID,
    for look-ups of any length; `reference_ids` is a JSON list of Message-IDs, oldest first.
    """

    ticket: fields.ForeignKeyRelation[Ticket] = fields.ForeignKeyField(
        "tessera.Ticket", related_name=False, on_delete=fields.RESTRICT
    )
    ticket_id: int
    number = fields.IntField()
    channel = fields.CharField(max_length=50)
    sender_type = fields.CharField(max_length=20)
    visible_for_customer = fields.BooleanField()
    author_kind = fields.CharField(max_length=20)
    author_id: int | None = fields.BigIntField(null=True)
    author_name = fields.CharField(max_length=200)
    sender: str | None = fields.CharField(max_length=500, null=True)  # type: ignore[assignment]  # null is not in its type
    recipients = fields.TextField(default="[]")
    copies = fields.TextField(default="[]")
    subject: str | None = fields.CharField(max_length=1000, null=True)  # type: ignore[assignment]  # as above
    body = fields.TextField()
    body_html: str | None = fields.TextField(null=True)
    message_id: str | None = fields.TextField(null=True)
    message_key: str | None = fields.CharField(max_length=64, null=True, db_index=True)  # type: ignore[assignment]  # as above
    reference_ids = fields.TextField(default="[]")
    in_reply_to: fields.ForeignKeyNullableRelation["Article"] = fields.ForeignKeyField(
        "tessera.Article", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    in_reply_to_id: int | None
    created_at = fields.DatetimeField(default=now)

    class Meta:
        """The number is unique in its ticket."""

        app = "tessera"
        table = "article"
        constraints = (UniqueConstraint(fields=("ticket", "number"), name="article_unique"),)


class Attachment(Row):
    """A file of an article; the bytes are a blob."""

    article: fields.ForeignKeyRelation[Article] = fields.ForeignKeyField(
        "tessera.Article", related_name=False, on_delete=fields.RESTRICT
    )
    article_id: int
    filename = fields.CharField(max_length=255)
    content_type = fields.CharField(max_length=200)
    size = fields.BigIntField()
    digest = fields.CharField(max_length=64, db_index=True)
    content_id: str | None = fields.CharField(max_length=500, null=True)  # type: ignore[assignment]  # null is not in its type
    inline = fields.BooleanField(default=False)

    class Meta:
        """Kept as long as its article: for ever."""

        app = "tessera"
        table = "attachment"
        indexes = (Index(fields=("article_id",), name="attachment_of_article"),)
