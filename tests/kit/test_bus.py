"""Wake-ups: coalesced, across processes, and through an outage of Redis."""

import asyncio
import uuid
from pathlib import Path

from tessera.kit.bus import SOMETHING, LocalBus, open_bus
from tests.kit.redis_world import REDIS_URL, free_port, needs_redis, needs_redis_server, redis_server


async def test_every_subscriber_of_a_topic_is_woken_and_no_other() -> None:
    bus = LocalBus()
    with bus.subscribe("entry") as one, bus.subscribe("entry") as two, bus.subscribe("job") as other:
        await bus.publish("entry", 5)
        assert await one.wait(1) == 5
        assert await two.wait(1) == 5
        assert await other.wait(0.01) is None


async def test_a_slow_subscriber_gets_only_the_newest_number() -> None:
    bus = LocalBus()
    with bus.subscribe("entry") as wakes:
        for number in range(1, 1001):
            await bus.publish("entry", number)
        assert await wakes.wait(1) == 1000
        assert await wakes.wait(0.01) is None


async def test_waiting_in_vain_loses_no_later_wake_up() -> None:
    bus = LocalBus()
    with bus.subscribe("entry") as wakes:
        assert await wakes.wait(0.01) is None
        await bus.publish("entry", 1)
        assert await wakes.wait(1) == 1


async def test_closing_the_bus_ends_the_iterators() -> None:
    bus = LocalBus()
    wakes = bus.subscribe("entry")

    async def read() -> list[int]:
        return [number async for number in wakes]

    reading = asyncio.create_task(read())
    await bus.publish("entry", 7)
    await asyncio.sleep(0.01)
    await bus.close()
    assert await asyncio.wait_for(reading, 1) == [7]


async def test_a_closed_subscription_is_forgotten() -> None:
    bus = LocalBus()
    with bus.subscribe("entry"):
        pass
    assert not bus._topics["entry"]


async def test_without_redis_the_bus_is_local() -> None:
    assert type(await open_bus(None)) is LocalBus


@needs_redis
async def test_wake_ups_cross_processes_and_do_not_come_back_as_echo(namespace: str) -> None:
    here, there = await open_bus(REDIS_URL, namespace=namespace), await open_bus(REDIS_URL, namespace=namespace)
    try:
        with here.subscribe("entry") as mine, there.subscribe("entry") as theirs:
            await here.publish("entry", 42)
            assert await mine.wait(1) == 42
            assert await theirs.wait(1) == 42
            assert await mine.wait(0.2) is None
    finally:
        await here.close()
        await there.close()


@needs_redis
async def test_houses_with_different_namespaces_do_not_hear_each_other() -> None:
    here, there = (
        await open_bus(REDIS_URL, namespace=uuid.uuid4().hex),
        await open_bus(REDIS_URL, namespace=uuid.uuid4().hex),
    )
    try:
        with there.subscribe("entry") as theirs:
            await here.publish("entry", 42)
            assert await theirs.wait(0.2) is None
    finally:
        await here.close()
        await there.close()


@needs_redis
async def test_garbage_on_the_channel_is_ignored(namespace: str) -> None:
    bus, stranger = await open_bus(REDIS_URL, namespace=namespace), await open_bus(REDIS_URL, namespace=namespace)
    try:
        with bus.subscribe("entry") as wakes:
            for garbage in (b"", b"\xff\xfe", b"somebody", b"somebody x", b"somebody 1 2"):
                await stranger._redis.publish(f"{namespace}:entry", garbage)  # type: ignore[attr-defined]  # a test looks inside
            await stranger.publish("entry", 3)
            assert await wakes.wait(1) == 3
    finally:
        await bus.close()
        await stranger.close()


@needs_redis_server
async def test_the_bus_outlives_redis_and_says_that_something_may_have_been_lost(tmp_path: Path) -> None:
    port = free_port()
    url = f"redis://127.0.0.1:{port}/0"
    with redis_server(port, tmp_path):
        here, there = await open_bus(url), await open_bus(url)
    try:
        with here.subscribe("entry") as mine, there.subscribe("entry") as theirs:
            await here.publish("entry", 1)
            assert await mine.wait(1) == 1, "wake-ups inside the process need no Redis"
            assert await theirs.wait(0.1) is None
            with redis_server(port, tmp_path):
                assert await theirs.wait(10) == SOMETHING
                assert await mine.wait(10) == SOMETHING
                await here.publish("entry", 2)
                assert await theirs.wait(1) == 2
    finally:
        await here.close()
        await there.close()


async def test_a_server_without_redis_still_starts() -> None:
    bus = await open_bus(f"redis://127.0.0.1:{free_port()}/0")
    try:
        with bus.subscribe("entry") as wakes:
            await bus.publish("entry", 1)
            assert await wakes.wait(1) == 1
    finally:
        await bus.close()
