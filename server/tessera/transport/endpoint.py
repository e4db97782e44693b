"""The one ASGI application behind `/graphql`: it sends each scope to its protocol."""

from tessera.engine.hub import Hub
from tessera.kit.buckets import Buckets
from tessera.kit.bus import Bus
from tessera.transport import graphiql
from tessera.transport.admission import Admission
from tessera.transport.contexts import Contexts
from tessera.transport.departures import Departures
from tessera.transport.http import HttpEndpoint
from tessera.transport.observer import Observer
from tessera.transport.operations import Engine, render
from tessera.transport.options import Options
from tessera.transport.persisted import Find, nothing_imported
from tessera.transport.websocket import WebSocketEndpoint
from tessera.transport.wire import Receive, Scope, Send


class GraphQLEndpoint:
    """GraphQL over HTTP, graphql-transport-ws, server-sent events and multipart subscriptions, for one engine.

    `revision` names the schema in the header X-Schema-Revision. Mount it without a router in front: the path is
    not looked at. `close` it in the end. `bus` wakes its streams, `buckets` hold what callers used of late (default:
    this process's own), `find` looks up imported documents, `observer` counts and traces.
    """

    def __init__(
        self,
        engine: Engine,
        contexts: Contexts,
        bus: Bus,
        *,
        revision: str,
        options: Options | None = None,
        buckets: Buckets | None = None,
        find: Find = nothing_imported,
        observer: Observer | None = None,
    ) -> None:
        options = options or Options()
        self.graphiql = options.graphiql
        admission = Admission(engine, options, buckets=buckets, find=find, observer=observer)
        self.hub = Hub(bus, render)
        self.departures = Departures()
        self.http = HttpEndpoint(admission, contexts, options, self.hub, self.departures, revision=revision)
        self.websocket = WebSocketEndpoint(admission, contexts, options, self.hub, self.departures)

    async def close(self) -> None:
        """End the streams; nobody is told."""
        await self.hub.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI scope of type http or websocket."""
        if scope["type"] != "http":
            await self.websocket(scope, receive, send)
        elif self.graphiql and graphiql.is_for_people(scope):
            await graphiql.send_page(send)
        else:
            await self.http(scope, receive, send)
