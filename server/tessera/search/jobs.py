"""Background work of the search."""

from tessera.kit.jobs import Work
from tessera.kit.unit import Unit
from tessera.search import queries, service


async def rebuild(work: Work, kinds: list[str] | None = None) -> str:
    """Build the index of some kinds again, or of all; kinds of packages that are gone are left out."""
    wanted = [each for each in queries.searchables(work.units.wiring).values() if kinds is None or each.kind in kinds]
    counts = []
    for position, each in enumerate(wanted):

        async def progress(fraction: float, before: int = position) -> None:
            await work.progress((before + fraction) / len(wanted))

        counts.append(f"{each.kind}: {await service.rebuild(work.units, each, progress)}")
    return ", ".join(counts)


async def catch_up(unit: Unit) -> str:
    """Have those kinds built that never were, or by older rules; return which. Nothing while something is being built.

    Kinds of packages that are gone count as never built: nobody indexes what becomes of their things.
    """
    await service.forget_kinds(unit)
    kinds = [] if await queries.is_building() else await queries.unbuilt(unit.wiring)
    if kinds:
        await service.request_rebuild(unit, kinds)
    return ", ".join(kinds)
