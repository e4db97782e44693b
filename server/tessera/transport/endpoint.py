"""The one ASGI application behind `/graphql`: it sends each scope to its protocol."""

from tessera.transport.contexts import Contexts
from tessera.transport.http import HttpEndpoint
from tessera.transport.operations import Engine
from tessera.transport.options import Options
from tessera.transport.websocket import WebSocketEndpoint
from tessera.transport.wire import Receive, Scope, Send


class GraphQLEndpoint:
    """GraphQL over HTTP, graphql-transport-ws and server-sent events, for one engine.

    `revision` names the schema in the header X-Schema-Revision. Mount it without a router in front: the path is
    not looked at.
    """

    def __init__(self, engine: Engine, contexts: Contexts, *, revision: str, options: Options | None = None) -> None:
        options = options or Options()
        self.http = HttpEndpoint(engine, contexts, options, revision)
        self.websocket = WebSocketEndpoint(engine, contexts, options)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI scope of type http or websocket."""
        if scope["type"] == "http":
            await self.http(scope, receive, send)
        else:
            await self.websocket(scope, receive, send)
