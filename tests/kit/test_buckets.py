"""Leaky buckets: what fits, what must wait, what several processes know of each other, with Redis and without."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, strategies
from redis.asyncio import Redis
from redis.exceptions import RedisError

from tessera.kit import buckets as module
from tessera.kit.buckets import Buckets, Level, Rate, SharedBuckets, open_buckets
from tessera.kit.clock import stopped
from tests.kit.redis_world import REDIS_URL, free_port, needs_redis, needs_redis_server, redis_server

MINUTE = Rate(60)
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def test_a_bucket_fills_refuses_and_runs_empty_drop_by_drop() -> None:
    buckets = Buckets()
    with stopped(NOON):
        assert buckets.take("a", 50, MINUTE) == Level(60, 10, after(50).timestamp())
        refused = buckets.take("a", 20, MINUTE)
        assert refused.remaining == 10
        assert refused.wait == pytest.approx(10)
        assert refused.reset_at == after(50)
        assert buckets.take("a", 10, MINUTE).remaining == 0
        assert buckets.take("b", 60, MINUTE).wait == 0
    with stopped(after(10)):
        assert buckets.take("a", 11, MINUTE).wait == pytest.approx(1)
        assert buckets.take("a", 10, MINUTE).wait == 0
    with stopped(after(1000)):
        assert buckets.take("a", 1, MINUTE).remaining == 59


def test_more_than_a_bucketful_fits_into_an_empty_bucket_alone() -> None:
    buckets = Buckets()
    with stopped(NOON):
        assert buckets.take("a", 1000, MINUTE).remaining == 0
        assert buckets.take("a", 1000, MINUTE).wait == pytest.approx(60)


def test_what_is_not_used_is_reset_now() -> None:
    with stopped(NOON):
        assert Level().reset_at == NOON


@given(
    strategies.integers(1, 100_000),
    strategies.lists(strategies.tuples(strategies.integers(1, 5000), strategies.floats(0, 30)), max_size=50),
)
def test_nobody_takes_more_than_a_bucketful_and_what_leaked(size: int, takes: list[tuple[int, float]]) -> None:
    buckets, rate = Buckets(), Rate(size)
    passed, taken = 0.0, 0
    for points, pause in takes:
        passed += pause
        with stopped(after(passed)):
            level = buckets.take("a", points, rate)
        assert 0 <= level.remaining <= size
        taken += min(points, size) if level.wait == 0 else 0
        assert taken <= size + size * passed / 60 + 1


def test_the_bucket_left_alone_longest_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REMEMBERED_KEYS", 2)
    buckets = Buckets()
    with stopped(NOON):
        for key in ("a", "b", "a", "c"):
            buckets.take(key, 10, MINUTE)
        assert buckets.take("a", 1, MINUTE).remaining == 39
        assert buckets.take("b", 1, MINUTE).remaining == 59


async def test_without_redis_the_buckets_are_the_process_s_own() -> None:
    assert type(open_buckets(None)) is Buckets


@needs_redis
async def test_processes_learn_what_all_of_them_took(namespace: str) -> None:
    here, there = open_buckets(REDIS_URL, namespace=namespace), open_buckets(REDIS_URL, namespace=namespace)
    assert isinstance(here, SharedBuckets)
    assert isinstance(there, SharedBuckets)
    try:
        here.take("a", 40, MINUTE)
        await here.settle()
        assert there.take("a", 40, MINUTE).wait == 0, "nobody waits for Redis"
        await there.settle()
        refused = there.take("a", 1, MINUTE)
        assert refused.remaining == 0
        assert 19 < refused.wait < 22, "what was taken too much is paid for"
        here.take("a", 5, MINUTE)
        await here.settle()
        assert here.take("a", 1, MINUTE).wait > 23
        assert here.take("b", 60, MINUTE).wait == 0
    finally:
        await here.close()
        await there.close()


@needs_redis
async def test_the_settler_tells_by_itself_and_what_redis_keeps_passes(namespace: str) -> None:
    here = open_buckets(REDIS_URL, namespace=namespace)
    async with Redis.from_url(REDIS_URL) as redis:
        try:
            here.take("a", 60, MINUTE)
            async with asyncio.timeout(10):
                while not (keys := await redis.keys(f"{namespace}:bucket:*")):  # noqa: ASYNC110 - Redis tells nobody
                    await asyncio.sleep(0.05)
            assert keys == [f"{namespace}:bucket:a".encode()]
            assert 0 < await redis.pttl(keys[0]) <= 60_000
        finally:
            await here.close()


@needs_redis
async def test_closing_tells_the_last_of_it(namespace: str) -> None:
    here, there = open_buckets(REDIS_URL, namespace=namespace), open_buckets(REDIS_URL, namespace=namespace)
    here.take("a", 60, MINUTE)
    await here.close()
    there.take("a", 1, MINUTE)
    await there.close()
    async with Redis.from_url(REDIS_URL) as redis:
        assert await redis.pttl(f"{namespace}:bucket:a") > 59_000


@needs_redis_server
async def test_the_buckets_outlive_redis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RECOVERY_SECONDS", 0.05)
    port = free_port()
    url = f"redis://127.0.0.1:{port}/0"
    here, there = open_buckets(url), open_buckets(url)
    assert isinstance(here, SharedBuckets)
    assert isinstance(there, SharedBuckets)
    try:
        assert here.take("a", 30, MINUTE).wait == 0
        with pytest.raises((RedisError, OSError)):
            await here.settle()
        assert here.take("a", 31, MINUTE).wait > 0, "the process still counts"
        with redis_server(port, tmp_path):
            here.take("b", 60, MINUTE)
            await here.settle()
            there.take("b", 1, MINUTE)
            await there.settle()
            assert there.take("b", 1, MINUTE).wait > 0
        there.take("c", 1, MINUTE)
        with pytest.raises((RedisError, OSError)):
            await there.settle()
        assert there.take("c", 1, MINUTE).remaining == 58
    finally:
        await here.close()
        await there.close()
