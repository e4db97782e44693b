from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("shop", "0011_heavy_things")]

    operations = [
        ops.RemoveField(model_name="Shelf", name="note"),
    ]
