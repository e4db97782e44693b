"""The web server of a generation, on inherited sockets, which can stop to accept and go on to answer."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from tessera.asgi import GRAPHQL_PATH, Application
from tessera.transport.connections import uvicorn_options

CLOSE = (b"connection", b"close")
IDLE_SECONDS = 10.0
"""How long a connection without a request is kept: twice as long as the server keeps it anyway between two."""

BUSY_SECONDS = 300.0
"""How long the slowest request may take when the next generation has taken over."""

LOOK_SECONDS = 0.1


class Server(uvicorn.Server):
    """uvicorn without its signals, but with an end that loses no request."""

    def __init__(self, application: Application) -> None:
        super().__init__(
            uvicorn.Config(
                application,
                log_level="warning",
                access_log=False,
                lifespan="off",
                timeout_graceful_shutdown=10,
                **uvicorn_options(GRAPHQL_PATH, application.post),
            )
        )
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to accept."""
        await super().startup(sockets)
        self.listening.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to the generation."""
        yield

    def refuse(self) -> None:
        """Accept no more; whoever is connected is answered, and told with the answer to connect anew.

        A connection is never closed while a request may be on its way: a client could not know what became of it.
        """
        for server in self.servers:
            server.close()
        self.config.encoded_headers.append(CLOSE)
        self.server_state.default_headers.append(CLOSE)

    async def emptied(self) -> None:
        """Wait until nobody is connected, or nobody who waits for an answer."""
        loop = asyncio.get_running_loop()
        idle, busy = loop.time() + IDLE_SECONDS, loop.time() + BUSY_SECONDS
        while self.server_state.connections and loop.time() < busy:
            if loop.time() > idle and not any(map(_is_busy, self.server_state.connections)):
                return
            await asyncio.sleep(LOOK_SECONDS)


def _is_busy(connection: object) -> bool:
    """Say whether somebody waits for an answer; WebSockets have been told to go."""
    cycle: RequestResponseCycle | None = connection.cycle if isinstance(connection, HttpToolsProtocol) else None
    return cycle is not None and not cycle.response_complete
