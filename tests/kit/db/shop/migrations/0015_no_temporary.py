from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("shop", "0014_temporary")]

    operations = [
        ops.RemoveConstraint(model_name="Thing", name="shop_temporary"),
    ]
