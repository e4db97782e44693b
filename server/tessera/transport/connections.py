"""Connections that end with clients who do not read: what ASGI cannot ask of the server, asked of uvicorn."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from tessera.transport.options import Options

STUCK_SECONDS = 30.0
"""How long a client may leave unread what fills every buffer on the way to it."""


class _Impatient(asyncio.Protocol):
    """Aborts a connection whose client has taken nothing for too long; closing would wait for it for ever."""

    transport: Any
    loop: asyncio.AbstractEventLoop
    stuck: asyncio.TimerHandle | None = None

    def pause_writing(self) -> None:
        """Hear that the buffer is full."""
        super().pause_writing()
        self.stuck = self.loop.call_later(STUCK_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """Hear that there is room again."""
        super().resume_writing()
        self._calm()

    def connection_lost(self, exc: Exception | None) -> None:
        """Hear that it is over."""
        self._calm()
        super().connection_lost(exc)

    def _calm(self) -> None:
        if self.stuck is not None:
            self.stuck.cancel()
            self.stuck = None


class HttpConnection(_Impatient, HttpToolsProtocol):
    """HTTP."""


class WebSocketConnection(_Impatient, WebSocketsSansIOProtocol):
    """WebSocket."""

    def handle_ping(self) -> None:
        """Answer a ping, unless the client does not read what it has asked for already."""
        if self.writable.is_set():
            super().handle_ping()
        else:
            self.conn.data_to_send()

    def send_receive_event_to_app(self) -> None:
        """Pass a message on; text that is none ends the connection, as the protocol says, without a traceback."""
        if self.curr_msg_data_type == "text":
            try:
                b"".join(self.frames).decode()
            except UnicodeDecodeError:
                self.frames = []
                self.conn.send_close(1007, "invalid UTF-8")
                self.handle_parser_exception()
                return
        super().send_receive_event_to_app()


SERVER: dict[str, Any] = {
    "http": HttpConnection,
    "ws": WebSocketConnection,
    "ws_max_size": Options.body_bytes,
    "ws_per_message_deflate": False,  # it doubles the cost and the memory of every connection
}
"""The options uvicorn has to be started with."""
