"""What a compiled plan answers is what graphql-core answers, for documents nobody thought of.

Every request that succeeds is answered by a plan, unless it selects what only a resolver knows.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from graphql import ExecutionResult, GraphQLSchema
from hypothesis import HealthCheck, Phase, given, settings

from tessera.engine.documents import Prepared, Refused
from tessera.engine.engine import Engine, Known
from tessera.engine.plans.plan import Plan
from tessera.kit import clock
from tessera.testing.databases import Kind, migrated_database
from tessera.testing.fixtures import SECRET, every_database
from tessera.testing.house import open_house
from tessera.transport.encoding import encode, payload_of
from tests.beside import EVERYTHING
from tests.engine.documents import ORDERS, Asked, Case, cases, order_literal
from tests.engine.world import World, build

EXAMPLES: Mapping[Kind, int] = {"sqlite": 1300, "postgres": 350, "mariadb": 350}
LONG = 2500
PLANNED = 0.6
"""The share of requests, wrong ones included, that plans have to answer, or the comparison would prove little."""
REMEMBERED = 0.25
"""The share of planned answers in which PostgreSQL's rows are remembered, at least."""


@dataclass
class Comparison:
    """Answers every request twice and keeps count."""

    engine: Engine
    world: World
    counts: Counter[str] = field(default_factory=Counter)

    async def check(self, case: Case) -> None:
        """Run a case's requests one after the other, so that what is remembered of one meets the next."""
        for asked in case.asked:
            await self._ask(case, asked)

    async def _ask(self, case: Case, asked: Asked) -> None:
        try:
            prepared = self.engine.prepare(case.document, case.operation, asked.variables)
        except Refused as refusal:
            self._note("refused", case, asked, _unfit(case, refusal), refusal)
            return
        failed = self.engine.counters.failed
        planned = await self.engine.planned(prepared, asked.variables, self.world.context(asked.viewer))
        again = await self.engine.planned(prepared, asked.variables, self.world.context(asked.viewer))
        try:
            result = await self.engine.execute(prepared, asked.variables, self.world.context(asked.viewer))
        except Refused as refusal:
            self._note("refused", case, asked, planned and "graphql-core refuses what was planned", planned, refusal)
            return
        answer = encode(payload_of(result, None))
        failed = self.engine.counters.failed - failed
        wrong = self._wrong(case, asked, planned, result, answer) or (failed and not result.errors and "it failed")
        wrong = wrong or (again != planned and "the second answer differs, which was made of what the first one left")
        self.counts["remembered"] += again is not None and ".keep(" in _source(prepared)
        kind = "planned" if planned is not None else "errors" if result.errors else "not compilable"
        self._note(kind, case, asked, wrong, planned, answer, prepared)

    def _wrong(
        self, case: Case, asked: Asked, planned: bytes | None, result: ExecutionResult, answer: bytes
    ) -> str | None:
        """Say what is wrong about two answers."""
        if b"INTERNAL_SERVER_ERROR" in answer:
            return "graphql-core fails"
        if planned is not None:
            return None if planned == answer else "the answers differ"
        expected = case.compilable and asked.viewer != "anonymous" and not result.errors
        return "there is no plan" if expected else None

    def _note(self, kind: str, case: Case, asked: Asked, wrong: Any, *told: Any) -> None:
        """Count a request, or tell everything about one with which something is wrong."""
        self.counts[kind] += 1
        if not wrong:
            return
        texts = [_source(each) if isinstance(each, Prepared) else str(each) for each in told]
        request = (case.document, f"operation {case.operation}", f"{asked.viewer}: {dict(asked.variables)!r}")
        raise AssertionError("\n\n".join([str(wrong), *request, *texts]))


def _unfit(case: Case, refusal: Refused) -> str | None:
    """Say what is wrong about a refusal: too dear is right, and so is invalid where a value is wrong on purpose."""
    allowed = {"LIMIT_EXCEEDED"} if case.compilable else {"LIMIT_EXCEEDED", "GRAPHQL_VALIDATION_FAILED"}
    codes = {(each.extensions or {}).get("code") for each in refusal.errors}
    return None if codes <= allowed else "the document should be valid"


def _source(prepared: Prepared) -> str:
    """Return the code of an operation's plans, or why there is none."""
    known = prepared.memory.get(Known)
    plans = known.plans.values() if known is not None else ()
    return "\n".join(each.source if isinstance(each, Plan) else f"no plan: {each}" for each in plans)


@contextmanager
def comparing(kind: Kind, folder: Path) -> Iterator[tuple[asyncio.Runner, Comparison]]:
    """Open a filled house whose clock stands still, in a loop that runs while an example waits for it."""

    async def opened(stack: AsyncExitStack) -> Comparison:
        assembly = EVERYTHING
        url = await stack.enter_async_context(migrated_database(kind, assembly.apps))
        house = await stack.enter_async_context(open_house(url, folder, assembly=assembly, secret=SECRET))
        world = await build(house)
        comparison = Comparison(Engine(assembly.schema), world)
        await _collect_cursors(comparison)
        return comparison

    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        try:
            comparison = runner.run(opened(stack))
            with clock.stopped(clock.now()):
                yield runner, comparison
        finally:
            runner.run(stack.aclose())


async def _collect_cursors(comparison: Comparison) -> None:
    """Note cursors of every connection, and of lists of tickets in every order."""
    cursors = comparison.world.cursors
    for order in ORDERS:
        argument = f"orderBy: {order_literal(order)}, " if order else ""
        found = await _edges(
            comparison, f"{{ tickets({argument}filter: {{archived: null}}) {{ edges {{ cursor }} }} }}"
        )
        for parent in ("Query", "Queue", "Customer", "CustomerUser"):
            cursors[parent, "tickets", *order] = found
    cursors["Query", "tickets", "-CREATED_AT"] = cursors["Query", "tickets"]
    for name in ("jobs", "agents", "customerUsers", "customers", "mailMessages", "articleDeliveries", "dummyRemarks"):
        cursors["Query", name] = await _edges(comparison, f"{{ {name} {{ edges {{ cursor }} }} }}")
    cursors["Viewer", "notifications"] = await _edges(comparison, "{ viewer { notifications { edges { cursor } } } }")
    cursors["Agent", "dummy"] = cursors["Query", "dummyRemarks"]
    cursors["Customer", "customerUsers"] = cursors["Query", "customerUsers"]
    for name in ("articles", "history"):
        cursors["Ticket", name] = await _edges(
            comparison, f"{{ tickets {{ nodes {{ {name}(first: 3) {{ edges {{ cursor }} }} }} }} }}"
        )


async def _edges(comparison: Comparison, document: str) -> list[str]:
    prepared = comparison.engine.prepare(document, None, {})
    result = await comparison.engine.execute(prepared, {}, comparison.world.context("administrator"))
    assert not result.errors, result.errors
    found: list[str] = []
    pending: list[Any] = [result.data]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            found += [value["cursor"]] if "cursor" in value else []
            pending.extend(value.values())
        elif isinstance(value, list):
            pending.extend(value)
    return sorted(set(found))


def compare(kind: Kind, folder: Path, *, examples: int) -> Counter[str]:
    """Compare generated documents; return how their requests were answered."""
    with comparing(kind, folder) as (runner, comparison):
        schema: GraphQLSchema = comparison.engine.schema

        @settings(
            max_examples=examples,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        )
        @given(cases(schema, comparison.world))
        def holds(case: Case) -> None:
            runner.run(comparison.check(case))

        holds()
        return comparison.counts


def forgotten(test: Any) -> Any:
    """Let graphql-core forget the coroutines beside a field whose argument it refuses, and Python come across them."""
    for warning in (
        "ignore:coroutine .* was never awaited:RuntimeWarning",
        "ignore::pytest.PytestUnraisableExceptionWarning",
    ):
        test = pytest.mark.filterwarnings(warning)(test)
    return test


def _prove(kind: Kind, counts: Counter[str]) -> None:
    remembered = counts.pop("remembered")
    assert counts["planned"] / counts.total() > PLANNED, counts
    assert remembered >= (REMEMBERED * counts["planned"] if kind == "postgres" else 0), (remembered, counts)


@forgotten
@every_database
def test_plans_answer_as_graphql_core_does(database_kind: Kind, tmp_path: Path) -> None:
    _prove(database_kind, compare(database_kind, tmp_path, examples=EXAMPLES[database_kind]))


@forgotten
@pytest.mark.long
@pytest.mark.timeout(3600)
@every_database
def test_plans_answer_as_graphql_core_does_for_long(database_kind: Kind, tmp_path: Path) -> None:
    _prove(database_kind, compare(database_kind, tmp_path, examples=LONG))
