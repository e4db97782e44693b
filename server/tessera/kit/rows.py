"""Rows in and out by statements that are kept for each table, instead of being worked out each time."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, TypeVar

from tortoise import fields
from tortoise.exceptions import IntegrityError
from tortoise.expressions import Expression
from tortoise.fields.base import Field
from tortoise.models import Model
from tortoise.queryset import QuerySet

from tessera.kit.actor import Actor
from tessera.kit.db import Contention, connection, dialect, draw, fetch_rows, inside_transaction, is_taken, transaction
from tessera.kit.db import put_off as put_off_statement
from tessera.kit.draws import Draws
from tessera.kit.model import Row
from tessera.kit.sql import VALUE, Sql, bound, one_of, seen

ModelT = TypeVar("ModelT", bound=Model)
RowT = TypeVar("RowT", bound=Row)
Convert = Callable[[Any], Any]

SIZES = (64, 8)
"""Rows of one statement; fewer than the least of them have a statement for their number."""

STATEMENTS = 2_000
"""Finished texts that are kept."""

_PLAIN = (fields.IntField, fields.BigIntField, fields.BooleanField, fields.FloatField, fields.TextField)
"""Whose values drivers take as they are."""


@dataclass(frozen=True)
class _Table:
    """What is known about a table once and for all."""

    model: type[Model]
    names: frozenset[str]
    constants: Mapping[str, Any]
    factories: tuple[tuple[str, Callable[[], Any]], ...]
    columns: tuple[tuple[str, str, Convert | None], ...]
    """Attribute, column and what makes the one the other, of all that the database does not give by itself."""

    converts: Mapping[str, Convert | None]
    """The same by attribute, and the primary key."""

    returning: str
    """The primary key's column."""

    gives_ids: bool

    def values(self, row: Model, *, with_id: bool = False) -> list[Any]:
        """Return a row's values for the database, in the order of the columns."""
        state = vars(row)
        values = [
            state[name] if convert is None or state[name] is None else convert(state[name])
            for name, _, convert in self.columns
        ]
        return [*values, row.pk] if with_id and self.gives_ids else values


def made(model: type[ModelT], **values: Any) -> ModelT:
    """Return a new row that is not written yet; what is not given has its default.

    Raises `TypeError` for a value that is no column's.
    """
    table = _table(model)
    if not table.names.issuperset(values):
        message = f"{model.__name__} has no column {min(values.keys() - table.names)}"
        raise TypeError(message)
    row = model.__new__(model)
    state = vars(row)
    state.update(table.constants)
    state["_await_when_save"] = {}
    for name, default in table.factories:
        if name not in values:
            state[name] = default()
    state.update(values)
    return row


async def create(model: type[ModelT], **values: Any) -> ModelT:
    """Write a new row and return it with its id; raises what the database raises, and `TypeError` as `made` does."""
    row = made(model, **values)
    await insert([row])
    return row


async def insert(rows: Sequence[Model]) -> None:
    """Write new rows of one table and give them their ids, ascending; raises what the database raises."""
    if rows and not inside_transaction():
        async with transaction():
            await insert(rows)
        return
    for some in _sized(rows):
        table = _table(type(some[0]))
        values = [value for row in some for value in table.values(row)]
        found = await fetch_rows(_insertion(table.model, len(some), dialect()), values)
        if table.gives_ids:
            for row, (key,) in zip(some, sorted(map(tuple, found)), strict=True):
                vars(row)[table.model._meta.pk_attr] = key
        for row in some:
            vars(row)["_saved_in_db"] = True


async def put_off(rows: Sequence[Model]) -> None:
    """Write new rows of one table by the end of the running transaction; they have their ids at once.

    On PostgreSQL they wait for the transaction's next statement or its commit, which raises what the database has
    against them. The others give ids only to what is written, so it is written at once. Raises `Contention` there and
    then for a unique value that is taken: it is for values that only a concurrent transaction can have taken.
    """
    if dialect() != "postgres" or not inside_transaction():
        try:
            await insert(rows)
        except IntegrityError as error:
            if is_taken(error):
                raise Contention("A value of a new row is taken.") from error
            raise
        return
    await draw_ids(*rows)
    for some in _sized(rows):
        table = _table(type(some[0]))
        values = [value for row in some for value in table.values(row, with_id=True)]
        await put_off_statement(_insertion(table.model, len(some), dialect(), with_id=True), values)
        for row in some:
            vars(row)["_saved_in_db"] = True


async def draw_ids(*rows: Model) -> None:
    """Give new rows of any tables the ids they will have, where the database lets them be known before (PostgreSQL).

    Rows of one table get ascending ones. Who draws for all rows at once asks the database once.
    """
    bare = [row for row in rows if row.pk is None] if dialect() == "postgres" else ()
    if not bare:
        return
    wanted: dict[type[Model], int] = {}
    for row in bare:
        wanted[type(row)] = wanted.get(type(row), 0) + 1
    drawn = await _ids.take(wanted)
    left = {model: iter(ids) for model, ids in drawn.items()}
    for row in bare:
        vars(row)[row._meta.pk_attr] = next(left[type(row)])


async def _drawn(wanted: Mapping[type[Model], int]) -> Mapping[type[Model], Sequence[int]]:
    found = await draw(_drawing(tuple(wanted)), tuple(wanted.values()))
    drawn: dict[type[Model], list[int]] = {model: [] for model in wanted}
    models = tuple(wanted)
    for place, key in found:
        drawn[models[place]].append(key)
    return drawn


_ids = Draws(_drawn)
"""The process's one, as it has one database."""


def _sized(rows: Sequence[ModelT]) -> Iterator[Sequence[ModelT]]:
    """Split rows so that there are few different statements."""
    at = 0
    while at < len(rows):
        size = next((size for size in SIZES if size <= len(rows) - at), len(rows) - at)
        yield rows[at : at + size]
        at += size


async def insert_unless_taken(*rows: Model) -> bool:
    """Write new rows of one table unless another one has a unique value of theirs; tell whether they were written.

    All are, or none. Waits for a concurrent transaction that is about to take the value. The running transaction
    stays usable.
    """
    if not inside_transaction():
        async with transaction():
            return await insert_unless_taken(*rows)
    if dialect() == "mysql" or len(rows) != 1:
        try:
            async with transaction():
                await insert(rows)
        except IntegrityError:
            return False
        return True
    (row,) = rows
    table = _table(type(row))
    found = await fetch_rows(_insertion(table.model, 1, dialect(), spare=True), table.values(row))
    if found and table.gives_ids:
        vars(row)[table.model._meta.pk_attr] = found[0][0]
    vars(row)["_saved_in_db"] = bool(found)
    return bool(found)


async def change(model: type[Model], key: Mapping[str, Any], values: Mapping[str, Any]) -> int:
    """Change the rows whose columns are equal to the key's, and return how many there were."""
    converts = _table(model).converts
    if any(isinstance(value, Expression) or name not in converts for name, value in values.items()):
        return int(await model.filter(**key).update(**values))
    given = [_converted(converts[name], value) for name, value in (*values.items(), *key.items())]
    count, _ = await connection().execute_query(_change(model, tuple(values), tuple(key), dialect()), given)
    return count


async def change_where(model: type[Model], condition: Sql, values: Mapping[str, Any]) -> int:
    """Change the rows that meet a condition, and return how many there were; a value may be a piece of SQL."""
    table, columns, converts = f'"{model._meta.db_table}"', model._meta.fields_db_projection, _table(model).converts
    pieces = {
        name: value if isinstance(value, Sql) else Sql(VALUE, (_converted(converts[name], value),))
        for name, value in values.items()
    }
    setting = ", ".join(f'"{columns[name]}" = {piece.text}' for name, piece in pieces.items())
    text = f"UPDATE {table} SET {setting} WHERE {condition.on(table)}"  # noqa: S608 - names are ours
    given = [value for piece in (*pieces.values(), condition) for value in piece.values]
    count, _ = await connection().execute_query(bound(text), given)
    return count


async def change_each(model: type[Model], changes: Mapping[int, Mapping[str, Any]]) -> None:
    """Change rows by their ids, in each the same columns, which are plain ones; on PostgreSQL by one statement."""
    if not changes:
        return
    converts, names = _table(model).converts, tuple(next(iter(changes.values())))
    given = [
        [*(_converted(converts[name], values[name]) for name in names), key] for key, values in sorted(changes.items())
    ]
    if dialect() == "postgres":
        await fetch_rows(_change_each(model, names), [list(column) for column in zip(*given, strict=True)])
    else:
        await connection().execute_many(_change(model, names, (model._meta.pk_attr,), dialect()), given)


async def find(actor: Actor, visible: Callable[[Actor], QuerySet[RowT]], key: int) -> RowT | None:
    """Return the row with an id, None when it is unknown or hidden from the actor."""
    rows = seen(actor, visible)
    source, model = rows.source, rows.model
    found = await fetch_rows(_finding(source.text, model, dialect()), [*source.values, key], reads=True)
    return read(model, found[0]) if found else None


async def get(model: type[ModelT], key: int | None) -> ModelT | None:
    """Return the row with an id, None when there is none."""
    if key is None:
        return None
    found = await fetch_rows(_finding(f'"{model._meta.db_table}"', model, dialect()), (key,), reads=True)
    return read(model, found[0]) if found else None


async def having(model: type[ModelT], name: str, values: Sequence[object], *, order: str = "id") -> list[ModelT]:
    """Return the rows whose column has one of some values, in the order of another column."""
    wanted = one_of(name, values)
    found = await fetch_rows(_having(model, wanted.on("x"), order, dialect()), wanted.values, reads=True)
    return [read(model, each) for each in found]


def columns_of(model: type[Model]) -> tuple[str, ...]:
    """Return the columns of a table, in the order in which `read` wants their values."""
    return tuple(model._meta.fields_db_projection.values())


def read(model: type[ModelT], values: Sequence[Any]) -> ModelT:
    """Return the row with the values that the database gave for its columns."""
    row = model.__new__(model)
    state = vars(row)
    state.update(_partial=False, _saved_in_db=True, _await_when_save={})
    state["_custom_generated_pk"] = not _table(model).gives_ids
    for (name, convert), value in zip(_readers(model, dialect()), values, strict=True):
        state[name] = value if convert is None else convert(value)
    return row


@cache
def _readers(model: type[Model], _kind: str) -> tuple[tuple[str, Convert | None], ...]:
    """Return attributes and what makes their values, in the order of the columns, as Tortoise sorted them out."""
    meta = model._meta
    converts: dict[str, tuple[str, Convert | None]] = {
        **{column: (name, None) for column, name, _ in meta.db_native_fields},
        **{column: (name, _typed(field.field_type)) for column, name, field in meta.db_default_fields},
        **{column: (name, field.to_python_value) for column, name, field in meta.db_complex_fields},
    }
    return tuple(converts[column] for column in columns_of(model))


def _typed(kind: Convert) -> Convert:
    return lambda value: None if value is None else kind(value)


@cache
def _table(model: type[Model]) -> _Table:
    meta = model._meta
    columns = meta.fields_db_projection
    constants: dict[str, Any] = {"_partial": False, "_saved_in_db": False, "_custom_generated_pk": False}
    factories = []
    for name in columns:
        default = meta.fields_map[name].default
        if callable(default):
            factories.append((name, default))
        else:
            constants[name] = default
    given = [name for name in columns if not meta.fields_map[name].generated]
    converts = {name: _conversion(meta.fields_map[name], model) for name in columns}
    return _Table(
        model=model,
        names=frozenset(columns),
        constants=constants,
        factories=tuple(factories),
        columns=tuple((name, columns[name], converts[name]) for name in given),
        converts=converts,
        returning=meta.db_pk_column,
        gives_ids=meta.pk.generated,
    )


def _converted(convert: Convert | None, value: Any) -> Any:
    return value if value is None or convert is None else convert(value)


def _conversion(field: Field[Any], model: type[Model]) -> Convert | None:
    """Return what makes a value one for the database, None where drivers take it as it is."""
    if type(field) is fields.CharField:
        limit = field.max_length

        def checked(value: str) -> str:
            if len(value) > limit:
                field.validate(value)
            return value

        return checked
    if type(field) is fields.DatetimeField or (isinstance(field, _PLAIN) and not field.validators):
        return None
    return lambda value: field.to_db_value(value, model)


@lru_cache(STATEMENTS)
def _insertion(model: type[Model], count: int, _kind: str, *, spare: bool = False, with_id: bool = False) -> str:
    table = _table(model)
    columns = [column for _, column, _ in table.columns]
    if with_id and table.gives_ids:
        columns.append(table.returning)
    names = _listed(columns)
    marks = ", ".join([f"({', '.join([VALUE] * len(columns))})"] * count)
    text = f'INSERT INTO "{model._meta.db_table}" ({names}) VALUES {marks}'  # noqa: S608 - names are ours
    if spare:
        text += " ON CONFLICT DO NOTHING"
    if not with_id and (spare or table.gives_ids):
        text += f' RETURNING "{table.returning}"'
    return bound(text)


@lru_cache(STATEMENTS)
def _drawing(models: tuple[type[Model], ...]) -> str:
    return bound(
        " UNION ALL ".join(
            f"SELECT {place}, nextval('\"{sequence_of(model)}\"') FROM generate_series(1, {VALUE}::int)"  # noqa: S608 - names are ours
            for place, model in enumerate(models)
        )
    )


def sequence_of(model: type[Model]) -> str:
    """Return the name of the sequence that PostgreSQL gives a table's ids from, if it was never renamed."""
    return f"{model._meta.db_table}_{model._meta.db_pk_column}_seq"


@lru_cache(STATEMENTS)
def _change(model: type[Model], names: tuple[str, ...], key: tuple[str, ...], _kind: str) -> str:
    columns = model._meta.fields_db_projection
    setting = ", ".join(f'"{columns[name]}" = {VALUE}' for name in names)
    condition = " AND ".join(f'"{columns[name]}" = {VALUE}' for name in key)
    return bound(f'UPDATE "{model._meta.db_table}" SET {setting} WHERE {condition}')  # noqa: S608 - names are ours


@lru_cache(STATEMENTS)
def _change_each(model: type[Model], names: tuple[str, ...]) -> str:
    """Return PostgreSQL's statement, whose parameters are columns: those that change, and the keys."""
    fields_map, columns, key = model._meta.fields_map, model._meta.fields_db_projection, model._meta.db_pk_column
    setting = ", ".join(f'"{columns[name]}" = n."{columns[name]}"' for name in names)
    kinds = [str(fields_map[name].get_for_dialect("postgres", "SQL_TYPE")).partition("(")[0] for name in names]
    given = ", ".join(f"CAST({VALUE} AS {kind}[])" for kind in (*kinds, "BIGINT"))
    new = f"unnest({given}) AS n({_listed([columns[name] for name in names])}, {_listed([key])})"
    return bound(f'UPDATE "{model._meta.db_table}" t SET {setting} FROM {new} WHERE t."{key}" = n."{key}"')  # noqa: S608 - as above


@lru_cache(STATEMENTS)
def _finding(source: str, model: type[Model], _kind: str) -> str:
    key = model._meta.db_pk_column
    return bound(f'SELECT {_listed(columns_of(model))} FROM {source} x WHERE x."{key}" = {VALUE}')  # noqa: S608 - as above


@lru_cache(STATEMENTS)
def _having(model: type[Model], condition: str, order: str, _kind: str) -> str:
    columns = _listed(columns_of(model))
    return bound(f'SELECT {columns} FROM "{model._meta.db_table}" x WHERE {condition} ORDER BY x."{order}"')  # noqa: S608 - as above


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


__all__ = [
    "change",
    "change_each",
    "change_where",
    "create",
    "draw_ids",
    "find",
    "get",
    "having",
    "insert",
    "insert_unless_taken",
    "made",
    "put_off",
]
