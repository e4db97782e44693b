"""Packages."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

from tessera.kit.clock import now
from tessera.packages.models import PackageState


class Migration(migrations.Migration):
    dependencies = [("tessera", "0007_queue_states")]

    operations = [
        ops.CreateModel(
            name="Package",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("version", fields.IntField(default=1)),
                ("created_at", fields.DatetimeField(default=now, auto_now=False, auto_now_add=False)),
                ("updated_at", fields.DatetimeField(default=now, auto_now=False, auto_now_add=False)),
                ("name", fields.CharField(unique=True, max_length=50)),
                ("distribution", fields.CharField(max_length=100)),
                ("version_installed", fields.CharField(null=True, max_length=50)),
                ("version_available", fields.CharField(null=True, max_length=50)),
                ("title", fields.CharField(max_length=200)),
                ("description", fields.TextField(unique=False)),
                ("vendor", fields.CharField(null=True, max_length=200)),
                ("license", fields.CharField(null=True, max_length=200)),
                ("homepage", fields.CharField(null=True, max_length=500)),
                ("state", fields.CharEnumField(description="PackageState", enum_type=PackageState, max_length=16)),
                ("problem", fields.TextField(null=True, unique=False)),
                ("requires", fields.TextField(unique=False)),
                ("framework", fields.CharField(max_length=200)),
                ("permissions", fields.TextField(unique=False)),
                ("tables", fields.TextField(unique=False)),
                ("settings", fields.TextField(unique=False)),
                ("verified", fields.BooleanField(null=True)),
                ("sha256", fields.CharField(null=True, max_length=64)),
                ("filename", fields.CharField(null=True, max_length=255)),
                ("source", fields.CharField(null=True, max_length=500)),
            ],
            options={
                "table": "package",
                "app": "tessera",
                "pk_attr": "id",
                "table_description": "A package by its label (`faq`), which stays when the package goes: its data may stay, too.",
            },
            bases=["Versioned"],
        ),
        ops.CreateModel(
            name="PackageSet",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("revision", fields.IntField(unique=True)),
                ("digest", fields.CharField(max_length=64)),
                ("members", fields.TextField(unique=False)),
                ("reason", fields.CharField(max_length=500)),
                ("actor_name", fields.CharField(max_length=200)),
                ("created_at", fields.DatetimeField(default=now, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "package_set",
                "app": "tessera",
                "pk_attr": "id",
                "table_description": "What runs: the newest revision is the set every server of the house should run.",
            },
            bases=["Row"],
        ),
    ]
