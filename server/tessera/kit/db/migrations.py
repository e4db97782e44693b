"""Migrates a database forward and backward, says what is pending, writes new migrations."""

from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

from tortoise.apps import Apps
from tortoise.context import TortoiseContext
from tortoise.fields.relational import BackwardFKRelation, ForeignKeyFieldInstance, RelationalField
from tortoise.migrations.autodetector import MigrationAutodetector
from tortoise.migrations.executor import MigrationTarget
from tortoise.migrations.graph import MigrationGraph, MigrationKey
from tortoise.migrations.operations import CreateModel, Operation
from tortoise.migrations.writer import format_migration_name

from tessera.kit.db._editors import MigrationError
from tessera.kit.db._executor import Executor, Report
from tessera.kit.db._locks import migration_lock
from tessera.kit.db.database import CONNECTION, App, housed, require_answer, tortoise_config
from tessera.kit.db.location import Location, locate

__all__ = ["MigrationError", "applied", "drift", "make_migration", "migrate", "plan", "removal", "unmigrate"]

_POOL_SIZE = 2


async def migrate(
    url: str,
    apps: Sequence[App],
    *,
    label: str | None = None,
    to: str | None = None,
    report: Report | None = None,
    ahead: Collection[str] = (),
) -> list[str]:
    """Bring a database to the newest migrations of all apps, of one app, or to one migration of one app.

    Of the apps in `ahead`, the database may have newer migrations than this program, which only add to its tables.

    `to` may lie behind: then what came after it is undone. Runs under the migration lock; a second migrator
    waits and finds nothing to do. Gives `+ app.name` for each migration applied and `- app.name` for each
    undone, in order, and reports each when done. Raises MigrationError and DatabaseUnavailable.
    """
    targets = [MigrationTarget(label, to or "__latest__")] if label else None
    location = housed(url)
    async with migration_lock(location), _executor(location, apps) as executor:
        applied = await executor.load(ahead=ahead)
        return await executor.run(executor.forward(applied, targets), applied, report or _silent)


async def unmigrate(url: str, apps: Sequence[App], label: str, *, report: Report | None = None) -> list[str]:
    """Undo every migration of one app, newest first; MigrationError while another app stands on it."""
    location = housed(url)
    async with migration_lock(location), _executor(location, apps) as executor:
        applied = await executor.load()
        return await executor.run(executor.removal(label, applied), applied, report or _silent)


async def plan(url: str, apps: Sequence[App], *, ahead: Collection[str] = ()) -> list[str]:
    """Say what `migrate` would do, in its words, and change nothing; an SQLite file need not exist."""
    location = housed(url)
    async with _executor(location, apps, empty=location.path is not None and not location.path.exists()) as executor:
        applied = await executor.load(ahead=ahead)
        steps = executor.forward(applied, None)
        return [f"+ {step.migration.app_label}.{step.migration.name}" for step in steps]


async def applied(url: str, apps: Sequence[App]) -> dict[str, list[str]]:
    """Give the names of the migrations a database has, by label, in order; nothing where there is no database yet."""
    found: dict[str, list[str]] = {}
    location = housed(url)
    async with _executor(location, apps, empty=location.path is not None and not location.path.exists()) as executor:
        for key in sorted(await executor.load()):
            found.setdefault(key.app_label, []).append(key.name)
    return found


async def removal(url: str, apps: Sequence[App], label: str) -> list[str]:
    """Say what `unmigrate` would do, in its words, and change nothing."""
    async with _executor(housed(url), apps) as executor:
        applied = await executor.load()
        return [f"- {label}.{step.migration.name}" for step in executor.removal(label, applied)]


async def drift(apps: Sequence[App]) -> list[str]:
    """Say in words where the models differ from what the migrations make of the tables; touches no database."""
    async with _detector(apps) as detector:
        return [
            f"{writer.app_label}: {operation.describe()}"
            for writer in await detector.changes()
            for operation in writer.operations
        ]


async def make_migration(apps: Sequence[App], label: str, name: str) -> Path | None:
    """Write the migration that takes one app's tables to its models; give its file, or None if nothing differs.

    The first is `0001_initial`, a later one takes the next number and `name`. It depends on the newest migration
    of its own app and of every app whose tables it refers to. Touches no database.
    """
    async with _detector(apps) as detector:
        for writer in await detector.changes():
            if writer.app_label != label:
                continue
            writer.name = "0001_initial" if writer.initial else format_migration_name(int(writer.name[:4]), name)
            writer.initial = writer.initial or None
            graph = detector.loader.graph
            labels = {label, *_referred_apps(writer.operations)}
            writer.dependencies = sorted(
                (key.app_label, key.name) for key in graph.nodes if _is_newest(graph, key, labels)
            )
            source = writer.as_string().replace("\n\nclass ", "\n\n\nclass ", 1)
            writer.path().write_text(f'"""{name.replace("_", " ").capitalize()}."""\n\n{source}', encoding="utf-8")
            return writer.path()
    return None


@asynccontextmanager
async def _detector(apps: Sequence[App]) -> AsyncIterator[MigrationAutodetector]:
    config = tortoise_config(locate("sqlite:///nowhere"), apps, pool_size=1)
    async with TortoiseContext() as context:
        await context.init(config=config, init_connections=False)
        yield MigrationAutodetector(cast("Apps", context.apps), config["apps"])


def _is_newest(graph: MigrationGraph, key: MigrationKey, labels: set[str]) -> bool:
    own = {child.key.app_label for child in graph.node_map[key].children}
    return key.app_label in labels and key.app_label not in own


def _referred_apps(operations: Iterable[Operation]) -> Iterator[str]:
    for operation in operations:
        fields = (
            dict(operation.fields) if isinstance(operation, CreateModel) else {"": getattr(operation, "field", None)}
        )
        for field in fields.values():
            if isinstance(field, RelationalField) and not isinstance(field, BackwardFKRelation):
                model = cast("ForeignKeyFieldInstance[Any]", field).model_name
                yield model.partition(".")[0] if isinstance(model, str) else str(model._meta.app)


def _silent(_line: str) -> None:
    """Report to nobody."""


@asynccontextmanager
async def _executor(location: Location, apps: Sequence[App], *, empty: bool = False) -> AsyncIterator[Executor]:
    config = tortoise_config(location, apps, pool_size=_POOL_SIZE, foreign_keys=False)
    async with TortoiseContext() as context:
        # no `context.init`: it would set up the program's models anew, which may be in use or ahead of the tables
        context._init_timezone(use_tz=True, timezone="UTC")  # noqa: SLF001 - as `init` does
        await context.connections._init(config["connections"], create_db=False)  # noqa: SLF001 - as `init` does
        connection = context.connections.get(CONNECTION)
        if not empty:
            await require_answer(connection, location)
        yield Executor(connection, config["apps"], empty=empty)
