from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("shop", "0002_protect")]

    operations = [
        ops.AddField(model_name="Shelf", name="grade", field=fields.IntField(db_default=3)),
    ]
