"""Background work of notifications."""

from tessera.kit.unit import Unit
from tessera.notifications import service


async def forget_read(unit: Unit) -> None:
    """Remove notifications that were read long ago."""
    await service.forget_read(unit)
