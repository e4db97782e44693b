"""Gives a new ticket its number, from a counter that every writer waits for in turn."""

from tortoise.expressions import F

from tessera.kit import log, rows, sql
from tessera.kit.clock import now
from tessera.kit.db import dialect, fetch_rows
from tessera.kit.unit import Unit
from tessera.settings import queries as settings
from tessera.tickets import queries
from tessera.tickets._numbers import DATE_CHECKSUM, GENERATORS, INCREMENT, counted_so_far
from tessera.tickets.errors import NotConfigured
from tessera.tickets.hooks import NumberGenerator
from tessera.tickets.models import Counter, Ticket
from tessera.tickets.settings import NUMBER_GENERATOR, SYSTEM_ID

MAX_TRIES = 100


COUNT = f'UPDATE "ticket_counter" SET "value" = "value" + 1 WHERE "name" = {sql.VALUE} RETURNING "value"'  # noqa: S608 - it holds only a mark for a value


async def write_numbered(unit: Unit, ticket: Ticket) -> None:
    """Write a new ticket with a number no other has; it is spent when the unit commits, free again when it fails.

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
    """Count one further; others who count wait until this transaction ends."""
    spent = await _step(counter)
    if spent is not None:
        return spent
    begin = counted_so_far(await queries.newest_number(), system_id) if generator is INCREMENT else 0
    await rows.insert_unless_taken(rows.made(Counter, name=counter, value=begin))
    return await _step(counter) or begin + 1


async def _step(counter: str) -> int | None:
    """Count one further and return the count; None without a counter."""
    if dialect() != "mysql":  # which cannot tell what it has written
        found = await fetch_rows(sql.bound(COUNT), (counter,))
        return int(found[0][0]) if found else None
    if not await Counter.filter(name=counter).update(value=F("value") + 1):
        return None
    return int((await Counter.get(name=counter)).value)
