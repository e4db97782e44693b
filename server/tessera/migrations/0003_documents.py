"""The documents an administrator imports, which clients run by their hash."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

from tessera.kit.clock import now


class Migration(migrations.Migration):
    dependencies = [("tessera", "0002_guards")]

    operations = [
        ops.CreateModel(
            name="Document",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("hash", fields.CharField(unique=True, max_length=64)),
                ("text", fields.TextField(unique=False)),
                ("imported_at", fields.DatetimeField(default=now, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "document",
                "app": "tessera",
                "pk_attr": "id",
                "table_description": "A GraphQL document and the SHA-256 of its text in UTF-8, in lower-case hexadecimal digits.",
            },
            bases=["Row"],
        ),
    ]
