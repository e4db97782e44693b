"""What every package must pass: it is installed, upgraded, switched off, removed and installed again without harm.

One line in a package's tests is enough: `TestContract = contract("faq")`.
"""

import inspect
from collections.abc import Awaitable, Callable
from importlib.metadata import Distribution as Metadata
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, ClassVar

import pytest
from graphql import (
    DangerousChangeType,
    DocumentNode,
    Node,
    Visitor,
    build_schema,
    find_breaking_changes,
    find_dangerous_changes,
    parse,
    print_ast,
    visit,
)
from graphql.language.visitor import REMOVE
from packaging.requirements import Requirement

from tessera.assembly import Assembly
from tessera.assembly.discovery import GROUP, Distribution, answers, installed, register
from tessera.assembly.imports import back_rooms
from tessera.kit.actor import SYSTEM
from tessera.kit.config import Config
from tessera.kit.db import Database, connection, dialect
from tessera.kit.db.migrations import drift, migrate, plan, unmigrate
from tessera.kit.errors import Problem
from tessera.kit.events import known, known_names
from tessera.testing.databases import KINDS, Kind, fresh_database, migrated_database
from tessera.testing.factories import open_ticket
from tessera.testing.house import House, assembly_with, open_house, packaged

SERVER = "tessera-server"

_TABLES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table'",
    "postgres": "SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema()",
    "mysql": "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()",
}

LIST = "{ tickets { totalCount nodes { title history { totalCount nodes { kind summary } } } } }"

Fill = Callable[[House], Awaitable[object]]


class Contract:
    """The tests of one package; `contract` makes a subclass for it."""

    package: ClassVar[Distribution]
    fills: ClassVar[tuple[Fill, ...]] = ()

    @property
    def label(self) -> str:
        """The package's label."""
        return self.package.label

    @property
    def alone(self) -> Assembly:
        """The kernel with this package only."""
        return assembly_with(self.package)

    @property
    def crowded(self) -> Assembly:
        """The kernel with this package and every other one that is installed."""
        others = [each for each in installed(Config()) if each.label != self.label]
        return assembly_with(*sorted([*others, self.package], key=lambda each: each.label))

    def test_it_says_what_it_is_and_which_kernel_it_needs(self) -> None:
        """It has a version, a description, a licence, and a range of kernels."""
        found = _metadata(self.package)
        if found is None:
            pytest.skip(f"{self.label} is no installed distribution")
        needs = [Requirement(each) for each in found.requires or ()]
        assert found.version
        assert found.metadata["Summary"], "pyproject.toml needs a description"
        assert found.metadata["License-Expression"] or found.metadata["License"], "pyproject.toml needs a license"
        assert [each.specifier for each in needs if each.name == SERVER and each.specifier], (
            f"needs a range of {SERVER}"
        )

    def test_it_comes_in_by_the_doors(self) -> None:
        """It imports nothing of the back rooms."""
        assert back_rooms(self.package) == []

    def test_it_works_alone_and_beside_every_other_package(self) -> None:
        """A house can be assembled with it, whoever else is there."""
        for assembly in (self.alone, self.crowded):
            assert self.label in {each.label for each in assembly.distributions}
            assert assembly.schema.sdl

    def test_the_schema_only_grows(self) -> None:
        """What the kernel has stays as it is."""
        kernel = assembly_with().schema.sdl
        old, new = build_schema(kernel), build_schema(self.alone.schema.sdl)
        assert find_breaking_changes(old, new) == []
        dangerous = {each.type for each in find_dangerous_changes(old, new)}
        assert dangerous <= {DangerousChangeType.OPTIONAL_INPUT_FIELD_ADDED}
        assert _without_packages(self.alone.schema.sdl) == _without_packages(kernel)

    def test_what_it_declares_is_described(self) -> None:
        """People can read what each thing it brings is for."""
        modules, manager = set(self.package.modules), register(self.alone.distributions)
        for hook in ("permissions", "settings"):
            for owner, answer in answers(manager, hook):
                assert owner not in modules or answer.sentence.strip().endswith("."), answer.name
        for name in known_names():
            event = known(name)
            assert event is None or not _is_of(event, self.package) or event.sentence.strip(), name
        for problem in _problems(Problem):
            assert not _is_of(problem, self.package) or inspect.getdoc(problem), problem.__name__
        for owner, specification in answers(manager, "hookspecs"):
            for name, question in inspect.getmembers(specification, inspect.isfunction):
                assert owner not in modules or inspect.getdoc(question), f"the hook {name} needs a docstring"

    def test_every_hook_it_answers_is_documented(self) -> None:
        """It answers no question that nobody explains."""
        hooks = register(self.crowded.distributions).hook
        for name, caller in vars(hooks).items():
            if {each.plugin_name for each in caller.get_hookimpls()} & set(self.package.modules):
                assert caller.spec is None or inspect.getdoc(caller.spec.function), name

    async def test_its_models_and_its_migrations_agree(self) -> None:
        """Its migrations make the tables its models have."""
        assert [line for line in await drift(self.alone.apps) if line.startswith(f"{self.label}:")] == []

    @pytest.mark.timeout(300)
    @pytest.mark.parametrize(
        "database_kind",
        [KINDS[0], *(pytest.param(kind, marks=pytest.mark.long) for kind in KINDS[1:])],
        indirect=True,
    )
    async def test_it_comes_goes_and_comes_back(self, database_kind: Kind, tmp_path: Path) -> None:
        """Install, use, switch off, switch on, purge and install again, on one database that lives on."""
        kernel = assembly_with()
        # a server's database would be given to the next test as this one leaves it
        is_file = database_kind == "sqlite"
        empty = migrated_database(database_kind, kernel.apps) if is_file else fresh_database(database_kind)
        async with empty as url:
            await migrate(url, kernel.apps)
            before = await _tables(url, kernel)
            steps = await migrate(url, self.alone.apps)
            assert all(step.startswith(f"+ {self.label}.") for step in steps)
            own = await _tables(url, kernel) - before
            assert {name for name in own if not name.startswith(f"{self.label}_")} == set()
            assert await plan(url, self.alone.apps) == []
            rows = await self._use(url, tmp_path, own)
            await self._live_without(url, tmp_path, kernel, own, rows)
            async with open_house(url, tmp_path, assembly=self.alone) as house:
                await open_ticket(house, "again with it")
            removed = [] if not steps else await unmigrate(url, self.alone.apps, self.label)
            assert [step[2:] for step in removed] == [step[2:] for step in reversed(steps)]
            assert await _tables(url, kernel) == before
            async with open_house(url, tmp_path, assembly=kernel) as house:
                await open_ticket(house, "without a trace")
                await house.drain()
            assert await migrate(url, self.alone.apps) == steps
            assert await _tables(url, kernel) == before | own

    async def _use(self, url: str, folder: Path, own: set[str]) -> dict[str, int]:
        """Live with the package for a moment; return how many rows each of its tables has."""
        async with open_house(url, folder, assembly=self.alone) as house:
            await open_ticket(house, "with it")
            for fill in self.fills:
                await fill(house)
            await house.drain()
            return await _counts(own)

    async def _live_without(
        self, url: str, folder: Path, kernel: Assembly, own: set[str], rows: dict[str, int]
    ) -> None:
        async with open_house(url, folder, assembly=kernel) as house:
            await open_ticket(house, "while it is away")
            found = await house.ask(LIST, actor=SYSTEM)
            assert found["tickets"]["totalCount"] == len(found["tickets"]["nodes"])
            await house.drain()
            assert await _counts(own) == rows


def contract(package: str | Distribution, *, fill: Fill | None = None) -> type[Contract]:
    """Return the test class of a package, named by its label or described.

    `fill` uses the package, so that its tables hold rows which have to survive while it is switched off.
    """
    found = packaged(package) if isinstance(package, str) else package
    return type("TestContract", (Contract,), {"package": found, "fills": () if fill is None else (fill,)})


def _metadata(package: Distribution) -> Metadata | None:
    return next((each.dist for each in entry_points(group=GROUP, name=package.label)), None)


def _is_of(kind: type, package: Distribution) -> bool:
    return kind.__module__.partition(".")[0] == package.package


def _problems(base: type[Problem]) -> list[type[Problem]]:
    return [found for kind in base.__subclasses__() for found in (kind, *_problems(kind))]


class _Removal(Visitor):
    """Takes out of an SDL what packages contribute."""

    def enter(self, node: Node, *_: Any) -> Any:
        marks = {each.name.value for each in getattr(node, "directives", None) or ()}
        return REMOVE if "package" in marks else None


def _without_packages(sdl: str) -> list[str]:
    document: DocumentNode = visit(parse(sdl), _Removal())
    return sorted(print_ast(each) for each in document.definitions)


async def _tables(url: str, assembly: Assembly) -> set[str]:
    database = await Database.open(url, assembly.apps, pool_size=1)
    try:
        rows = (await connection().execute_query(_TABLES[dialect()]))[1]
        return {str(row["name"]) for row in rows}
    finally:
        await database.close()


async def _counts(tables: set[str]) -> dict[str, int]:
    counts = {}
    for table in sorted(tables):
        rows = (await connection().execute_query(f"SELECT COUNT(*) AS n FROM {table}"))[1]  # noqa: S608 - the database named it
        counts[table] = int(rows[0]["n"])
    return counts
