"""A package stops at its fences: each refusal says which package does what, and what it would have to do."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from tessera.assembly import AssemblyError, assemble
from tessera.assembly.discovery import Distribution
from tessera.assembly.imports import back_rooms, is_door
from tessera.kit.config import Config
from tessera.kit.events import _known
from tessera.tickets.graphql import TicketStateType

BAD = Distribution("bad", "tessera_bad", ("",))

Install = Callable[[dict[str, str]], Distribution]


def remove_modules() -> None:
    for name in [each for each in sys.modules if each.partition(".")[0] == "tessera_bad"]:
        del sys.modules[name]


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Install]:
    """Write the files of a package called bad where Python finds them."""
    monkeypatch.setattr("tessera.kit.i18n._homes", [])
    monkeypatch.setattr("tessera.kit.events._known", dict(_known))
    monkeypatch.syspath_prepend(tmp_path)

    def write(files: dict[str, str]) -> Distribution:
        for name, text in {"__init__.py": "", "plugin.py": "", **files}.items():
            path = tmp_path / "tessera_bad" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text), encoding="utf-8")
        return BAD

    yield write
    remove_modules()


def refusal(package: Distribution) -> str:
    with pytest.raises(AssemblyError) as caught:
        _ = assemble(Config(), packages=[package]).schema
    return str(caught.value)


def answering(hook: str, answer: str, imports: str = "") -> dict[str, str]:
    """Return a plugin that answers one hook."""
    return {
        "plugin.py": f"""
        from tessera.plugin import *
        from tessera.plugin import hookimpl
        {imports}

        async def work(*_):
            ...

        @hookimpl
        def {hook}():
            return [{answer}]
        """
    }


@pytest.mark.parametrize(
    ("hook", "answer", "sentence"),
    [
        ("permissions", "Permission('tickets.steal', 'x')", "declares the permission tickets.steal"),
        ("settings", "Setting('mail.odd', str, default='', sentence='x')", "declares the setting mail.odd"),
        ("jobs", "Job('mail.odd', work)", "declares the job mail.odd"),
        ("handlers", "Handler('badly.odd', on=None, run=work)", "declares the handler badly.odd"),
        ("commands", "Command('odd', None)", "declares the command odd"),
        ("checks", "Check('database2', work)", "declares the check database2"),
        ("daemons", "Daemon('listener', work)", "declares the daemon listener"),
    ],
)
def test_a_packages_names_are_its_own(install: Install, hook: str, answer: str, sentence: str) -> None:
    said = refusal(install(answering(hook, answer)))
    assert said == f"The package bad {sentence}: its names begin with bad."


def test_a_packages_events_are_its_own(install: Install) -> None:
    event = """
    from tessera.kit.events import Event

    class Odd(Event):
        name = "ticket.odd"
    """
    said = refusal(install({"events.py": event, "plugin.py": "from tessera_bad import events"}))
    assert said == "The package bad declares the event ticket.odd: its names begin with bad."


TYPES = """
import strawberry
from enum import Enum
from tessera.engine.added import input_field
from tessera.engine.nodes import Node
from tessera.engine.roots import Query
from tessera.queues.graphql.mutations import QueueCreateInput
from tessera.tickets.graphql import Ticket, TicketFilter, TicketStateType

async def run(*_):
    ...

"""


@pytest.mark.parametrize(
    ("target", "fields", "sentence"),
    [
        ("Ticket", "number: str | None = 'x'", "(tessera_bad) adds Ticket.number, which the kernel has already."),
        ("Ticket", "odd: str | None = 'x'", "adds Ticket.odd, but its fields begin with bad."),
        (
            "Ticket",
            "bad: str = 'x'",
            "adds Ticket.bad, but what a package adds to another's type is nullable or a list.",
        ),
        ("Query", "odd: str = 'x'", "adds Query.odd, but its fields begin with bad."),
        ("Node", "bad: str | None = 'x'", "adds Node.bad, but an interface is never widened."),
        ("TicketFilter", "odd: str | None = input_field(run)", "adds TicketFilter.odd, but a package's field of an "),
        ("TicketFilter", "bad: str | None = None", "but it does not say what is done with it: it needs input_field"),
        ("TicketFilter", "bad: str = input_field(run)", "adds TicketFilter.bad, but it has to be nullable."),
        ("QueueCreateInput", "bad: str | None = input_field(run)", "but this input takes no fields of packages."),
    ],
)
def test_a_packages_fields_stand_beside_the_others(install: Install, target: str, fields: str, sentence: str) -> None:
    kind = "input" if target.endswith(("Filter", "Input")) else "type"
    graphql = f"{TYPES}@strawberry.{kind}\nclass Added:\n    {fields}\n"
    imports = f"from tessera_bad.graphql import Added, {target}"
    said = refusal(install({"graphql.py": graphql, **answering("extensions", f"Extension({target}, Added)", imports)}))
    assert said.startswith("The package bad ")
    assert sentence in said


@pytest.mark.parametrize(
    ("definition", "sentence"),
    [
        ("@strawberry.type\nclass Odd:\n    x: str = 'x'", "The package bad has a type Odd: its types begin with its"),
        ("@strawberry.enum\nclass Odd(Enum):\n    X = 'x'", "The package bad has a type Odd: its types begin with its"),
        ("@strawberry.type(name='Ticket')\nclass Odd:\n    x: str = 'x'", "The schema cannot be built: Type Ticket is"),
    ],
)
def test_a_packages_types_bear_its_name(install: Install, definition: str, sentence: str) -> None:
    graphql = f"{TYPES}{definition}\n\n@strawberry.type\nclass Added:\n    bad: Odd | None = None\n"
    imports = "from tessera_bad.graphql import Added, Query"
    said = refusal(install({"graphql.py": graphql, **answering("extensions", "Extension(Query, Added)", imports)}))
    assert sentence in said


def test_an_enum_of_the_kernel_takes_nothing(install: Install) -> None:
    imports = "from tessera.tickets.graphql import Ticket, TicketStateType"
    said = refusal(install(answering("extensions", "Extension(TicketStateType, Ticket)", imports)))
    assert said == "tessera_bad extends TicketStateType, which is no type with fields."


def test_an_enum_of_the_kernel_that_was_widened_by_force_is_noticed(install: Install) -> None:
    values = TicketStateType.__strawberry_definition__.values  # type: ignore[attr-defined]  # set by strawberry
    force = """
    from strawberry.types.enum import EnumValue
    from tessera.tickets.graphql import TicketStateType

    TicketStateType.__strawberry_definition__.values.append(EnumValue("ODD", "odd"))
    """
    try:
        assert refusal(install({"plugin.py": force})) == (
            "A package changes TicketStateType, which is the kernel's (ODD): it may only add fields, by an extension."
        )
    finally:
        del values[7:]
    assert assemble(Config(), packages=[]).schema.sdl.count("ODD") == 0


def model(fields: str, table: str = "bad_thing") -> dict[str, str]:
    return {
        "models.py": f"""
        from tortoise import fields
        from tessera.kit.model import Row

        class Thing(Row):
            {fields}

            class Meta:
                app = "bad"
                table = "{table}"
        """
    }


def migration(dependencies: str) -> dict[str, str]:
    text = f"""
    from tortoise import migrations

    class Migration(migrations.Migration):
        dependencies = {dependencies}
    """
    return {"migrations/__init__.py": "", "migrations/0001_initial.py": text}


GOOD = 'related_name=False, on_delete="RESTRICT"'
TIE = "The package bad has a table bad_thing whose ticket "


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        (model("x = fields.TextField()", "ticket_x"), "The package bad has a table ticket_x: its tables begin with "),
        (
            model("ticket = fields.ForeignKeyField('tessera.Ticket', on_delete='RESTRICT')"),
            f"{TIE}would give a kernel's row an attribute: it needs related_name=False.",
        ),
        (
            model("ticket = fields.ForeignKeyField('tessera.Ticket', related_name=False)"),
            f"{TIE}would vanish with a kernel's row: on_delete may not be CASCADE.",
        ),
        (
            model(f"ticket = fields.ForeignKeyField('tessera.Ticket', {GOOD}, unique=True)"),
            f"{TIE}would not be unique in the database: Tortoise makes no constraint of unique=True, so give it one.",
        ),
        (
            model(f"ticket = fields.ForeignKeyField('faq.Item', {GOOD})"),
            f"{TIE}refers to the tables of faq, which may be absent.",
        ),
        (
            model("ticket = fields.ManyToManyField('tessera.Ticket')"),
            f"{TIE}ties it to a kernel's table by a table nobody declared: it needs a table of its own.",
        ),
        (model("x = fields.TextField()"), "The package bad has tables, but no migrations."),
        (
            model("x = fields.TextField()") | {"migrations/__init__.py": ""},
            "The package bad has tables, but no migrations.",
        ),
        (
            model("x = fields.TextField()") | migration("[]"),
            'The package bad has a migration 0001_initial that names none of the kernel\'s: ("tessera", …).',
        ),
    ],
)
def test_a_packages_tables_stand_beside_the_others(install: Install, files: dict[str, str], sentence: str) -> None:
    said = refusal(install(files))
    assert sentence in said


def test_a_good_package_passes_every_fence(install: Install) -> None:
    files = model(f"ticket = fields.ForeignKeyField('tessera.Ticket', {GOOD})") | migration(
        "[('tessera', '0001_initial')]"
    )
    package = install(files | answering("permissions", "Permission('bad.read', 'x')"))
    assert "bad.read" in assemble(Config(), packages=[package]).permissions
    assert back_rooms(package) == []


def test_packages_come_in_by_the_doors(install: Install) -> None:
    text = """
    from importlib import import_module
    import tessera.assembly
    from tessera import __version__, plugin
    from tessera.kit.db import connection
    from tessera.kit.db._locks import migration_lock
    from tessera.tickets import handlers, queries
    from tessera.tickets.service import close

    def later():
        from tessera.testing.house import House
        import_module("tessera.mail._parse")
    """
    package = install({"service.py": text, "broken.py": "def"})
    assert [said.partition(", which")[0] for said in back_rooms(package) if "service" in said] == [
        "tessera_bad/service.py, line 3, imports tessera.assembly",
        "tessera_bad/service.py, line 6, imports tessera.kit.db._locks.migration_lock",
        "tessera_bad/service.py, line 7, imports tessera.tickets.handlers",
        "tessera_bad/service.py, line 11, imports tessera.testing.house.House",
        "tessera_bad/service.py, line 12, imports tessera.mail._parse",
    ]
    assert any(said.startswith("tessera_bad/broken.py cannot be read: ") for said in back_rooms(package))
    assert "tessera_bad" not in sys.modules


@pytest.mark.parametrize(
    ("name", "is_open"),
    [
        ("json", True),
        ("tessera.plugin.Extension", True),
        ("tessera.kit.sql", True),
        ("tessera.engine.added.input_field", True),
        ("tessera.settings.queries", True),
        ("tessera.tickets.graphql.Ticket", True),
        ("tessera.tickets.jobs", False),
        ("tessera.tickets._numbers", False),
        ("tessera.tickets", False),
        ("tessera.transport.encoding", False),
        ("tessera.worker", False),
    ],
)
def test_a_door_is_told_from_a_wall(name: str, is_open: bool) -> None:
    assert is_door(name) is is_open
