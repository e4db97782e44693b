"""Refuse what must never happen to the history, to tickets and to articles."""

from tortoise import migrations

from tessera.kit.db.operations import AppendOnly, Undeletable


class Migration(migrations.Migration):
    dependencies = [("tessera", "0001_initial")]

    operations = [
        AppendOnly("entry"),
        AppendOnly("seal"),
        Undeletable("ticket"),
        Undeletable("article"),
    ]
