"""The life of a generation: it opens the house, serves or works, and makes room for the next one."""

import asyncio
import contextlib
import gc
import signal
import socket
from collections.abc import AsyncIterator, Coroutine
from importlib import import_module
from typing import Any

import typer
import uvicorn
from tortoise.exceptions import OperationalError

from tessera import __version__
from tessera.asgi import Application
from tessera.assembly import Assembly, AssemblyError, assemble
from tessera.assembly.discovery import installed, mount
from tessera.assembly.first_start import ADMINISTRATOR, ensure_administrator, furnish
from tessera.assembly.runtime import Runtime, migrate_house, open_runtime, pending_migrations
from tessera.assembly.server_info import announce
from tessera.demo import fill, introduction, is_demo
from tessera.generation.channel import Channel, Message
from tessera.generation.order import Order
from tessera.generation.server import Server
from tessera.generation.sets import Other, Sets, blamed, mounted, remember
from tessera.kit import log
from tessera.kit.config import Config, ConfigurationError
from tessera.kit.db import in_background
from tessera.kit.db.migrations import MigrationError
from tessera.kit.errors import Problem

EXPECTED = (ConfigurationError, AssemblyError, MigrationError, Problem)
"""What is told in one sentence; anything else is a bug, with a traceback."""

STEP_SECONDS = 120.0
LONG_SECONDS = 24 * 3600.0
"""Migrations of large tables take their time."""

STREAM_SECONDS = 5.0
"""Within how long the streams of a generation end when the next one has taken over."""

COLLECT_AFTER = (100_000, 50, 20)
"""Objects that may be there more than were, before garbage is looked for; then collections of each next generation."""


def live(channel: Channel, order: Order, config: Config) -> None:
    """Be a generation until the supervisor, or SIGTERM, ends it."""
    log.configure(level=config.log_level, as_json=config.log_json)
    generation = (Worker if order.work == "work" else Servant)(channel, order, config)
    with asyncio.Runner(loop_factory=uvicorn.Config("").get_loop_factory()) as runner:
        runner.run(generation.live())


class Generation:
    """What both kinds have in common; the supervisor's messages are taken one after the other."""

    def __init__(self, channel: Channel, order: Order, config: Config) -> None:
        self.channel = channel
        self.order = order
        self.config = config
        self.sets = Sets(config)
        self.over = asyncio.Event()
        self.tasks: set[asyncio.Task[None]] = set()
        self.following: asyncio.Task[None] | None = None

    async def live(self) -> None:
        """Open the house, say so, and live in it until it is over."""
        async with contextlib.AsyncExitStack() as stack:
            try:
                ready = await stack.enter_async_context(self.opened())
            except Other as other:
                self.channel.send(instead={"folder": other.folder, "revision": other.revision})
                raise SystemExit(0) from None
            except Exception as error:  # noqa: BLE001 - whatever it is, the supervisor has to know
                self.fail(error)
                raise SystemExit(1) from None
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self.take, {"stop": True})
            await asyncio.to_thread(remember, self.config)
            self.channel.send(ready={**ready, "revision": self.sets.standing.wanted})
            self.channel.listen(self.take)
            if self.sets.own:
                self.spawn(self.sets.stay())
            if self.order.follows:
                self.following = self.spawn(self.sets.follow(self.runtime, self.tell))
            await self.over.wait()
            for task in self.tasks:
                task.cancel()
            await asyncio.gather(*self.tasks, return_exceptions=True)
            if self.sets.own:
                await self.sets.withdraw()

    def opened(self) -> contextlib.AbstractAsyncContextManager[Message]:
        """Open the house; give what the supervisor should know of it."""
        raise NotImplementedError

    @property
    def runtime(self) -> Runtime:
        """The open house."""
        raise NotImplementedError

    def assembled(self) -> Assembly:
        """Load the packages of the set, one after the other so that it is known which one breaks, and assemble."""
        mount(self.config)
        for package in installed(self.config):
            self.step(f"loading {package.label}", package=package.label)
            for module in package.modules:
                import_module(f"{module}.plugin")
        self.step("assembling")
        return assemble(self.config)

    async def arrive(self, assembly: Assembly) -> None:
        """Be known as one who needs the tables of the set's packages before any are made; raises `Other`."""
        if not self.sets.own:
            return
        with contextlib.suppress(OperationalError):  # the house's own tables are still to be made, or older
            async with open_runtime(assembly) as runtime:
                await self.sets.appear()
                try:
                    await self.sets.settle(runtime, insist=self.order.insist)
                except Other:
                    await self.sets.withdraw()
                    raise

    async def settle(self) -> None:
        """Find out which revision of the packages this is, unless another one should run."""
        self.runtime.standing = self.sets.standing
        await self.sets.settle(self.runtime, insist=self.order.insist)

    def step(self, name: str, seconds: float = STEP_SECONDS, *, package: str | None = None) -> None:
        """Tell what is begun, how long it may take, and whose fault it is if it comes to no end."""
        self.channel.send(step=name, seconds=seconds, blame=[package] if package else [])

    def fail(self, error: Exception) -> None:
        """Tell why there will be no generation."""
        reason, final = str(error), isinstance(error, ConfigurationError)
        if not isinstance(error, EXPECTED):
            log.get().error("generation.failed", exc_info=error)
            reason = f"{type(error).__name__}: {error}"
        blame = [] if final else blamed(error, self.config)
        self.channel.send(failed={"reason": reason, "blame": blame, "final": final})

    def tell(self, revision: int, folder: str) -> None:
        """Tell the supervisor of a set that should run instead of this one."""
        self.channel.send(wanted={"folder": folder, "revision": revision})

    def take(self, message: Message) -> None:
        """Do what the supervisor says."""
        match message:
            case {"lead": _}:
                self.spawn(self.lead())
            case {"drain": {"schema": schema}}:
                self.spawn(self.retire(schema))
            case {"failure": failure}:
                self.spawn(self.sets.give_up(self.runtime, **failure))
            case {"stop": _}:
                self.spawn(self.stop())

    async def lead(self) -> None:
        """Do the background work, which one generation does at a time."""
        if not self.over.is_set():
            await self.runtime.work()

    async def retire(self, _schema: str) -> None:
        """Finish and end: the next generation has taken over, and has this schema."""
        await self.rest()
        self.over.set()

    async def rest(self) -> None:
        """Follow no sets and leave background work to the next generation."""
        if self.following is not None:
            self.following.cancel()
        await self.runtime.rest()
        self.channel.send(released=True)

    async def stop(self) -> None:
        """Finish what is under way and end."""
        await self.runtime.rest()
        self.over.set()

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Work beside everything else."""
        task = in_background(work, name="generation")
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task


class Servant(Generation):
    """Serves on the supervisor's sockets."""

    def __init__(self, channel: Channel, order: Order, config: Config) -> None:
        super().__init__(
            channel, order, config.model_copy(update={"graphiql": True}) if order.work == "demo" else config
        )
        self.application: Application
        self.server: Server
        self.resting = False

    @contextlib.asynccontextmanager
    async def opened(self) -> AsyncIterator[Message]:
        """Migrate, furnish, greet, listen."""
        assembly = self.assembled()
        await self.arrive(assembly)
        self.step("migrating", LONG_SECONDS)
        await migrate_house(assembly, ahead=mounted(self.config))
        if self.order.first:
            await self.prepare(assembly)
        self.step("opening the house")
        exclusive = self.config.embedded and self.config.on_sqlite and self.order.alone
        self.application = Application(assembly, works=False, exclusive=exclusive)
        self.server = Server(self.application)
        sockets = [socket.socket(fileno=each) for each in self.order.sockets]
        async with self.application.living():
            await self.settle()
            serving = asyncio.create_task(self.server.serve(sockets))
            listening = asyncio.create_task(self.server.listening.wait())
            await asyncio.wait((serving, listening), return_when=asyncio.FIRST_COMPLETED)
            _collect_seldom()
            try:
                yield {"schema": self.application.schema_revision}
            finally:
                self.server.should_exit = True
                await serving

    @property
    def runtime(self) -> Runtime:
        """The open house."""
        assert self.application.runtime is not None  # noqa: S101 - it lives
        return self.application.runtime

    async def prepare(self, assembly: Assembly) -> None:
        """Furnish an empty house, and greet whoever started the server."""
        async with open_runtime(assembly) as runtime:
            await self.sets.settle(runtime, insist=self.order.insist)
            empty = await furnish(runtime)
            if self.order.work == "demo":
                if empty:
                    typer.echo("Filling the demo desk …")
                    await fill(runtime)
                elif not await is_demo():
                    folder = self.config.data
                    raise ConfigurationError(
                        f"The folder {folder} holds a desk that is no demo: choose another with --data."
                    )
                typer.echo(introduction(self.order.address))
                return
            password = await ensure_administrator(runtime)
        if password is not None:
            typer.echo(f"First start. Agent `{ADMINISTRATOR}` has the password {password} (printed only once).")
        typer.echo(f"Tessera {__version__} listens on {self.order.address}")

    async def lead(self) -> None:
        """Do the background work if there are no workers."""
        if self.config.embedded and not self.resting:
            await super().lead()

    async def retire(self, schema: str) -> None:
        """Accept no more, finish everything that is under way, let streams go on elsewhere, and end."""
        self.resting = True
        self.server.refuse()
        await self.rest()
        await announce(self.runtime.bus, schema)
        await self.application.dismiss(STREAM_SECONDS)
        await self.server.emptied()
        self.over.set()

    async def stop(self) -> None:
        """Answer what is under way and end."""
        await self.application.dismiss(0)
        await super().stop()


class Worker(Generation):
    """Does background work for a house with Redis."""

    @contextlib.asynccontextmanager
    async def opened(self) -> AsyncIterator[Message]:
        """Open the house of others."""
        if self.config.embedded:
            raise ConfigurationError(
                "There is no Redis (TESSERA_REDIS_URL): the server does its background work itself."
            )
        assembly = self.assembled()
        await self.arrive(assembly)
        if pending := await pending_migrations(assembly, ahead=mounted(self.config)):
            raise ConfigurationError(
                f"The database lacks {len(pending)} migrations: run `tessera migrate`, or start the server first."
            )
        async with open_runtime(assembly) as self._runtime:
            await self.settle()
            await self._runtime.start(works=False)
            yield {"schema": assembly.schema.revision}

    @property
    def runtime(self) -> Runtime:
        """The open house."""
        return self._runtime


def _collect_seldom() -> None:
    """Keep what lives as long as the process out of garbage collections, and make them rare.

    A request leaves hardly any cycles behind, and every collection walks through all that is there.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
