"""What does not fit is refused when the house is assembled, in a sentence that names it."""

import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import strawberry
from tortoise import fields

from tessera.assembly import AssemblyError, assemble
from tessera.assembly.discovery import Distribution
from tessera.assembly.runtime import migrate_house, open_runtime
from tessera.engine.roots import Query
from tessera.kit.config import Config
from tessera.kit.model import Row
from tessera.plugin import (
    Command,
    Extension,
    Handler,
    Job,
    Permission,
    Route,
    Schedule,
    Setting,
    hookimpl,
)
from tessera.tickets.events import TicketCreated
from tessera.tickets.graphql import Ticket

Refused = Callable[..., str]
PLAIN = Permission("plain.read", "Read.")


@strawberry.type
class TakenField:
    number: str = "taken"


@strawberry.type
class TakenRoot:
    bad_hello: str = "hello"


@strawberry.type
class BadField:
    bad: str | None = "x"


@strawberry.type
class Stranger:
    hello: str = "hello"


async def nothing(*_: object) -> None:
    """Do nothing."""


def module(monkeypatch: pytest.MonkeyPatch, name: str, **contents: Any) -> None:
    made = ModuleType(name)
    made.__path__ = []
    vars(made).update(contents)
    monkeypatch.setitem(sys.modules, name, made)


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch) -> Refused:
    """Assemble the kernel with a package that answers hooks as told; give the sentence of the refusal."""

    def assembled(label: str = "bad", **answers: list[Any]) -> str:
        monkeypatch.setattr("tessera.kit.i18n._homes", [])
        module(monkeypatch, "tessera_bad")
        hooks = {name: hookimpl(lambda answer=answer: answer, specname=name) for name, answer in answers.items()}
        module(monkeypatch, "tessera_bad.plugin", **hooks)
        with pytest.raises(AssemblyError) as caught:
            _ = assemble(Config(), packages=[Distribution(label, "tessera_bad", ("",))]).schema
        return str(caught.value)

    return assembled


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        (
            {"extensions": [Extension(Ticket, TakenField)]},
            "The package bad (tessera_bad) adds Ticket.number, which the kernel has already.",
        ),
        (
            {"extensions": [Extension(Query, TakenRoot), Extension(Query, TakenRoot)]},
            "The package bad (tessera_bad) adds Query.badHello, which the package bad has already.",
        ),
        ({"extensions": [Extension(Stranger, BadField)]}, "extended types are not part of the schema: Stranger"),
        (
            {"permissions": [Permission("queues.manage", "Again.")]},
            "permissions declared more than once: queues.manage",
        ),
        (
            {"settings": [Setting("tickets.hook", str, default="", sentence="Again.")]},
            "settings declared more than once: tickets.hook",
        ),
        ({"commands": [Command("ticket", None)]}, "commands declared more than once: ticket"),
        (
            {"jobs": [Job("bad.work", nothing), Job("bad.work", nothing)]},
            "jobs and handlers declared more than once: bad.work",
        ),
        (
            {"jobs": [Job("bad.work", nothing)], "handlers": [Handler("bad.work", on=TicketCreated, run=nothing)]},
            "jobs and handlers declared more than once: bad.work",
        ),
        (
            {"jobs": [Schedule("bad.unknown", every=timedelta(days=1))]},
            "schedules start jobs nobody declared: bad.unknown",
        ),
        (
            {"routes": [Route("GET", "/x/worse/thing", nothing), Route("GET", "/x/bad/thing", nothing)]},
            "The package bad has a route /x/worse/thing: its routes begin with /x/bad/.",
        ),
        ({"wishes": []}, "unknown hook 'wishes' in plugin tessera_bad.plugin"),
    ],
)
def test_a_declaration_that_does_not_fit(refused: Refused, answers: dict[str, list[Any]], sentence: str) -> None:
    assert sentence in refused(**answers)


def test_a_label_is_taken_once(refused: Refused) -> None:
    assert refused(label="tessera") == "The package tessera uses the name tessera, which is the kernel's."
    assert refused(label="tickets") == "The package tickets uses the name tickets, which is the kernel's."
    assert refused(label="Bad-One") == "The package Bad-One has a name that is no lower-case word: Bad-One."


def test_a_table_bears_its_packages_prefix(refused: Refused, monkeypatch: pytest.MonkeyPatch) -> None:
    class Thing(Row):
        note = fields.TextField()

        class Meta:
            app = "bad"
            table = "ticket_thing"

    Thing.__module__ = "tessera_bad.models"
    module(monkeypatch, "tessera_bad.models", Thing=Thing)
    monkeypatch.setattr("tessera.assembly.assembly.find_spec", lambda name: name if "bad" in name else None)
    assert refused() == "The package bad has a table ticket_thing: its tables begin with its label."


def test_a_hook_takes_no_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    module(monkeypatch, "tessera_bad")
    module(monkeypatch, "tessera_bad.plugin", permissions=hookimpl(lambda wish: [wish], specname="permissions"))
    with pytest.raises(AssemblyError, match=r"tessera_bad.plugin does not fit: .*\{'wish'\} are declared"):
        assemble(Config(), packages=[Distribution("bad", "tessera_bad", ("",))])


async def test_a_package_needs_no_tables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tessera.kit.i18n._homes", [])
    module(monkeypatch, "tessera_plain")
    module(monkeypatch, "tessera_plain.plugin", permissions=hookimpl(lambda: [PLAIN], specname="permissions"))
    assembly = assemble(Config(data=tmp_path), packages=[Distribution("plain", "tessera_plain", ("",))])
    assert {step.split(".")[0] for step in await migrate_house(assembly)} == {"+ tessera"}
    async with open_runtime(assembly) as runtime:
        assert PLAIN.name in runtime.assembly.permissions
