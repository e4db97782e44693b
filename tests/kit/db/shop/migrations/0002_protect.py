from tortoise import migrations

from tessera.kit.db.operations import AppendOnly, Undeletable


class Migration(migrations.Migration):
    dependencies = [("shop", "0001_initial")]

    operations = [
        AppendOnly("shop_sale"),
        Undeletable("shop_shelf"),
    ]
