"""Leaky buckets: who used how much of late, counted in this process and shared over Redis."""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from redis.asyncio import Redis
from redis.exceptions import RedisError

from tessera.kit import log
from tessera.kit.bus import ANSWER_SECONDS, CONNECT_SECONDS
from tessera.kit.clock import now
from tessera.kit.db import in_background

UNLIMITED = 2**31 - 1
"""Points of a bucket nobody fills: the largest number GraphQL's Int holds."""

REMEMBERED_KEYS = 50_000
"""Buckets one process remembers; beyond, the one that was left alone longest counts as empty."""

SETTLE_SECONDS = 0.25
"""How long what was taken is gathered before Redis hears of it, all of it in one round trip."""

RECOVERY_SECONDS = 5.0
"""How long a Redis that did not answer is left alone."""

TOLERANCE = 1e-6
"""Seconds by which sums of floating-point numbers may miss a bucket's rim."""

POUR = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local levels = {}
for index, key in ipairs(KEYS) do
  local empty = math.max(tonumber(redis.call('GET', key) or 0), now) + tonumber(ARGV[index])
  redis.call('SET', key, string.format('%d', empty), 'PX', math.max(1, empty - now))
  levels[index] = empty - now
end
return levels
"""
"""Pour milliseconds into buckets; return in how many milliseconds each is empty. Redis's clock counts."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A bucket's size in points, and the seconds in which a full one runs empty, drop by drop."""

    points: int
    seconds: float = 60.0


class Level(NamedTuple):
    """How a bucket stands: its size, the points that still fit, and when it will be empty (seconds since 1970).

    `wait` is zero when the points were taken, else the seconds after which they would fit.
    """

    limit: int = UNLIMITED
    remaining: int = UNLIMITED
    empty_at: float = 0.0
    wait: float = 0.0

    @property
    def reset_at(self) -> datetime:
        """The aware instant at which the bucket is empty; never in the past."""
        return max(now(), datetime.fromtimestamp(self.empty_at, UTC))


class Buckets:
    """The buckets of one process, by key."""

    def __init__(self) -> None:
        self._empty_at: OrderedDict[str, float] = OrderedDict()

    def take(self, key: str, points: int, rate: Rate) -> Level:
        """Take points if they fit, at once and without waiting for anybody; more than a bucketful counts as one."""
        moment = now().timestamp()
        each = rate.seconds / rate.points
        before = max(self._empty_at.get(key, 0.0), moment)
        seconds = min(points, rate.points) * each
        wait = before + seconds - moment - rate.seconds
        if wait <= TOLERANCE:
            wait = 0.0
            before += seconds
            self._pour(key, before, seconds)
        left = int((rate.seconds - before + moment + TOLERANCE) / each)
        return Level(rate.points, min(max(left, 0), rate.points), before, wait)

    async def close(self) -> None:
        """Let connections go."""

    def _pour(self, key: str, empty_at: float, _seconds: float) -> None:
        self._empty_at[key] = empty_at
        self._empty_at.move_to_end(key)
        if len(self._empty_at) > REMEMBERED_KEYS:
            self._empty_at.popitem(last=False)


class SharedBuckets(Buckets):
    """The same buckets for several processes, without a round trip per request.

    Each process counts by itself and tells the others a moment later, over Redis, in batches. What all took
    together is what counts from then on, even where it is more than a bucketful. Without Redis each process
    goes on by itself.
    """

    def __init__(self, redis: Redis, namespace: str) -> None:
        super().__init__()
        self._redis = redis
        self._prefix = f"{namespace}:bucket:"
        self._pouring = redis.register_script(POUR)
        self._untold: dict[str, float] = {}
        self._woken = asyncio.Event()
        self._settler = in_background(self._settle_forever(), name="buckets")

    def _pour(self, key: str, empty_at: float, seconds: float) -> None:
        super()._pour(key, empty_at, seconds)
        self._untold[key] = self._untold.get(key, 0.0) + seconds
        self._woken.set()

    async def settle(self) -> None:
        """Tell Redis what was taken here, and learn what was taken elsewhere.

        Raises `RedisError` or `OSError` when Redis does not answer.
        """
        told, self._untold = self._untold, {}
        if not told:
            return
        names = [self._prefix + key for key in told]
        amounts = [str(round(each * 1000)) for each in told.values()]
        levels: list[int] = await self._pouring(keys=names, args=amounts)
        self._learn(dict(zip(told, levels, strict=True)))

    def _learn(self, levels: Mapping[str, int]) -> None:
        moment = now().timestamp()
        for key, level in levels.items():
            shared = moment + level / 1000 + self._untold.get(key, 0.0)
            if key in self._empty_at:
                self._empty_at[key] = max(self._empty_at[key], shared)

    async def _settle_forever(self) -> None:
        while True:
            await self._woken.wait()
            await asyncio.sleep(SETTLE_SECONDS)
            self._woken.clear()
            try:
                await self.settle()
            except (RedisError, OSError) as error:
                log.get().warning("buckets.not_shared", error=str(error))
                await asyncio.sleep(RECOVERY_SECONDS)

    async def close(self) -> None:
        """Tell the others the last of it, if Redis is there, and close the connections."""
        self._settler.cancel()
        await asyncio.gather(self._settler, return_exceptions=True)
        with suppress(RedisError, OSError):
            await self.settle()
        await self._redis.aclose()


def open_buckets(redis_url: str | None, *, namespace: str = "tessera") -> Buckets:
    """Return the process's buckets: shared over Redis when there is a URL; call it inside an event loop.

    Houses that share a Redis are kept apart by the namespace.
    """
    if redis_url is None:
        return Buckets()
    redis = Redis.from_url(redis_url, socket_connect_timeout=CONNECT_SECONDS, socket_timeout=ANSWER_SECONDS)
    return SharedBuckets(redis, namespace)
