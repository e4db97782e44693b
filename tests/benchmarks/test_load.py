"""The load of the benchmarks: it counts right answers and stops at a wrong one."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from benchmarks.load import Shot, WrongAnswer, drive
from benchmarks.measure import in_a_process_of_its_own
from benchmarks.meter import Meter, cpu_of, resident

REQUESTS = [f"GET /{number} HTTP/1.1\r\nHost: x\r\n\r\n".encode() for number in range(3)]


@asynccontextmanager
async def echo(wrong: Callable[[int], bool] = lambda _count: False) -> AsyncIterator[int]:
    """Serve each path as the body, in two pieces; requests chosen by their number get another answer."""
    served = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal served
        try:
            while True:
                path = (await reader.readuntil(b"\r\n\r\n")).split(b" ", 2)[1]
                served += 1
                body = b"nonsense" if wrong(served) else path * 40
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n" % len(body))
                await writer.drain()
                writer.write(b"\r\n" + body)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


def shots() -> list[Shot]:
    return [Shot(request, body=request.split(b" ", 2)[1] * 40) for request in REQUESTS]


async def test_answers_are_counted_and_waited_for() -> None:
    async with echo() as port:
        tally = await asyncio.to_thread(drive, port, shots(), seconds=0.2, connections=4, begin=2)
    assert tally.answers > 12
    assert tally.seconds >= 0.2
    assert 0 < tally.wait(0.5) <= tally.wait(0.99) < 1000 * tally.seconds


async def test_one_wrong_answer_ends_the_run() -> None:
    async with echo(wrong=lambda count: count == 50) as port:
        with pytest.raises(WrongAnswer, match="nonsense"):
            await asyncio.to_thread(drive, port, shots(), seconds=20, connections=4)


async def test_an_answer_may_be_known_in_part() -> None:
    async with echo() as port:
        fits = [Shot(REQUESTS[0], holds=b"/0/0")]
        assert (await asyncio.to_thread(drive, port, fits, seconds=0.05, connections=1)).answers > 0
        with pytest.raises(WrongAnswer):
            await asyncio.to_thread(drive, port, [Shot(REQUESTS[0], holds=b"/1")], seconds=5, connections=1)


def work_hard() -> dict[str, int]:
    before = cpu_of(os.getpid())
    with Meter(lambda: [os.getpid()]) as meter:
        sum(number * number for number in range(500_000))
    return {"used": meter.used, "more": cpu_of(os.getpid()) - before, "resident": resident(os.getpid())}


def fail() -> dict[str, int]:
    raise ValueError("no answer")


def test_a_process_of_its_own_tells_what_it_used() -> None:
    told = in_a_process_of_its_own(work_hard)
    assert 1_000_000 < told["used"] <= told["more"]
    assert told["resident"] > 1_000_000


def test_a_process_of_its_own_tells_why_it_failed() -> None:
    with pytest.raises(WrongAnswer, match="no answer"):
        in_a_process_of_its_own(fail)
