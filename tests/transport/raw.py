"""A WebSocket client that does whatever it is told, right or wrong, byte by byte."""

import asyncio
import json
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.transport.toy import Served

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
HANDSHAKE = (
    b"GET /graphql HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    b"Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
)


def frame(opcode: int, payload: bytes = b"", *, final: bool = True) -> bytes:
    """Return a client's frame, masked with zeros."""
    first, size = (0x80 if final else 0) | opcode, len(payload)
    if size < 126:
        head = struct.pack("!BB", first, 0x80 | size)
    elif size < 1 << 16:
        head = struct.pack("!BBH", first, 0x80 | 126, size)
    else:
        head = struct.pack("!BBQ", first, 0x80 | 127, size)
    return head + bytes(4) + payload


class Raw:
    """One connection, past its handshake."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def send(self, opcode: int, payload: bytes = b"", *, final: bool = True) -> None:
        self.writer.write(frame(opcode, payload, final=final))

    def say(self, **message: Any) -> None:
        self.send(TEXT, json.dumps(message).encode())

    async def frame(self) -> tuple[int, bytes]:
        """Read the server's next frame."""
        async with asyncio.timeout(20):
            first, size = await self.reader.readexactly(2)
            if size >= 126:
                size = int.from_bytes(await self.reader.readexactly(2 if size == 126 else 8), "big")
            return first & 0xF, await self.reader.readexactly(size)

    async def hear(self) -> Any:
        """Read the next message."""
        opcode, payload = await self.frame()
        assert opcode == TEXT, (opcode, payload)
        return json.loads(payload)

    async def closed(self) -> int:
        """Read to the close frame; return its code."""
        while True:
            opcode, payload = await self.frame()
            if opcode == CLOSE:
                return int.from_bytes(payload[:2], "big")

    async def gone(self) -> None:
        """Read until the server has closed the connection."""
        async with asyncio.timeout(20):
            while await self.reader.read(1 << 16):
                pass

    async def introduce(self) -> None:
        self.say(type="connection_init")
        assert await self.hear() == {"type": "connection_ack"}

    def subscribe(self, name: Any, query: str) -> None:
        self.say(id=name, type="subscribe", payload={"query": query})


@asynccontextmanager
async def connected(server: Served) -> AsyncIterator[Raw]:
    """Connect, with small buffers so that they are full soon."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 14)
    connection.setblocking(False)
    port = int(server.http.rpartition(":")[2].partition("/")[0])
    await asyncio.get_running_loop().sock_connect(connection, ("127.0.0.1", port))
    reader, writer = await asyncio.open_connection(sock=connection, limit=1 << 14)
    try:
        writer.write(HANDSHAKE)
        assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
        yield Raw(reader, writer)
    finally:
        writer.transport.abort()
