"""Twenty writers, a subscriber cut off at random: every event once, in order, and a true local copy."""

import asyncio

import pytest

from tessera.access import queries as access
from tessera.access import service as access_service
from tessera.accounts import service as accounts
from tessera.kit.secrets import hash_password
from tessera.kit.unit import Unit
from tessera.testing.fixtures import every_database
from tessera.testing.house import House
from tests.proofs.desk import Desk
from tests.proofs.stream_proofs import BEGINNING, prove_changes, prove_events
from tests.proofs.streams import EVENTS, connected, payloads
from tests.proofs.world import PASSWORD, Caller, eventually


@pytest.fixture
async def desk(served: House) -> Desk:
    """A served house with an administrator."""
    password_hash = await hash_password(PASSWORD)

    async def work(unit: Unit) -> None:
        agent = await accounts.create_agent(unit, login="admin", name="A", email=None, password_hash=password_hash)
        await access_service.grant_role(unit, agent, await access.role_named("Administrators"))

    await served.run(work)
    port = int(served.url.rpartition(":")[2])
    return await Desk.furnish(await Caller((port,)).sign_in())


@every_database
async def test_every_event_arrives_once_and_in_order(desk: Desk) -> None:
    await prove_events(desk, 1)


@every_database
async def test_a_local_copy_kept_by_deltas_is_true(desk: Desk) -> None:
    await prove_changes(desk, 1)


async def test_a_client_that_vanished_leaves_nothing_behind(desk: Desk) -> None:
    def streams() -> int:
        return len([task for task in asyncio.all_tasks() if task.get_name() == "stream"])

    for _ in range(3):
        async with connected(desk.caller) as socket:
            stream = payloads(socket, EVENTS, cursor=BEGINNING)
            await desk.open_ticket("seen")
            await anext(stream)
            assert streams() > 0
            socket.transport.abort()

    async def is_clean() -> bool:
        return streams() == 0

    await eventually(is_clean, within=5)


@pytest.mark.long
@pytest.mark.timeout(600)
@every_database
async def test_every_event_arrives_once_and_in_order_for_long(desk: Desk) -> None:
    await prove_events(desk, 15)


@pytest.mark.long
@pytest.mark.timeout(600)
@every_database
async def test_a_local_copy_kept_by_deltas_is_true_for_long(desk: Desk) -> None:
    await prove_changes(desk, 15)
