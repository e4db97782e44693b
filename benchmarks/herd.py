"""Many WebSockets in one thread, each with one subscription.

A loop over epoll without asyncio: a thousand of them must cost little beside the server they follow.
"""

import json
import selectors
import socket
import struct
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Self

from benchmarks.load import CHUNK, SILENCE_SECONDS, WrongAnswer

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
SHORT = 126
"""The size from which on a frame says its size in bytes of their own."""

PAUSE_SECONDS = 0.05

HANDSHAKE = (
    b"GET /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    b"Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
)


@dataclass(eq=False)
class Member:
    """One WebSocket; `heard` counts the deliveries that carry the herd's mark."""

    socket: socket.socket
    heard: int = 0
    received: bytearray = field(default_factory=bytearray)

    @classmethod
    def connect(cls, port: int, token: str) -> Self:
        """Open a WebSocket and wait until the server knows whose it is."""
        member = cls(socket.create_connection(("127.0.0.1", port), timeout=SILENCE_SECONDS))
        member.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        member.socket.sendall(HANDSHAKE)
        while b"\r\n\r\n" not in member.received:
            member.receive()
        del member.received[: member.received.index(b"\r\n\r\n") + 4]
        member.say(type="connection_init", payload={"Authorization": f"Bearer {token}"})
        while not (texts := list(member.texts())):
            member.receive()
        if json.loads(texts[0])["type"] != "connection_ack":
            raise WrongAnswer(f"The server did not take the connection: {texts[0]!r}.")
        return member

    def say(self, **message: Any) -> None:
        """Send a message."""
        self.send(TEXT, json.dumps(message).encode())

    def send(self, opcode: int, payload: bytes) -> None:
        """Send a frame; its mask is zero."""
        size = len(payload)
        if size < SHORT:
            head = struct.pack("!BB", 0x80 | opcode, 0x80 | size)
        else:
            head = struct.pack("!BBH", 0x80 | opcode, 0x80 | SHORT, size)
        self.socket.sendall(head + bytes(4) + payload)

    def receive(self) -> None:
        """Read what has come.

        Raises `WrongAnswer` when the server hangs up.
        """
        data = self.socket.recv(CHUNK)
        if not data:
            raise WrongAnswer(f"The server closed the connection after {bytes(self.received)[:200]!r}.")
        self.received += data

    def read(self, mark: bytes) -> int:
        """Read what has come; return how many deliveries of it carry a mark, which are counted.

        Raises `WrongAnswer` when the server hangs up, and for a message that is no delivery.
        """
        self.receive()
        came = sum(mark in _delivered(text) for text in self.texts())
        self.heard += came
        return came

    def texts(self) -> Iterator[bytes]:
        """Take the whole messages out of what was received; pings are answered."""
        for opcode, payload in _frames(self.received):
            if opcode == PING:
                self.send(PONG, payload)
            elif opcode == CLOSE:
                raise WrongAnswer(f"The server closes the socket: {payload!r}.")
            else:
                yield payload


class Herd:
    """WebSockets that are open between `with` and its end."""

    def __init__(self, port: int, token: str, size: int) -> None:
        self._selector = selectors.DefaultSelector()
        self._members: list[Member] = []
        self._port, self._token, self._size = port, token, size
        self._mark = b""

    def __enter__(self) -> Self:
        for _ in range(self._size):
            member = Member.connect(self._port, self._token)
            self._members.append(member)
            self._selector.register(member.socket, selectors.EVENT_READ, member)
            self._read(0)
        return self

    def __exit__(self, *_: object) -> None:
        for member in self._members:
            member.socket.close()
        self._selector.close()

    def follow(self, text: Callable[[int], str], variables: dict[str, Any]) -> None:
        """Let each socket send the subscription of its place."""
        for place, member in enumerate(self._members):
            member.say(id="1", type="subscribe", payload={"query": text(place), "variables": variables})
            self._read(0)

    def meanwhile(self, function: Callable[[], None]) -> None:
        """Run a function that takes its time, and answer the server's pings until it is over.

        Raises what the function raises, and `WrongAnswer` when the server closes a socket.
        """
        with ThreadPoolExecutor(1) as beside:
            running = beside.submit(function)
            while not running.done():
                self._read(PAUSE_SECONDS)
            running.result()

    def expect(self, mark: str) -> None:
        """Count anew, deliveries with this mark."""
        self._mark = mark.encode()
        for member in self._members:
            member.heard = 0

    def hear(self, deliveries: int, within: float) -> bool:
        """Read until each socket got so many deliveries; tell whether they came within some seconds.

        Raises `WrongAnswer` for a message that is no delivery.
        """
        waiting = sum(member.heard < deliveries for member in self._members)
        deadline = time.monotonic() + within
        while waiting and (left := deadline - time.monotonic()) > 0:
            for member, came in self._read(left):
                waiting -= member.heard - came < deliveries <= member.heard
        return not waiting

    def _read(self, within: float) -> list[tuple[Member, int]]:
        """Read what comes within some seconds, once; return who got something, with how many marked deliveries."""
        return [(key.data, key.data.read(self._mark)) for key, _ in self._selector.select(within)]

    @property
    def heard(self) -> set[int]:
        """How many deliveries the sockets got."""
        return {member.heard for member in self._members}


def _delivered(text: bytes) -> bytes:
    """Return a message that has to be a delivery."""
    if b'"type":"next"' not in text or b'"errors"' in text:
        raise WrongAnswer(f"A stream says {text[:600]!r}.")
    return text


def _frames(received: bytearray) -> Iterator[tuple[int, bytes]]:
    """Take the whole frames out of what a server sent, which masks nothing and cuts nothing into pieces."""
    begin = 0
    while len(received) >= begin + 2:
        size, head = received[begin + 1], begin + 2
        if size >= SHORT:
            head += 2 if size == SHORT else 8
            size = int.from_bytes(received[begin + 2 : head], "big")
        if len(received) < head + size:
            break
        yield received[begin] & 0xF, bytes(received[head : head + size])
        begin = head + size
    del received[:begin]
