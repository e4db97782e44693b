"""The compiler on a schema made of corner cases: what it compiles, what it leaves alone, and what comes out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
import pytest
import strawberry

from tessera.engine.context import Context
from tessera.engine.engine import Engine
from tessera.engine.fields import batch, computed, derived
from tessera.kit.actor import SYSTEM
from tessera.kit.errors import Invalid
from tessera.testing.house import House
from tessera.transport.encoding import encode, payload_of

calls: list[list[int]] = []


@dataclass(frozen=True)
class Thing:
    """What stands for a `Part`."""

    id: int
    label: str | None = None


async def _texts(_context: Context, keys: list[int], prefix: str = "no", times: int = 1) -> dict[int, str]:
    calls.append(keys)
    return {key: f"{prefix}{key}" * times for key in keys if key % 2}


async def _some_fail(_context: Context, keys: list[int]) -> list[str | Exception]:
    return [Invalid("Three is too much.") if key == 3 else str(key) for key in keys]


async def _all_fail(_context: Context, _keys: list[int]) -> list[str]:
    raise Invalid("Nothing works.")


async def _too_few(_context: Context, keys: list[int]) -> list[str]:
    return [str(key) for key in keys[1:]]


async def _children(_context: Context, keys: list[int]) -> dict[int, list[Thing | None]]:
    return {key: [Thing(key * 10), None, Thing(key * 10 + 1, "x")] for key in keys if key != 2}


async def _whole_children(_context: Context, keys: list[int]) -> dict[int, list[Thing | None]]:
    return {key: [Thing(key * 10), *([None] if key == 2 else [])] for key in keys}


def _half(key: int) -> int | None:
    return None if key % 2 else key // 2


@strawberry.type
class Part:
    label: str | None
    id: int
    text: str | None = batch(_texts)
    needed_text: str = batch(_texts)
    some_fail: str | None = batch(_some_fail)
    some_fail_needed: str = batch(_some_fail)
    all_fail: str | None = batch(_all_fail)
    too_few: str | None = batch(_too_few)
    children: list["Part | None"] | None = batch(_children)
    whole_children: list["Part"] | None = batch(_whole_children)
    half: int | None = derived(_half, "id")
    needed_half: int = derived(_half, "id")


async def _parts(_context: Context, count: int = 3, first: int | None = 1) -> list[Thing]:
    return [Thing(number) for number in range(first or 0, (first or 0) + count)]


async def _no_part(_context: Context) -> Thing | None:
    return None


async def _failing(_context: Context) -> Thing | None:
    raise Invalid("No such thing.")


@strawberry.type
class Query:
    parts: list[Part] = computed(_parts)
    no_part: Part | None = computed(_no_part)
    failing: Part | None = computed(_failing)


SCHEMA = strawberry.Schema(query=Query)


async def both(
    house: House, document: str, variables: Mapping[str, Any] | None = None
) -> tuple[dict[str, Any] | None, dict[str, Any]]:
    """Answer by the plan, None without one, and by graphql-core; they agree where both answer."""
    engine, given = Engine(SCHEMA), variables or {}
    prepared = engine.prepare(document, None, given)
    context = Context(house.runtime.units, house.runtime.bus, SYSTEM)
    planned = await engine.planned(prepared, given, context)
    context = Context(house.runtime.units, house.runtime.bus, SYSTEM)
    answer = encode(payload_of(await engine.execute(prepared, given, context), None))
    if planned is not None:
        assert planned == answer
    return None if planned is None else orjson.loads(planned), orjson.loads(answer)


COMPILED = (
    "{ parts { id label half __typename } }",
    '{ parts { text a: text b: text(prefix: "x") c: text(times: 2) } }',
    "{ parts { id children { id label children { id text } } } }",
    "{ parts { children { id } children { label } ...F } } fragment F on Part { children { text } id }",
    "{ parts(count: 1) { wholeChildren { id text } } }",
    "{ noPart { id children { id } } }",
    "{ parts(count: 0) { id neededText someFail children { id } } }",
    "{ parts(first: 4, count: 3) { someFail someFailNeeded } }",
    "{ id: parts { label: id id: label text: half } parts { id } }",
    "query ($a: Boolean!, $b: Boolean! = true) { parts { id @skip(if: $a) label @include(if: $b) } }",
    "query ($a: Boolean!) { ... @include(if: $a) { parts { id } } noPart { id @skip(if: $a) } }",
)


@pytest.mark.parametrize("document", COMPILED)
async def test_it_compiles_and_says_what_graphql_core_says(house: House, document: str) -> None:
    for value in (True, False):
        planned, answer = await both(house, document, {"a": value})
        assert planned == answer
        assert "errors" not in answer


FAILING = (
    "{ parts { id someFail } }",
    "{ parts { id someFailNeeded } }",
    "{ parts { id allFail } }",
    "{ parts { id tooFew } }",
    "{ parts { neededText } }",
    "{ parts { neededHalf } }",
    "{ parts { children { someFail neededHalf } } }",
    "{ parts(first: 2) { wholeChildren { id } } }",
    "{ parts { id } failing { id } }",
    "{ parts { id } broken: failing { id } noPart { id } }",
)


@pytest.mark.parametrize("document", FAILING)
async def test_errors_and_the_nulls_they_leave_are_graphql_cores(house: House, document: str) -> None:
    planned, answer = await both(house, document)
    assert planned is None
    assert answer["errors"]


async def test_a_batch_is_called_once_for_all_parents_and_each_key_comes_once(house: House) -> None:
    engine = Engine(SCHEMA)
    prepared = engine.prepare("{ parts { text } again: parts { text } parts { id children { text } } }", None, {})
    calls.clear()
    assert await engine.planned(prepared, {}, Context(house.runtime.units, house.runtime.bus, SYSTEM)) is not None
    assert calls == [[1, 2, 3], [10, 11, 30, 31], [1, 2, 3]]


ARGUMENTS: tuple[tuple[str, Mapping[str, Any]], ...] = (
    ("query ($n: Int) { parts(count: $n) { id } }", {"n": 2}),
    ("query ($n: Int) { parts(count: $n) { id } }", {}),
    ("query ($n: Int) { parts(count: $n) { id } }", {"n": None}),
    ("query ($n: Int = 2) { parts(count: $n) { id } }", {}),
    ("query ($n: Int = 2) { parts(count: $n) { id } }", {"n": None}),
    ("query ($n: Int) { parts(first: $n) { id } }", {}),
    ("query ($n: Int) { parts(first: $n) { id } }", {"n": None}),
    ("query ($n: Int) { parts(first: $n, count: 1) { id } }", {"n": 2.0}),
    ("query ($s: String) { parts { text(prefix: $s) } }", {"s": None}),
    ("query ($s: String, $n: Int) { parts { text(prefix: $s, times: $n) } }", {"n": 2}),
    ("query ($s: String!, $n: Int!) { parts { text(prefix: $s, times: $n) } }", {"n": 2, "s": "x"}),
)


@pytest.mark.parametrize(("document", "variables"), ARGUMENTS)
async def test_variables_mean_to_a_plan_what_they_mean_to_graphql_core(
    house: House, document: str, variables: Mapping[str, Any]
) -> None:
    planned, answer = await both(house, document, variables)
    assert (planned is None) == ("errors" in answer)


async def test_a_plan_serves_other_values_of_its_variables(house: House) -> None:
    document = "query ($n: Int!, $s: String) { parts(count: $n) { text(prefix: $s) } }"
    engine = Engine(SCHEMA)
    for count, prefix in ((1, "a"), (2, "b"), (1, "b")):
        given = {"n": count, "s": prefix}
        prepared = engine.prepare(document, None, given)
        answer = await engine.planned(prepared, given, Context(house.runtime.units, house.runtime.bus, SYSTEM))
        texts = [{"text": f"{prefix}{key}" if key % 2 else None} for key in range(1, count + 1)]
        assert orjson.loads(answer or b"") == {"data": {"parts": texts}}
    assert (engine.counters.compiled, engine.counters.planned) == (1, 3)


DECLINED = (
    "{ __schema { queryType { name } } }",
    '{ __type(name: "Part") { name } parts { id } }',
)


@pytest.mark.parametrize("document", DECLINED)
async def test_what_no_declaration_explains_is_left_to_graphql_core(house: House, document: str) -> None:
    planned, answer = await both(house, document)
    assert planned is None
    assert "errors" not in answer
