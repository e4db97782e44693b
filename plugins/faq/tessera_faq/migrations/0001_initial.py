"""The knowledge base."""

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import UniqueConstraint

from tessera.kit.clock import now


class Migration(migrations.Migration):
    dependencies = [("tessera", "0007_queue_states")]

    initial = True

    operations = [
        ops.CreateModel(
            name="Category",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("version", fields.IntField(default=1)),
                ("created_at", fields.DatetimeField(default=now, auto_now=False, auto_now_add=False)),
                ("updated_at", fields.DatetimeField(default=now, auto_now=False, auto_now_add=False)),
                ("name", fields.CharField(max_length=200)),
                ("path", fields.CharField(max_length=500)),
                ("path_key", fields.CharField(unique=True, max_length=500)),
                (
                    "parent",
                    fields.ForeignKeyField(
                        "faq.Category",
                        source_field="parent_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("active", fields.BooleanField(default=True)),
            ],
            options={
                "table": "faq_category",
                "app": "faq",
                "pk_attr": "id",
                "table_description": "A topic; `path` is its full name from the root, levels joined by `::`.",
            },
            bases=["Versioned"],
        ),
        ops.CreateModel(
            name="CategoryGroup",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "category",
                    fields.ForeignKeyField(
                        "faq.Category",
                        source_field="category_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "group",
                    fields.ForeignKeyField(
                        "tessera.Group",
                        source_field="group_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
            ],
            options={
                "table": "faq_category_group",
                "app": "faq",
                "constraints": [UniqueConstraint(fields=("category", "group"), name="faq_category_group_unique")],
                "pk_attr": "id",
                "table_description": "A group whose agents see a category.",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="CategoryLine",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "category",
                    fields.ForeignKeyField(
                        "faq.Category",
                        source_field="category_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "above",
                    fields.ForeignKeyField(
                        "faq.Category",
                        source_field="above_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
            ],
            options={
                "table": "faq_category_line",
                "app": "faq",
                "constraints": [UniqueConstraint(fields=("category", "above"), name="faq_category_line_unique")],
                "indexes": [Index(fields=["above_id"], name="faq_category_line_above")],
                "pk_attr": "id",
                "table_description": "A category and one above it, or itself: one look-up finds what lies below, whatever the depth.",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="Item",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("version", fields.IntField(default=1)),
                ("created_at", fields.DatetimeField(default=now, auto_now=False, auto_now_add=False)),
                ("updated_at", fields.DatetimeField(default=now, auto_now=False, auto_now_add=False)),
                ("number", fields.CharField(unique=True, max_length=50)),
                ("title", fields.CharField(max_length=255)),
                ("title_key", fields.CharField(max_length=500)),
                ("language", fields.CharField(max_length=20)),
                (
                    "category",
                    fields.ForeignKeyField(
                        "faq.Category",
                        source_field="category_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("audience", fields.CharField(max_length=20)),
                ("approved", fields.BooleanField()),
                ("active", fields.BooleanField(default=True)),
                ("symptom", fields.TextField(default="", unique=False)),
                ("problem", fields.TextField(default="", unique=False)),
                ("solution", fields.TextField(default="", unique=False)),
                ("field4", fields.TextField(default="", unique=False)),
                ("field5", fields.TextField(default="", unique=False)),
                ("comment", fields.TextField(default="", unique=False)),
                ("author_kind", fields.CharField(max_length=20)),
                ("author_id", fields.BigIntField(null=True)),
                ("author_name", fields.CharField(max_length=200)),
                (
                    "original",
                    fields.ForeignKeyField(
                        "faq.Item",
                        source_field="original_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("valid_from", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("valid_until", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("rating", fields.FloatField(null=True)),
                ("vote_sum", fields.IntField(default=0)),
                ("vote_count", fields.IntField(default=0)),
                ("view_count", fields.IntField(default=0)),
            ],
            options={
                "table": "faq_item",
                "app": "faq",
                "indexes": [
                    Index(fields=["category_id", "updated_at"], name="faq_item_of_category"),
                    Index(fields=["original_id"], name="faq_item_of_original"),
                    Index(fields=["updated_at"], name="faq_item_updated"),
                ],
                "pk_attr": "id",
                "table_description": "An entry in one language; the six texts are HTML made safe, an empty one says nothing.",
            },
            bases=["Versioned"],
        ),
        ops.CreateModel(
            name="ItemAttachment",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "item",
                    fields.ForeignKeyField(
                        "faq.Item",
                        source_field="item_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("filename", fields.CharField(max_length=255)),
                ("content_type", fields.CharField(max_length=200)),
                ("size", fields.BigIntField()),
                ("digest", fields.CharField(db_index=True, max_length=64)),
            ],
            options={
                "table": "faq_attachment",
                "app": "faq",
                "indexes": [Index(fields=["item_id"], name="faq_attachment_of_item")],
                "pk_attr": "id",
                "table_description": "A file of an item; the bytes are a blob.",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="ItemTicket",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "item",
                    fields.ForeignKeyField(
                        "faq.Item",
                        source_field="item_id",
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
                ("created_at", fields.DatetimeField(default=now, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "faq_item_ticket",
                "app": "faq",
                "constraints": [UniqueConstraint(fields=("item", "ticket"), name="faq_item_ticket_unique")],
                "indexes": [Index(fields=["ticket_id"], name="faq_item_ticket_ticket")],
                "pk_attr": "id",
                "table_description": "An item that has to do with a ticket.",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="Keyword",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "item",
                    fields.ForeignKeyField(
                        "faq.Item",
                        source_field="item_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("name", fields.CharField(max_length=100)),
                ("name_key", fields.CharField(max_length=500)),
            ],
            options={
                "table": "faq_keyword",
                "app": "faq",
                "constraints": [UniqueConstraint(fields=("item", "name_key"), name="faq_keyword_unique")],
                "indexes": [Index(fields=["name_key"], name="faq_keyword_key")],
                "pk_attr": "id",
                "table_description": "A word an item is found by; the key is the word folded.",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="Vote",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "item",
                    fields.ForeignKeyField(
                        "faq.Item",
                        source_field="item_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("voter_kind", fields.CharField(max_length=20)),
                ("voter_id", fields.BigIntField()),
                ("vote", fields.IntField()),
                ("voted_at", fields.DatetimeField(default=now, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "faq_vote",
                "app": "faq",
                "constraints": [UniqueConstraint(fields=("item", "voter_kind", "voter_id"), name="faq_vote_unique")],
                "pk_attr": "id",
                "table_description": "What a person thinks of an item: 0, 25, 50, 75 or 100.",
            },
            bases=["Row"],
        ),
    ]
