"""A whole house for one test: a fresh migrated database, everything open, GraphQL in process or over HTTP."""

import functools
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import orjson
import uvicorn
from graphql import OperationType

from tessera.asgi import GRAPHQL_PATH, Application
from tessera.assembly import Assembly, assemble
from tessera.assembly.discovery import Distribution, installed
from tessera.assembly.first_start import furnish
from tessera.assembly.runtime import Runtime
from tessera.assembly.schema import Schema
from tessera.engine.context import Context
from tessera.engine.engine import Engine
from tessera.kit import clock
from tessera.kit.actor import SYSTEM, Actor
from tessera.kit.config import Config
from tessera.kit.db import in_background
from tessera.kit.ids import ObjectRef
from tessera.kit.journal import seal_pending
from tessera.kit.unit import Unit
from tessera.testing.statements import asked
from tessera.transport.connections import uvicorn_options
from tessera.transport.encoding import encode, payload_of

ResultT = TypeVar("ResultT")

PASSWORD = "tessera-demo"  # noqa: S105 - for tests alone


@functools.cache
def base_assembly() -> Assembly:
    """Assemble what is installed, once per process."""
    return assemble(Config())


def packaged(label: str) -> Distribution:
    """Return a package by its label, as it is installed or, where it is not, as `tessera_<label>`."""
    found = (each for each in installed(Config()) if each.label == label)
    return next(found, Distribution(label, f"tessera_{label}", ("",)))


def assembly_of(*labels: str) -> Assembly:
    """Assemble the kernel with packages named by their labels alone, once per process."""
    return assembly_with(*(packaged(label) for label in labels))


@functools.cache
def assembly_with(*packages: Distribution) -> Assembly:
    """Assemble the kernel with these packages alone, once per process."""
    return assemble(Config(), packages=packages)


def configured(config: Config) -> Assembly:
    """Return the assembly for a configuration; the schema is shared."""
    return base_assembly().configured(config)


@functools.cache
def _engine(schema: Schema) -> Engine:
    """Return the engine of a schema, which remembers the documents it has seen."""
    return Engine(schema)


class _Told:
    """Whether memories were told to forget anything, lately."""

    lately = False

    def notice(self, subjects: Collection[ObjectRef]) -> None:
        self.lately = self.lately or bool(subjects)

    def forget(self) -> None:
        self.lately = True


@dataclass
class House:
    """An open house and short words for what tests do with it."""

    runtime: Runtime
    url: str = ""
    _is_stopped: bool = False
    _told: _Told = field(default_factory=_Told)

    def __post_init__(self) -> None:
        self.runtime.keep(self._told)

    @property
    def config(self) -> Config:
        """The configuration the house was opened with."""
        return self.runtime.config

    async def run(self, work: Callable[[Unit], Awaitable[ResultT]], *, actor: Actor = SYSTEM) -> ResultT:
        """Run a function in one unit, as the system unless an actor is given."""
        return await self.runtime.units.run(actor, work)

    async def drain(self) -> None:
        """Do all owed work that is due, and seal the journal."""
        await self.runtime.dispatcher.drain()
        await seal_pending()

    async def graphql(
        self, document: str, variables: Mapping[str, Any] | None = None, *, actor: Actor | None = None
    ) -> dict[str, Any]:
        """Execute a query or mutation in process as an actor; return the response's JSON object.

        A query is answered twice, by its compiled plan and by graphql-core: both must say the same. Where they
        differ, and the plan says something else when it is asked again, somebody wrote in between: both are asked anew.
        """
        engine, given = _engine(self.runtime.assembly.schema), variables or {}
        prepared = engine.prepare(document, None, given)

        async def planned(context: Context) -> dict[str, Any] | None:
            written = await engine.planned(prepared, given, context)
            answer: dict[str, Any] | None = None if written is None else orjson.loads(written)
            return answer

        async def executed(context: Context) -> dict[str, Any]:
            return payload_of(await engine.execute(prepared, given, context), None)

        if prepared.kind is not OperationType.QUERY:
            context = self._context(actor)
            return await planned(context) or await executed(context)
        with self._stopped_clock():
            while True:
                context = self._context(actor)
                first, answer = await planned(context), await executed(context)
                if first is None or first == orjson.loads(encode(answer)):
                    return answer
                again = await planned(self._context(actor))
                assert again != first, document  # noqa: S101 - a test's tool

    @contextmanager
    def _stopped_clock(self) -> Iterator[None]:
        """Let both answers hold the same time; of questions at once, the first one stops it."""
        if self._is_stopped:
            yield
            return
        self._is_stopped = True
        try:
            with clock.stopped(clock.now()):
                yield
        finally:
            self._is_stopped = False

    def _context(self, actor: Actor | None) -> Context:
        return Context(self.runtime.units, self.runtime.bus, actor, base_url=self.url or "http://testserver")

    async def ask(
        self, document: str, variables: Mapping[str, Any] | None = None, *, actor: Actor | None = None
    ) -> dict[str, Any]:
        """Like `graphql`, but return `data` and fail on any top-level error."""
        answer = await self.graphql(document, variables, actor=actor)
        assert "errors" not in answer, answer["errors"]  # noqa: S101 - a test's tool
        data: dict[str, Any] = answer["data"]
        return data

    async def statements(
        self, document: str, variables: Mapping[str, Any] | None = None, *, actor: Actor | None = None
    ) -> list[str]:
        """Like `ask`, but return the statements it takes once everything is remembered that can be.

        The journal tells what was written a little later, and the house forgets: then it is asked again.
        """
        while True:
            self._told.lately = False
            await self.ask(document, variables, actor=actor)
            with asked() as statements:
                await self.ask(document, variables, actor=actor)
            if not self._told.lately:
                return statements


def _keep(runtime: Runtime) -> None:
    """Let the engine of all tests forget what it holds of other houses, and hear this one's facts."""
    kept = _engine(runtime.assembly.schema).kept
    kept.forget()
    runtime.keep(kept)


@asynccontextmanager
async def open_house(
    url: str, data: Path, *, assembly: Assembly | None = None, **environment: Any
) -> AsyncIterator[House]:
    """Open a furnished house on a migrated database, without a listening socket; its work waits for `drain`.

    `assembly` defaults to the kernel with whatever is installed.
    """
    config = Config(data=data, database_url=url, **environment)
    application = Application((assembly or base_assembly()).configured(config), works=False)
    async with application.living():
        runtime = application.runtime
        assert runtime is not None  # noqa: S101 - a test's tool
        _keep(runtime)
        await furnish(runtime)
        yield House(runtime)


@asynccontextmanager
async def serve_house(
    url: str, data: Path, *, works: bool = True, assembly: Assembly | None = None, **environment: Any
) -> AsyncIterator[House]:
    """Open a furnished house behind a real listening socket on loopback, working by itself unless told not to."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    config = Config(data=data, database_url=url, **{"rate_limit": 0, **environment})
    application = Application((assembly or base_assembly()).configured(config), works=works)
    options = uvicorn_options(GRAPHQL_PATH, application.post)
    server = uvicorn.Server(uvicorn.Config(application, log_level="warning", timeout_graceful_shutdown=2, **options))
    async with application.living():
        runtime = application.runtime
        assert runtime is not None  # noqa: S101 - a test's tool
        _keep(runtime)
        await furnish(runtime)
        server.config.lifespan = "off"
        serving = in_background(server.serve(sockets=[listener]), name="test-server")
        try:
            yield House(runtime, address)
        finally:
            server.should_exit = True
            await serving
            listener.close()
