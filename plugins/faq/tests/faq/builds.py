"""The package as a repository offers it: its wheel, and that of a newer build with another table and field."""

import shutil
import tempfile
from pathlib import Path

from tessera.packages._build import build
from tests.manager.wheels import Repository

PROJECT = Path(__file__).resolve().parents[2]
OLD, NEW = "0.1.0", "0.2.0"

MODELS = '''

class Edition(Row):
    """A row that only the newer build writes."""

    name = fields.CharField(max_length=10)

    class Meta:
        """One row."""

        app = "faq"
        table = "faq_edition"
'''
MIGRATION = """
from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("faq", "{before}")]
    operations = [
        ops.CreateModel(
            name="Edition",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("name", fields.CharField(max_length=10)),
            ],
            options={{"table": "faq_edition", "app": "faq", "pk_attr": "id"}},
            bases=["Row"],
        ),
    ]
"""
EDITION = '''
"""How many editions there are."""
import strawberry
from tessera.engine.fields import computed
from tessera_faq.models import Edition

async def _count(context) -> int:
    return await Edition.all().count()

@strawberry.type
class Editions:
    faq_editions: int | None = computed(_count, description="How many editions there are.")
'''
PLUGIN = """
from tessera_faq.graphql._editions import Editions
_before = extensions

@hookimpl
def extensions():
    return [*_before(), Extension(Query, Editions)]
"""


def shelf(folder: Path) -> Repository:
    """Make a repository with both builds."""
    repository = Repository.make(folder)
    build(PROJECT, folder)
    with tempfile.TemporaryDirectory() as place:
        build(_newer(Path(place) / "newer"), folder)
    repository.sign()
    return repository


def _newer(project: Path) -> Path:
    shutil.copytree(PROJECT, project, ignore=shutil.ignore_patterns("tests", "__pycache__", "dist"))
    package = project / "tessera_faq"
    migrations = package / "migrations"
    before = max(file.stem for file in migrations.glob("0*.py"))
    (migrations / f"{int(before[:4]) + 1:04}_editions.py").write_text(MIGRATION.format(before=before))
    (package / "graphql" / "_editions.py").write_text(EDITION)
    for file, more in (("models.py", MODELS), ("plugin.py", PLUGIN)):
        with (package / file).open("a") as stream:
            stream.write(more)
    description = project / "pyproject.toml"
    told = description.read_text()
    assert f'version = "{OLD}"' in told
    description.write_text(told.replace(f'version = "{OLD}"', f'version = "{NEW}"'))
    return project
