"""Packages over the API and from the command line, as far as no package has to be loaded."""

import json
from pathlib import Path

import pytest

from tessera.kit.actor import SYSTEM, Actor, ActorKind
from tessera.kit.errors import Problem
from tessera.packages import cli, queries, service
from tessera.packages._planning import shelf as look
from tessera.packages.settings import TRUSTED_KEYS
from tessera.settings import queries as settings
from tests.commands import typed
from tests.manager.conftest import Manager
from tests.manager.wheels import Repository, write_wheel

ANNA = Actor(kind=ActorKind.AGENT, id=1, name="Anna", permissions=frozenset({"packages.manage"}))
BEN = Actor(kind=ActorKind.AGENT, id=2, name="Ben")

PACKAGES = """
query ($query: String) {
  packages(query: $query) {
    id name distribution version availableVersion title description vendor license homepage state problem requires
    framework verified permissions tables settings { name }
  }
}
"""
PLAN = """
query ($requirement: String!) {
  packagePlan(action: INSTALL, requirement: $requirement) {
    action package { name version availableVersion state } steps migrations
    schemaChanges { criticality message } brokenOperations problems
  }
}
"""
INSTALL = """
mutation ($requirement: String!) {
  packageInstall(requirement: $requirement) {
    package { name } job { kind state } serverInfo { version } userErrors { code reason field message }
  }
}
"""
CHANGE = (
    'mutation {{ made: {field}(name: "{name}") {{ package {{ name }} job {{ id }} userErrors {{ code reason }} }} }}'
)


async def offered(manager: Manager) -> None:
    found = await look()
    assert found.faults == ()
    await manager.house.run(lambda unit: service.offer(unit, found))


async def test_the_shelf_is_shown_to_those_who_manage_packages(manager: Manager) -> None:
    await offered(manager)
    shown = (await manager.house.ask(PACKAGES, {"query": "GIZMO"}, actor=ANNA))["packages"]
    assert [{key: value for key, value in each.items() if key != "id"} for each in shown] == [
        {
            "name": "gizmo",
            "distribution": "tessera-gizmo",
            "version": None,
            "availableVersion": "2.0",
            "title": "The package tessera-gizmo.",
            "description": "tessera-gizmo for tests.",
            "vendor": "Example Ltd",
            "license": "MIT",
            "homepage": "https://example.com/",
            "state": "AVAILABLE",
            "problem": None,
            "requires": ["tessera-gadget>=1", "tinylib<2"],
            "framework": "",
            "verified": None,
            "permissions": [],
            "tables": [],
            "settings": [],
        }
    ]
    again = await manager.house.ask(
        "query ($id: ID!) { node(id: $id) { ... on Package { name } } }", {"id": shown[0]["id"]}, actor=ANNA
    )
    assert again["node"] == {"name": "gizmo"}
    names = {each["name"] for each in (await manager.house.ask(PACKAGES, actor=BEN))["packages"]}
    assert not names & {"gizmo", "gadget"}, "others see what runs"


async def test_what_runs_is_told_to_whoever_is_signed_in(manager: Manager) -> None:
    document = "{ serverInfo { packages { name state } } }"
    assert (await manager.house.ask(document))["serverInfo"]["packages"] == []
    running = {row.name for row in await queries.running(BEN, manager.house.runtime.wiring)}
    found = (await manager.house.ask(document, actor=BEN))["serverInfo"]["packages"]
    assert {each["name"] for each in found} == running
    assert {each["state"] for each in found} <= {"ENABLED"}


async def test_only_those_with_the_permission_change_anything(manager: Manager) -> None:
    refused = await manager.house.graphql(PLAN, {"requirement": "gadget"}, actor=BEN)
    assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    made = (await manager.house.ask(INSTALL, {"requirement": "gadget"}, actor=BEN))["packageInstall"]
    assert (made["job"], made["userErrors"][0]["code"]) == (None, "FORBIDDEN")


async def test_a_plan_that_cannot_be_says_why(manager: Manager) -> None:
    found = (await manager.house.ask(PLAN, {"requirement": "tessera-gadget>=9"}, actor=ANNA))["packagePlan"]
    assert found["problems"] == ["The request wants tessera-gadget>=9; the newest within reach is 1.1."]
    assert found["package"] == {"name": "gadget", "version": None, "availableVersion": "1.1", "state": "AVAILABLE"}
    found = (await manager.house.ask(PLAN, {"requirement": "nowhere"}, actor=ANNA))["packagePlan"]
    assert found["problems"] == ["There is no nowhere in the repositories."]
    found = (await manager.house.ask(PLAN, {"requirement": "a b c"}, actor=ANNA))["packagePlan"]
    assert found["problems"] == ["`a b c` is no name and no version requirement."]
    found = (await manager.house.ask(PLAN, {"requirement": "a" * 101}, actor=ANNA))["packagePlan"]
    assert found["problems"] == ["The name of a package has at most 100 characters."]


async def test_a_wish_becomes_work_or_an_error(manager: Manager) -> None:
    made = (await manager.house.ask(INSTALL, {"requirement": "nowhere"}, actor=ANNA))["packageInstall"]
    assert (made["job"], made["serverInfo"], made["userErrors"]) == (
        {"kind": "packages.change", "state": "QUEUED"},
        None,
        [],
    )
    made = (await manager.house.ask(INSTALL, {"requirement": "?"}, actor=ANNA))["packageInstall"]
    assert made["userErrors"][0]["reason"] == "packages.incompatible"
    for field in ("packageEnable", "packageDisable", "packageUninstall", "packageVerify"):
        for name in ("nowhere", "n" * 51, "n" * 101, "no\\u0000where"):
            answer = await manager.house.ask(CHANGE.format(field=field, name=name), actor=ANNA)
            assert answer["made"] == {
                "package": None,
                "job": None,
                "userErrors": [{"code": "NOT_FOUND", "reason": "packages.unknown"}],
            }


async def test_the_command_shows_and_refuses(manager: Manager) -> None:
    shown = await typed(manager.house, cli.app, "search", "gizmo")
    assert shown == "gizmo  - (available: 2.0)  not installed  The package tessera-gizmo.\n"
    listed = json.loads(await typed(manager.house, cli.app, "list", "--json"))
    assert {"gadget", "gizmo"} <= {each["name"] for each in listed}
    with pytest.raises(Problem, match="There is no package nowhere"):
        await typed(manager.house, cli.app, "disable", "nowhere")


async def test_a_repository_is_made_by_commands(manager: Manager, tmp_path: Path) -> None:
    secret, shelf = tmp_path / "secret.pem", tmp_path / "shelf"
    write_wheel(shelf, "tessera-lamp")
    public = (await typed(manager.house, cli.app, "key", "new", str(secret))).strip()
    assert secret.stat().st_mode & 0o777 == 0o600
    with pytest.raises(SystemExit):
        await typed(manager.house, cli.app, "key", "new", str(secret))
    told = await typed(manager.house, cli.app, "index", str(shelf), "--key", str(secret))
    assert told == f"1 wheels are in the index of {shelf}.\n"
    with pytest.raises(Problem, match="begins with"):
        await typed(manager.house, cli.app, "key", "trust", "nonsense")
    await typed(manager.house, cli.app, "key", "trust", public)
    assert await settings.value(TRUSTED_KEYS) == [manager.repository.public, public]
    await manager.use(Repository(shelf, secret.read_bytes(), public))
    assert [each.pin for each in (await look()).offers] == ["tessera-lamp==1.0"]


async def test_a_newer_version_is_news_and_a_repository_that_is_away_is_none(manager: Manager, tmp_path: Path) -> None:
    repository = Repository.make(tmp_path / "own")
    repository.add("tessera-lamp", "1.0")
    await manager.use(repository)
    await offered(manager)
    repository.add("tessera-lamp", "1.1")
    repository.add("tessera-lamp", "2.0rc1")
    found = await look()
    assert await manager.house.run(lambda unit: service.offer(unit, found)) == ["lamp"]
    assert await manager.house.run(lambda unit: service.offer(unit, found)) == []
    assert (await queries.named("tessera-lamp")).version_available == "1.1"
    (repository.folder / "index.json").unlink()
    away = await look()
    assert (away.offers, len(away.faults)) == ((), 1)
    assert SYSTEM.is_system


def index_of(repository: Repository) -> dict[Path, bytes]:
    return {file: file.read_bytes() for file in repository.folder.glob("index.json*")}


def put_back(files: dict[Path, bytes]) -> None:
    for file, content in files.items():
        file.write_bytes(content)


async def test_an_index_from_before_is_refused_once_a_newer_one_was_read(manager: Manager, tmp_path: Path) -> None:
    repository = Repository.make(tmp_path / "own")
    repository.add("tessera-lamp", "1.0")
    old = index_of(repository)
    await manager.use(repository)
    await offered(manager)
    repository.add("tessera-lamp", "1.1")
    new = index_of(repository)
    put_back(old)
    await offered(manager)  # nobody has read the newer one
    put_back(new)
    await offered(manager)
    put_back(old)
    found = await look()
    assert found.offers == ()
    assert "was read here before, and is kept back now." in found.faults[0]
    assert "is kept back now." in await manager.refused("install", "lamp")
    put_back(new)
    assert [each.pin for each in (await look()).offers] == ["tessera-lamp==1.0", "tessera-lamp==1.1"]


async def test_an_installation_remembers_the_index_too(manager: Manager, tmp_path: Path) -> None:
    repository = Repository.make(tmp_path / "own")
    repository.add("tessera-lamp", "1.0")
    old = index_of(repository)
    repository.sign()
    await manager.use(repository)
    await manager.do("install", "lamp")
    put_back(old)
    assert len((await look()).faults) == 1
    repository.sign()
    assert (await look()).faults == ()
