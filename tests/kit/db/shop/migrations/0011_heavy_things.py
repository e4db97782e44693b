from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("shop", "0010_label_may_be_missing")]

    operations = [
        ops.AlterField(model_name="Thing", name="weight", field=fields.BigIntField(db_default=0)),
    ]
