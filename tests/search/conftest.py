"""The desk that the tests of the search work on, and short words for searching."""

from collections.abc import Awaitable, Callable

import pytest_asyncio

from tessera.kit.actor import Actor
from tessera.search import queries
from tessera.search.queries import Hit
from tessera.testing.house import House
from tests.articles.words import furnish
from tests.tickets.desk import Desk

Find = Callable[..., Awaitable[list[str]]]
"""`find(actor, text, kinds=None)`: the titles of what an actor finds, the best first, when all owed work is done."""


@pytest_asyncio.fixture
async def desk(house: House) -> Desk:
    return await furnish(house)


@pytest_asyncio.fixture
async def find(house: House) -> Find:
    async def found(actor: Actor, text: str, kinds: list[str] | None = None) -> list[str]:
        return [hit.title for hit in await hits(house, actor, text, kinds)]

    return found


async def hits(house: House, actor: Actor, text: str, kinds: list[str] | None = None) -> list[Hit]:
    await house.drain()
    return await queries.search(house.runtime.units.wiring, actor, text, kinds=kinds)
