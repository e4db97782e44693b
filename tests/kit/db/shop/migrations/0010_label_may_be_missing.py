from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("shop", "0009_label")]

    operations = [
        ops.AlterField(model_name="Thing", name="label", field=fields.CharField(max_length=100, null=True)),
    ]
