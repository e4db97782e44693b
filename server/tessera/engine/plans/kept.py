"""Rows held in memory: queues, states, priorities, names of agents, ready as JSON for each selection."""

from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from tessera.engine.nodes import NodeSpec
from tessera.engine.plans.rendered import JSON_OPTIONS, Build, Renderings
from tessera.engine.plans.selection import Declined
from tessera.kit.ids import ObjectRef

MAX_ROWS = 20_000
"""More rows than this are no small table: plans over it are declined."""


class Fragments(dict[int | None, orjson.Fragment | None]):
    """The JSON of one selection for each row, made when it is first needed."""

    def __init__(self, rows: dict[int, Any], build: Build) -> None:
        super().__init__({None: None})
        self._rows = rows
        self._build = build

    def __missing__(self, key: int) -> orjson.Fragment:
        row = self._rows.get(key)
        if row is None:
            raise Declined("a row that came after the others were read")
        fragment = self[key] = orjson.Fragment(orjson.dumps(self._build(row), option=JSON_OPTIONS))
        return fragment


class KeptSelection:
    """One selection on a kept type in one plan."""

    def __init__(self, spec: NodeSpec) -> None:
        self.spec = spec
        self.generation = -1
        self.fragments: Fragments | None = None


class Kept:
    """The rows of the kept types, as they were when first needed since the last change of any of them.

    `rendered` are the objects of other types that were made with them.
    """

    def __init__(self, specs: Sequence[NodeSpec]) -> None:
        self.generation = 0
        self.rendered = Renderings()
        self.specs = tuple(specs)
        self._kinds = frozenset(spec.kept for spec in specs)
        self._rows: dict[str, dict[int, Any]] = {}

    def notice(self, subjects: Iterable[ObjectRef]) -> None:
        """Look whether facts are about a kept row."""
        if any(subject.kind in self._kinds for subject in subjects):
            self.forget()

    def forget(self) -> None:
        """Read everything anew when it is next needed."""
        self.generation += 1
        self.rendered = Renderings()
        self._rows = {}

    def ready(self, selection: KeptSelection) -> Fragments | None:
        """Return a selection's fragments if they are of today."""
        return selection.fragments if selection.generation == self.generation else None

    async def load(self, selection: KeptSelection, build: Build) -> Fragments:
        """Return a selection's fragments; what changes while the rows are read is read again the next time.

        Raises `Declined` when there are too many rows.
        """
        generation, name = self.generation, selection.spec.name
        rows = self._rows.get(name)
        if rows is None:
            found = await selection.spec.model.all().limit(MAX_ROWS + 1)
            if len(found) > MAX_ROWS:
                raise Declined(f"more than {MAX_ROWS} rows of {name}")
            rows = {row.id: row for row in found}
            if generation == self.generation:
                self._rows[name] = rows
        fragments = Fragments(rows, build)
        selection.fragments, selection.generation = fragments, generation
        return fragments
