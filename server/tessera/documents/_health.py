"""Says whether there is anything a server of trusted documents may run."""

from tessera.documents import queries
from tessera.kit.wiring import Wiring
from tessera.plugin import Health


async def check(wiring: Wiring) -> Health:
    """Count the imported documents."""
    mode, imported = wiring.config.documents, await queries.count()
    advice: tuple[str, ...] = ()
    if mode == "trusted" and not imported:
        advice = ("TESSERA_DOCUMENTS is trusted and nothing is imported: run `tessera documents import`.",)
    return Health(ok=not advice, facts={"mode": mode, "imported": imported}, advice=advice)
