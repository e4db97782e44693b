"""Runtime: an open house; the database, the wake-ups, the work, and how to close them again."""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from tessera.assembly.assembly import Assembly
from tessera.assembly.standing import Standing
from tessera.kit import log
from tessera.kit.buckets import Buckets, open_buckets
from tessera.kit.bus import Bus, open_bus
from tessera.kit.config import Config, ConfigurationError, use
from tessera.kit.db import Database, DatabaseUnavailable, in_background
from tessera.kit.db.migrations import migrate, plan
from tessera.kit.ids import ObjectRef
from tessera.kit.jobs import Dispatcher
from tessera.kit.journal import TOPIC, Sealer, head, subjects_behind
from tessera.kit.memory import house
from tessera.kit.metrics import Metrics
from tessera.kit.tracing import Tracing, open_tracing
from tessera.kit.unit import Unit, Units
from tessera.kit.wiring import Wiring
from tessera.plugin import Daemon

AGAIN_SECONDS = 5.0
PATIENCE_SECONDS = 15.0
"""How long the journal is trusted to wake whoever reads it."""


class Memory(Protocol):
    """Rows held in memory, to be forgotten when a fact changes them."""

    def notice(self, subjects: Collection[ObjectRef]) -> None:
        """Look at what facts that have happened are about."""

    def forget(self) -> None:
        """Forget everything: facts may have been missed."""


@dataclass
class Runtime:
    """What entry points hold while the house is open; `open_runtime` makes one."""

    assembly: Assembly
    database: Database
    bus: Bus
    buckets: Buckets
    units: Units
    dispatcher: Dispatcher
    sealer: Sealer
    tracing: Tracing
    metrics: Metrics = field(default_factory=Metrics)
    standing: Standing = field(default_factory=Standing)
    _memories: list[Memory] = field(default_factory=list)
    _tasks: list[asyncio.Task[Any]] = field(default_factory=list)
    _daemons: list[asyncio.Task[Any]] = field(default_factory=list)

    @property
    def wiring(self) -> Wiring:
        """What the slices declared."""
        return self.assembly.wiring

    @property
    def config(self) -> Config:
        """The process's configuration."""
        return self.assembly.wiring.config

    async def start(self, *, works: bool) -> None:
        """Seal the journal as it grows and, if this process `works`, do background work."""
        self._tasks.append(in_background(self.sealer.run(), name="sealer"))
        self.keep(house)
        house.listen(told=True)
        self._tasks.append(in_background(self._tell(), name="memories"))
        if works:
            await self.work()

    async def work(self) -> None:
        """Do background work from now on: jobs and daemons."""
        await self.dispatcher.start()
        self._tasks.append(in_background(self.dispatcher.run_worker(), name="worker"))
        self._daemons += [in_background(self._keep(each), name=each.name) for each in self.assembly.daemons]

    async def rest(self) -> None:
        """Leave background work to others: the daemons end, and the jobs that run already are the last ones."""
        self.dispatcher.stop()
        for daemon in self._daemons:
            daemon.cancel()
        await asyncio.gather(*self._daemons, return_exceptions=True)

    async def close(self) -> None:
        """Let running jobs finish, then let everything go."""
        await self.rest()
        await self.dispatcher.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        house.listen(told=False)
        await self.bus.close()
        await self.buckets.close()
        await self.database.close()
        await self.tracing.close()

    async def _keep(self, daemon: Daemon) -> None:
        while True:
            try:
                await daemon.run(self.units)
                return
            except Exception:  # noqa: BLE001 - whatever it was, the house goes on, and tries again
                log.get().warning("house.daemon_failed", daemon=daemon.name, exc_info=True)
                await asyncio.sleep(AGAIN_SECONDS)

    def keep(self, memory: Memory) -> None:
        """Let a memory of rows see every fact: this process's at once, those of others as the journal tells them."""
        self._memories.append(memory)

    async def _tell(self) -> None:
        """Tell the memories what any process wrote."""
        while True:
            try:
                position = await head()
                for memory in self._memories:  # what was read before may lack what was sealed before
                    memory.forget()
                with self.bus.subscribe(TOPIC) as wakes:
                    while True:
                        newest, subjects = await subjects_behind(position)
                        if not subjects:
                            await wakes.wait(PATIENCE_SECONDS)
                            continue
                        position = newest
                        self._notice(subjects)
            except Exception:  # noqa: BLE001 - the memory outlives a database that is away, but must not miss a fact
                for memory in self._memories:
                    memory.forget()
                log.get().warning("house.memory_failed", exc_info=True)
                await asyncio.sleep(AGAIN_SECONDS)

    def _notice(self, subjects: Collection[ObjectRef]) -> None:
        for memory in self._memories:
            memory.notice(subjects)

    async def after_commit(self, unit: Unit) -> None:
        """Wake whoever waits for what a unit wrote."""
        if unit.entries:
            self._notice([entry.subject for entry in unit.entries])
            self.sealer.wake()
        if unit.jobs:
            await self.dispatcher.kick(*unit.jobs)


@asynccontextmanager
async def open_runtime(assembly: Assembly, *, exclusive: bool = False) -> AsyncIterator[Runtime]:
    """Open the house on its configured database, which must have the newest tables.

    `exclusive` says that nobody else runs jobs on this database. Raises `ConfigurationError` when the database
    or Redis cannot be reached, or what `tracing` needs is not installed.
    """
    config = assembly.wiring.config
    config.prepare()
    use(config)
    tracing = open_tracing(config)
    try:
        database = await Database.open(config.database, assembly.apps)
    except (ValueError, DatabaseUnavailable) as error:
        raise ConfigurationError(str(error)) from error
    bus = await open_bus(config.redis_url, namespace=config.redis_namespace)
    units = Units(assembly.wiring)
    dispatcher = Dispatcher(
        assembly.wiring,
        units,
        config.redis_url,
        exclusive=exclusive,
        bus=bus,
        tracing=tracing,
        namespace=config.redis_namespace,
    )
    buckets = open_buckets(config.redis_url, namespace=config.redis_namespace)
    runtime = Runtime(assembly, database, bus, buckets, units, dispatcher, Sealer(bus), tracing)
    units.after_commit.append(runtime.after_commit)
    try:
        yield runtime
    finally:
        await runtime.close()


async def migrate_house(assembly: Assembly, *, ahead: Collection[str] = ()) -> list[str]:
    """Bring the database to the newest tables; return what was done. Packages in `ahead` may have newer ones already.

    Raises `ConfigurationError` when the database cannot be reached.
    """
    config = assembly.wiring.config
    config.prepare()
    try:
        return await migrate(config.database, assembly.apps, ahead=ahead)
    except (ValueError, DatabaseUnavailable) as error:
        raise ConfigurationError(str(error)) from error


async def pending_migrations(assembly: Assembly, *, ahead: Collection[str] = ()) -> list[str]:
    """Return the migrations the database lacks; changes nothing. Packages in `ahead` may have newer tables already.

    Raises `ConfigurationError` when the database cannot be reached.
    """
    try:
        return await plan(assembly.wiring.config.database, assembly.apps, ahead=ahead)
    except (ValueError, DatabaseUnavailable) as error:
        raise ConfigurationError(str(error)) from error
