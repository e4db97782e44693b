"""The inboxes of people."""

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import UniqueConstraint

from tessera.kit.clock import now


class Migration(migrations.Migration):
    dependencies = [("tessera", "0005_lists")]

    operations = [
        ops.CreateModel(
            name="Notification",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("person_kind", fields.CharField(max_length=20)),
                ("person_id", fields.BigIntField()),
                ("kind", fields.CharField(max_length=100)),
                ("title", fields.CharField(max_length=1000)),
                (
                    "ticket",
                    fields.ForeignKeyField(
                        "tessera.Ticket",
                        source_field="ticket_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("cause_id", fields.BigIntField(null=True)),
                ("created_at", fields.DatetimeField(default=now, auto_now=False, auto_now_add=False)),
                ("read_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "notification",
                "app": "tessera",
                "constraints": [
                    UniqueConstraint(
                        fields=("cause_id", "person_kind", "person_id", "kind"), name="notification_unique"
                    )
                ],
                "indexes": [
                    Index(fields=["person_kind", "person_id", "id"], name="notification_of_person"),
                    Index(fields=["person_kind", "person_id", "read_at"], name="notification_unread"),
                    Index(fields=["read_at"], name="notification_read"),
                ],
                "pk_attr": "id",
                "table_description": "A notice in one person's inbox; removed some time after it was read.",
            },
            bases=["Row"],
        ),
    ]
