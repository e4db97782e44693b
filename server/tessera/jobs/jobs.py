"""Housekeeping that belongs to no other slice."""

from tessera.kit import idempotency
from tessera.kit.unit import Unit


async def tidy(unit: Unit) -> str:
    """Forget idempotency keys older than a day; returns how many."""
    return str(await idempotency.forget_old())
