"""Who remarked."""

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("dummy", "0001_initial")]

    operations = [
        ops.AddField(
            model_name="Remark",
            name="agent",
            field=fields.ForeignKeyField(
                "tessera.Agent",
                source_field="agent_id",
                null=True,
                db_constraint=True,
                to_field="id",
                related_name=False,
                on_delete=OnDelete.RESTRICT,
            ),
        ),
    ]
