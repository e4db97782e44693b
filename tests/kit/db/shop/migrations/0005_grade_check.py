from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import CheckConstraint


class Migration(migrations.Migration):
    dependencies = [("shop", "0004_grade_index")]

    operations = [
        ops.AddConstraint(
            model_name="Shelf", constraint=CheckConstraint(check="grade > 0", name="shop_shelf_grade_positive")
        ),
    ]
