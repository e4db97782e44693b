"""Gives a new ticket its number, from a counter."""

from collections.abc import Mapping, Sequence

from tortoise.expressions import F

from tessera.kit import log, rows, sql
from tessera.kit.clock import now
from tessera.kit.db import dialect, draw, fetch_rows, in_background
from tessera.kit.draws import Draws
from tessera.kit.unit import Unit
from tessera.settings import queries as settings
from tessera.tickets import queries
from tessera.tickets._numbers import DATE_CHECKSUM, GENERATORS, INCREMENT, counted_so_far
from tessera.tickets.errors import NotConfigured
from tessera.tickets.hooks import NumberGenerator
from tessera.tickets.models import Counter, Ticket
from tessera.tickets.settings import NUMBER_GENERATOR, SYSTEM_ID

MAX_TRIES = 100

Drawn = tuple[int, int | None]
"""A count, and the id of the ticket that will have it, where it is known before."""

COUNT = f'UPDATE "ticket_counter" SET "value" = "value" + {sql.VALUE} WHERE "name" = {sql.VALUE} RETURNING "value"'  # noqa: S608 - it holds only marks for values
DRAW = f"""{COUNT}, ARRAY(SELECT nextval('"{rows.sequence_of(Ticket)}"') FROM generate_series(1, {sql.VALUE}::int))"""  # noqa: S608 - as above
"""PostgreSQL's: as many ids of tickets come along."""

BEGIN = (
    f'INSERT INTO "ticket_counter" ("name", "value") VALUES ({sql.VALUE}, {sql.VALUE}) '  # noqa: S608 - as above
    'ON CONFLICT DO NOTHING RETURNING "value"'
)


async def write_numbered(unit: Unit, ticket: Ticket) -> None:
    """Write a new ticket with a number no other has.

    On PostgreSQL, numbers are counted beside the transaction, so that no writer waits for another's commit: the number
    of a ticket that fails is left out, as it is in OTRS. Elsewhere it is free again.

    A hopeful unit does not ask whether a number is taken, and begins again when it is.

    Raises `NotConfigured` when the chosen generator gives nothing but numbers that exist.
    """
    generator = await _chosen(unit)
    system_id = await settings.value(SYSTEM_ID)
    instant = now()
    for _ in range(MAX_TRIES):
        value, key = await _count(generator, generator.counter(instant), system_id)
        ticket.number = generator.write(instant, system_id, value)
        if unit.hopeful:
            ticket.id = key
            await rows.put_off([ticket])
            return
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


async def _count(generator: NumberGenerator, counter: str, system_id: int) -> Drawn:
    """Count one further."""
    spent = await _step(counter)
    if spent is not None:
        return spent
    begin = counted_so_far(await queries.newest_number(), system_id) if generator is INCREMENT else 0
    if dialect() == "postgres":
        await in_background(fetch_rows(sql.bound(BEGIN), (counter, begin)), name="counter")
    else:
        await rows.insert_unless_taken(rows.made(Counter, name=counter, value=begin))
    return await _step(counter) or (begin + 1, None)


async def _step(counter: str) -> Drawn | None:
    """Count one further and return the count; None without a counter."""
    if dialect() == "postgres":
        drawn = await _draws.take({counter: 1})
        return drawn[counter][0] if drawn[counter] else None
    if dialect() == "sqlite":
        found = await fetch_rows(sql.bound(COUNT), (1, counter))
        return (int(found[0][0]), None) if found else None
    # MariaDB cannot tell what it has written
    if not await Counter.filter(name=counter).update(value=F("value") + 1):
        return None
    return int((await Counter.get(name=counter)).value), None


async def _drawn(wanted: Mapping[str, int]) -> Mapping[str, Sequence[Drawn]]:
    """Count further, by as many as are wanted.

    A counter is a row, and who changes it holds it until the commit: inside the transactions of tickets, all of them
    would wait for one another, across processes, and for the disk.
    """
    drawn: dict[str, Sequence[Drawn]] = {}
    for counter, count in wanted.items():
        found = await draw(sql.bound(DRAW), (count, counter, count))
        drawn[counter] = (
            [(found[0][0] - count + place, key) for place, key in enumerate(found[0][1], 1)] if found else ()
        )
    return drawn


_draws = Draws(_drawn)
"""The process's one, as it has one database."""
