"""Explains a query: which SQL its plan sends, which function builds the answer, or why there is no plan."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from graphql import OperationType

from tessera.engine.context import Context
from tessera.engine.documents import Prepared
from tessera.engine.engine import Engine
from tessera.engine.layout import PYTHON, SQL, laid_out
from tessera.engine.plans.kept import KeptSelection
from tessera.engine.plans.plan import Plan, Root
from tessera.engine.plans.rendered import RowSelection
from tessera.engine.plans.running import Asked, Records, Run
from tessera.engine.plans.selection import Declined
from tessera.engine.plans.statements import Statement
from tessera.engine.plans.variables import Arguments
from tessera.kit.errors import Problem
from tessera.kit.sql import ROW, VALUE, Sql
from tessera.kit.tracing import Kind, Tracing

NAME = re.compile(r"[A-Z]\d+")
LONGEST_VALUE = 200


@dataclass
class Sent:
    """What was sent for one statement: the text as the driver got it, values apart."""

    text: str
    runs: int
    values: int
    rows: int
    seconds: float


class Noting(Run):
    """A run that notes what it sends."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self.sent: dict[int, list[Sent]] = {}

    async def fetch(self, statement: Statement, pieces: Sequence[Sql]) -> Records:
        """Return the rows of a statement."""
        begun = perf_counter()
        rows = await super().fetch(statement, pieces)
        self._note(statement, pieces, 1, len(rows), perf_counter() - begun)
        return rows

    async def each(self, parents: Sequence[int], statement: Statement, pieces: Sequence[Sql]) -> dict[int, Records]:
        """Return the rows of a statement that is run for each parent."""
        begun = perf_counter()
        found = await super().each(parents, statement, pieces)
        self._note(statement, pieces, len(parents), sum(map(len, found.values())), perf_counter() - begun)
        return found

    def _note(self, statement: Statement, pieces: Sequence[Sql], runs: int, rows: int, seconds: float) -> None:
        text, values = statement.bind(pieces)
        self.sent.setdefault(id(statement), []).append(Sent(text, runs, len(values), rows, seconds))


class Texts:
    """A tracer that keeps nothing but the texts of statements."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def span(self, _name: str, _kind: Kind, _parent: str | None) -> AbstractContextManager["Texts"]:
        """Open a span."""
        return nullcontext(self)

    def note(self, _name: str, value: str | int) -> None:
        """Keep the only thing such a span tells."""
        self.texts.append(str(value))

    def traceparent(self) -> str | None:
        """Return nothing: no trace goes on elsewhere."""

    def close(self) -> None:
        """Do nothing."""


async def explain(engine: Engine, prepared: Prepared, variables: Mapping[str, Any], context: Context) -> list[str]:
    """Return the lines that explain an operation; a query is run once to see what it sends, a mutation never is."""
    try:
        plan, values = engine.plan(prepared, variables, context.actor)
    except Declined as declined:
        plan, values = str(declined), {}
    if isinstance(plan, str):
        return [f"No plan: graphql-core answers this {prepared.kind.value}.", f"  {plan}"]
    run = Noting(context, engine.kept, values, variables)
    lines: list[str] = []
    texts = Texts()
    try:
        if prepared.kind is OperationType.QUERY:
            with Tracing(texts).begin("explain"):
                await plan.run(run)
        else:
            lines = ["Not run, because it would change something.", ""]
    except (Declined, Problem) as failure:
        lines = [f"The plan gives up, and graphql-core answers: {failure}", ""]
    for root in plan.roots:
        lines += [*_statements(plan, root, run), ""]
    known = {sent.text for each in run.sent.values() for sent in each}
    for text in dict.fromkeys(text for text in texts.texts if text not in known):
        lines += ["sent beside them, for counts and for what Python resolves", *_indented(laid_out(text, SQL), 4), ""]
    function = [part for line in plan.source.splitlines() for part in laid_out(line, PYTHON)]
    return [*lines, "function", *_indented(function), "", "names", *_indented(_names(plan))]


def _statements(plan: Plan, root: Root, run: Noting) -> Iterator[str]:
    """Tell of one root field what it sends."""
    yield root.key if root.key == root.name else f"{root.key}: {root.name}"
    written = "\n".join((*root.lines, root.expression))
    named = [name for name in dict.fromkeys(NAME.findall(written)) if isinstance(plan.constants.get(name), Statement)]
    if not named:
        yield "  sends no SQL of its own"
    for name in named:
        statement = plan.constants[name]
        sent = run.sent.get(id(statement), [])
        if not sent:
            yield f"  {name}: not sent this time; <…> is filled in when it is"
            yield from _indented(laid_out(statement.described(), SQL), 4)
        for each in sent:
            yield f"  {name}: {_measures(each)}"
            yield from _indented(laid_out(each.text, SQL), 4)


def _measures(sent: Sent) -> str:
    times = "once" if sent.runs == 1 else f"{sent.runs} times"
    return f"sent {times}; {sent.values} values, {sent.rows} rows, {sent.seconds * 1000:.1f} ms"


def _names(plan: Plan) -> Iterator[str]:
    for name, value in plan.constants.items():
        yield from laid_out(f"{name} = {_described(value)}", PYTHON)


def _described(value: object) -> str:
    match value:
        case Statement():
            text = "the statement above"
        case KeptSelection():
            text = f"{value.spec.name}, held in memory"
        case RowSelection():
            text = f"{value.name}, remembered by its row"
        case Arguments():
            text = "arguments with variables in them"
        case Sql():
            text = value.text.replace(ROW, "row").replace(VALUE, "?")
        case (Asked() as asked, dict() as others):
            text = f"a page of {asked.size}, and {others}"
        case _ if callable(value) and hasattr(value, "__qualname__"):
            text = f"{value.__module__}.{value.__qualname__}"
        case _:
            text = repr(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"


def _indented(lines: Iterator[str] | Sequence[str], by: int = 2) -> Iterator[str]:
    return (f"{' ' * by}{line}" for line in lines)
