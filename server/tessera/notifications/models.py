"""The table of notifications."""

from datetime import datetime

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import UniqueConstraint

from tessera.kit.clock import now
from tessera.kit.model import Row
from tessera.tickets.models import Ticket

MAX_TITLE = 1000


class Notification(Row):
    """A notice in one person's inbox; removed some time after it was read.

    `cause_id` is the entry that made somebody tell, None when none did: each person is told once of a kind by it.
    """

    person_kind = fields.CharField(max_length=20)
    person_id = fields.BigIntField()
    kind = fields.CharField(max_length=100)
    title = fields.CharField(max_length=MAX_TITLE)
    ticket: fields.ForeignKeyNullableRelation[Ticket] = fields.ForeignKeyField(
        "tessera.Ticket", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    ticket_id: int | None
    cause_id: int | None = fields.BigIntField(null=True)
    created_at = fields.DatetimeField(default=now)
    read_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        """An inbox is read from its newest row on, all of it or what is unread."""

        app = "tessera"
        table = "notification"
        indexes = (
            Index(fields=("person_kind", "person_id", "id"), name="notification_of_person"),
            Index(fields=("person_kind", "person_id", "read_at"), name="notification_unread"),
            Index(fields=("read_at",), name="notification_read"),
        )
        constraints = (
            UniqueConstraint(fields=("cause_id", "person_kind", "person_id", "kind"), name="notification_unique"),
        )
