"""What a database says of its own tables, in the same words for all three."""

from typing import Any

from tessera.kit.db import connection

TABLES = ("shop_keeper", "shop_sale", "shop_shelf", "shop_thing")

_INDEXES = {
    "postgres": "SELECT indexname AS name FROM pg_indexes WHERE tablename = '{table}'",
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = '{table}'",
    "mysql": "SELECT DISTINCT index_name AS name FROM information_schema.statistics "
    "WHERE table_schema = DATABASE() AND table_name = '{table}'",
}
_TRIGGERS = {
    "postgres": "SELECT tgname AS name FROM pg_trigger WHERE NOT tgisinternal",
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "mysql": "SELECT trigger_name AS name FROM information_schema.triggers WHERE trigger_schema = DATABASE()",
}
_REFERENCES = {
    "postgres": "SELECT conrelid::regclass::text AS child, confrelid::regclass::text AS parent "
    "FROM pg_constraint WHERE contype = 'f'",
    "sqlite": 'SELECT m.name AS child, f."table" AS parent '
    "FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table'",
    "mysql": "SELECT table_name AS child, referenced_table_name AS parent "
    "FROM information_schema.referential_constraints WHERE constraint_schema = DATABASE()",
}


async def ask(query: str) -> list[dict[str, Any]]:
    return await connection().execute_query_dict(query)


def dialect() -> str:
    return connection().capabilities.dialect


async def named_indexes() -> set[str]:
    """The indexes and unique constraints that bear the house's names."""
    rows = [row for table in TABLES for row in await ask(_INDEXES[dialect()].format(table=table))]
    return {
        row["name"] for row in rows if row["name"].startswith(("shop_", "idx_")) and not row["name"].endswith("key")
    }


async def triggers() -> set[str]:
    return {row["name"] for row in await ask(_TRIGGERS[dialect()])}


async def references() -> set[tuple[str, str]]:
    return {(row["child"], row["parent"]) for row in await ask(_REFERENCES[dialect()])}


async def rows(table: str, *columns: str) -> list[tuple[Any, ...]]:
    found = await ask(f"SELECT {', '.join(columns)} FROM {table} ORDER BY id")
    return [tuple(row[column] for column in columns) for row in found]
