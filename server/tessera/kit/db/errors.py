"""What may go wrong between us and a database, in one vocabulary for all three."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
import pymysql
from tortoise.exceptions import BaseORMException


class DatabaseUnavailable(Exception):
    """The database cannot be reached or refuses us; the message is one sentence without secrets."""


UNREACHABLE = (OSError, BaseORMException, asyncpg.PostgresError, asyncpg.InterfaceError, pymysql.err.MySQLError)
"""What drivers raise when a database is not there or refuses us."""


@contextmanager
def reaching(place: object) -> Iterator[None]:
    """Turn what drivers raise into DatabaseUnavailable; `place` is named in its sentence."""
    try:
        yield
    except UNREACHABLE as error:
        raise DatabaseUnavailable(f"The database {place} does not answer ({error}).") from error


class Contention(Exception):
    """The database gave up a transaction because of a concurrent one; the whole of it may be run again."""


_DATABASE_ERRORS = (BaseORMException, sqlite3.Error, asyncpg.PostgresError, pymysql.err.MySQLError)
_SQLITE_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_POSTGRES_RETRY = {"40001", "40P01"}  # serialization_failure, deadlock_detected
_MARIADB_RETRY = {1020, 1205, 1213}  # record changed since read, lock wait timeout, deadlock
_SQLITE_TAKEN = {sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY}
_MARIADB_TAKEN = 1062


def is_contention(error: BaseException) -> bool:
    """Tell whether a database error means "somebody else was faster, try the transaction again".

    Errors raised while cleaning up count by what they were raised from: after a deadlock MariaDB has
    forgotten the savepoints too, and complains about that last.
    """
    if not isinstance(error, _DATABASE_ERRORS):
        return False
    return any(_asks_for_retry(link) for link in _chain(error))


def is_taken(error: BaseException) -> bool:
    """Tell whether a database error means that another row has a value that has to be unique."""
    return any(_finds_taken(link) for link in _chain(error))


def _chain(error: BaseException) -> Iterator[BaseException]:
    waiting: list[object] = [error]
    seen: set[int] = set()
    while waiting:
        link = waiting.pop()
        if isinstance(link, BaseException) and id(link) not in seen:
            seen.add(id(link))
            yield link
            waiting += [*link.args, link.__cause__, link.__context__]


def _asks_for_retry(error: BaseException) -> bool:
    if isinstance(error, sqlite3.OperationalError):
        return (getattr(error, "sqlite_errorcode", 0) & 0xFF) in _SQLITE_BUSY
    if isinstance(error, asyncpg.InvalidCachedStatementError):
        return True  # a migration was: what was prepared for the table as it was is prepared anew
    if isinstance(error, asyncpg.PostgresError):
        return error.sqlstate in _POSTGRES_RETRY
    if isinstance(error, pymysql.err.MySQLError):
        return bool(error.args) and error.args[0] in _MARIADB_RETRY
    return False


def _finds_taken(error: BaseException) -> bool:
    if isinstance(error, sqlite3.IntegrityError):
        return getattr(error, "sqlite_errorcode", 0) in _SQLITE_TAKEN
    if isinstance(error, pymysql.err.IntegrityError):
        return bool(error.args) and error.args[0] == _MARIADB_TAKEN
    return isinstance(error, asyncpg.UniqueViolationError)
