"""Connections: what ASGI cannot ask of the server, asked of uvicorn."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from functools import lru_cache, partial
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State

from tessera.transport.contexts import Caller, Outside, caller_from, outside_of
from tessera.transport.http import Reply
from tessera.transport.options import Options
from tessera.transport.wire import TEXT_NOW

Post = Callable[[Caller, bytes], Awaitable[Reply]]
"""Answers a POST of which all is there."""

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


FRAMES = 16
"""Frames of short messages that are kept for others."""

STATUS_LINES = {status: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode() for status in HTTPStatus}

LONG_WAY = frozenset((b"origin", b"expect", b"transfer-encoding", b"upgrade", b"x-forwarded-for", b"x-forwarded-proto"))
"""Headers of requests that middleware or uvicorn has to see."""

STREAMS = (b"text/event-stream", b"multipart/mixed")
"""What those accept who may want a stream."""


def _is_short(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Say whether a POST with these headers needs nothing that only the long way has."""
    return not any(
        name in LONG_WAY or (name == b"accept" and any(stream in value.lower() for stream in STREAMS))
        for name, value in headers
    )


def _fits(length: bytes) -> bool:
    """Say whether a body's length is known and below the high-water mark."""
    return length.isdigit() and int(length) <= HIGH_WATER_LIMIT


END_OF_HEAD = b"\r\n\r\n"

HEADS = 8
"""Heads of requests that a connection remembers."""

LONGEST_HEAD = 2048
"""Bytes of the longest of them."""

UNKNOWN: tuple[int, Any] = (-1, None)
"""What no body is as long as."""


class _Nobody:
    """The event nobody waits for: a request on the short way begins when its body is there."""

    def set(self) -> None:
        """Do nothing."""


NOBODY = _Nobody()


class _ShortCycle:
    """One POST to GraphQL on the short way, where uvicorn has a cycle of ASGI messages.

    A third of what a planned query costs is spent on the way to it and back; the greater part of that on scopes,
    messages and checks of headers that this way does not need.
    """

    __slots__ = ("_connection", "_outside", "body", "disconnected", "keep_alive", "more_body", "response_complete")

    message_event = NOBODY

    def __init__(self, connection: "HttpConnection", outside: Outside, *, keep_alive: bool) -> None:
        self._connection = connection
        self._outside = outside
        self.keep_alive = keep_alive
        self.body: bytes | bytearray = bytearray()
        self.more_body = True
        self.disconnected = False
        self.response_complete = False

    async def run_asgi(self, post: Post) -> None:
        """Answer, under the name uvicorn's tasks have."""
        connection = self._connection
        try:
            reply = await post(caller_from(self._outside), bytes(self.body))
            if connection.flow.write_paused and not self.disconnected:
                await connection.flow.drain()
            if not self.disconnected:
                connection.write_whole(self._written(reply))
                self.response_complete = True
        finally:
            if not (self.response_complete and self.keep_alive):
                connection.transport.close()
        connection.on_response_complete()

    def _written(self, reply: Reply) -> bytes:
        parts = [STATUS_LINES[reply.status]]
        for name, value in (*self._connection.server_state.default_headers, *reply.headers):
            if name == b"connection":
                self.keep_alive = False  # nobody says anything but `close`
            else:
                parts += (name, b": ", value, b"\r\n")
        parts += (b"\r\n" if self.keep_alive else b"connection: close\r\n\r\n", reply.body)
        return b"".join(parts)


class HttpConnection(_Impatient, HttpToolsProtocol):
    """HTTP; with `post`, plain POSTs to `path` take the short way to it."""

    transport: Any  # a `_Gathering`
    cycle: Any  # uvicorn's, or a `_ShortCycle`
    parser: Any  # None when the connection is over
    timeout_keep_alive_task: asyncio.TimerHandle | None
    _start_asgi_task: Any  # takes either
    _outside: Outside

    def __init__(self, *arguments: Any, path: bytes = b"", post: Post | None = None, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._path = path
        self._post = post
        self._seen: list[tuple[bytes, bytes]] | None = None
        """The headers of the newest request on the short way, but for its length."""
        self._heads: dict[bytes, tuple[int, Outside]] = {}
        """Heads of requests that took the short way, with the length of the body each announces."""
        self._begun = self._ended = 0
        """How many requests the parser has seen the beginning and the end of."""
        self._idle_since: float | None = None
        """When the last answer was written, in the loop's time; None while there is something to answer."""

    def connection_made(self, transport: Any) -> None:
        """Begin."""
        gathering: Any = _Gathering(transport, self.loop)
        super().connection_made(gathering)

    def connection_lost(self, exc: Exception | None) -> None:
        """Hear that it is over."""
        super().connection_lost(exc)
        if self.timeout_keep_alive_task is not None:
            self.timeout_keep_alive_task.cancel()
        if self.cycle is not None and self.cycle.response_complete:
            self.cycle = None  # it holds this connection, and the garbage collector comes late

    def handle_websocket_upgrade(self) -> None:
        """Hand the connection over to one that speaks WebSocket, and hold nothing that holds this one."""
        super().handle_websocket_upgrade()
        self.parser = self.cycle = None

    def data_received(self, data: bytes) -> None:
        """Take what comes. A request that is whole, and whose head came before, is not parsed: most come again.

        The same bytes between two requests mean the same to the parser, which has not to be told of them.
        """
        begun = self._begun
        if self._ended != begun or (self.cycle is not None and not self.cycle.response_complete):
            super().data_received(data)
            return
        head = data[: data.find(END_OF_HEAD) + len(END_OF_HEAD)]
        length, outside = self._heads.get(head, UNKNOWN)
        if len(data) - len(head) == length:
            self._idle_since = None
            self.cycle = _ShortCycle(self, outside, keep_alive=True)
            self.cycle.body = data[len(head) :]
            self.cycle.more_body = False
            self._start_asgi_task(self.cycle, self._post)
            return
        super().data_received(data)
        if self._begun == self._ended == begun + 1 and isinstance(self.cycle, _ShortCycle):
            self._know(head, len(data) - len(head))

    def _know(self, head: bytes, length: int) -> None:
        """Remember the head of the request that just came as a whole."""
        if self.cycle.keep_alive and len(self.cycle.body) == length and len(head) <= LONGEST_HEAD:
            if len(self._heads) == HEADS:
                self._heads.clear()
            self._heads[head] = length, self._outside

    def _unset_keepalive_if_required(self) -> None:
        """Note that a request is coming; the timer sees it. One for each request would cost as much as its parsing."""
        self._idle_since = None

    def on_response_complete(self) -> None:
        """Go on with what waits on the connection, or wait for the next request."""
        idle = not self.pipeline
        if self.timeout_keep_alive_task is None or self.pipeline or self.transport.is_closing():
            super().on_response_complete()
        else:
            self.server_state.total_requests += 1
            self.flow.resume_reading()
        self._idle_since = self.loop.time() if idle else None
        if self.parser is None:
            self.cycle = None

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection over which nothing has come for too long; look again later at one that was used."""
        self.timeout_keep_alive_task = None
        if self._idle_since is None:
            return  # the end of what is being answered sets the timer again
        left = self._idle_since + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self.timeout_keep_alive_task = self.loop.call_later(left, self.timeout_keep_alive_handler)
        else:
            super().timeout_keep_alive_handler()

    def write_whole(self, response: bytes) -> None:
        """Write a response of which nothing else will come."""
        self.transport.plain.write(response)

    def on_message_begin(self) -> None:
        """Begin a request; only the long way needs a scope of its own."""
        self._begun += 1
        self.url = b""
        self.expect_100_continue = False
        self.headers = []

    def on_headers_complete(self) -> None:
        """Choose the way."""
        if (
            self._post is not None
            and self.url == self._path
            and self.parser.get_method() == b"POST"
            and (self.cycle is None or self.cycle.response_complete)
            and self._takes_short_way()
        ):
            keep_alive = self.parser.get_http_version() != "1.0" and self.parser.should_keep_alive()
            self.cycle = _ShortCycle(self, self._outside, keep_alive=keep_alive)
        else:
            url, expects, headers = self.url, self.expect_100_continue, self.headers
            super().on_message_begin()
            self.url, self.expect_100_continue = url, expects
            self.headers += headers  # they are the scope's
            super().on_headers_complete()

    def _takes_short_way(self) -> bool:
        """Say whether the short way will do, and remember what its requests' headers say: most come again.

        They differ in their length at most, which the parser has seen to; nobody on the short way asks for it.
        """
        lengths = [header for header in self.headers if header[0] == b"content-length"]
        if len(lengths) != 1 or not _fits(lengths[0][1]):
            return False
        others = self.headers.copy()
        others.remove(lengths[0])
        if others != self._seen:
            if not _is_short(others):
                return False
            scope = {"headers": others, "client": self.client, "server": self.server, "scheme": self.scheme}
            self._seen, self._outside = others, outside_of(scope)
        return True

    def on_message_complete(self) -> None:
        """Begin a request on the short way; the others began with their headers."""
        self._ended += 1
        if isinstance(self.cycle, _ShortCycle) and self.cycle.more_body:
            self.cycle.more_body = False
            self._start_asgi_task(self.cycle, self._post)
        else:
            super().on_message_complete()


def _frame(text: bytes) -> bytes:
    """Return the frame of a message; no extension was negotiated that would change it."""
    return Frame(Opcode.TEXT, text).serialize(mask=False)


_frame_of_many = lru_cache(FRAMES)(_frame)
"""The same, as one message goes to all who follow the same."""


class WebSocketConnection(_Impatient, WebSocketsSansIOProtocol):
    """WebSocket."""

    scope: Any = None  # with an extension of ours; None until a handshake was taken

    def connection_made(self, transport: Any) -> None:
        """Begin, on the transport of the HTTP connection that this was."""
        super().connection_made(transport.plain if isinstance(transport, _Gathering) else transport)
        # a server that accepts no more says "close" with every answer; here "upgrade" is the answer
        self.default_headers = [header for header in self.default_headers if header[0] != b"connection"]

    def handle_connect(self, event: Request) -> None:
        """Take the handshake, and offer to write texts without a task for each: thousands may get the same one."""
        super().handle_connect(event)
        if self.response.status_code == HTTPStatus.SWITCHING_PROTOCOLS:
            self.scope["extensions"][TEXT_NOW] = self.write_now

    def start_keepalive(self) -> None:
        """Begin what follows the handshake, whose messages are of no more use: an idle socket has little else."""
        del self.request, self.response
        super().start_keepalive()

    def connection_lost(self, exc: Exception | None) -> None:
        """Hear that it is over, and hold nothing more that holds this connection."""
        super().connection_lost(exc)
        self.conn.parser.close()
        if self.scope is not None:
            self.scope["extensions"].pop(TEXT_NOW, None)

    def write_now(self, text: bytes) -> bool:
        """Write a message of text unless the client is slow or on its way out; say whether it was written."""
        if not self.writable.is_set() or self.conn.state is not State.OPEN or self.transport.is_closing():
            return False
        self.transport.write(_frame_of_many(text) if len(text) < HIGH_WATER_LIMIT else _frame(text))
        return True

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


def uvicorn_options(path: str, post: Post) -> dict[str, Any]:
    """Return the options uvicorn has to be started with; `post` answers the plain POSTs to `path`."""
    return {
        "http": partial(HttpConnection, path=path.encode(), post=post),
        "ws": WebSocketConnection,
        "server_header": False,  # it tells the curious what to try, and takes part in every answer
        "ws_max_size": Options.body_bytes,
        "ws_per_message_deflate": False,  # it doubles the cost and the memory of every connection
    }
