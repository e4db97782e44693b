"""Idempotency keys on every database: however often and however concurrently, a key makes one thing a day."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from tessera.kit.actor import SYSTEM, Actor, ActorKind
from tessera.kit.clock import set_forward
from tessera.kit.db import in_background
from tessera.kit.errors import Invalid
from tessera.kit.idempotency import MAX_KEY, ClientMutation, first_result, forget_old, remember
from tessera.kit.ids import ObjectRef
from tessera.kit.journal import Entry
from tessera.kit.unit import Unit, Units
from tessera.kit.wiring import Wiring
from tessera.testing.fixtures import every_database
from tests.kit.journal_world import database, noted

ANNA = Actor(kind=ActorKind.AGENT, id=1, name="Anna")
BEN = Actor(kind=ActorKind.AGENT, id=2, name="Ben")
CARLA = Actor(kind=ActorKind.CUSTOMER_USER, id=1, name="Carla")


@pytest.fixture(autouse=True)
async def opened(database_url: str) -> AsyncIterator[None]:
    async with database(database_url):
        yield


async def make(key: str, *, actor: Actor = ANNA, mutation: str = "make", number: int = 0) -> ObjectRef:
    """Make an entry in the way a mutation with an idempotency key makes something."""

    async def work(unit: Unit) -> ObjectRef:
        earlier = await first_result(actor, mutation, key)
        if earlier is not None:
            return earlier
        entry = await unit.record(noted(number))
        await unit.flush()
        await asyncio.sleep(0.005)
        made = ObjectRef("Entry", entry.id)
        await remember(actor, mutation, key, made)
        return made

    return await Units(Wiring()).run(actor, work)


async def make_at_once(key: str, count: int = 10) -> list[ObjectRef]:
    tasks = [in_background(make(key, number=number), name="maker") for number in range(count)]
    return await asyncio.gather(*tasks)


@every_database
async def test_ten_concurrent_calls_make_one() -> None:
    made = await make_at_once("k")
    assert len(set(made)) == 1
    assert await Entry.all().count() == 1
    assert await make("k") == made[0]


@every_database
async def test_ten_concurrent_calls_with_a_key_of_yesterday_make_one_more() -> None:
    first = await make("k")
    with set_forward(timedelta(hours=24, seconds=1)):
        made = await make_at_once("k")
        assert await make("k") == made[0]
    assert len(set(made)) == 1
    assert made[0] != first
    assert await Entry.all().count() == 2


async def test_a_key_counts_for_one_caller_and_one_mutation() -> None:
    made = [
        await make("k"),
        await make("K"),
        await make("k", mutation="other"),
        await make("k", actor=BEN),
        await make("k", actor=CARLA),
        await make("k", actor=SYSTEM),
    ]
    assert len(set(made)) == len(made)


@every_database
async def test_keys_differ_by_case_accent_and_trailing_space() -> None:
    keys = ("key", "KEY", "kéy", "key ", "ke\u0301y")
    assert len({await make(key) for key in keys}) == len(keys)


async def test_a_call_that_failed_leaves_its_key_free() -> None:
    async def fail(unit: Unit) -> None:
        assert await first_result(ANNA, "make", "k") is None
        await unit.record(noted(1))
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await Units(Wiring()).run(ANNA, fail)
    assert await Entry.all().count() == 0
    await make("k")
    assert await Entry.all().count() == 1


@pytest.mark.parametrize("key", ["k" * (MAX_KEY + 1), "k\x00", "k\ud800"])
async def test_a_key_no_database_could_keep_is_refused(key: str) -> None:
    await make("k" * MAX_KEY)
    with pytest.raises(Invalid) as caught:
        await make(key)
    assert caught.value.field == ("clientMutationId",)


async def test_keys_of_yesterday_are_forgotten() -> None:
    await make("old")
    with set_forward(timedelta(hours=23)):
        await make("new")
    with set_forward(timedelta(hours=25)):
        assert await forget_old() == 1
    assert [row.key for row in await ClientMutation.all()] == ["new"]
