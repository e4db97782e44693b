"""What callers may use in a minute: points for every operation, and uses of fields with a bucket of their own."""

from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from ipaddress import IPv6Address, ip_address
from math import ceil
from typing import Any

from graphql import GraphQLError

from tessera.engine.context import Charge
from tessera.engine.documents import Prepared, Refused
from tessera.engine.limited import CALLER, PEER, Use
from tessera.kit.buckets import UNLIMITED, Buckets, Level, Rate
from tessera.kit.clock import isoformat, now
from tessera.transport.options import Options

PREPARATION = 50
"""Points for a document this process has to parse and validate first, valid or not."""

NETWORK_BITS = 64
"""How much of an IPv6 address names its owner, who has all the addresses behind it."""


NO_LIMIT = Level()
"""How the bucket of a caller without limit always stands."""


class RateLimited(Refused):
    """A bucket is full; nothing was executed."""

    def __init__(self, bucket: str, level: Level) -> None:
        self.level = level
        self.seconds = max(1, ceil(level.wait))
        message = f"Too many requests; try again in {self.seconds} seconds."
        extensions = {"code": "RATE_LIMITED", "bucket": bucket, "retryAfter": self.seconds}
        super().__init__([GraphQLError(message, extensions=extensions)])


class RateLimits:
    """Fills the buckets of callers; every method raises RateLimited when one is full."""

    def __init__(self, buckets: Buckets, options: Options) -> None:
        self._buckets = buckets
        self._points = Rate(options.rate_limit or UNLIMITED)
        self._own_limits = options.field_limits

    def prepare(self, caller: str) -> None:
        """Charge a caller for a document nobody here has seen yet."""
        self._take(caller, PREPARATION)

    def charge(self, prepared: Prepared, variables: Mapping[str, Any], caller: str, peer: str) -> Charge:
        """Charge a caller for an operation; one that costs nothing still costs a point."""
        for use in prepared.limited:
            self._use(use, variables, caller, peer)
        cost = prepared.cost(variables) or 0
        return Charge(cost, self._take(caller, max(cost, 1)))

    def _take(self, caller: str, points: int) -> Level:
        if self._points.points == UNLIMITED:
            return NO_LIMIT
        level = self._buckets.take(caller, points, self._points)
        if level.wait:
            raise RateLimited("points", level)
        return level

    def _use(self, use: Use, variables: Mapping[str, Any], caller: str, peer: str) -> None:
        bucket = use.limited.bucket
        rate = Rate(self._own_limits.get(bucket, use.limited.per_minute) or UNLIMITED)
        for by in use.limited.by:
            value = {CALLER: caller, PEER: peer}.get(by) or use.value(by, variables)
            if value is None:
                continue
            level = self._buckets.take(_key(bucket, by, value), 1, rate)
            if level.wait:
                raise RateLimited(bucket, level)


@lru_cache(10_000)
def network_of(peer: str | None) -> str:
    """Name whoever is behind a network address: the address itself, or an IPv6 address's network."""
    if peer is None or ":" not in peer:
        return f"peer:{peer or ''}"
    try:
        address = ip_address(peer.partition("%")[0])
    except ValueError:
        return f"peer:{peer}"
    if not isinstance(address, IPv6Address):
        return f"peer:{address}"
    if address.ipv4_mapped is not None:
        return f"peer:{address.ipv4_mapped}"
    return f"peer:{IPv6Address(int(address) >> NETWORK_BITS << NETWORK_BITS)}"


def told(charge: Charge) -> dict[str, Any]:
    """Return a charge as `extensions.cost` tells it."""
    level = charge.level
    return {
        "cost": charge.cost,
        "limit": level.limit,
        "remaining": level.remaining,
        "resetAt": isoformat(level.reset_at),
    }


def headers_of(level: Level) -> list[tuple[str, str]]:
    """Return a bucket's headers: its size, the points left, the seconds until it is empty; none without limit."""
    if level is NO_LIMIT:
        return []
    seconds = max(0, ceil(level.empty_at - now().timestamp()))
    return [
        ("RateLimit-Limit", str(level.limit)),
        ("RateLimit-Remaining", str(level.remaining)),
        ("RateLimit-Reset", str(seconds)),
    ]


def _key(bucket: str, by: str, value: str) -> str:
    """Name a bucket by what fills it; a login is nobody's business, and may be long."""
    return f"{bucket}:{by}:{sha256(value.strip().casefold().encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"
