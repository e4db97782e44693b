"""GraphQL over WebSocket: which handshakes are accepted."""

from contextlib import suppress
from urllib.parse import urlsplit

from tessera.engine.hub import Hub
from tessera.kit import log
from tessera.transport.admission import Admission
from tessera.transport.contexts import Caller, Contexts, caller_of
from tessera.transport.departures import Departures
from tessera.transport.options import Options
from tessera.transport.protocol import BAD_SUBPROTOCOL, SUBPROTOCOL
from tessera.transport.socket import Shared, Socket
from tessera.transport.wire import TEXT_NOW, Receive, Scope, Send


class WebSocketEndpoint:
    """Accepts the WebSockets of one schema."""

    def __init__(
        self, admission: Admission, contexts: Contexts, options: Options, hub: Hub, departures: Departures
    ) -> None:
        self.shared = Shared(admission, contexts, options, hub)
        self.options = options
        self.observer = admission.observer
        self.departures = departures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI WebSocket scope."""
        await receive()
        caller = caller_of(scope)
        if not self.same_site(caller):
            await send({"type": "websocket.close"})
            return
        if SUBPROTOCOL not in scope["subprotocols"]:
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.close", "code": BAD_SUBPROTOCOL, "reason": "Subprotocol not acceptable"})
            return
        await send({"type": "websocket.accept", "subprotocol": SUBPROTOCOL})
        with log.bound(request=caller.request_id), self.observer.socket():
            socket = Socket(self.shared, caller, receive, send, scope.get("extensions", {}).get(TEXT_NOW))
            with self.departures.stay(socket):
                await socket.run()

    def same_site(self, caller: Caller) -> bool:
        """Refuse foreign pages that would ride on the session cookie; without it they have no credential to steal."""
        origin = caller.headers.get("origin")
        if origin is None or self.options.session_cookie not in caller.cookies:
            return True
        with suppress(ValueError):  # an origin that is no URL is foreign
            return origin in self.options.allowed_origins or urlsplit(origin).netloc == caller.headers.get("host")
        return False
