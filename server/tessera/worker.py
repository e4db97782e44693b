"""The worker process of a house with Redis: jobs, schedules, deliveries, and nothing else."""

import asyncio
import signal

from tessera.assembly.assembly import Assembly
from tessera.assembly.runtime import open_runtime


async def work(assembly: Assembly) -> None:
    """Run jobs until SIGTERM or SIGINT; what runs then may finish.

    Raises `ConfigurationError` when the database or Redis cannot be reached.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with open_runtime(assembly) as runtime:
        await runtime.start(works=True)
        await stop.wait()
