"""A package's life in one house: each change is real, in a child process, on a real database."""

import json

import pytest
from tortoise.connection import get_connection

from tessera.kit.actor import SYSTEM
from tessera.kit.journal import Entry
from tessera.packages import _overlay, queries, service
from tessera.packages.models import Package, PackageSet
from tests.manager.conftest import Manager, data_of


async def tables() -> set[str]:
    _, found = await get_connection("default").execute_query(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'gadget%'"
    )
    return {row["name"] for row in found}


async def wanted() -> PackageSet:
    found = await queries.wanted_set()
    assert found is not None
    return found


async def count(table: str) -> int:
    _, found = await get_connection("default").execute_query(f"SELECT count(*) AS n FROM {table}")
    return int(found[0]["n"])


async def facts() -> list[str]:
    return [entry.name for entry in await Entry.filter(subject_kind="package").order_by("id")]


@pytest.mark.long
@pytest.mark.timeout(900)
async def test_a_package_comes_changes_and_goes(manager: Manager) -> None:
    row = await manager.do("install", "gadget")
    assert (row.version_installed, row.state.value, row.verified) == ("1.1", "enabled", True)
    assert json.loads(row.tables) == ["gadget_part", "gadget_thing"]
    assert json.loads(row.permissions) == ["gadget.use"]
    assert json.loads(row.settings) == ["gadget.limit"]
    assert await tables() == {"gadget_part", "gadget_thing"}

    revision, folder = await service.prepare(manager.house.runtime.units)
    assert folder is not None
    assert revision == 1
    assert (folder / "lib" / "tessera_gadget" / "models.py").is_file()
    assert (data_of(manager.house) / "current").resolve() == folder
    assert [each["name"] for each in json.loads((folder / "set.json").read_text())["members"]] == ["tessera-gadget"]

    await get_connection("default").execute_query(
        "INSERT INTO gadget_thing (name, weight, picture, extra, made_at) "
        "VALUES ('lever', 1.5, x'00ff', '{\"a\": 1}', '2026-01-01 00:00:00+00:00')"
    )
    assert (await manager.do("disable", "gadget")).state.value == "disabled"
    assert await service.prepare(manager.house.runtime.units) == (2, None)
    assert not (data_of(manager.house) / "current").exists()
    assert (await manager.do("enable", "gadget")).state.value == "enabled"

    assert (await manager.do("uninstall", "gadget")).state.value == "available"
    assert await count("gadget_thing") == 1, "data stays"

    job = await manager.ask("purge", "gadget")
    assert not job.error
    assert await tables() == set()
    export = data_of(manager.house) / "exports" / str(job.result).rpartition(":")[2]
    lines = [json.loads(line) for line in export.read_text().splitlines()]
    assert lines[0]["package"] == "gadget"
    assert (lines[1]["table"], lines[1]["row"]["name"], lines[1]["row"]["picture"]) == (
        "gadget_thing",
        "lever",
        {"base64": "AP8="},
    )

    await manager.do("install", "gadget", restore=str(job.result).split(":")[1])
    assert await count("gadget_thing") == 1
    assert [name.removeprefix("package.") for name in await facts() if name != "package.change_requested"] == [
        *("installed", "disabled", "enabled", "uninstalled", "purged", "installed")
    ]


@pytest.mark.long
@pytest.mark.timeout(900)
async def test_an_upgrade_and_what_a_package_needs(manager: Manager) -> None:
    await manager.ask("install", "tessera-gadget==1.0")
    assert (await Package.get(name="gadget")).version_installed == "1.0"
    await manager.do("install", "gizmo")
    pins = {f"{each.name}=={each.version}" for each in (await wanted()).listed}
    assert pins == {"tessera-gadget==1.0", "tessera-gizmo==2.0", "tinylib==1.5"}, "what runs stays as it is"
    assert await manager.refused("disable", "gadget") == "The package gadget is needed by gizmo."

    row = await manager.do("upgrade", "gadget")
    assert row.version_installed == "1.1"
    assert "already in version 1.1" in await manager.refused("upgrade", "gadget")
    assert "does not lead back" in await manager.refused("upgrade", "tessera-gadget==1.0")
    await manager.do("uninstall", "gizmo")
    assert [each.name for each in (await wanted()).listed] == ["tessera-gadget"], "a library nobody needs goes, too"


@pytest.mark.long
@pytest.mark.timeout(900)
async def test_a_plan_changes_nothing(manager: Manager) -> None:
    found = await manager.plan("install", "gizmo")
    assert list(found.problems) == []
    assert list(found.steps) == ["tessera-gadget==1.1", "tinylib==1.5", "tessera-gizmo==2.0"]
    assert list(found.migrations) == ["gadget.0001_initial"]
    assert list(found.changes) == [
        {"criticality": "safe", "message": "Field 'gadgetCount' was added to object type 'Query'."}
    ]
    assert await Package.all().count() + await PackageSet.all().count() == 0
    assert await facts() == []
    assert not data_of(manager.house).exists()


async def test_a_package_is_installed_watched_and_kept_out_when_it_is_altered(manager: Manager) -> None:
    row = await manager.do("install", "gizmo")
    assert (row.version_installed, row.title, row.framework) == ("2.0", "The package tessera-gizmo.", "")
    assert await tables() == {"gadget_part", "gadget_thing"}
    _, folder = await service.prepare(manager.house.runtime.units)
    assert folder is not None
    library = folder / "lib"
    (library / "tessera_gizmo" / "__pycache__").mkdir()
    assert (await service.verify(manager.house.runtime.units, SYSTEM, "gizmo")).verified
    changed, lost, new = (
        library / "tessera_gizmo/plugin.py",
        library / "tessera_gizmo/__init__.py",
        library / "tessera_gizmo/x.py",
    )
    changed.write_text(changed.read_text() + "# mine\n")
    lost.unlink()
    new.write_text("")
    assert await service.differences("gizmo") == [
        *("missing tessera_gizmo/__init__.py", "altered tessera_gizmo/plugin.py", "added tessera_gizmo/x.py")
    ]
    assert await service.differences("gadget") == []

    revision, folder = await service.prepare(manager.house.runtime.units)
    row = await Package.get(name="gizmo")
    assert (revision, row.state.value) == (2, "quarantined")
    assert "altered tessera_gizmo/plugin.py" in str(row.problem)
    assert (await Package.get(name="gadget")).state.value == "enabled"
    assert folder is not None
    assert not (folder / "lib" / "tessera_gizmo").exists()
    _overlay.discard(data_of(manager.house), (await wanted()).listed)
    assert await service.prepare(manager.house.runtime.units) == (2, folder), "built out of what is stored"
    assert (folder / "lib" / "tessera_gadget" / "plugin.py").is_file()


@pytest.mark.long
@pytest.mark.timeout(900)
async def test_a_broken_package_takes_those_along_that_need_it(manager: Manager) -> None:
    await manager.do("install", "gizmo")
    made = await manager.house.run(lambda unit: service.quarantine(unit, "gadget", "It does not start."))
    assert made is not None
    assert made.listed == ()
    states = {row.name: (row.state.value, row.problem) for row in await Package.all()}
    assert states == {
        "gadget": ("quarantined", "It does not start."),
        "gizmo": ("quarantined", "It needs gadget, which broke."),
    }
    assert await manager.house.run(lambda unit: service.quarantine(unit, "gadget", "Again.")) is None
