from tortoise import fields, migrations
from tortoise.fields import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import UniqueConstraint


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="Shelf",
            fields=[
                ("id", fields.BigIntField(primary_key=True)),
                ("name", fields.CharField(max_length=100)),
                ("note", fields.TextField(null=True)),
            ],
            options={
                "table": "shop_shelf",
                "app": "shop",
                "constraints": (UniqueConstraint(fields=("name",), name="shop_shelf_name"),),
            },
        ),
        ops.CreateModel(
            name="Thing",
            fields=[
                ("id", fields.BigIntField(primary_key=True)),
                ("shelf", fields.ForeignKeyField("shop.Shelf", on_delete=OnDelete.CASCADE, related_name="things")),
                ("title", fields.CharField(max_length=100)),
                ("weight", fields.IntField(db_default=0)),
            ],
            options={
                "table": "shop_thing",
                "app": "shop",
                "indexes": [Index(fields=("shelf_id", "title"), name="shop_thing_label")],
            },
        ),
        ops.CreateModel(
            name="Sale",
            fields=[
                ("id", fields.BigIntField(primary_key=True)),
                ("what", fields.CharField(max_length=100)),
            ],
            options={"table": "shop_sale", "app": "shop"},
        ),
    ]
