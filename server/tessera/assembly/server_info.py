"""What the API says about the server itself."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime

import strawberry

from tessera import __version__
from tessera.engine.context import Charge, Context
from tessera.engine.directives import Cost
from tessera.engine.documents import TOKEN_MAXIMUM
from tessera.engine.guard import Limits
from tessera.engine.roots import Query, Subscription
from tessera.engine.streams import News, Portion, Source, stream
from tessera.files.settings import MAX_BYTES
from tessera.kit.bus import Bus
from tessera.kit.clock import now
from tessera.kit.paging import MAX_PAGE
from tessera.packages import queries as packages
from tessera.packages.graphql import Package, PackagePayload
from tessera.plugin import Extension
from tessera.settings import queries as settings

TOPIC = "schema"

CHANGE_LOG_DAYS = 36500
"""The journal is kept for ever; a hundred years stand for that in a number."""


@strawberry.type(description="Limits a client can plan with.")
class ServerLimits:
    """The guard's and the pages' limits."""

    max_page_size: int
    max_depth: int
    max_aliases: int
    max_cost: int
    max_tokens: int
    max_upload_bytes: int
    change_log_days: int


@strawberry.type(description="About this server.")
class ServerInfo:
    """The server's version, schema and limits."""

    version: str
    schema_revision: str = strawberry.field(
        description=(
            "Hash of the SDL; changes exactly when the schema does. "
            "Also in the `X-Schema-Revision` header and in `connection_ack`."
        )
    )
    packages: list[Package] = strawberry.field(description="The packages that run, for viewers who are signed in.")
    limits: ServerLimits
    time: datetime


@strawberry.type(description="The caller's budget.")
class RateLimit:
    """What the operation cost and what is left."""

    cost: int = strawberry.field(description="Points this operation was charged.")
    limit: int = strawberry.field(description="Points a caller may have used at once; 2147483647: no limit.")
    remaining: int = strawberry.field(description="Points left after this operation.")
    reset_at: datetime = strawberry.field(description="When everything is left again, without further requests.")


def _rate_limit(info: strawberry.Info) -> RateLimit:
    charge: Charge = info.context.charge
    level = charge.level
    return RateLimit(cost=charge.cost, limit=level.limit, remaining=level.remaining, reset_at=level.reset_at)


def _revision(info: strawberry.Info) -> str:
    revision: str = getattr(info.schema, "revision")  # noqa: B009 - our own schema's, unknown to strawberry's type
    return revision


async def _describe(revision: str, context: Context) -> ServerInfo:
    limits, viewer = Limits(), context.signed_in
    running = await packages.running(viewer, context.units.wiring) if viewer else []
    return ServerInfo(
        version=__version__,
        schema_revision=revision,
        packages=Package.of_all(running),
        limits=ServerLimits(
            max_page_size=MAX_PAGE,
            max_depth=limits.depth,
            max_aliases=limits.aliases,
            max_cost=limits.cost,
            max_tokens=TOKEN_MAXIMUM,
            max_upload_bytes=await settings.value(MAX_BYTES),
            change_log_days=CHANGE_LOG_DAYS,
        ),
        time=now(),
    )


async def announce(bus: Bus, revision: str) -> None:
    """Tell every process of the house which schema it has from now on."""
    await bus.publish(TOPIC, int(revision, 16))


@dataclass(frozen=True)
class SchemaChanges(Source[str | None, ServerInfo]):
    """The house's schema as the last process that started has it; `own` is this process's."""

    topic = TOPIC

    own: str

    async def begin(self, _context: object) -> str | None:
        """Begin with the schema of now."""
        return None

    async def read(self, context: Context, cursor: str | None, news: News) -> Portion[str | None, ServerInfo]:
        """Tell a revision once."""
        revision = f"{news.number:016x}" if news.number else self.own
        events = [] if revision == cursor else [(revision, await _describe(revision, context))]
        return Portion(events, revision)


@strawberry.type
class ServerSubscription:
    """The stream about the server."""

    @strawberry.subscription(  # type: ignore[untyped-decorator]  # strawberry's, as soon as it takes arguments
        description="Sends the current state at once, then after every change."
    )
    async def schema_changed(self, info: strawberry.Info) -> AsyncGenerator[ServerInfo, None]:
        """Follow the schema's revision."""
        return stream(SchemaChanges(_revision(info)))


@strawberry.type
class ServerQuery:
    """The root field about the server."""

    @strawberry.field
    async def server_info(self, info: strawberry.Info) -> ServerInfo:
        """Describe this server."""
        return await _describe(_revision(info), info.context)

    rate_limit: RateLimit = strawberry.field(
        resolver=_rate_limit, description="The caller's budget; asking is free.", directives=[Cost(weight=0)]
    )


@strawberry.type
class PackageServer:
    """What a change of packages says about the server."""

    @strawberry.field(  # type: ignore[untyped-decorator]  # strawberry's, as above
        description="The server after the change; null while `job` is still at work."
    )
    async def server_info(self, root: strawberry.Parent[PackagePayload], info: strawberry.Info) -> ServerInfo | None:
        """Describe the server when nothing is left to do."""
        return None if root.job is not None else await _describe(_revision(info), info.context)


SERVER_INFO = (
    Extension(Query, ServerQuery),
    Extension(Subscription, ServerSubscription),
    Extension(PackagePayload, PackageServer),
)
"""What the house itself adds to the API."""
