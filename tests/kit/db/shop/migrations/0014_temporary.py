from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import UniqueConstraint


class Migration(migrations.Migration):
    dependencies = [("shop", "0013_longer_sales")]

    operations = [
        ops.AddConstraint(
            model_name="Thing",
            constraint=UniqueConstraint(fields=("shelf_id", "weight", "label"), name="shop_temporary"),
        ),
    ]
