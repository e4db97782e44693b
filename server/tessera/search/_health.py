"""Says whether the full-text index follows what happens."""

from tessera.kit.jobs import Job, JobState
from tessera.kit.wiring import Wiring
from tessera.plugin import Health
from tessera.search import queries


async def check(wiring: Wiring) -> Health:
    """Name the kinds that are not indexed whole yet, and count what could not be indexed."""
    failed = await Job.filter(state=JobState.FAILED, name__startswith="search.").count()
    advice: tuple[str, ...] = ()
    if failed:
        advice = (f"{failed} jobs of the full-text index failed: see `tessera jobs list`, retry them or rebuild.",)
    return Health(ok=not failed, facts={"failed": failed, "unbuilt": await queries.unbuilt(wiring)}, advice=advice)
