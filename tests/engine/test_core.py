"""The engine on graphql-core: costs out of the schema, contexts per event, and what refuses."""

import asyncio
from collections.abc import AsyncGenerator

import pytest
import strawberry

from tessera.engine.context import Context
from tessera.engine.core import CoreEngine
from tessera.engine.directives import Cost
from tessera.engine.documents import Refused
from tessera.engine.guard import Limits
from tessera.kit.bus import LocalBus
from tessera.kit.unit import Units
from tessera.kit.wiring import Wiring

closed: list[str] = []


@strawberry.type
class Page:
    total: int = strawberry.field(directives=[Cost(weight=7)])


@strawberry.type
class Query:
    @strawberry.field
    def page(self, first: int = 20) -> Page:
        return Page(total=first)

    pages: list[Page] = strawberry.field(directives=[Cost(weight=1, assumed=30)])


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def ticks(self, info: strawberry.Info[int, None]) -> AsyncGenerator[str, None]:
        try:
            for _ in range(3):
                yield f"begun with {info.context}"
                await asyncio.sleep(0)
        finally:
            closed.append("ticks")


SCHEMA = strawberry.Schema(query=Query, subscription=Subscription)


@pytest.mark.parametrize(("query", "cost"), [("{page{total}}", 1 + 7), ("{pages{total}}", 30 * (1 + 7))])
def test_costs_come_from_the_schema(query: str, cost: int) -> None:
    CoreEngine(SCHEMA, limits=Limits(cost=cost)).prepare(query, None, {})
    with pytest.raises(Refused) as refused:
        CoreEngine(SCHEMA, limits=Limits(cost=cost - 1)).prepare(query, None, {})
    assert (refused.value.errors[0].extensions or {})["actual"] == cost


async def test_a_variable_that_does_not_fit_is_refused_before_execution() -> None:
    engine = CoreEngine(SCHEMA)
    prepared = engine.prepare("query($n: Int!){page(first: $n){total}}", None, {})
    with pytest.raises(Refused) as refused:
        await engine.execute(prepared, {"n": "x"}, None)
    assert (refused.value.errors[0].extensions or {})["code"] == "BAD_USER_INPUT"
    result = await engine.execute(prepared, {"n": 2}, None)
    assert (result.data, result.errors) == ({"page": {"total": 2}}, None)


async def test_every_event_asks_for_a_context_and_a_context_may_end_the_stream() -> None:
    closed.clear()
    made = 0

    async def context() -> int:
        nonlocal made
        made += 1
        if made == 4:
            raise PermissionError
        return made

    engine = CoreEngine(SCHEMA)
    opened = await engine.open(engine.prepare("subscription{ticks}", None, {}), {}, await context())
    stream = opened.results(context)
    for _ in range(2):
        assert (await anext(stream)).data == {"ticks": "begun with 1"}
    with pytest.raises(PermissionError):
        await anext(stream)
    assert closed == ["ticks"]


async def test_who_is_called_off_disturbs_nobody_who_waits_for_the_same() -> None:
    context, asked = Context(Units(Wiring()), LocalBus(), None), asyncio.Event()

    async def load(keys: list[int]) -> list[int]:
        await asked.wait()
        return [key * 2 for key in keys]

    first, second = (asyncio.create_task(context.load("twice", 21, load)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    asked.set()
    assert await second == 42
    assert first.cancelled()
