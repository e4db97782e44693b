from tortoise import migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("shop", "0003_grade")]

    operations = [
        ops.AddIndex(model_name="Shelf", index=Index(fields=("grade", "name"), name="shop_shelf_grade")),
    ]
