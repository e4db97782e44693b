"""What the API says about the server itself."""

from datetime import datetime

import strawberry

from tessera import __version__
from tessera.engine.documents import TOKEN_MAXIMUM
from tessera.engine.guard import Limits
from tessera.engine.roots import Query
from tessera.files.settings import MAX_BYTES
from tessera.kit.clock import now
from tessera.kit.paging import MAX_PAGE
from tessera.plugin import Extension
from tessera.settings import queries as settings

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
    limits: ServerLimits
    time: datetime


@strawberry.type
class ServerQuery:
    """The root field about the server."""

    @strawberry.field
    async def server_info(self, info: strawberry.Info) -> ServerInfo:
        """Describe this server."""
        limits = Limits()
        return ServerInfo(
            version=__version__,
            schema_revision=getattr(info.schema, "revision"),  # noqa: B009 - our own schema's, unknown to strawberry's type
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


SERVER_INFO = Extension(Query, ServerQuery)
"""What the house itself adds to the API."""
