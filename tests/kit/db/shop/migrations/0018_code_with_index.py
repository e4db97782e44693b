from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("shop", "0017_code_without_index")]

    operations = [
        ops.AlterField(
            model_name="Shelf", name="code", field=fields.CharField(max_length=20, null=True, db_index=True)
        ),
    ]
