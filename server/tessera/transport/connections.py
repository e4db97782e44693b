"""Connections that end with clients who do not read: what ASGI cannot ask of the server, asked of uvicorn."""

import asyncio
from typing import Any, cast

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


class _Gathering:
    """A transport that keeps a response's head until its body comes, or the loop's turn ends: one write, one packet."""

    __slots__ = ("_head", "_loop", "plain")

    def __init__(self, plain: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self.plain = plain
        self._loop = loop
        self._head = b""

    def __getattr__(self, name: str) -> Any:
        """Be the transport in every other way."""
        return getattr(self.plain, name)

    def write(self, data: bytes) -> None:
        """Write, or wait for what follows."""
        if self._head:
            head, self._head = self._head, b""
            self.plain.writelines((head, data))
        elif data.startswith(b"HTTP/1.1 "):
            self._head = data
            self._loop.call_soon(self._flush)
        else:
            self.plain.write(data)

    def close(self) -> None:
        """Write what is left, and close."""
        self._flush()
        self.plain.close()

    def _flush(self) -> None:
        if self._head:
            head, self._head = self._head, b""
            self.plain.write(head)


class HttpConnection(_Impatient, HttpToolsProtocol):
    """HTTP."""

    def connection_made(self, transport: Any) -> None:
        """Begin."""
        super().connection_made(cast("asyncio.Transport", _Gathering(transport, self.loop)))


class WebSocketConnection(_Impatient, WebSocketsSansIOProtocol):
    """WebSocket."""

    def connection_made(self, transport: Any) -> None:
        """Begin, on the transport of the HTTP connection that this was."""
        super().connection_made(transport.plain if isinstance(transport, _Gathering) else transport)

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
    "server_header": False,  # it tells the curious what to try, and takes part in every answer
    "ws_max_size": Options.body_bytes,
    "ws_per_message_deflate": False,  # it doubles the cost and the memory of every connection
}
"""The options uvicorn has to be started with."""
