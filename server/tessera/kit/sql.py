"""SQL in pieces: conditions on the columns of a table, what a query set says, and how both become one statement.

A condition takes any text that somebody typed: with characters that a database refuses it matches nothing.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from tortoise.expressions import RawSQL
from tortoise.queryset import QuerySet

from tessera.kit.actor import Actor
from tessera.kit.db import dialect
from tessera.kit.model import Row
from tessera.kit.text import storable

RowT = TypeVar("RowT", bound=Row)

VALUE = "\0"
"""Where a value goes in a piece; `bound` puts the dialect's own mark there."""

ROW = "\1"
"""Where the name of the table goes in a condition: `ROW."queue_id" = VALUE`."""

_NUMBERED = re.compile(r"\$\d+")
_LISTED = re.compile(f"(NOT )?IN \\({VALUE}(?:,{VALUE})*\\)|{VALUE}")


class Sql(NamedTuple):
    """A piece of SQL and its values, in the order of their marks; names stand in double quotes."""

    text: str
    values: tuple[Any, ...] = ()

    def on(self, table: str) -> str:
        """Return a condition's text for a table, or the name it has in the statement."""
        return self.text.replace(ROW, table)


def bound(text: str) -> str:
    """Write a finished statement as the open database's driver wants it."""
    kind = dialect()
    if kind == "sqlite":
        return text.replace(VALUE, "?")
    if kind == "mysql":
        return text.replace('"', "`").replace(VALUE, "%s")
    parts = text.split(VALUE)
    return parts[0] + "".join(f"${number}{part}" for number, part in enumerate(parts[1:], 1))


def column(name: str) -> str:
    """Return a column of the condition's own table."""
    return f'{ROW}."{name}"'


def equals(name: str, value: object) -> Sql:
    """Match rows whose column has a value."""
    return Sql(f"{column(name)} = {VALUE}", (_value(value),))


def differs(name: str, value: object) -> Sql:
    """Match rows whose column has another value, or none."""
    return Sql(f"({column(name)} <> {VALUE} OR {column(name)} IS NULL)", (_value(value),))


def is_null(name: str, *, null: bool = True) -> Sql:
    """Match rows without a value in a column, or those with one."""
    return Sql(f"{column(name)} IS {'NULL' if null else 'NOT NULL'}")


def compares(name: str, operator: str, value: object) -> Sql:
    """Match rows whose column is `<`, `<=`, `>` or `>=` a value."""
    return Sql(f"{column(name)} {operator} {VALUE}", (_value(value),))


def one_of(name: str, values: Iterable[object]) -> Sql:
    """Match rows whose column has one of some values; none of them matches nothing."""
    given = tuple(map(_value, values))
    if not given:
        return NOTHING
    if len(given) == 1:
        return equals(name, given[0])
    if dialect() == "postgres":
        return Sql(f"{column(name)} = ANY({VALUE})", (list(given),))
    marks, padded = _padded(given)
    return Sql(f"{column(name)} IN ({marks})", padded)


def none_of(name: str, values: Iterable[object]) -> Sql:
    """Match rows whose column has none of some values, those without a value included."""
    given = tuple(values)
    return opposite(either(one_of(name, given)), unknown=is_null(name)) if given else EVERYTHING


def contains(name: str, text: str) -> Sql:
    """Match rows whose column has a text in it; case as the database has it, so fold both."""
    return _like(name, f"%{_escaped(text)}%")


def starts_with(name: str, text: str) -> Sql:
    """Match rows whose column begins with a text; case as the database has it, so fold both."""
    return _like(name, f"{_escaped(text)}%")


def within(name: str, rows: Sql) -> Sql:
    """Match rows whose column is among the one column of other rows: `SELECT … FROM …`."""
    return Sql(f"{column(name)} IN ({rows.text})", rows.values)


def outside(name: str, rows: Sql) -> Sql:
    """Match rows whose column, which has a value, is not among the one column of other rows."""
    return Sql(f"{column(name)} NOT IN ({rows.text})", rows.values)


def picked(table: str, name: str, condition: Sql) -> Sql:
    """Return the statement of one column of a table's rows that meet a condition."""
    return Sql(f'SELECT x."{name}" FROM "{table}" x WHERE {condition.on("x")}', condition.values)  # noqa: S608 - names are ours


def both(conditions: Sequence[Sql]) -> Sql:
    """Match rows that all conditions match."""
    if len(conditions) == 1:
        return conditions[0]
    return Sql(" AND ".join(f"({each.text})" for each in conditions) or EVERYTHING.text, _values(conditions))


def either(*conditions: Sql) -> Sql:
    """Match rows that at least one condition matches; without a condition, none."""
    return Sql(" OR ".join(f"({each.text})" for each in conditions) or NOTHING.text, _values(conditions))


def opposite(condition: Sql, *, unknown: Sql | None = None) -> Sql:
    """Match rows that a condition does not match; `unknown` are those for which it is neither true nor false."""
    if unknown is None:
        return Sql(f"NOT COALESCE(({condition.text}), FALSE)", condition.values)
    return Sql(f"(NOT ({condition.text}) OR {unknown.text})", (*condition.values, *unknown.values))


EVERYTHING = Sql("1 = 1")
NOTHING = Sql("1 = 0")


def sql_of(rows: QuerySet[Any]) -> Sql:
    """Return the statement of a query set, without its order."""
    plain = rows.order_by()
    plain._make_query()  # noqa: SLF001 - the statement with its parameters; `sql()` gives no parameters
    text, values = plain.query.get_parameterized_sql()
    kind = dialect()
    if kind == "mysql":
        text = text.replace("`", '"').replace("%s", VALUE)
    elif kind == "sqlite":
        text = text.replace("?", VALUE)
    else:
        return _with_arrays(_NUMBERED.sub(VALUE, text), values)
    return Sql(text, tuple(values))


def _with_arrays(text: str, values: Sequence[Any]) -> Sql:
    """Make each list of values one value of PostgreSQL's: one statement serves lists of every length.

    Ids go as text, which is written once and read once a statement; its driver looks at each element of a list at
    every use.
    """
    rest = iter(values)
    found: list[Any] = []

    def one(match: re.Match[str]) -> str:
        if match[0] == VALUE:
            found.append(next(rest))
            return VALUE
        listed = [next(rest) for _ in range(match[0].count(VALUE))]
        ids = all(type(each) is int for each in listed)
        found.append(f"{{{','.join(map(str, listed))}}}" if ids else listed)
        array = f"(SELECT {VALUE}::text::bigint[])::bigint[]" if ids else VALUE
        return f"{'<> ALL' if match[1] else '= ANY'}({array})"

    return Sql(_LISTED.sub(one, text), tuple(found))


class Rows(Generic[RowT]):
    """Rows of a table, as a query set and as SQL, which is worked out once."""

    def __init__(self, queryset: QuerySet[RowT]) -> None:
        self.queryset = queryset
        self._sql: Sql | None = None
        self._source: Sql | None = None

    @property
    def model(self) -> type[RowT]:
        """The table."""
        return self.queryset.model

    @property
    def sql(self) -> Sql:
        """The statement."""
        if self._sql is None:
            self._sql = sql_of(self.queryset)
        return self._sql

    @property
    def everything(self) -> bool:
        """Whether no row is left out."""
        return " WHERE " not in self.sql.text

    @property
    def source(self) -> Sql:
        """What stands behind FROM: the table itself where no row is left out."""
        if self._source is None:
            whole = Sql(f'"{self.model._meta.db_table}"')
            self._source = whole if self.everything else Sql(f"({self.sql.text})", self.sql.values)
        return self._source


class Joined(Rows[RowT]):
    """Rows that a table between names: each once for every parent, whose id is the further column `via`.

    `table` has a column `own` with the ids of the rows, and `via`, which no column of the rows is called.
    """

    def __init__(self, rows: Rows[RowT], table: str, *, own: str, via: str) -> None:
        super().__init__(rows.queryset)
        inner = rows.source
        joined = f'{inner.text} own JOIN "{table}" pair ON pair."{own}" = own."id"'
        text = f'(SELECT own.*, pair."{via}" FROM {joined})'  # noqa: S608 - names are ours
        self._sql = self._source = Sql(text, inner.values)

    @property
    def everything(self) -> bool:
        """Never: what no parent has is left out."""
        return False


_INSTANTS = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f000+00:00', 'now')",  # as instants are written there
    "postgres": "CURRENT_TIMESTAMP",
    "mysql": "UTC_TIMESTAMP(6)",
}


def this_instant() -> RawSQL:
    """Return the database's own now, for what is `seen`: a moment of Python's would be kept with it."""
    return RawSQL(_INSTANTS[dialect()])


def seen(actor: Actor, visible: Callable[[Actor], QuerySet[RowT]]) -> Rows[RowT]:
    """Return what an actor sees of a table, kept for as long as the actor's rights are the same."""
    key = (visible, dialect())
    known: Rows[RowT] | None = actor.memory.get(key)
    if known is None:
        known = actor.memory[key] = Rows(visible(actor))
    return known


def _value(value: object) -> object:
    return storable(value) if isinstance(value, str) else value


def _values(conditions: Iterable[Sql]) -> tuple[Any, ...]:
    return tuple(value for each in conditions for value in each.values)


def _padded(values: tuple[object, ...]) -> tuple[str, tuple[object, ...]]:
    """Fill up to a power of two with the last value: few different statements serve lists of every length."""
    size = 1 << (len(values) - 1).bit_length()
    return ", ".join([VALUE] * size), values + values[-1:] * (size - len(values))


def _like(name: str, pattern: str) -> Sql:
    return Sql(f"{column(name)} LIKE {VALUE} ESCAPE '!'", (storable(pattern),))


def _escaped(text: str) -> str:
    return re.sub(r"([!%_])", r"!\1", text)
