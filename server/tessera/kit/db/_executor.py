"""Applies and undoes migrations: each recorded in the transaction of its own changes, checked before it commits."""

from collections.abc import Callable, Collection
from typing import Any

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.backends.base.executor import EXECUTOR_CACHE
from tortoise.migrations.executor import MigrationExecutor, MigrationTarget, PlanStep
from tortoise.migrations.graph import MigrationKey
from tortoise.migrations.migration import Migration
from tortoise.migrations.recorder import MigrationRecorder
from tortoise.migrations.schema_editor import BaseSchemaEditor
from tortoise.migrations.schema_generator.state import State
from tortoise.transactions import in_transaction
from typing_extensions import override

from tessera.kit.clock import now
from tessera.kit.db._editors import MigrationError, editor_for
from tessera.kit.db._states import Snapshots

_EXISTS = {
    "sqlite": "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = '{table}'",
    "postgres": "SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = '{table}'",
    "mysql": "SELECT 1 FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = '{table}'",
}

Report = Callable[[str], None]


class StrictRecorder(MigrationRecorder):
    """The table of applied migrations; an error is an error, not "nothing applied"."""

    def __init__(self, connection: BaseDBAsyncClient, *, empty: bool = False) -> None:
        super().__init__(connection)
        self._empty = empty

    async def applied_migrations(self) -> list[MigrationKey]:
        """Give what is applied; nothing where the table does not exist yet."""
        if self._empty:
            return []
        exists = _EXISTS[self._dialect].format(table=self.table_name)
        if not (await self.connection.execute_query(exists))[1]:
            return []
        query = f"SELECT app, name FROM {self.table_name}"  # noqa: S608 - our own names
        return [MigrationKey(row["app"], row["name"]) for row in (await self.connection.execute_query(query))[1]]

    async def record_applied(self, app: str, name: str) -> None:
        """Remember a migration, with the house's time."""
        columns = ", ".join(self._quote(column) for column in ("app", "name", "applied_at"))
        places = ", ".join(self._placeholder(place) for place in (1, 2, 3))
        query = f"INSERT INTO {self._quote(self.table_name)} ({columns}) VALUES ({places})"  # noqa: S608 - our own names
        await self.connection.execute_insert(query, [app, name, now()])


class Executor(MigrationExecutor):
    """Runs plans on one connection, which no other migrator uses meanwhile."""

    def __init__(self, connection: BaseDBAsyncClient, apps: dict[str, dict[str, Any]], *, empty: bool = False) -> None:
        """Read `apps` (Tortoise's configuration); an `empty` database is not even asked what is applied."""
        super().__init__(connection, apps)
        self.recorder = StrictRecorder(connection, empty=empty)
        self.loader.recorder = self.recorder

    @override
    def _schema_editor(self, atomic: bool = True, collect_sql: bool = False) -> BaseSchemaEditor:
        return editor_for(self.connection, atomic=atomic)

    async def load(self, *, ahead: Collection[str] = ()) -> set[MigrationKey]:
        """Read the migrations on disk and give those applied; refuse a database that is ahead of this program.

        Of the apps in `ahead`, unknown migrations are passed over.
        """
        await self.loader.build_graph()
        applied = set(self.loader.applied_migrations)
        unknown = {
            key for key in applied if key.app_label in self.loader.apps_config and key not in self.loader.graph.nodes
        }
        if told := sorted(str(key) for key in unknown if key.app_label not in ahead):
            raise MigrationError(f"The database has migrations that this program does not know: {', '.join(told)}.")
        return applied - unknown

    def forward(self, applied: set[MigrationKey], targets: list[MigrationTarget] | None) -> list[PlanStep]:
        """Plan the way to the targets, or to the newest of everything."""
        return self._migration_plan(targets, applied, self.loader.graph)

    def removal(self, label: str, applied: set[MigrationKey]) -> list[PlanStep]:
        """Plan to undo everything of one app; MigrationError while another app stands on it."""
        steps: dict[MigrationKey, PlanStep] = {}
        nodes = self.loader.graph.node_map
        roots = [
            key
            for key, node in nodes.items()
            if key.app_label == label and not any(parent.key.app_label == label for parent in node.parents)
        ]
        for root in sorted(roots):
            target = MigrationTarget(root.app_label, root.name)
            for step in self._backward_plan(target, applied, self.loader.graph, include_target=True):
                steps.setdefault(_key(step), step)
        above = sorted({key.app_label for key in steps} - {label})
        if above:
            raise MigrationError(f"{label} cannot be removed while these stand on it: {', '.join(above)}.")
        return list(steps.values())

    async def run(self, plan: list[PlanStep], applied: set[MigrationKey], report: Report) -> list[str]:
        """Run a plan step by step; give the names of what was applied (`+ app.name`) and undone (`- app.name`)."""
        if not plan:
            return []
        await self.recorder.ensure_schema(self._schema_editor(atomic=False))
        state, before = await self._states(applied, {_key(step) for step in plan if step.backward})
        done = []
        for step in plan:
            key = _key(step)
            await self._run_step(step, before[key] if step.backward else state)
            done.append(f"{'-' if step.backward else '+'} {key}")
            report(done[-1])
        return done

    async def _states(
        self, applied: set[MigrationKey], undone: set[MigrationKey]
    ) -> tuple[State, dict[MigrationKey, State]]:
        """Return what the tables look like now, and what they looked like before each migration that is undone."""
        config = self.loader.apps_config
        state = Snapshots.empty({label: app["default_connection"] for label, app in config.items()})
        before: dict[MigrationKey, State] = {}
        for key in self._full_plan():
            migration = self.loader.graph.nodes[key]
            if key not in applied or migration is None:
                continue
            if key in undone:
                before[key] = state.clone()
            await migration.apply(state, dry_run=True)
        return state, before

    async def _run_step(self, step: PlanStep, state: State) -> None:
        EXECUTOR_CACHE.clear()  # it would keep a table's columns of before the last step
        editor = self._schema_editor(atomic=step.migration.atomic)
        if not editor.atomic_migration:
            await _change(step, state, editor, StrictRecorder(self.connection))
            return
        async with in_transaction(self.connection.connection_name) as client:
            editor.client = client
            await _change(step, state, editor, StrictRecorder(client))
            if editor.DIALECT == "sqlite":
                await _check_foreign_keys(client, step.migration)


async def _change(step: PlanStep, state: State, editor: BaseSchemaEditor, recorder: StrictRecorder) -> None:
    migration = step.migration
    if step.backward:
        await migration.unapply(state, schema_editor=editor)
        await recorder.record_unapplied(migration.app_label, migration.name)
    else:
        await migration.apply(state, schema_editor=editor)
        await recorder.record_applied(migration.app_label, migration.name)


async def _check_foreign_keys(client: BaseDBAsyncClient, migration: Migration) -> None:
    _, broken = await client.execute_query("PRAGMA foreign_key_check")
    if broken:
        row = dict(broken[0])
        raise MigrationError(
            f"{migration.app_label}.{migration.name} would leave {row['table']} row {row['rowid']} "
            f"without its {row['parent']}."
        )


def _key(step: PlanStep) -> MigrationKey:
    return MigrationKey(step.migration.app_label, step.migration.name)
