"""A job remembers the trace of the request that asked for it."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("tessera", "0003_documents")]

    operations = [
        ops.AddField(
            model_name="Job",
            name="traceparent",
            field=fields.CharField(
                null=True, description="The trace that asked for it, as W3C writes it.", max_length=55
            ),
        ),
    ]
