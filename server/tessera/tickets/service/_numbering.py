"""Gives a new ticket its number, from a counter."""

import asyncio

from tortoise.expressions import F

from tessera.kit import log, rows, sql
from tessera.kit.clock import now
from tessera.kit.db import dialect, fetch_rows, in_background
from tessera.kit.unit import Unit
from tessera.settings import queries as settings
from tessera.tickets import queries
from tessera.tickets._numbers import DATE_CHECKSUM, GENERATORS, INCREMENT, counted_so_far
from tessera.tickets.errors import NotConfigured
from tessera.tickets.hooks import NumberGenerator
from tessera.tickets.models import Counter, Ticket
from tessera.tickets.settings import NUMBER_GENERATOR, SYSTEM_ID

MAX_TRIES = 100

COUNT = f'UPDATE "ticket_counter" SET "value" = "value" + {sql.VALUE} WHERE "name" = {sql.VALUE} RETURNING "value"'  # noqa: S608 - it holds only marks for values
BEGIN = (
    f'INSERT INTO "ticket_counter" ("name", "value") VALUES ({sql.VALUE}, {sql.VALUE}) '  # noqa: S608 - as above
    'ON CONFLICT DO NOTHING RETURNING "value"'
)


async def write_numbered(unit: Unit, ticket: Ticket) -> None:
    """Write a new ticket with a number no other has.

    On PostgreSQL, numbers are counted beside the transaction, so that no writer waits for another's commit: the number
    of a ticket that fails is left out, as it is in OTRS. Elsewhere it is free again.

    Raises `NotConfigured` when the chosen generator gives nothing but numbers that exist.
    """
    generator = await _chosen(unit)
    system_id = await settings.value(SYSTEM_ID)
    instant = now()
    for _ in range(MAX_TRIES):
        value = await _count(generator, generator.counter(instant), system_id)
        ticket.number = generator.write(instant, system_id, value)
        if await rows.insert_unless_taken(ticket):
            return
    raise NotConfigured(what="ticket number generator with free numbers")


async def _chosen(unit: Unit) -> NumberGenerator:
    """Return the generator the setting names; the default one where its package is gone."""
    name = await settings.value(NUMBER_GENERATOR)
    offered: tuple[NumberGenerator, ...] = (*GENERATORS, *unit.wiring.answers.get("number_generators", ()))
    for generator in offered:
        if generator.name == name:
            return generator
    log.get().warning("tickets.unknown_number_generator", generator=name)
    return DATE_CHECKSUM


async def _count(generator: NumberGenerator, counter: str, system_id: int) -> int:
    """Count one further."""
    spent = await _step(counter)
    if spent is not None:
        return spent
    begin = counted_so_far(await queries.newest_number(), system_id) if generator is INCREMENT else 0
    if dialect() == "postgres":
        await in_background(fetch_rows(sql.bound(BEGIN), (counter, begin)), name="counter")
    else:
        await rows.insert_unless_taken(rows.made(Counter, name=counter, value=begin))
    return await _step(counter) or begin + 1


async def _step(counter: str) -> int | None:
    """Count one further and return the count; None without a counter."""
    if dialect() == "postgres":
        return await _draws.one(counter)
    if dialect() == "sqlite":
        found = await fetch_rows(sql.bound(COUNT), (1, counter))
        return int(found[0][0]) if found else None
    # MariaDB cannot tell what it has written
    if not await Counter.filter(name=counter).update(value=F("value") + 1):
        return None
    return int((await Counter.get(name=counter)).value)


class _Draws:
    """Counts beside all transactions, by one statement for all who wait for it at the moment.

    A counter is a row, and who changes it holds it until the commit: inside the transactions of tickets, all of them
    would wait for one another, across processes, and for the disk.
    """

    def __init__(self) -> None:
        self._waiting: dict[str, list[asyncio.Future[int | None]]] = {}
        self._at_work: asyncio.Task[None] | None = None

    async def one(self, counter: str) -> int | None:
        """Count one further and return the count; None without a counter. Raises what the database raises."""
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[int | None] = loop.create_future()
        self._waiting.setdefault(counter, []).append(turn)
        if self._at_work is None or self._at_work.done() or self._at_work.get_loop() is not loop:
            self._at_work = in_background(self._work(), name="ticket numbers")
        return await turn

    async def _work(self) -> None:
        while self._waiting:
            counter, turns = self._waiting.popitem()
            try:
                found = await fetch_rows(sql.bound(COUNT), (len(turns), counter))
            except Exception as error:  # noqa: BLE001 - it is for those who wait
                for turn in turns:
                    if not turn.done():
                        turn.set_exception(error)
                continue
            first = found[0][0] - len(turns) + 1 if found else None
            for place, turn in enumerate(turns):
                if not turn.done():
                    turn.set_result(None if first is None else first + place)


_draws = _Draws()
"""The process's one, as it has one database."""
