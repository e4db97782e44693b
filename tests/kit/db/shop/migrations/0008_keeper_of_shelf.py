from tortoise import fields, migrations
from tortoise.fields import OnDelete
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("shop", "0007_keeper")]

    operations = [
        ops.AddField(
            model_name="Shelf",
            name="keeper",
            field=fields.ForeignKeyField("shop.Keeper", null=True, on_delete=OnDelete.RESTRICT, related_name=False),
        ),
    ]
