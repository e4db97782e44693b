"""Migration operations of the house: tables whose rows the database itself protects, and one of words to search."""

from collections.abc import Sequence

from tortoise.fields import OnDelete
from tortoise.fields.relational import ForeignKeyFieldInstance
from tortoise.migrations.operations import TortoiseOperation
from tortoise.migrations.schema_editor import BaseSchemaEditor
from tortoise.migrations.schema_generator.state import ModelState, State
from typing_extensions import override

from tessera.kit.db._editors import MigrationError

__all__ = ["AppendOnly", "FullText", "Undeletable"]


class _Statements(TortoiseOperation):
    """Statements for each dialect, which change no model."""

    def __init__(self, table: str) -> None:
        """Name the table."""
        self.table = table

    def describe(self) -> str:
        """Say in words what the operation does."""
        return f"{type(self).__name__} {self.table}"

    def state_forward(self, app_label: str, state: State) -> None:
        """Change no model."""

    @override
    async def database_forward(
        self, app_label: str, old_state: State, new_state: State, state_editor: BaseSchemaEditor | None = None
    ) -> None:
        """Run what makes it."""
        if state_editor:
            for statement in self._create(state_editor.DIALECT):
                await state_editor._run_sql(statement)  # noqa: SLF001 - as Tortoise's own operations do

    @override
    async def database_backward(
        self, app_label: str, old_state: State, new_state: State, state_editor: BaseSchemaEditor | None = None
    ) -> None:
        """Run what takes it away."""
        if state_editor:
            for statement in self._drop(state_editor.DIALECT):
                await state_editor._run_sql(statement)  # noqa: SLF001 - as Tortoise's own operations do

    def _create(self, dialect: str) -> list[str]:
        raise NotImplementedError

    def _drop(self, dialect: str) -> list[str]:
        raise NotImplementedError


class _Protection(_Statements):
    """Triggers on one table that refuse some statements with an integrity error."""

    refused: Sequence[str] = ()
    sentence = ""
    forbidden_actions: frozenset[str] = frozenset()

    def state_forward(self, app_label: str, state: State) -> None:
        """Change no model; MigrationError if a foreign key would get around the triggers.

        MariaDB runs no triggers for the rows that ON DELETE CASCADE and SET NULL change.
        """
        for model in state.models.values():
            if model.app == app_label and model.table == self.table:
                self._check(model)

    def _check(self, model: ModelState) -> None:
        for name, field in model.fields.items():
            if isinstance(field, ForeignKeyFieldInstance) and str(field.on_delete) in self.forbidden_actions:
                raise MigrationError(
                    f"{model.app}.{model.name}.{name} says on_delete={field.on_delete}, "
                    f"which reaches the rows of {self.table} behind its triggers: say RESTRICT."
                )

    def _trigger(self, verb: str) -> str:
        return f"{self.table}_no_{verb.lower()}"

    def _create(self, dialect: str) -> list[str]:
        message = self.sentence.format(table=self.table)
        if dialect == "sqlite":
            return [
                f'CREATE TRIGGER "{self._trigger(verb)}" BEFORE {verb} ON "{self.table}" '
                f"BEGIN SELECT RAISE(ABORT, '{message}'); END;"
                for verb in self.refused
            ]
        if dialect == "mysql":
            # 1451 is an integrity error to every driver; the plain SQLSTATE 45000 is not
            return [
                f"CREATE TRIGGER `{self._trigger(verb)}` BEFORE {verb} ON `{self.table}` FOR EACH ROW "
                f"SIGNAL SQLSTATE '23000' SET MYSQL_ERRNO = 1451, MESSAGE_TEXT = '{message}'"
                for verb in self.refused
            ]
        refuse = (
            f'CREATE FUNCTION "{self.table}_refuse"() RETURNS trigger LANGUAGE plpgsql AS $$ '
            f"BEGIN RAISE EXCEPTION '{message}' USING ERRCODE = 'restrict_violation'; END $$"
        )
        triggers = [
            f'CREATE TRIGGER "{self._trigger(verb)}" BEFORE {verb} ON "{self.table}" '
            f'FOR EACH {"STATEMENT" if verb == "TRUNCATE" else "ROW"} EXECUTE FUNCTION "{self.table}_refuse"()'
            for verb in (*self.refused, "TRUNCATE")
        ]
        return [refuse, *triggers]

    def _drop(self, dialect: str) -> list[str]:
        if dialect == "sqlite":
            return [f'DROP TRIGGER "{self._trigger(verb)}"' for verb in self.refused]
        if dialect == "mysql":
            return [f"DROP TRIGGER `{self._trigger(verb)}`" for verb in self.refused]
        triggers = [f'DROP TRIGGER "{self._trigger(verb)}" ON "{self.table}"' for verb in (*self.refused, "TRUNCATE")]
        return [*triggers, f'DROP FUNCTION "{self.table}_refuse"()']


class AppendOnly(_Protection):
    """Rows of the table are only ever added: the database refuses UPDATE, DELETE and, on PostgreSQL, TRUNCATE."""

    refused = ("UPDATE", "DELETE")
    sentence = "Rows of {table} are never changed or deleted."
    forbidden_actions = frozenset({OnDelete.CASCADE.value, OnDelete.SET_NULL.value, OnDelete.SET_DEFAULT.value})


class Undeletable(_Protection):
    """Rows of the table stay: the database refuses DELETE and, on PostgreSQL, TRUNCATE."""

    refused = ("DELETE",)
    sentence = "Rows of {table} are never deleted."
    forbidden_actions = frozenset({OnDelete.CASCADE.value})


class FullText(_Statements):
    """A table of words with a full-text index: SQLite's FTS5, a tsvector on PostgreSQL, FULLTEXT on MariaDB.

    Its rows have an `id` (SQLite: `rowid`). PostgreSQL's column is `words`; the others have a column of ASCII text for
    each of `columns`, and MariaDB an index for each beginning of that list: it searches exactly an index's columns.
    """

    def __init__(self, table: str, columns: Sequence[str]) -> None:
        """Name the table and its columns, the most important first."""
        super().__init__(table)
        self.columns = tuple(columns)

    def _create(self, dialect: str) -> list[str]:
        if dialect == "sqlite":
            # words come folded, and only separated by spaces: this tokenizer leaves all but ASCII as it is
            return [f"CREATE VIRTUAL TABLE \"{self.table}\" USING fts5({', '.join(self.columns)}, tokenize = 'ascii')"]
        if dialect == "mysql":
            columns = "".join(f", `{name}` MEDIUMTEXT NOT NULL" for name in self.columns)
            settings = "ENGINE=InnoDB CHARACTER SET ascii COLLATE ascii_bin"
            names = [f"`{name}`" for name in self.columns]
            return [
                f"CREATE TABLE `{self.table}` (`id` BIGINT NOT NULL PRIMARY KEY{columns}) {settings}",
                *(
                    f"CREATE FULLTEXT INDEX `{self.table}_{count}` ON `{self.table}` ({', '.join(names[:count])})"
                    for count in range(1, len(names) + 1)
                ),
            ]
        return [
            f'CREATE TABLE "{self.table}" ("id" BIGINT NOT NULL PRIMARY KEY, "words" TSVECTOR NOT NULL)',
            f'CREATE INDEX "{self.table}_words" ON "{self.table}" USING gin ("words")',
        ]

    def _drop(self, dialect: str) -> list[str]:
        quote = "`" if dialect == "mysql" else '"'
        return [f"DROP TABLE {quote}{self.table}{quote}"]
