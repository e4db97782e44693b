"""The work of remarks."""

import asyncio

from tessera.kit import log
from tessera.kit.jobs import Work
from tessera.kit.unit import Units


async def echo(work: Work, remark: int = 0) -> str:
    return f"remark {remark} echoed"


async def listen(units: Units) -> None:
    log.get().debug("dummy.listening", slices=len(units.wiring.jobs))
    await asyncio.Event().wait()
