from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("shop", "0005_grade_check")]

    operations = [
        ops.AlterField(model_name="Shelf", name="name", field=fields.CharField(max_length=200)),
    ]
