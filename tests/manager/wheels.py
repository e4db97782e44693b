"""Packages for tests, written as wheels without any tool, and repositories that offer them."""

import threading
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from textwrap import dedent

from tessera.packages import _index

MODELS = '''
"""The table of gadgets."""
from datetime import datetime
from tortoise import fields
from tessera.kit.clock import now
from tessera.kit.model import Row
from tessera.tickets.models import Ticket

class Gadget(Row):
    """A gadget."""
    name = fields.CharField(max_length=100)
    ticket: fields.ForeignKeyNullableRelation[Ticket] = fields.ForeignKeyField(
        "tessera.Ticket", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    weight = fields.DecimalField(max_digits=10, decimal_places=3, null=True)
    picture = fields.BinaryField(null=True)
    extra = fields.JSONField(null=True)
    made_at = fields.DatetimeField(default=now)

    class Meta:
        app = "gadget"
        table = "gadget_thing"

class Part(Row):
    """A part of a gadget."""
    gadget = fields.ForeignKeyField("gadget.Gadget", related_name=False, on_delete=fields.RESTRICT)

    class Meta:
        app = "gadget"
        table = "gadget_part"
'''

MIGRATION = '''
"""First tables."""
from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops
from tessera.kit.clock import now

class Migration(migrations.Migration):
    dependencies = [("tessera", "0008_packages")]
    initial = True
    operations = [
        ops.CreateModel(
            name="Gadget",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("name", fields.CharField(max_length=100)),
                ("ticket", fields.ForeignKeyField("tessera.Ticket", source_field="ticket_id", null=True,
                    db_constraint=True, to_field="id", related_name=False, on_delete=OnDelete.RESTRICT)),
                ("weight", fields.DecimalField(max_digits=10, decimal_places=3, null=True)),
                ("picture", fields.BinaryField(null=True)),
                ("extra", fields.JSONField(null=True)),
                ("made_at", fields.DatetimeField(default=now, auto_now=False, auto_now_add=False)),
            ],
            options={"table": "gadget_thing", "app": "gadget", "pk_attr": "id"},
            bases=["Row"],
        ),
        ops.CreateModel(
            name="Part",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("gadget", fields.ForeignKeyField("gadget.Gadget", source_field="gadget_id", db_constraint=True,
                    to_field="id", related_name=False, on_delete=OnDelete.RESTRICT)),
            ],
            options={"table": "gadget_part", "app": "gadget", "pk_attr": "id"},
            bases=["Row"],
        ),
    ]
'''

GRAPHQL = '''
"""Gadgets in the API."""
import strawberry
from tessera.engine.fields import computed
from tessera.tickets.graphql import Ticket

async def _count(context) -> int:
    return 7

@strawberry.type
class GadgetQuery:
    gadget_count: int | None = computed(_count, description="How many gadgets there are.")
'''

PLUGIN = '''
"""What gadgets declare."""
from tessera.engine.roots import Query
from tessera.plugin import Extension, Permission, Setting, hookimpl
from tessera_gadget.graphql import GadgetQuery

@hookimpl
def extensions():
    return [Extension(Query, GadgetQuery)]

@hookimpl
def permissions():
    return [Permission("gadget.use", "Use gadgets.")]

@hookimpl
def settings():
    return [Setting("gadget.limit", int, default=3, sentence="How many gadgets one may have.")]
'''

GADGET = {
    "__init__.py": '"""Gadgets."""\n',
    "models.py": MODELS,
    "graphql.py": GRAPHQL,
    "plugin.py": PLUGIN,
    "migrations/__init__.py": "",
    "migrations/0001_initial.py": MIGRATION,
}
"""The files of a package that has everything a package manager has to care for."""

PLAIN = {"__init__.py": '"""Plain."""\n', "plugin.py": '"""Nothing."""\n'}
"""The files of a package that does nothing."""


def write_wheel(
    folder: Path,
    name: str,
    version: str = "1.0",
    *,
    files: Mapping[str, str] | None = None,
    requires: Sequence[str] = ("tessera-server",),
    label: str | None = None,
    tags: str = "py3-none-any",
) -> Path:
    """Write a wheel; `files` lie in the import package, and `label` (None: the name's end) makes it a package."""
    package = name.replace("-", "_")
    label = package.removeprefix("tessera_") if label is None else label
    information = f"{package}-{version}.dist-info"
    metadata = [
        *("Metadata-Version: 2.4", f"Name: {name}", f"Version: {version}", f"Summary: The package {name}."),
        *("Author: Example Ltd", "License-Expression: MIT", "Project-URL: Home, https://example.com/"),
        *(f"Requires-Dist: {each}" for each in requires),
        *("", f"{name} for tests."),
    ]
    given = PLAIN if files is None else files
    data = f"{package}-{version}.data/"
    found = {
        path.replace(".data/", data) if path.startswith(".data/") else f"{package}/{path}": dedent(text)
        for path, text in given.items()
    }
    found[f"{information}/METADATA"] = "\n".join(metadata)
    found[f"{information}/WHEEL"] = f"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: {tags}\n"
    if label:
        found[f"{information}/entry_points.txt"] = f"[tessera]\n{label} = {package}\n"
    found[f"{information}/RECORD"] = "".join(f"{path},,\n" for path in found)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{package}-{version}-{tags}.whl"
    with zipfile.ZipFile(file, "w") as archive:
        for path, text in found.items():
            archive.writestr(zipfile.ZipInfo(path, (2026, 1, 1, 0, 0, 0)), text)
    return file


@dataclass
class Repository:
    """A folder with wheels and a signed index."""

    folder: Path
    pem: bytes
    public: str

    @classmethod
    def make(cls, folder: Path) -> "Repository":
        """Make an empty one with a key of its own."""
        folder.mkdir(parents=True, exist_ok=True)
        pem, public = _index.new_key()
        return cls(folder, pem, public)

    def add(self, name: str, version: str = "1.0", **what: object) -> Path:
        """Add a wheel, see `write_wheel`, and sign the index anew."""
        file = write_wheel(self.folder, name, version, **what)  # type: ignore[arg-type]  # handed on as it is
        self.sign()
        return file

    def sign(self) -> None:
        """Write and sign the index of what is in the folder now."""
        _index.write(self.folder, _index.secret_key(self.pem))


Answers = dict[str, tuple[int, dict[str, str], bytes]]


def answers_of(repository: Repository, place: str) -> Answers:
    """Return what a server says that offers a repository at a place of its own."""
    return {f"/{place}/{file.name}": (200, {}, file.read_bytes()) for file in repository.folder.iterdir()}


@contextmanager
def served(answers: Answers) -> Iterator[str]:
    """Serve fixed answers by path over HTTP."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = answers.get(self.path, (404, {}, b""))
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
