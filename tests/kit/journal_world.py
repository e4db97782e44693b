"""What the tests of the journal share: an open database, a fact of their own, and a way behind the triggers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from tessera.kit.actor import SYSTEM
from tessera.kit.db import Database, connection, transaction
from tessera.kit.db.operations import AppendOnly
from tessera.kit.events import Event
from tessera.kit.ids import ObjectRef
from tessera.kit.journal import Entry
from tessera.kit.unit import Unit, Units
from tessera.kit.wiring import Wiring
from tessera.testing.house import base_assembly


@dataclass(frozen=True, kw_only=True)
class Noted(Event):
    """A number was noted."""

    name: ClassVar[str] = "test.noted"

    number: int


def noted(number: int) -> Noted:
    return Noted(subject=ObjectRef("thing", 1), number=number)


@asynccontextmanager
async def database(url: str) -> AsyncIterator[Database]:
    """Open a migrated database with nothing running on it."""
    opened = await Database.open(url, base_assembly().apps)
    try:
        yield opened
    finally:
        await opened.close()


async def note(*numbers: int, units: Units | None = None) -> list[Entry]:
    """Record numbers, each in a unit of its own."""
    units = units or Units(Wiring())
    return [await units.run(SYSTEM, partial(Unit.record, event=noted(number))) for number in numbers]


def number_of(entry: Entry) -> int:
    return int(str(entry.facts["number"]))


@asynccontextmanager
async def unprotected(table: str) -> AsyncIterator[None]:
    """Do something to an append-only table that its triggers would refuse; they stand again afterwards."""
    dialect = connection().capabilities.dialect
    if dialect == "postgres":
        async with transaction():
            await connection().execute_query("SET LOCAL session_replication_role = 'replica'")
            yield
        return
    guards = AppendOnly(table)
    for statement in guards._drop(dialect):
        await connection().execute_query(statement)
    try:
        yield
    finally:
        for statement in guards._create(dialect):
            await connection().execute_query(statement)
