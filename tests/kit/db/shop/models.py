"""The shop's tables as they are after the newest migration."""

from tortoise import fields
from tortoise.fields import OnDelete
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model


class Shelf(Model):
    id = fields.BigIntField(primary_key=True)
    name = fields.CharField(max_length=200)
    grade = fields.IntField(db_default=3)
    code = fields.CharField(max_length=20, null=True, db_index=True)
    keeper: fields.ForeignKeyNullableRelation["Keeper"] = fields.ForeignKeyField(
        "shop.Keeper", null=True, on_delete=OnDelete.RESTRICT, related_name=False
    )

    class Meta:
        app = "shop"
        table = "shop_shelf"
        indexes = (Index(fields=("grade", "name"), name="shop_shelf_grade"),)
        constraints = (
            UniqueConstraint(fields=("name",), name="shop_shelf_name"),
            CheckConstraint(check="grade > 0", name="shop_shelf_grade_positive"),
        )


class Keeper(Model):
    id = fields.BigIntField(primary_key=True)
    name = fields.CharField(max_length=50, unique=True)

    class Meta:
        app = "shop"
        table = "shop_keeper"


class Thing(Model):
    id = fields.BigIntField(primary_key=True)
    shelf: fields.ForeignKeyRelation[Shelf] = fields.ForeignKeyField(
        "shop.Shelf", on_delete=OnDelete.CASCADE, related_name="things"
    )
    label = fields.CharField(max_length=100, null=True)
    weight = fields.BigIntField(db_default=0)

    class Meta:
        app = "shop"
        table = "shop_thing"
        indexes = (Index(fields=("shelf_id", "label"), name="shop_thing_label"),)


class Sale(Model):
    id = fields.BigIntField(primary_key=True)
    what = fields.CharField(max_length=300)

    class Meta:
        app = "shop"
        table = "shop_sale"
