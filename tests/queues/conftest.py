"""The desk most tests of queues begin with."""

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
import pytest_asyncio

from tessera.access import service as access
from tessera.kit.unit import Unit
from tessera.queues import service
from tessera.testing.house import House
from tests.queues.desk import Desk


@pytest_asyncio.fixture
async def desk(house: House) -> Desk:
    async def build(unit: Unit) -> Desk:
        everybody = await access.create_group(unit, name="everybody")
        sellers = await access.create_group(unit, name="sellers")
        support = await service.create_queue(unit, name="Support", group=everybody)
        first = await service.create_queue(unit, name="1st Level", group=everybody, parent=support)
        second = await service.create_queue(unit, name="2nd Level", group=everybody, parent=first)
        sales = await service.create_queue(unit, name="Sales", group=sellers, email_address="Sales@Example.com")
        return Desk(house, everybody, sellers, support, first, second, sales)

    return await house.run(build)


@pytest.fixture
def counted() -> Callable[[], AbstractContextManager[list[str]]]:
    """Return a context manager that collects the statements sent to the database inside it."""

    @contextmanager
    def collect() -> Iterator[list[str]]:
        statements: list[str] = []
        logger = logging.getLogger("tortoise.db_client")
        level = logger.level

        def note(record: logging.LogRecord) -> bool:
            statements.append(record.getMessage())
            return False

        logger.addFilter(note)
        logger.setLevel(logging.DEBUG)
        try:
            yield statements
        finally:
            logger.setLevel(level)
            logger.removeFilter(note)

    return collect
