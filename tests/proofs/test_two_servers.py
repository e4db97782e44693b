"""Two servers on one database and one Redis: what is written at one is seen at the other at once."""

import asyncio
import random
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tessera.testing.databases import Kind, available, fresh_database
from tests.kit.journal_world import database
from tests.kit.redis_world import free_port, needs_redis_server
from tests.proofs.desk import Desk
from tests.proofs.stream_proofs import prove_changes, prove_events
from tests.proofs.streams import EVENTS, connected, payloads
from tests.proofs.world import Caller, Place, listening

pytestmark = needs_redis_server

SOON = 1.0
BY_POLL = 5.0
SAMPLES = 6


@dataclass
class Pair:
    """Two servers: somebody writes at the first and listens at the second."""

    place: Place
    desk: Desk
    other: Caller

    async def delays(self, count: int = SAMPLES) -> list[float]:
        """Measure in seconds from sending the mutation to the event's arrival at the other server."""
        found = []
        async with connected(self.other) as socket, aclosing(payloads(socket, EVENTS)) as events:
            # the stream begins now, which is when its first event came through
            arriving = asyncio.create_task(_first(events))
            while not arriving.done():
                await self.desk.open_ticket("is anybody there?")
                await asyncio.sleep(0.2)
            seen = await arriving
            for _ in range(count):
                await asyncio.sleep(random.uniform(0, 0.8))
                begin = time.monotonic()
                ticket = await self.desk.open_ticket("seen?")
                async with asyncio.timeout(BY_POLL):
                    while seen != ticket:
                        seen = await _first(events)
                found.append(time.monotonic() - begin)
        return found


async def _first(events: AsyncIterator[dict[str, dict[str, dict[str, str]]]]) -> str:
    return (await anext(events))["event"]["ticket"]["id"]


@asynccontextmanager
async def two_servers(kind: Kind, folder: Path, redis: ExitStack) -> AsyncIterator[Pair]:
    """Run two servers on one database and one Redis, which `redis` can kill."""
    if reason := available(kind):
        pytest.skip(reason)
    ports = (free_port(), free_port())
    async with fresh_database(kind) as url:
        place = Place(folder, url, redis_port=free_port())
        redis.enter_context(place.redis())
        with place.server(ports[0]), place.server(ports[1]):
            for port in ports:
                await listening(port)
            first = await Caller(ports[:1]).sign_in()
            yield Pair(place, await Desk.furnish(first), Caller(ports[1:], first.token))


async def test_what_one_server_writes_the_other_shows(tmp_path: Path) -> None:
    with ExitStack() as redis:
        async with two_servers("postgres", tmp_path, redis) as pair:
            delays = await pair.delays()
            assert max(delays) < SOON
            assert statistics.median(delays) < SOON / 2, "wake-ups carry the news, not the poll"

            redis.close()
            assert max(await pair.delays(3)) < BY_POLL

            redis.enter_context(pair.place.redis())
            await asyncio.sleep(3)
            delays = await pair.delays()
            assert max(delays) < SOON
            assert statistics.median(delays) < SOON / 2


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("kind", ["postgres", "mariadb"])
async def test_a_subscriber_of_either_server_misses_nothing_of_both(kind: Kind, tmp_path: Path) -> None:
    with ExitStack() as redis:
        async with two_servers(kind, tmp_path, redis) as pair, database(pair.place.database_url):
            both = Caller((*pair.desk.caller.ports, *pair.other.ports), pair.other.token)
            desk = Desk(both, pair.desk.here, pair.desk.there)
            await prove_events(desk, 5)
            await prove_changes(desk, 5)
