from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("shop", "0012_no_note")]

    operations = [
        ops.AlterField(model_name="Sale", name="what", field=fields.CharField(max_length=300)),
    ]
