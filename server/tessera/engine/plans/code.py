"""The generated function while it is written: names, constants, lines, and the statements it runs."""

import ast
from dataclasses import dataclass, field
from typing import Any

from tortoise.fields.base import Field

from tessera.engine.plans.leaves import PACKABLE, Form
from tessera.engine.plans.selection import Declined
from tessera.engine.plans.statements import Statement, slot
from tessera.kit.model import Row


class Unpackable(Declined):
    """Rows have to come as records: a value of theirs would not survive JSON, or what they become needs more."""


MOST_PACKED = 90
"""Columns of a packed row at most: PostgreSQL's functions take a hundred arguments, and a cursor may need some."""


class Names:
    """Makes names, and keeps the constants the generated function refers to."""

    def __init__(self) -> None:
        self.constants: dict[str, Any] = {}
        self.fixed: set[str] = set()
        """Variables that are the same whenever the plan runs, as long as no row in memory changes."""
        self.tied: dict[str, str] = {}
        """Variables that differ between runs: by the expression of what they hang on."""
        self._last = 0

    def new(self, prefix: str) -> str:
        """Return a name nobody has."""
        self._last += 1
        return f"{prefix}{self._last}"

    def constant(self, prefix: str, value: Any) -> str:
        """Return the name of a value; the same object has one name."""
        for name, known in self.constants.items():
            if known is value:
                return name
        name = self.new(prefix)
        self.constants[name] = value
        return name


def free_names(expression: str) -> set[str]:
    """Return the names that an expression reads and does not bind itself."""
    read, bound = set[str](), set[str]()
    for each in ast.walk(ast.parse(expression, mode="eval")):
        if isinstance(each, ast.Name):
            (read if isinstance(each.ctx, ast.Load) else bound).add(each.id)
    return read - bound


@dataclass
class Block:
    """Lines around one fetch: what it needs before, and what uses its rows after."""

    before: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)


@dataclass
class Draft:
    """A statement's selected columns and joins while its selection is walked.

    A nested draft is part of the text of the outermost one, whose slots it fills. Each row of a `packed` one comes as
    JSON, that of the outermost one as a text; the rows of a `flat` one come as they are.
    """

    alias: str
    outer: "Draft | None" = None
    packed: bool = False
    flat: bool = True
    columns: list[str] = field(default_factory=list)
    joins: list[str] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    unpacked: list[int] = field(default_factory=list)
    """The places of columns that come as JSON."""
    deep: bool = False
    """Whether the rows have to be cut to their page before anything is joined to them."""

    @property
    def whole(self) -> bool:
        """Whether a row is one text: all that its object takes."""
        return self.packed and self.outer is None

    def column(self, text: str) -> int:
        """Return the place of a selected expression."""
        if text not in self.columns:
            self.columns.append(text)
        return self.columns.index(text)

    def slot(self, piece: str) -> str:
        """Return a slot's mark; `piece` is the expression that makes its SQL when the plan runs."""
        if self.outer is not None:
            return self.outer.slot(piece)
        self.pieces.append(piece)
        return slot(len(self.pieces) - 1)

    def select(self, tail: str, order: str, extra: str = "", *, record: bool = False) -> str:
        """Return the statement: `tail` is a slot's mark for FROM to LIMIT, `order` one for ORDER BY.

        `extra` are further columns, each behind its comma; as a `record`, all columns become one, as those of a packed
        draft always do.
        """
        columns = self._as_one(extra) if self.packed else self._listed + extra
        if record and not self.packed:
            columns = f"ROW({columns})"
        if not self.deep and not self.joins:
            return f"SELECT {columns} {tail}"
        inner = f"(SELECT {self.alias}.* {tail}) {self.alias}"
        return f"SELECT {columns} FROM {inner}{''.join(self.joins)} ORDER BY {order}"  # noqa: S608 - names are ours

    def find(self, source: str, condition: str) -> str:
        """Return the statement of the rows that meet a condition, in no order: both are slots' marks."""
        columns = self._as_one() if self.packed else self._listed
        return f"SELECT {columns} FROM {source} {self.alias}{''.join(self.joins)} WHERE {condition}"  # noqa: S608 - names are ours

    @property
    def _listed(self) -> str:
        return ", ".join(self.columns or ["1"])

    def _as_one(self, extra: str = "") -> str:
        if len(self.columns) > MOST_PACKED:
            raise Unpackable("too many values for one row of JSON")
        return f"json_build_array({self._listed}{extra})"

    def fetched(self, text: str, names: Names) -> str:
        """Return the arguments with which the plan binds the finished statement."""
        pieces = "".join(f"{piece}, " for piece in self.pieces)
        statement = Statement(text, tuple(self.pieces), tuple(self.unpacked), whole=self.whole)
        return f"{names.constant('T', statement)}, ({pieces})"


@dataclass(frozen=True)
class Level:
    """Where the values of one object's fields come from; `path` are the clauses that go through all objects."""

    path: str
    block: Block


@dataclass(frozen=True)
class RecordLevel(Level):
    """An object that is (a part of) a row of a statement, in the variable `row`."""

    row: str
    draft: Draft
    alias: str
    model: type[Row]
    form: Form

    def field(self, column: str) -> Field[Any]:
        """Return a column's declaration; raises `Declined` when the table has no such column, and `Unpackable`."""
        found = self.model._meta.fields_map.get(column)
        if found is None or column not in self.model._meta.fields_db_projection:
            raise Declined(f"{self.model.__name__} has no column {column}")
        if self.form == "json" and not isinstance(found, PACKABLE):
            raise Unpackable(f"{self.model.__name__}.{column} does not come through JSON as it is")
        return found

    def raw(self, column: str) -> str:
        """Return a column's value as the database gives it."""
        name = self.model._meta.fields_db_projection[column]
        place = self.draft.column(f'{self.alias}."{name}"')
        return f"{self.row}[{place}]"


@dataclass(frozen=True)
class ThingLevel(Level):
    """An object in Python's memory, in the variable `name`."""

    name: str
