"""Sends the same requests to a server over a few connections for a while, and compares every answer.

A loop over epoll without asyncio: on two cores the load must cost little beside what it measures.
"""

import re
import selectors
import socket
import time
from collections.abc import Iterator, Sequence
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

    def fits(self, status: int, body: bytes) -> bool:
        """Tell whether an answer is right."""
        return status == 200 and (body == self.body if self.body is not None else self.holds in body)  # noqa: PLR2004 - HTTP's OK


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
    """A kept connection with at most one request under way."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=SILENCE_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.shot: Shot | None = None
        self.sent_at = 0
        self._buffer = bytearray(CHUNK)
        self._received = 0

    def send(self, shot: Shot) -> None:
        """Send a request."""
        self.shot, self.sent_at = shot, time.perf_counter_ns()
        self._received = 0
        self.socket.sendall(shot.request)

    def receive(self) -> tuple[int, bytes] | None:
        """Read what has come; return status and body once the answer is whole.

        Raises `WrongAnswer` when the server hangs up or does not say how long its body is.
        """
        if self._received == len(self._buffer):
            self._buffer += bytes(CHUNK)
        size = self.socket.recv_into(memoryview(self._buffer)[self._received :])
        if not size:
            heard = bytes(self._buffer[: min(self._received, 200)])
            raise WrongAnswer(f"The server closed the connection after {heard!r}.")
        self._received += size
        end = self._buffer.find(b"\r\n\r\n", 0, self._received)
        if end < 0:
            return None
        begin, length = end + 4, _content_length(bytes(self._buffer[:end]))
        if self._received < begin + length:
            return None
        return int(self._buffer[9:12]), bytes(self._buffer[begin : begin + length])

    def ask(self, shot: Shot) -> bytes:
        """Send a request and return the body of its answer, which must be right."""
        self.send(shot)
        while (answer := self.receive()) is None:
            pass
        return checked(shot, *answer)

    def close(self) -> None:
        """Hang up."""
        self.socket.close()


def checked(shot: Shot, status: int, body: bytes) -> bytes:
    """Return the body of a right answer.

    Raises `WrongAnswer` with the beginnings of request and answer.
    """
    if not shot.fits(status, body):
        raise WrongAnswer(f"{status} {body[:600]!r} was the answer to {shot.request[-600:]!r}.")
    return body


def drive(port: int, shots: Sequence[Shot], *, seconds: float, connections: int, begin: int = 0) -> Tally:
    """Keep every connection busy for so many seconds, beginning with the shot at a place.

    Raises `WrongAnswer` at the first answer that is not right.
    """
    supply = cycle([*shots[begin % len(shots) :], *shots[: begin % len(shots)]])
    lanes = [Connection(port) for _ in range(connections)]
    with selectors.DefaultSelector() as selector:
        for lane in lanes:
            selector.register(lane.socket, selectors.EVENT_READ, lane)
        try:
            return _keep_busy(selector, lanes, supply, seconds)
        finally:
            for lane in lanes:
                lane.close()


def _keep_busy(
    selector: selectors.BaseSelector, lanes: Sequence[Connection], supply: Iterator[Shot], seconds: float
) -> Tally:
    tally = Tally()
    started = time.perf_counter_ns()
    end, busy = started + int(seconds * 1e9), len(lanes)
    for lane in lanes:
        lane.send(next(supply))
    while busy:
        ready = selector.select(SILENCE_SECONDS)
        if not ready:
            raise WrongAnswer("The server was silent for too long.")
        for key, _ in ready:
            lane = key.data
            answer = lane.receive()
            if answer is None:
                continue
            instant = time.perf_counter_ns()
            checked(lane.shot, *answer)
            tally.waits.append(instant - lane.sent_at)
            if instant < end:
                lane.send(next(supply))
            else:
                busy -= 1
    tally.seconds = (time.perf_counter_ns() - started) / 1e9
    return tally


def _content_length(head: bytes) -> int:
    found = _LENGTH.search(head)
    if found is None:
        raise WrongAnswer(f"The answer has no Content-Length: {head!r}.")
    return int(found[1])
