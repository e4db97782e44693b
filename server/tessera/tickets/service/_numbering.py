"""Gives a new ticket its number, from a counter that every writer waits for in turn."""

from tortoise.exceptions import IntegrityError
from tortoise.expressions import F

from tessera.kit import log
from tessera.kit.clock import now
from tessera.kit.db import transaction
from tessera.kit.unit import Unit
from tessera.settings import queries as settings
from tessera.tickets import queries
from tessera.tickets._numbers import DATE_CHECKSUM, GENERATORS, INCREMENT, counted_so_far
from tessera.tickets.errors import NotConfigured
from tessera.tickets.hooks import NumberGenerator
from tessera.tickets.models import Counter
from tessera.tickets.settings import NUMBER_GENERATOR, SYSTEM_ID

MAX_TRIES = 100


async def next_number(unit: Unit) -> str:
    """Return a number no ticket has; it is spent when the unit commits, and free again when it fails.

    Raises `NotConfigured` when the chosen generator gives nothing but numbers that exist.
    """
    generator = await _chosen(unit)
    system_id = await settings.value(SYSTEM_ID)
    instant = now()
    for _ in range(MAX_TRIES):
        number = generator.write(instant, system_id, await _count(generator, generator.counter(instant), system_id))
        if not await queries.number_exists(number):
            return number
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
    if not await Counter.filter(name=counter).update(value=F("value") + 1):
        begin = counted_so_far(await queries.newest_number(), system_id) if generator is INCREMENT else 0
        try:
            async with transaction():
                await Counter.create(name=counter, value=begin + 1)
        except IntegrityError:
            await Counter.filter(name=counter).update(value=F("value") + 1)
    spent: int = (await Counter.get(name=counter)).value
    return spent
