"""A package that is installed is found, and everything it declares works; without it nothing of it is there."""

import functools
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from graphql import DangerousChangeType, GraphQLObjectType, build_schema, find_breaking_changes, find_dangerous_changes

from tessera.assembly import Assembly, assemble
from tessera.assembly.discovery import register
from tessera.kit.config import Config
from tests.beside import DUMMY

Installed = Callable[[Path], dict[str, str]]
LIFE = Path(__file__).parent / "dummy_life.py"


@functools.cache
def kernel() -> Assembly:
    return assemble(Config(), packages=[])


def run(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], env=environment, capture_output=True, text=True, check=False, timeout=110
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_without_the_package_nothing_of_it_is_there() -> None:
    assembly = kernel()
    assert [each.label for each in assembly.distributions] == ["tessera"]
    assert "dummy" not in assembly.schema.sdl.lower()


def test_the_schema_grows_and_breaks_nothing(installed: Installed, tmp_path: Path) -> None:
    alone = build_schema(kernel().schema.sdl)
    grown = build_schema(run(installed(tmp_path), "-m", "tessera", "schema", "print"))
    assert find_breaking_changes(alone, grown) == []
    added = {DangerousChangeType.OPTIONAL_INPUT_FIELD_ADDED}
    assert {change.type for change in find_dangerous_changes(alone, grown)} == added
    ticket = grown.type_map["Ticket"]
    assert isinstance(ticket, GraphQLObjectType)
    assert str(ticket.fields["dummy"].type) == "DummyRemark"
    assert {"DummyRemark", "DummyRemarkPayload"} <= set(grown.type_map)


@pytest.fixture(scope="module")
def lived(installed: Installed, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Migrate a database with the package's tables, live in the house, and ask its command."""
    data = tmp_path_factory.mktemp("data")
    environment = installed(data)
    migrated = run(environment, "-m", "tessera", "migrate")
    seen: dict[str, Any] = json.loads(run(environment, str(LIFE), str(data)).splitlines()[-1])
    return seen | {"migrated": migrated.split(), "counted": run(environment, "-m", "tessera", "dummy", "count")}


def test_its_migrations_run_behind_the_kernels(lived: dict[str, Any]) -> None:
    ran = lived["migrated"]
    assert ran.index("tessera.0001_initial") < ran.index("dummy.0001_initial")


def test_its_mutation_and_its_field_on_the_ticket_answer(lived: dict[str, Any]) -> None:
    assert lived["made"]["dummyRemark"]["remark"]["text"] == "well done"
    assert lived["seen"]["ticket"]["dummy"]["text"] == "well done"
    assert lived["seen"]["dummyWords"] == ["indeed", "perhaps"]


def test_its_guard_refuses_and_its_permission_is_asked(lived: dict[str, Any]) -> None:
    errors = lived["refused"]["dummyRemark"]["userErrors"]
    assert errors == [{"message": "Nobody says mumble here.", "reason": "dummy.forbidden_word", "field": ["text"]}]
    assert lived["refused"]["dummyRemark"]["remark"] is None
    assert "dummy.remark" in lived["forbidden"]["dummyRemark"]["userErrors"][0]["message"]


def test_its_event_is_history_and_its_handler_reacts_once(lived: dict[str, Any]) -> None:
    told = {"kind": "dummy.remarked", "summary": "Somebody remarked: well done"}
    assert [fact for fact in lived["seen"]["ticket"]["history"]["nodes"] if fact["kind"] == "dummy.remarked"] == [told]
    assert lived["seen"]["ticket"]["dummy"]["reactions"] == 1


def test_its_route_command_and_check_answer(lived: dict[str, Any]) -> None:
    assert lived["route"] == {"remarks": 2}
    assert lived["counted"] == "2 remarks\n"
    assert lived["checks"]["dummy"] == {"ok": True, "words": 2}


def test_its_subscription_tells_what_happens(lived: dict[str, Any]) -> None:
    remark = {"text": "heard of", "ticket": {"title": "Another"}, "agent": {"login": "anna"}}
    assert lived["told"] == {"data": {"dummyRemarked": remark}}


def test_its_things_are_linked_and_found(lived: dict[str, Any]) -> None:
    assert lived["linked"][-1] == "link.added"
    assert lived["found"]["hits"] == [{"kind": "dummy.remark", "title": "heard of"}]
    assert lived["found"]["tickets"] == {"nodes": [{"title": "Another"}]}


def test_it_answers_every_question() -> None:
    hooks = register((*kernel().distributions, DUMMY)).hook
    for name, caller in vars(hooks).items():
        if not name.startswith("_"):
            assert DUMMY.modules[0] in {each.plugin_name for each in caller.get_hookimpls()}, name


def test_its_way_to_number_tickets_can_be_chosen(lived: dict[str, Any]) -> None:
    assert lived["number"] == "D000001"
