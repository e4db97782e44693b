"""Says which set of packages this process runs, and whether it is the wanted one."""

import json

from tessera.kit.wiring import Wiring
from tessera.packages import queries, service
from tessera.packages.models import Package, PackageState
from tessera.plugin import Health


async def check(wiring: Wiring) -> Health:
    """Compare the set of this process with the newest, and count what is in quarantine."""
    library = wiring.config.library
    running = json.loads((library.parent / service.DESCRIPTION).read_text("utf-8"))["digest"] if library else ""
    wanted = await queries.wanted_set()
    broken = await Package.filter(state=PackageState.QUARANTINED).order_by("name")
    advice = [f"The package {row.name} is in quarantine: {row.problem}" for row in broken]
    facts = {"set": running, "wantedSet": wanted.digest if wanted else "", "revision": wanted.revision if wanted else 0}
    return Health(ok=not broken, facts=facts | {"quarantined": len(broken)}, advice=tuple(advice))
