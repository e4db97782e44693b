"""The full-text index."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import UniqueConstraint

from tessera.kit.db.operations import FullText


class Migration(migrations.Migration):
    dependencies = [("tessera", "0008_packages")]

    operations = [
        ops.CreateModel(
            name="SearchDocument",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("kind", fields.CharField(max_length=100)),
                ("subject_id", fields.BigIntField()),
                ("title", fields.CharField(max_length=500)),
                ("digest", fields.CharField(max_length=64)),
            ],
            options={
                "table": "search_document",
                "app": "tessera",
                "constraints": [UniqueConstraint(fields=("kind", "subject_id"), name="search_document_unique")],
                "pk_attr": "id",
                "table_description": "One thing as the index knows it; its id is that of its words.",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="SearchKind",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("kind", fields.CharField(unique=True, max_length=100)),
                ("version", fields.CharField(max_length=50)),
                ("built_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "search_kind",
                "app": "tessera",
                "pk_attr": "id",
                "table_description": "A kind of things that was indexed whole; `version` says by which rules.",
            },
            bases=["Row"],
        ),
        FullText("search_text", ("title", "body", "internal")),
    ]
