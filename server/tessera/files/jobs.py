"""Background work of files."""

from tessera.files import service
from tessera.kit.jobs import Work


async def collect(work: Work) -> str:
    """Remove what nobody names; returns how many contents went."""
    removed = await service.collect(work.units.wiring.answers.get("blob_owners", ()))
    return str(removed)
