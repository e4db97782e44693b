"""Schema editors: Tortoise's, minus the ways in which they lose rows, indexes, triggers and constraints."""

import re
import sqlite3
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from typing import Any

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.fields import Field
from tortoise.fields.relational import ForeignKeyFieldInstance
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.migrations.schema_editor import AsyncpgSchemaEditor, BaseSchemaEditor, MySQLSchemaEditor
from tortoise.migrations.schema_editor.sqlite import SqliteSchemaEditor
from tortoise.models import Model
from typing_extensions import override

Constraint = UniqueConstraint | CheckConstraint


class MigrationError(Exception):
    """A migration cannot be done as it stands; the message says what to change."""


def editor_for(client: BaseDBAsyncClient, *, atomic: bool) -> BaseSchemaEditor:
    """Give the schema editor of a client's dialect."""
    kinds: dict[str, type[BaseSchemaEditor]] = {
        "sqlite": SqliteEditor,
        "postgres": PostgresEditor,
        "mysql": MariadbEditor,
    }
    return kinds[client.capabilities.dialect](client, atomic=atomic)


class _Complete(BaseSchemaEditor):
    """A new table gets its model's constraints and a new column its index, both of which Tortoise leaves out."""

    async def create_model(self, model: type[Model]) -> None:
        await super().create_model(model)
        for constraint in model._meta.constraints or ():
            await self.add_constraint(model, constraint)

    async def add_field(self, model: type[Model], field_name: str) -> None:
        await super().add_field(model, field_name)
        field = model._meta.fields_map[field_name]
        if isinstance(field, ForeignKeyFieldInstance):
            field = model._meta.fields_map[field.source_field or f"{field_name}_id"]
        if field.index and not field.unique:
            await self.add_index(model, Index(fields=(_column(field),)))

    async def add_constraint(self, model: type[Model], constraint: Constraint) -> None:
        raise NotImplementedError


class PostgresEditor(_Complete, AsyncpgSchemaEditor):
    """The PostgreSQL editor."""

    async def add_constraint(self, model: type[Model], constraint: Constraint) -> None:
        """Add a constraint under its own name."""
        await AsyncpgSchemaEditor.add_constraint(self, model, constraint)


@dataclass(frozen=True)
class _Attached:
    """An index or a trigger of an SQLite table, as the database remembers it."""

    name: str
    sql: str

    def renamed(self, columns: dict[str, str]) -> "_Attached":
        sql = self.sql
        for old, new in columns.items():
            sql = sql.replace(f'"{old}"', f'"{new}"')
        return _Attached(self.name, sql)

    def columns(self) -> set[str]:
        return set(re.findall(r'"([^"]+)"', self.sql.partition("(")[2]))


class SqliteEditor(_Complete, SqliteSchemaEditor):
    """The SQLite editor: a rebuilt table keeps its rows, indexes, triggers and the numbers it gave out."""

    async def _run_sql(self, sql: str) -> None:
        if self.collect_sql:
            self.collected_sql.append(sql)
            return
        for statement in statements_of(sql):
            await self.client.execute_query(statement)

    async def add_constraint(self, model: type[Model], constraint: Constraint) -> None:
        """Add a constraint under its own name; a CHECK rebuilds the table."""
        await SqliteSchemaEditor.add_constraint(self, model, constraint)

    @override
    async def _get_unique_constraint_names_from_db(
        self, table_name: str, column_names: list[str], schema: str | None = None
    ) -> list[str]:
        """Find unique indexes by columns; Tortoise's own asks rows for `get`, which SQLite's do not have."""
        found = []
        for index in await self._ask(f'PRAGMA index_list("{table_name}")'):
            columns = await self._ask(f'PRAGMA index_info("{index["name"]}")')
            if index["unique"] and [column["name"] for column in columns] == column_names:
                found.append(index["name"])
        return found

    async def _ask(self, query: str) -> list[dict[str, Any]]:
        return [dict(row) for row in (await self.client.execute_query(query))[1]]

    async def _remake_table(
        self,
        model: type[Model],
        create_field: Field[Any] | None = None,
        delete_field: Field[Any] | None = None,
        alter_fields: list[tuple[Field[Any], Field[Any]]] | None = None,
    ) -> None:
        if self.collect_sql:
            await super()._remake_table(model, create_field, delete_field, alter_fields)
            return
        if (await self._ask("PRAGMA foreign_keys"))[0]["foreign_keys"]:
            raise MigrationError("A table can only be rebuilt on a connection with foreign_keys=OFF.")
        table = model._meta.db_table
        attached = await self._attached_to(table)
        numbers = await self._given_numbers(table)
        await super()._remake_table(model, create_field, delete_field, alter_fields)
        renamed = {_column(old): _column(new) for old, new in alter_fields or () if _column(old) != _column(new)}
        await self._attach_again(table, [thing.renamed(renamed) for thing in attached])
        for number in numbers:
            await self.client.execute_query("DELETE FROM sqlite_sequence WHERE name = ?", [table])
            await self.client.execute_query("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", [table, number])

    async def _alter_field(self, model: type[Model], old_field: Field[Any], new_field: Field[Any]) -> None:
        await super()._alter_field(model, old_field, new_field)
        if old_field.index and not new_field.index:
            await self.remove_index(model, Index(fields=(_column(new_field),)))
        if new_field.index and not old_field.index:
            await self.add_index(model, Index(fields=(_column(new_field),)))

    async def _attached_to(self, table: str) -> list[_Attached]:
        rows = await self._ask("SELECT type, tbl_name, name, sql FROM sqlite_master ORDER BY type, name")
        return [
            _Attached(row["name"], row["sql"])
            for row in rows
            if row["type"] in {"index", "trigger"} and row["tbl_name"] == table and row["sql"]
        ]

    async def _attach_again(self, table: str, attached: list[_Attached]) -> None:
        columns = {row["name"] for row in await self._ask(f'PRAGMA table_info("{table}")')}
        for thing in attached:
            is_index = not thing.sql.upper().startswith("CREATE TRIGGER")
            if not is_index or thing.columns() <= columns:  # as elsewhere, an index goes with its column
                await self.client.execute_query(thing.sql)

    async def _given_numbers(self, table: str) -> list[int]:
        if not await self._ask("SELECT name FROM sqlite_master WHERE name = 'sqlite_sequence'"):
            return []
        return [row["seq"] for row in await self._ask("SELECT name, seq FROM sqlite_sequence") if row["name"] == table]


class MariadbEditor(_Complete, MySQLSchemaEditor):
    """The MariaDB editor: text is compared byte by byte, constraints have the names they were given."""

    @override
    def _table_generate_extra(self, table: str) -> str:
        """Compare text as the other two databases do: case, accents and trailing spaces count."""
        return " ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin"

    async def add_field(self, model: type[Model], field_name: str) -> None:
        """Add a column and what belongs to it; Tortoise forgets the foreign key of an added column."""
        await super().add_field(model, field_name)
        table = self._qualify_table_name(model._meta.db_table, model._meta.schema)
        for definition in self._get_inner_statements():
            await self._run_sql(f"ALTER TABLE {table} ADD {definition}")

    async def remove_field(self, model: type[Model], field: Field[Any]) -> None:
        """Drop a column, its foreign keys first, for which MariaDB would refuse."""
        if isinstance(field, ForeignKeyFieldInstance) and not self.collect_sql:
            table = self._qualify_table_name(model._meta.db_table, model._meta.schema)
            _, keys = await self.client.execute_query(
                "SELECT constraint_name AS name FROM information_schema.key_column_usage "
                "WHERE table_schema = DATABASE() AND referenced_table_name IS NOT NULL "
                "AND table_name = %s AND column_name = %s",
                [model._meta.db_table, field.source_field or f"{field.model_field_name}_id"],
            )
            for key in keys:
                await self._run_sql(f"ALTER TABLE {table} DROP FOREIGN KEY `{key['name']}`")
        await super().remove_field(model, field)

    async def _alter_field(self, model: type[Model], old_field: Field[Any], new_field: Field[Any]) -> None:
        before = old_field
        dialect = self.DIALECT
        changed = old_field.get_for_dialect(dialect, "SQL_TYPE") != new_field.get_for_dialect(dialect, "SQL_TYPE")
        if changed and type(old_field) is not type(new_field):
            # Tortoise would go on to say ALTER COLUMN ... TYPE, which is PostgreSQL's language
            table = self._qualify_table_name(model._meta.db_table, model._meta.schema)
            await self._run_sql(self._build_modify_column_sql(model, new_field, table))
            before = copy(new_field)
            for name in ("unique", "index", "pk", "source_field", "model_field_name"):
                setattr(before, name, getattr(old_field, name))
        await super()._alter_field(model, before, new_field)

    async def add_constraint(self, model: type[Model], constraint: Constraint) -> None:
        """Add a constraint under its own name, by which it will be dropped."""
        if isinstance(constraint, UniqueConstraint) and not constraint.condition:
            columns = self._resolve_fields_to_columns(model, constraint.fields)
            name = self._constraint_name_for_model(model, UniqueConstraint(tuple(columns), constraint.name))
            table = self._qualify_table_name(model._meta.db_table, model._meta.schema)
            quoted = ", ".join(self.quote(column) for column in columns)
            await self._run_sql(f"ALTER TABLE {table} ADD UNIQUE KEY `{name}` ({quoted})")
            return
        await MySQLSchemaEditor.add_constraint(self, model, constraint)

    async def remove_constraint(self, model: type[Model], constraint: Constraint) -> None:
        """Drop a constraint; MariaDB does not know MySQL's DROP CHECK."""
        if isinstance(constraint, CheckConstraint):
            table = self._qualify_table_name(model._meta.db_table, model._meta.schema)
            await self._run_sql(f"ALTER TABLE {table} DROP CONSTRAINT `{constraint.name}`")
            return
        await super().remove_constraint(model, constraint)


def statements_of(sql: str) -> Iterator[str]:
    """Split a script into statements; a semicolon in a text, a comment or a trigger does not end one."""
    pending = ""
    for part in re.split(r"(?<=;)", sql):
        pending += part
        if pending.strip() and sqlite3.complete_statement(pending):
            yield pending.strip()
            pending = ""
    if pending.strip():
        yield pending.strip()


def _column(field: Field[Any]) -> str:
    return field.source_field or field.model_field_name
