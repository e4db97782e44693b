from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("shop", "0006_longer_name")]

    operations = [
        ops.CreateModel(
            name="Keeper",
            fields=[
                ("id", fields.BigIntField(primary_key=True)),
                ("name", fields.CharField(max_length=50, unique=True)),
            ],
            options={"table": "shop_keeper", "app": "shop"},
        ),
    ]
