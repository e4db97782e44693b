"""Hostile sockets: each is refused as the protocol says, nothing lasts, nothing is logged, and others go on."""

import asyncio
import gc
import json
import logging
import resource
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from tessera.kit.clock import now
from tessera.transport import connections
from tests.transport.raw import BINARY, CLOSE, PING, PONG, TEXT, Raw, connected
from tests.transport.toy import Served, served, short, until

MEGABYTES = 1 << 20


@pytest.fixture
async def hostile(caplog: pytest.LogCaptureFixture) -> AsyncIterator[Served]:
    """A server with a bystander, who must notice nothing; the server must not complain in its log."""
    caplog.set_level(logging.WARNING)
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    async with served(short(init_timeout=0.5, patience=1.0, queued_messages=8)) as server:
        async with connected(server) as bystander:
            await bystander.introduce()
            yield server
            bystander.subscribe("still", "subscription{count(to: 2)}")
            assert [(await bystander.hear())["type"] for _ in range(3)] == ["next", "next", "complete"]
        await until(lambda: not waiting())
    assert caplog.records == []


def waiting() -> list[str]:
    """Return what runs for sockets."""
    names = [repr(task.get_coro()) for task in asyncio.all_tasks()]
    return [name for name in names if "_Socket" in name or "Outbox" in name]


def memory() -> int:
    """Return the resident memory in bytes."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


@pytest.mark.parametrize(
    "message",
    [
        [], 1, None, "x", {"type": "subscribe", "id": {}, "payload": {"query": "{hello}"}},
        {"type": "complete", "id": {}}, {"type": []}, {"type": "ping", "payload": []},
    ],
)  # fmt: skip
async def test_what_is_no_message_closes_with_4400(hostile: Served, message: object) -> None:
    async with connected(hostile) as raw:
        await raw.introduce()
        raw.send(TEXT, json.dumps(message).encode())
        assert await raw.closed() == 4400


async def test_operations_before_the_introduction_close_with_4401(hostile: Served) -> None:
    async with connected(hostile) as raw:
        for name in range(1000):
            raw.subscribe(str(name), "subscription{flood}")
        assert await raw.closed() == 4401
    assert hostile.world.closed == []


async def test_silence_after_connecting_closes_with_4408(hostile: Served) -> None:
    async with connected(hostile) as raw:
        assert await raw.closed() == 4408


async def test_ten_thousand_operations_are_a_hundred_and_refusals(hostile: Served) -> None:
    async with connected(hostile) as raw:
        await raw.introduce()

        async def ask() -> None:
            for name in range(10_000):
                raw.subscribe(str(name), "subscription{gated}")
                await raw.writer.drain()

        asking = asyncio.create_task(ask())
        heard = [await raw.hear() for _ in range(10_000)]
        await asking
    assert sum(message["type"] == "next" for message in heard) == 100
    refused = [message for message in heard if message["type"] == "error"]
    assert len(refused) == 9900
    assert {message["payload"][0]["extensions"]["code"] for message in refused} == {"LIMIT_EXCEEDED"}


async def test_an_expired_token_closes_with_4403(hostile: Served) -> None:
    hostile.world.tokens["brief"] = now() - timedelta(seconds=1)
    async with connected(hostile) as raw:
        raw.say(type="connection_init", payload={"Authorization": "Bearer brief"})
        assert await raw.hear() == {"type": "connection_ack"}
        assert await raw.closed() == 4403
    async with connected(hostile) as raw:
        raw.say(type="connection_init", payload={"Authorization": "Bearer never was"})
        assert await raw.closed() == 4403


async def test_a_reader_that_never_reads_costs_little_and_not_for_long(
    hostile: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "STUCK_SECONDS", 2.0)
    before = memory()
    async with connected(hostile) as raw:
        await raw.introduce()
        raw.writer.transport.pause_reading()  # type: ignore[attr-defined]  # of a transport that reads, too
        raw.subscribe("a", "subscription{flood(size: 300000)}")
        await until(lambda: hostile.world.closed == ["flood"])
        assert memory() - before < 20 * MEGABYTES
        await until(lambda: not waiting_for(raw))


def waiting_for(_raw: Raw) -> bool:
    """Tell whether more than the bystander's socket is served."""
    return sum("run_asgi" in repr(task.get_coro()) for task in asyncio.all_tasks()) > 1


async def test_a_flood_of_pings_nobody_reads_the_answers_of_is_not_kept(hostile: Served) -> None:
    before = memory()
    async with connected(hostile) as raw:
        await raw.introduce()
        raw.writer.transport.pause_reading()  # type: ignore[attr-defined]  # of a transport that reads, too
        for _ in range(400):
            for _ in range(1000):
                raw.send(PING, b"x" * 100)
            await raw.writer.drain()
        assert memory() - before < 20 * MEGABYTES


async def test_pings_of_both_kinds_are_answered(hostile: Served) -> None:
    async with connected(hostile) as raw:
        await raw.introduce()
        for number in range(1000):
            raw.say(type="ping", payload={"n": number})
            raw.send(PING, b"p")
            opcode, payload = await raw.frame()
            other, _ = await raw.frame()
            assert {opcode, other} == {TEXT, PONG}, payload


@pytest.mark.parametrize("pieces", [1, 64])
async def test_more_than_a_megabyte_closes_with_1009(hostile: Served, pieces: int) -> None:
    async with connected(hostile) as raw:
        await raw.introduce()
        text = b'{"type":"ping","payload":{"x":"' + b"y" * MEGABYTES + b'"}}'
        size = len(text) // pieces + 1
        for piece in range(pieces):
            opcode = TEXT if piece == 0 else 0
            raw.send(opcode, text[piece * size : (piece + 1) * size], final=piece == pieces - 1)
        assert await raw.closed() == 1009


async def test_a_megabyte_that_fits_is_read(hostile: Served) -> None:
    async with connected(hostile) as raw:
        await raw.introduce()
        raw.say(id="a", type="subscribe", payload={"query": "{hello}", "variables": {"x": "y" * (MEGABYTES - 200)}})
        assert (await raw.hear())["payload"] == {"data": {"hello": "Hello world"}}


@pytest.mark.parametrize(("opcode", "code"), [(BINARY, 4400), (3, 1002)])
async def test_frames_that_are_not_text_close(hostile: Served, opcode: int, code: int) -> None:
    async with connected(hostile) as raw:
        await raw.introduce()
        raw.send(opcode, b'{"type":"ping"}')
        assert await raw.closed() == code


async def test_text_that_is_none_closes_with_1007(hostile: Served) -> None:
    async with connected(hostile) as raw:
        await raw.introduce()
        raw.send(TEXT, b"\xff\xfe")
        assert await raw.closed() == 1007


@pytest.mark.parametrize("goodbye", [False, True])
async def test_a_half_closed_connection_ends_what_it_began(hostile: Served, goodbye: bool) -> None:
    async with connected(hostile) as raw:
        await raw.introduce()
        raw.subscribe("a", "subscription{count(to: 1000000, pause: 0.01)}")
        await raw.hear()
        if goodbye:
            raw.send(CLOSE, (1000).to_bytes(2, "big"))
        raw.writer.write_eof()
        await until(lambda: hostile.world.closed == ["count"])
        await raw.gone()


async def test_a_connection_that_breaks_at_once_leaves_nothing(hostile: Served) -> None:
    for _ in range(20):
        async with connected(hostile) as raw:
            raw.say(type="connection_init")
            raw.subscribe("a", "subscription{flood}")
