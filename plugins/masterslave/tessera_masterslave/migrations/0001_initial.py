"""Groups, who is in them, and what slaves could not follow."""

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import UniqueConstraint

from tessera.kit.clock import now


class Migration(migrations.Migration):
    dependencies = [("tessera", "0002_guards")]

    initial = True

    operations = [
        ops.CreateModel(
            name="Group",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("version", fields.IntField(default=1)),
                ("created_at", fields.DatetimeField(default=now, auto_now=False, auto_now_add=False)),
                ("updated_at", fields.DatetimeField(default=now, auto_now=False, auto_now_add=False)),
                (
                    "master",
                    fields.ForeignKeyField(
                        "tessera.Ticket",
                        source_field="master_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("cascades", fields.TextField(unique=False)),
            ],
            options={
                "table": "masterslave_group",
                "app": "masterslave",
                "constraints": [UniqueConstraint(fields=("master",), name="masterslave_group_master")],
                "pk_attr": "id",
                "table_description": "A master and what its slaves repeat: `cascades` is a JSON list of names of `_cascades.CASCADES`.",
            },
            bases=["Versioned"],
        ),
        ops.CreateModel(
            name="Member",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "group",
                    fields.ForeignKeyField(
                        "masterslave.Group",
                        source_field="group_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "ticket",
                    fields.ForeignKeyField(
                        "tessera.Ticket",
                        source_field="ticket_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("position", fields.BigIntField(default=0)),
            ],
            options={
                "table": "masterslave_member",
                "app": "masterslave",
                "indexes": [Index(fields=["group_id"], name="masterslave_member_group")],
                "constraints": [UniqueConstraint(fields=("ticket",), name="masterslave_member_ticket")],
                "pk_attr": "id",
                "table_description": "A ticket in a group, the master included; `position` is the id of the last fact of the master it has followed.",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="Failure",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "group",
                    fields.ForeignKeyField(
                        "masterslave.Group",
                        source_field="group_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "ticket",
                    fields.ForeignKeyField(
                        "tessera.Ticket",
                        source_field="ticket_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("entry_id", fields.BigIntField()),
                ("cascade", fields.CharField(max_length=20)),
                ("code", fields.CharField(max_length=20)),
                ("reason", fields.CharField(null=True, max_length=100)),
                ("sentence", fields.TextField(unique=False)),
                ("facts", fields.TextField(default="{}", unique=False)),
                ("at", fields.DatetimeField(default=now, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "masterslave_failure",
                "app": "masterslave",
                "indexes": [Index(fields=["group_id"], name="masterslave_failure_group")],
                "constraints": [UniqueConstraint(fields=("ticket", "entry_id"), name="masterslave_failure_unique")],
                "pk_attr": "id",
                "table_description": "What a slave could not follow, and why: a problem's code, reason, sentence and facts (JSON).",
            },
            bases=["Row"],
        ),
    ]
