"""The ASGI application: `/graphql`, `/health`, `/metrics`, the slices' routes, and the house's life around them."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount
from starlette.routing import Route as StarletteRoute
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from tessera import __version__
from tessera.assembly.assembly import Assembly
from tessera.assembly.context import HouseContexts
from tessera.assembly.health import health
from tessera.assembly.monitoring import Monitor, may_read
from tessera.assembly.runtime import Runtime, open_runtime
from tessera.assembly.server_info import announce
from tessera.documents import queries as documents
from tessera.engine.engine import Engine
from tessera.kit import metrics
from tessera.kit.errors import Forbidden, LimitExceeded, NotFound, Problem, Unauthenticated
from tessera.plugin import Route
from tessera.transport import graphiql
from tessera.transport.contexts import Caller, caller_of
from tessera.transport.endpoint import GraphQLEndpoint
from tessera.transport.http import Reply
from tessera.transport.observer import Observer
from tessera.transport.options import Options

GRAPHQL_PATH = "/graphql"
ASKED_HEADERS = ("Authorization", "Content-Type", "X-Tessera-Request", "X-Request-Id", "X-Filename", "Traceparent")
TOLD_HEADERS = (
    "X-Request-Id",
    "X-Schema-Revision",
    "RateLimit-Limit",
    "RateLimit-Remaining",
    "RateLimit-Reset",
    "Retry-After",
)
STATUS: dict[type[Problem], int] = {Unauthenticated: 401, Forbidden: 403, NotFound: 404, LimitExceeded: 413}


class Application:
    """The house as an ASGI application; `works` says whether its process runs jobs too."""

    def __init__(self, assembly: Assembly, *, works: bool, exclusive: bool = False) -> None:
        self._assembly = assembly
        self._works = works
        self._exclusive = exclusive
        self._origins = assembly.wiring.config.origins
        self._graphiql = assembly.wiring.config.graphiql
        self._graphql: GraphQLEndpoint | None = None
        self._contexts: HouseContexts | None = None
        self._monitor: Monitor | None = None
        self.runtime: Runtime | None = None
        self._starlette = Starlette(
            routes=[
                StarletteRoute("/health", self._health, methods=["GET"]),
                StarletteRoute("/health/live", self._live, methods=["GET"]),
                StarletteRoute("/metrics", self._metrics, methods=["GET"]),
                *(
                    StarletteRoute(route.path, self._endpoint(route), methods=[route.method])
                    for route in assembly.routes
                ),
                *([Mount(graphiql.PATH, StaticFiles(directory=graphiql.STATIC))] if self._graphiql else []),
            ],
            lifespan=self._lifespan,
        )
        self._serve = self._for_origins() if self._origins else self._dispatch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        await self._serve(scope, receive, send)

    async def post(self, caller: Caller, body: bytes) -> Reply:
        """Answer a POST to GraphQL of which all is there, without ASGI.

        Raises `RuntimeError` before the house is open: nobody listens then.
        """
        if self._graphql is None:
            raise RuntimeError("The house is not open yet.")
        return await self._graphql.http.post(caller, body)

    def _for_origins(self) -> ASGIApp:
        return CORSMiddleware(
            self._dispatch,
            allow_origins=self._origins,
            allow_methods=("GET", "POST"),
            allow_headers=ASKED_HEADERS,
            expose_headers=TOLD_HEADERS,
            allow_credentials=True,
        )

    async def _dispatch(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let GraphQL go past the router."""
        if scope["type"] != "lifespan" and scope["path"] == GRAPHQL_PATH and self._graphql is not None:
            await self._graphql(scope, receive, send)
        else:
            await self._starlette(scope, receive, send)

    @asynccontextmanager
    async def _lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        async with self.living():
            yield

    @asynccontextmanager
    async def living(self) -> AsyncIterator[None]:
        """Open the house and keep it open."""
        async with open_runtime(self._assembly, exclusive=self._exclusive) as runtime:
            self.runtime = runtime
            self._contexts = HouseContexts(runtime)
            schema = self._assembly.schema
            engine = Engine(schema, compiled=self._assembly.wiring.config.compile)
            runtime.keep(engine.kept)
            self._graphql = GraphQLEndpoint(
                engine,
                self._contexts,
                runtime.bus,
                revision=schema.revision,
                options=self._options(),
                buckets=runtime.buckets,
                find=documents.text_of,
                observer=Observer(runtime.metrics, runtime.tracing),
            )
            self._monitor = Monitor(runtime, engine, self._graphql.hub)
            await runtime.start(works=self._works)
            await announce(runtime.bus, schema.revision)
            try:
                yield
            finally:
                await self._graphql.close()

    async def dismiss(self, seconds: float) -> None:
        """Let streams end within some seconds so that their clients go on elsewhere; none may be lost by that."""
        if self._graphql is not None:
            await self._graphql.departures.bid(seconds)

    @property
    def schema_revision(self) -> str:
        """The revision of the schema that is served."""
        return self._assembly.schema.revision

    def _options(self) -> Options:
        config = self._assembly.wiring.config
        return Options(
            allowed_origins=frozenset(self._origins),
            graphiql=self._graphiql,
            documents=config.documents,
            rate_limit=config.rate_limit,
            field_limits=config.field_limits,
        )

    def _endpoint(self, route: Route) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            if self._contexts is None:
                return JSONResponse({"error": "The server is starting."}, 503)
            try:
                request.state.context = await self._contexts.for_request(caller_of(request.scope))
                response: Response = await route.endpoint(request)
            except Problem as problem:
                return JSONResponse({"error": problem.message, "reason": problem.reason}, _status(problem))
            return response

        return endpoint

    async def _health(self, _request: Request) -> Response:
        if self.runtime is None:
            return JSONResponse({"ok": False, "ready": False, "version": __version__}, 503)
        report = await health(self.runtime)
        return JSONResponse(report, 200 if report["ready"] else 503)

    async def _live(self, _request: Request) -> Response:
        return JSONResponse({"live": True, "version": __version__})

    async def _metrics(self, request: Request) -> Response:
        caller, token = caller_of(request.scope), self._assembly.wiring.config.metrics_token
        if not may_read(caller.headers, caller.peer, token.get_secret_value() if token else None):
            challenge = {"WWW-Authenticate": "Bearer"} if token else None
            return JSONResponse({"error": "Not for you."}, 401 if token else 403, challenge)
        if self._monitor is None:
            return JSONResponse({"error": "The server is starting."}, 503)
        return Response(await self._monitor.text(), media_type=metrics.CONTENT_TYPE)


def _status(problem: Problem) -> int:
    return next((status for kind, status in STATUS.items() if isinstance(problem, kind)), 400)
