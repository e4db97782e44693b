"""The ASGI application: `/graphql`, `/health`, the slices' routes, and the house's life around them."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route as StarletteRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from tessera import __version__
from tessera.assembly.assembly import Assembly
from tessera.assembly.context import HouseContexts
from tessera.assembly.runtime import Runtime, open_runtime
from tessera.engine.core import CoreEngine
from tessera.kit.db import DatabaseUnavailable
from tessera.kit.errors import Forbidden, LimitExceeded, NotFound, Problem, Unauthenticated
from tessera.plugin import Route
from tessera.transport.contexts import caller_of
from tessera.transport.endpoint import GraphQLEndpoint
from tessera.transport.options import Options

GRAPHQL_PATH = "/graphql"
ASKED_HEADERS = ("Authorization", "Content-Type", "X-Tessera-Request", "X-Request-Id", "X-Filename")
TOLD_HEADERS = ("X-Request-Id", "X-Schema-Revision")
STATUS: dict[type[Problem], int] = {Unauthenticated: 401, Forbidden: 403, NotFound: 404, LimitExceeded: 413}


class Application:
    """The house as an ASGI application; `works` says whether its process runs jobs too."""

    def __init__(self, assembly: Assembly, *, works: bool, exclusive: bool = False) -> None:
        self._assembly = assembly
        self._works = works
        self._exclusive = exclusive
        self._origins = assembly.wiring.config.origins
        self._graphql: GraphQLEndpoint | None = None
        self._contexts: HouseContexts | None = None
        self.runtime: Runtime | None = None
        self._starlette = Starlette(
            routes=[
                StarletteRoute("/health", self._health, methods=["GET"]),
                *(
                    StarletteRoute(route.path, self._endpoint(route), methods=[route.method])
                    for route in assembly.routes
                ),
            ],
            lifespan=self._lifespan,
        )
        self._serve = self._for_origins() if self._origins else self._dispatch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        await self._serve(scope, receive, send)

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
            options = Options(allowed_origins=frozenset(self._origins))
            self._graphql = GraphQLEndpoint(
                CoreEngine(schema), self._contexts, revision=schema.revision, options=options
            )
            await runtime.start(works=self._works)
            yield

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
        runtime = self.runtime
        if runtime is None:
            return JSONResponse({"ok": False, "version": __version__}, 503)
        report = await health(runtime)
        return JSONResponse(report, 200 if report["ok"] else 503)


def _status(problem: Problem) -> int:
    return next((status for kind, status in STATUS.items() if isinstance(problem, kind)), 400)


async def health(runtime: Runtime) -> dict[str, Any]:
    """Return the state of the database, the jobs and whatever slices check, as JSON values."""
    try:
        await runtime.database.ping()
    except DatabaseUnavailable:
        return {"ok": False, "version": __version__, "database": {"ok": False, "kind": runtime.database.dialect}}
    status = await runtime.dispatcher.status()
    report: dict[str, Any] = {
        "ok": True,
        "version": __version__,
        "database": {"ok": True, "kind": runtime.database.dialect},
        "jobs": {
            "ok": status.reachable,
            **{str(state): count for state, count in status.counts.items()},
            "oldestDueAt": status.oldest_due.isoformat() if status.oldest_due else None,
        },
    }
    for check in runtime.assembly.checks:
        found = await check.run(runtime.wiring)
        report[check.name] = {"ok": found.ok, **found.facts}
    return report
