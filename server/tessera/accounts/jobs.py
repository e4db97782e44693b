"""Background work of accounts."""

from tessera.accounts import service
from tessera.kit.unit import Unit


async def forget_ended(unit: Unit) -> None:
    """Remove sessions that ended a week ago and sign-in attempts that count no more."""
    await service.forget_ended(unit)
