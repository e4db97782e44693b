"""Sends the same requests to a server over a few connections for a while, and compares every answer.

A loop over epoll without asyncio: on two cores the load must cost little beside what it measures.
"""

import re
import select
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle

CHUNK = 1 << 18
SILENCE_SECONDS = 30.0
_LENGTH = re.compile(rb"\r\n[Cc]ontent-[Ll]ength: *(\d+)")


@dataclass(frozen=True)
class Shot:
    """One HTTP request as bytes, and what its answer has to be.

    `body` is the whole body; `holds` a part of it, where every answer is another one.
    """

    request: bytes
    body: bytes | None = None
    holds: bytes = b""


class WrongAnswer(Exception):
    """A server gave an answer that is not the right one, or none."""


@dataclass
class Tally:
    """What one window of load saw; `seconds` is how long it really lasted, waits are in nanoseconds."""

    seconds: float = 0.0
    waits: list[int] = field(default_factory=list)

    @property
    def answers(self) -> int:
        """How many right answers came."""
        return len(self.waits)

    def wait(self, share: float) -> float:
        """Return the wait, in milliseconds, that this share of the answers did not exceed."""
        return sorted(self.waits)[min(int(share * self.answers), self.answers - 1)] / 1e6


class Connection:
    """A kept connection with at most one request under way; nothing is copied from its buffer to be compared.

    `patience`: how many seconds a silent server is waited for; None where somebody else looks after that, since a
    socket with a timeout asks the system twice each time.
    """

    def __init__(self, port: int, *, patience: float | None = SILENCE_SECONDS) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=SILENCE_SECONDS)
        self.socket.settimeout(patience)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sent_at = 0
        self._shot = Shot(b"")
        self._buffer = bytearray(CHUNK)
        self._received = 0
        self._begin = 0
        """Where the answer's body begins; 0 until its head is there."""
        self._end = 0

    def send(self, shot: Shot) -> None:
        """Send a request."""
        self._shot, self.sent_at = shot, time.perf_counter_ns()
        self._received = self._begin = 0
        self.socket.sendall(shot.request)

    def receive(self) -> bool:
        """Read what has come; say whether the answer is whole.

        Raises `WrongAnswer` when the server hangs up, does not say how long its body is, or says something else than
        it should.
        """
        if self._received == len(self._buffer):
            self._buffer += bytes(CHUNK)
        if self._received:
            size = self.socket.recv_into(memoryview(self._buffer)[self._received :])
        else:
            size = self.socket.recv_into(self._buffer)
        if not size:
            heard = bytes(self._buffer[: min(self._received, 200)])
            raise WrongAnswer(f"The server closed the connection after {heard!r}.")
        self._received += size
        if not self._begin:
            end = self._buffer.find(b"\r\n\r\n", 0, self._received)
            if end < 0:
                return False
            self._begin = end + 4
            self._end = self._begin + self._content_length()
        if self._received < self._end:
            return False
        if not self._is_right():
            body, request = self.body[:600], self._shot.request[-600:]
            raise WrongAnswer(f"{bytes(self._buffer[9:12]).decode()} {body!r} was the answer to {request!r}.")
        return True

    @property
    def body(self) -> bytes:
        """The body of the answer that has come."""
        return bytes(self._buffer[self._begin : self._end])

    def _is_right(self) -> bool:
        if not self._buffer.startswith(b"200", 9):
            return False
        if self._shot.body is None:
            return self._buffer.find(self._shot.holds, self._begin, self._end) >= 0
        return self._end - self._begin == len(self._shot.body) and self._buffer.startswith(self._shot.body, self._begin)

    def _content_length(self) -> int:
        found = _LENGTH.search(self._buffer, 0, self._begin)
        if found is None:
            head = bytes(self._buffer[: self._begin])
            raise WrongAnswer(f"The answer has no Content-Length: {head!r}.")
        return int(found[1])

    def ask(self, shot: Shot) -> bytes:
        """Send a request and return the body of its answer, which must be right."""
        self.send(shot)
        while not self.receive():
            pass
        return self.body

    def close(self) -> None:
        """Hang up."""
        self.socket.close()


def drive(port: int, shots: Sequence[Shot], *, seconds: float, connections: int, begin: int = 0) -> Tally:
    """Keep every connection busy for so many seconds, beginning with the shot at a place.

    Raises `WrongAnswer` at the first answer that is not right.
    """
    supply = cycle([*shots[begin % len(shots) :], *shots[: begin % len(shots)]])
    lanes = {lane.socket.fileno(): lane for lane in (Connection(port, patience=None) for _ in range(connections))}
    with select.epoll() as selector:
        for file in lanes:
            selector.register(file, select.EPOLLIN)
        try:
            return _keep_busy(selector, lanes, supply, seconds)
        finally:
            for lane in lanes.values():
                lane.close()


def _keep_busy(
    selector: select.epoll, lanes: Mapping[int, Connection], supply: Iterator[Shot], seconds: float
) -> Tally:
    tally = Tally()
    started = time.perf_counter_ns()
    end, busy = started + int(seconds * 1e9), len(lanes)
    for lane in lanes.values():
        lane.send(next(supply))
    while busy:
        ready = selector.poll(SILENCE_SECONDS)
        if not ready:
            raise WrongAnswer("The server was silent for too long.")
        for file, _ in ready:
            lane = lanes[file]
            if not lane.receive():
                continue
            instant = time.perf_counter_ns()
            tally.waits.append(instant - lane.sent_at)
            if instant < end:
                lane.send(next(supply))
            else:
                busy -= 1
    tally.seconds = (time.perf_counter_ns() - started) / 1e9
    return tally
