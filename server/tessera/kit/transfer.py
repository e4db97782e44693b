"""The rows of a distribution's tables as JSON lines: exported, and imported again; on the open database."""

import base64
import json
import os
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any
from uuid import UUID

from tortoise import Tortoise, fields
from tortoise.fields.base import Field
from tortoise.fields.relational import ForeignKeyFieldInstance
from tortoise.models import Model

from tessera.kit.clock import isoformat, now
from tessera.kit.db import connection, dialect, transaction

FORMAT = "tessera-export/1"
BATCH = 500


class ExportUnfit(Exception):
    """A file cannot be imported; the message is a sentence."""


async def export(label: str, file: Path) -> int:
    """Write every row of an app's tables into a file, which appears whole or not at all; return how many.

    The first line says what it is; every other one is an object of `table` and `row`, referred ones first.
    """
    count = 0
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_name(f".{file.name}.new")
    async with transaction():
        with new.open("w", encoding="utf-8") as stream:
            stream.write(json.dumps({"format": FORMAT, "package": label, "made_at": isoformat(now())}) + "\n")
            for model in ordered(label):
                async for row in _rows(model):
                    stream.write(json.dumps({"table": model._meta.db_table, "row": row}, ensure_ascii=False) + "\n")
                    count += 1
            stream.flush()
            os.fsync(stream.fileno())
    new.replace(file)
    return count


async def restore(label: str, file: Path) -> int:
    """Write the rows of an export into an app's tables, all or none, and return how many were not there yet.

    Raises `ExportUnfit` for a file of another package, for columns the tables lack, and for a row whose key belongs
    to another row already.
    """
    count = 0
    async with transaction():
        models = {model._meta.db_table: model for model in ordered(label)}
        for table, row in _lines(label, file):
            if table not in models:
                raise ExportUnfit(f"The export has rows of {table}, which this version of {label} does not have.")
            count += await _write(models[table], row)
        for model in models.values():
            await _go_on_behind(model)
    return count


def ordered(label: str) -> list[type[Model]]:
    """Return the models of a package, each behind those it refers to."""
    waiting = dict(sorted(Tortoise.apps[label].items())) if Tortoise.apps else {}
    found: list[type[Model]] = []
    while waiting:
        free = [name for name, model in waiting.items() if not _referred(model) & (set(waiting.values()) - {model})]
        found += [waiting.pop(name) for name in free or list(waiting)]
    return found


def _referred(model: type[Model]) -> set[type[Model]]:
    keys = [model._meta.fields_map[name] for name in model._meta.fk_fields | model._meta.o2o_fields]
    return {key.related_model for key in keys if isinstance(key, ForeignKeyFieldInstance)}


async def _rows(model: type[Model]) -> AsyncIterator[dict[str, Any]]:
    """Yield rows by key, in portions: a table may be larger than the memory."""
    key, last, names = model._meta.pk_attr, None, _columns(model)
    while True:
        wanted = model.all() if last is None else model.filter(**{f"{key}__gt": last})
        portion = await wanted.order_by(key).limit(BATCH).values(*names)
        for row in portion:
            yield {name: _to_json(value) for name, value in row.items()}
        if len(portion) < BATCH:
            return
        last = portion[-1][key]


def _columns(model: type[Model]) -> list[str]:
    return [name for name in model._meta.fields_map if name in model._meta.fields_db_projection]


def _to_json(value: Any) -> Any:
    match value:
        case Enum():
            return value.value
        case datetime() | date() | time():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case bytes():
            return {"base64": base64.b64encode(value).decode()}
        case Decimal() | UUID():
            return str(value)
        case _:
            return value


def _from_json(field: Field[Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(field, fields.BinaryField):
        return base64.b64decode(value["base64"])
    if isinstance(field, fields.TimeDeltaField):
        return timedelta(seconds=value)
    if isinstance(field, fields.JSONField):
        return value
    return field.to_python_value(value)


def _lines(label: str, file: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    with file.open(encoding="utf-8") as stream:
        head = json.loads(stream.readline())
        if head.get("format") != FORMAT or head.get("package") != label:
            raise ExportUnfit(f"The file is no export of {label}.")
        for line in stream:
            entry = json.loads(line)
            yield entry["table"], entry["row"]


async def _write(model: type[Model], row: Mapping[str, Any]) -> bool:
    known = _columns(model)
    if lacking := sorted(set(row) - set(known)):
        raise ExportUnfit(f"The table {model._meta.db_table} has no column {', '.join(lacking)}.")
    values = {name: _from_json(model._meta.fields_map[name], value) for name, value in row.items()}
    key = model._meta.pk_attr
    there = await model.filter(**{key: values[key]}).values(*known)
    if there:
        if {name: _to_json(value) for name, value in there[0].items() if name in row} != dict(row):
            raise ExportUnfit(f"The table {model._meta.db_table} has another row {values[key]} already.")
        return False
    made = model(**values)
    made._custom_generated_pk = True  # noqa: SLF001 - the key is the exported one
    await made.save(force_create=True)
    return True


async def _go_on_behind(model: type[Model]) -> None:
    """Let PostgreSQL number new rows behind the imported ones; the others do that by themselves."""
    key = model._meta.pk
    if dialect() != "postgres" or not key.generated:
        return
    table, column = model._meta.db_table, model._meta.db_pk_column
    await connection().execute_query(
        f'SELECT setval(pg_get_serial_sequence(\'"{table}"\', \'{column}\'), (SELECT max("{column}") FROM "{table}")) '  # noqa: S608 - names of our own models
        f'WHERE EXISTS (SELECT 1 FROM "{table}")'
    )
