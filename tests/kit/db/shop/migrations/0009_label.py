from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("shop", "0008_keeper_of_shelf")]

    operations = [
        ops.RenameField(model_name="Thing", old_name="title", new_name="label"),
    ]
