"""The database: SQLite, PostgreSQL or MariaDB behind Tortoise, with transactions that hold under load."""

from tessera.kit.db.database import (
    App,
    Database,
    connection,
    dialect,
    in_background,
    inside_transaction,
    retrying,
    transaction,
)
from tessera.kit.db.errors import Contention, DatabaseUnavailable, is_taken
from tessera.kit.db.location import Dialect, locate
from tessera.kit.db.rows import draw, fetch_rows, fetch_rows_each, fetch_texts, put_off

__all__ = [
    "App",
    "Contention",
    "Database",
    "DatabaseUnavailable",
    "Dialect",
    "connection",
    "dialect",
    "draw",
    "fetch_rows",
    "fetch_rows_each",
    "fetch_texts",
    "in_background",
    "inside_transaction",
    "is_taken",
    "locate",
    "put_off",
    "retrying",
    "transaction",
]
