"""Says how the house is: whether it can serve, and whether all is well with everything in it."""

from dataclasses import asdict
from typing import Any

from tessera import __version__
from tessera.assembly.runtime import Runtime
from tessera.kit import log
from tessera.kit.db import DatabaseUnavailable
from tessera.kit.wiring import Wiring
from tessera.plugin import Check, Health


async def health(runtime: Runtime) -> dict[str, Any]:
    """Return the state of the database, the jobs and whatever slices check, as JSON values.

    `ready`: requests can be answered. `ok`: somebody need not look; it takes everything below into account.
    """
    report: dict[str, Any] = {"ok": False, "ready": False, "version": __version__}
    database = {"ok": False, "kind": runtime.database.dialect}
    try:
        await runtime.database.ping()
    except DatabaseUnavailable:
        return {**report, "database": database}
    standing = {"ok": runtime.standing.problem is None, **asdict(runtime.standing)}
    parts = {"database": {**database, "ok": True}, "jobs": await _jobs(runtime), "generation": standing}
    for check in runtime.assembly.checks:
        found = await examine(check, runtime.wiring)
        parts[check.name] = {"ok": found.ok, **found.facts}
    return {**report, "ok": all(part["ok"] for part in parts.values()), "ready": True, **parts}


async def examine(check: Check, wiring: Wiring) -> Health:
    """Run a slice's check; one that fails is a reason to look, and not the end of all others."""
    try:
        return await check.run(wiring)
    except Exception:  # noqa: BLE001 - a package's bug must not hide how the rest is
        log.get().warning("house.check_failed", check=check.name, exc_info=True)
        return Health(ok=False, advice=(f"The check `{check.name}` could not be made: see the log.",))


async def _jobs(runtime: Runtime) -> dict[str, Any]:
    status = await runtime.dispatcher.status()
    return {
        "ok": status.reachable,
        **{str(state): count for state, count in status.counts.items()},
        "oldestDueAt": status.oldest_due.isoformat() if status.oldest_due else None,
    }
