"""Tables of queues, their addresses and their texts."""

from enum import StrEnum

from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint

from tessera.access.models import Group
from tessera.kit.model import Row, Versioned

MAX_KEY = 500
"""Folded names may be longer than the names."""


class FollowUpPolicy(StrEnum):
    """What a reply to a closed ticket does: reopen it, nothing, or open a new one."""

    POSSIBLE = "possible"
    REJECT = "reject"
    NEW_TICKET = "new_ticket"


class AutoResponseKind(StrEnum):
    """Which mail is answered automatically, as in OTRS."""

    REPLY = "reply"
    FOLLOW_UP = "follow_up"
    REJECT = "reject"
    REPLY_NEW_TICKET = "reply_new_ticket"
    REMOVE = "remove"


class TemplateKind(StrEnum):
    """What a template prepares."""

    ANSWER = "answer"
    CREATE = "create"
    EMAIL = "email"
    FORWARD = "forward"
    NOTE = "note"
    PHONE_CALL = "phone_call"


class Salutation(Versioned):
    """How an answer begins; placeholders allowed."""

    name = fields.CharField(max_length=200)
    name_key = fields.CharField(max_length=MAX_KEY, unique=True)
    text = fields.TextField()
    active = fields.BooleanField(default=True)

    class Meta:
        """Never deleted, only switched off."""

        app = "tessera"
        table = "salutation"


class Signature(Versioned):
    """How an answer ends; placeholders allowed."""

    name = fields.CharField(max_length=200)
    name_key = fields.CharField(max_length=MAX_KEY, unique=True)
    text = fields.TextField()
    active = fields.BooleanField(default=True)

    class Meta:
        """Never deleted, only switched off."""

        app = "tessera"
        table = "signature"


class Queue(Versioned):
    """A help queue; `path` is its full name from the root, levels joined by `::`."""

    name = fields.CharField(max_length=200)
    path = fields.CharField(max_length=500)
    path_key = fields.CharField(max_length=500, unique=True)
    parent: fields.ForeignKeyNullableRelation["Queue"] = fields.ForeignKeyField(
        "tessera.Queue", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    parent_id: int | None
    active = fields.BooleanField(default=True)
    group: fields.ForeignKeyRelation[Group] = fields.ForeignKeyField(
        "tessera.Group", related_name=False, on_delete=fields.RESTRICT
    )
    group_id: int
    follow_up_policy = fields.CharField(max_length=20, default="possible")
    follow_up_lock = fields.BooleanField(default=False)
    unlock_timeout_minutes = fields.IntField(null=True)
    email_address = fields.CharField(max_length=254, null=True)
    salutation: fields.ForeignKeyNullableRelation[Salutation] = fields.ForeignKeyField(
        "tessera.Salutation", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    salutation_id: int | None
    signature: fields.ForeignKeyNullableRelation[Signature] = fields.ForeignKeyField(
        "tessera.Signature", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    signature_id: int | None

    class Meta:
        """Never deleted, only switched off."""

        app = "tessera"
        table = "queue"


class SystemAddress(Versioned):
    """An address of the help desk: mail to it arrives in its queue."""

    address = fields.CharField(max_length=254)
    address_key = fields.CharField(max_length=254, unique=True)
    display_name = fields.CharField(max_length=200, default="")
    queue: fields.ForeignKeyRelation[Queue] = fields.ForeignKeyField(
        "tessera.Queue", related_name=False, on_delete=fields.RESTRICT
    )
    queue_id: int
    active = fields.BooleanField(default=True)

    class Meta:
        """Never deleted, only switched off."""

        app = "tessera"
        table = "system_address"


class AutoResponse(Versioned):
    """A text the postmaster sends by itself; `kind` is one of `AutoResponseKind`."""

    name = fields.CharField(max_length=200)
    name_key = fields.CharField(max_length=MAX_KEY, unique=True)
    kind = fields.CharField(max_length=20)
    subject = fields.CharField(max_length=500)
    text = fields.TextField()
    active = fields.BooleanField(default=True)

    class Meta:
        """Never deleted, only switched off."""

        app = "tessera"
        table = "auto_response"


class QueueAutoResponse(Row):
    """The auto response a queue gives to a kind of mail."""

    queue: fields.ForeignKeyRelation[Queue] = fields.ForeignKeyField(
        "tessera.Queue", related_name=False, on_delete=fields.RESTRICT
    )
    queue_id: int
    kind = fields.CharField(max_length=20)
    auto_response: fields.ForeignKeyRelation[AutoResponse] = fields.ForeignKeyField(
        "tessera.AutoResponse", related_name=False, on_delete=fields.RESTRICT
    )
    auto_response_id: int

    class Meta:
        """One per kind."""

        app = "tessera"
        table = "queue_auto_response"
        constraints = (UniqueConstraint(fields=("queue", "kind"), name="queue_auto_response_unique"),)


class Template(Versioned):
    """A prepared answer, note, forward or new ticket; subject and HTML body with placeholders.

    `kind` is one of `TemplateKind`.
    """

    name = fields.CharField(max_length=200)
    name_key = fields.CharField(max_length=MAX_KEY, unique=True)
    kind = fields.CharField(max_length=20)
    subject = fields.CharField(max_length=500, null=True)
    body = fields.TextField()
    active = fields.BooleanField(default=True)

    class Meta:
        """Never deleted, only switched off."""

        app = "tessera"
        table = "template"


class QueueTemplate(Row):
    """A template usable in a queue; a template without any is usable in all."""

    template: fields.ForeignKeyRelation[Template] = fields.ForeignKeyField(
        "tessera.Template", related_name=False, on_delete=fields.RESTRICT
    )
    template_id: int
    queue: fields.ForeignKeyRelation[Queue] = fields.ForeignKeyField(
        "tessera.Queue", related_name=False, on_delete=fields.RESTRICT
    )
    queue_id: int

    class Meta:
        """Each pair once."""

        app = "tessera"
        table = "queue_template"
        constraints = (UniqueConstraint(fields=("template", "queue"), name="queue_template_unique"),)
