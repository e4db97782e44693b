"""A toy schema with a toy sign-in, served by uvicorn on a real socket."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NewType

import strawberry
import uvicorn
from graphql import GraphQLError
from strawberry.schema.config import StrawberryConfig

from tessera.engine.context import Charge
from tessera.engine.core import CoreEngine
from tessera.engine.directives import Cost, Limited
from tessera.kit.buckets import Buckets
from tessera.kit.bus import LocalBus
from tessera.kit.errors import Forbidden, Invalid, Problem, Unauthenticated
from tessera.transport.connections import uvicorn_options
from tessera.transport.contexts import Caller
from tessera.transport.departures import Departures
from tessera.transport.endpoint import GraphQLEndpoint
from tessera.transport.options import Options
from tessera.transport.persisted import Find, nothing_imported

JSON = NewType("JSON", object)


@dataclass
class ToyContext:
    """Counts how many contexts were made before it."""

    world: "World"
    caller: Caller
    token: str | None
    number: int = 0
    expires_at: datetime | None = None
    charge: Charge = field(default_factory=Charge)

    @property
    def payer(self) -> str | None:
        return self.token

    @property
    def rights(self) -> str | None:
        return self.token

    @property
    def identity(self) -> str | None:
        return self.token

    @property
    def rests_on(self) -> frozenset[tuple[str, int | None]]:
        return frozenset()

    @property
    def is_personal(self) -> bool:
        return False

    def shared(self) -> "ToyContext":
        return self

    async def fresh(self) -> "ToyContext":
        return self.world.context(self.caller, self.token)


@dataclass
class World:
    """What tests look at and turn: tokens, and what resolvers saw."""

    tokens: dict[str, datetime | None] = field(default_factory=lambda: {"good": None})
    made: int = 0
    seen: list[Any] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    def context(self, caller: Caller, token: str | None) -> ToyContext:
        if token == "suspended":
            raise Forbidden("This account is suspended.")
        if token is not None and token not in self.tokens:
            raise Unauthenticated("The token is unknown or expired.")
        self.made += 1
        return ToyContext(self, caller, token, self.made, self.tokens.get(token or ""))

    async def for_request(self, caller: Caller) -> ToyContext:
        header = caller.headers.get("authorization", "")
        return self.context(caller, header.removeprefix("Bearer ") or caller.cookies.get("tessera_session"))

    async def for_connection(self, payload: Mapping[str, Any], caller: Caller) -> ToyContext:
        token = str(payload.get("Authorization", "")).removeprefix("Bearer ") or caller.cookies.get("tessera_session")
        if token == "bug":
            raise RuntimeError("secret of the server")
        return self.context(caller, token)


@strawberry.type
class Item:
    number: int

    @strawberry.field
    def friend(self) -> "Item":
        return Item(number=self.number + 1)


@strawberry.type
class Items:
    nodes: list[Item]
    total_count: int = strawberry.field(directives=[Cost(weight=10)])


Info = strawberry.Info[ToyContext, None]


SEARCH = Limited(bucket="search", per_minute=3, by=["caller"])
LOG_IN = Limited(bucket="log_in", per_minute=3, by=["peer", "login"])


def _search(text: str) -> str:
    return text


def _log_in(login: str) -> bool:
    return True


@strawberry.type
class Query:
    @strawberry.field
    def hello(self, name: str = "world") -> str:
        return f"Hello {name}"

    @strawberry.field
    def context_number(self, info: Info) -> int:
        return info.context.number

    @strawberry.field
    def variables(self, info: Info, value: int = 0) -> JSON:
        return JSON(dict(info.variable_values))

    @strawberry.field
    def echo(self, value: JSON) -> JSON:
        return value

    @strawberry.field
    def large(self) -> JSON:
        return JSON({"big": 2**70, "lone": "\ud800"})

    @strawberry.field
    def items(self, first: int | None = 20, last: int | None = None) -> Items:
        return Items(nodes=[Item(number=number) for number in range(first or 0)], total_count=100)

    @strawberry.field
    def item(self, number: int = 1) -> Item:
        return Item(number=number)

    @strawberry.field
    def bug(self) -> str | None:
        raise RuntimeError("secret of the server")

    @strawberry.field
    def hard_bug(self) -> str:
        raise RuntimeError("secret of the server")

    @strawberry.field
    def wrong_value(self) -> int:
        return "secret of the server"  # type: ignore[return-value] # the point of the field

    @strawberry.field
    def careless(self) -> str | None:
        raise GraphQLError("secret of the server")

    @strawberry.field
    def problem(self, kind: str) -> str | None:
        problems: dict[str, Problem] = {
            "forbidden": Forbidden("Not you."),
            "invalid": Invalid("Not {this}.", field=("kind",), this="this"),
            "unauthenticated": Unauthenticated(),
        }
        raise problems[kind]

    search: str = strawberry.field(resolver=_search, directives=[SEARCH])

    @strawberry.field
    def budget(self, info: Info) -> list[int]:
        charge = info.context.charge
        return [charge.cost, charge.level.limit, charge.level.remaining]

    @strawberry.field
    def base_url(self, info: Info) -> str:
        return info.context.caller.base_url


@strawberry.type
class Mutation:
    log_in: bool = strawberry.mutation(resolver=_log_in, directives=[LOG_IN])

    @strawberry.mutation
    def sign_in(self, info: Info) -> bool:
        info.context.caller.reply_headers.append(("Set-Cookie", "tessera_session=good; HttpOnly"))
        return True

    @strawberry.mutation
    async def slow(self, info: Info) -> int:
        info.context.world.seen.append("began")
        await info.context.world.gate.wait()
        info.context.world.seen.append("ended")
        return 1


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def count(self, info: Info, to: int = 3, pause: float = 0) -> AsyncGenerator[int, None]:
        try:
            for number in range(to):
                yield number
                await asyncio.sleep(pause)
        finally:
            info.context.world.closed.append("count")

    @strawberry.subscription
    async def numbers_and_contexts(self) -> AsyncGenerator[Item, None]:
        for number in range(3):
            yield Item(number=number)

    @strawberry.subscription
    async def gated(self, info: Info) -> AsyncGenerator[int, None]:
        yield 1
        await info.context.world.gate.wait()
        yield 2

    @strawberry.subscription
    async def flood(self, info: Info, size: int = 100_000) -> AsyncGenerator[str, None]:
        try:
            while True:
                yield "x" * size
        finally:
            info.context.world.closed.append("flood")

    @strawberry.subscription
    async def trouble(self) -> AsyncGenerator[int | None, None]:
        yield "no number"  # type: ignore[misc]  # the point of the field

    @strawberry.subscription
    async def breaks(self) -> AsyncGenerator[int, None]:
        yield 1
        raise RuntimeError("secret of the server")

    @strawberry.subscription
    async def never_begins(self, info: Info) -> AsyncGenerator[int, None]:
        if info.context.number:
            raise Forbidden("Not you.")
        yield 1


SCHEMA = strawberry.Schema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    config=StrawberryConfig(
        scalar_map={
            JSON: strawberry.scalar(name="JSON", serialize=lambda value: value, parse_value=lambda value: value)
        }
    ),
)


@dataclass
class Served:
    """A running server."""

    http: str
    websocket: str
    world: World
    departures: Departures


@asynccontextmanager
async def served(
    options: Options | None = None,
    *,
    find: Find = nothing_imported,
    buckets: Buckets | None = None,
    keep_alive: int = 5,
) -> AsyncIterator[Served]:
    """Serve the toy on a free port of the loopback; an idle connection is kept alive for some seconds."""
    world = World()
    app = GraphQLEndpoint(
        CoreEngine(SCHEMA), world, LocalBus(), revision="toy-1", options=options, find=find, buckets=buckets
    )
    options_ = uvicorn_options("/graphql", app.http.post)
    options_["timeout_keep_alive"] = keep_alive
    config = uvicorn.Config(app, host="127.0.0.1", port=0, lifespan="off", log_level="critical", **options_)
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        address = f"127.0.0.1:{port}/graphql"
        yield Served(f"http://{address}", f"ws://{address}", world, app.http.departures)
    finally:
        world.gate.set()
        server.force_exit = True
        await server.shutdown()


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something another task brings about."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - the world is changed by resolvers, which know of no event
            await asyncio.sleep(0.01)


def short(**changes: Any) -> Options:
    """Options with less patience than in life."""
    return replace(Options(), **changes)
