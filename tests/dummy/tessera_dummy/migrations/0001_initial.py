"""First table."""

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import UniqueConstraint


class Migration(migrations.Migration):
    dependencies = [("tessera", "0002_guards")]

    initial = True

    operations = [
        ops.CreateModel(
            name="Remark",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
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
                ("text", fields.CharField(max_length=200)),
                ("reactions", fields.IntField(default=0)),
            ],
            options={
                "table": "dummy_remark",
                "app": "dummy",
                "constraints": [UniqueConstraint(fields=("ticket",), name="dummy_remark_ticket")],
                "pk_attr": "id",
                "table_description": "A remark on a ticket, of which there is at most one.",
            },
            bases=["Row"],
        ),
    ]
