"""Package runners."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

from tessera.kit.clock import now


class Migration(migrations.Migration):
    dependencies = [("tessera", "0009_search")]

    operations = [
        ops.CreateModel(
            name="PackageRunner",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("token", fields.CharField(unique=True, max_length=32)),
                ("digest", fields.CharField(max_length=64)),
                ("seen_at", fields.DatetimeField(default=now, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "package_runner",
                "app": "tessera",
                "pk_attr": "id",
                "table_description": "A server's process that runs a set and says so again and again; one that is silent for long is dead.",
            },
            bases=["Row"],
        ),
    ]
