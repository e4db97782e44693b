"""The kernel's own tables: forward, backward, forward on every database, with a row in each, and nothing is lost."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from importlib import import_module
from typing import Any

import pytest
from tortoise import Model, fields
from tortoise.exceptions import IntegrityError
from tortoise.fields.relational import ForeignKeyFieldInstance
from tortoise.migrations.operations import CreateModel

from tessera.kit import sql
from tessera.kit.clock import now
from tessera.kit.db import Database, connection
from tessera.kit.db.migrations import drift, migrate, unmigrate
from tessera.testing.databases import Kind, fresh_database
from tessera.testing.house import base_assembly

APPS = [app for app in base_assembly().apps if app.label == "tessera"]
FIRST = "0001_initial"

INITIAL = {
    operation.name: {part for name, _ in operation.fields for part in (name, f"{name}_id")}
    for operation in import_module(f"tessera.migrations.{FIRST}").Migration.operations
    if isinstance(operation, CreateModel)
}

Rows = dict[str, list[dict[str, Any]]]


def models() -> list[type[Model]]:
    """Return the kernel's models that have a table from the first migration on, each behind those it refers to."""
    found: dict[str, type[Model]] = {}
    for name in APPS[0].models:
        for value in vars(import_module(name)).values():
            if isinstance(value, type) and issubclass(value, Model) and value.__module__ == name:
                found[value.__name__] = value
    waiting = [model for model in found.values() if model.__name__ in INITIAL]
    ordered: list[type[Model]] = []
    while waiting:
        ready = [model for model in waiting if not needs(model) & {other.__name__ for other in waiting}]
        assert ready, f"these refer to one another: {waiting}"
        ordered += ready
        waiting = [model for model in waiting if model not in ready]
    return ordered


def references(model: type[Model]) -> list[tuple[str, str]]:
    """Return the references that are never empty: attribute and name of the model."""
    return [
        (name, str(field.model_name).rpartition(".")[2])
        for name, field in model._meta.fields_map.items()
        if isinstance(field, ForeignKeyFieldInstance) and not field.null
    ]


def needs(model: type[Model]) -> set[str]:
    return {target for _, target in references(model)}


def example(field: fields.Field[Any]) -> object:
    """Return a value that a column takes and that a careless copy would spoil."""
    for kind, value in (
        (fields.CharField, "äß 中"[: getattr(field, "max_length", None) or 4]),
        (fields.TextField, "line\nünd \N{GRINNING FACE}"),
        (fields.BooleanField, True),
        (fields.DatetimeField, now()),
        (fields.DateField, date(2024, 2, 29)),
        (fields.FloatField, 1.5),
        (fields.BinaryField, b"\x00\xff"),
        (fields.BigIntField, 2**40 + 1),
        (fields.IntField, 7),
    ):
        if isinstance(field, kind):
            enum = getattr(field, "enum_type", None)
            return value if enum is None else next(iter(enum))
    raise NotImplementedError(type(field).__name__)


def columns(model: type[Model]) -> list[str]:
    """Return the attributes of the columns that the first migration made."""
    return sorted(model._meta.db_fields & INITIAL[model.__name__])


async def fill() -> Rows:
    """Put one row into every table, every column of the first migration filled."""
    made: dict[str, object] = {}
    for model in models():
        values: dict[str, Any] = {f"{name}_id": made[target] for name, target in references(model)}
        for name in columns(model):
            field = model._meta.fields_map[name]
            if field.generated:
                values[name] = 1
            elif not name.endswith("_id"):
                values[name] = example(field)
            elif not field.reference:
                values[name] = 7
        names = ", ".join(f'"{model._meta.fields_db_projection[name]}"' for name in values)
        text = f'INSERT INTO "{model._meta.db_table}" ({names}) VALUES ({", ".join([sql.VALUE] * len(values))})'
        given = [model._meta.fields_map[name].to_db_value(value, model) for name, value in values.items()]
        await connection().execute_query(sql.bound(text), given)
        made[model.__name__] = values[model._meta.pk_attr]
    return await rows()


async def rows() -> Rows:
    return {
        model._meta.db_table: await model.all().order_by(model._meta.pk_attr).values(*columns(model))
        for model in models()
    }


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[None]:
    database = await Database.open(url, APPS, pool_size=2)
    try:
        yield
    finally:
        await database.close()


@pytest.mark.timeout(300)  # three databases on a busy machine
@pytest.mark.parametrize(
    "database_kind",
    ["sqlite", *(pytest.param(kind, marks=pytest.mark.long) for kind in ("postgres", "mariadb"))],
    indirect=True,
)
async def test_forward_backward_and_forward_keep_every_row_and_all_can_be_undone(database_kind: Kind) -> None:
    async with fresh_database(database_kind) as url:
        assert await migrate(url, APPS, label="tessera", to=FIRST) == [f"+ tessera.{FIRST}"]
        async with opened(url):
            before = await fill()
        assert min(len(found) for found in before.values()) == 1
        later = await migrate(url, APPS)
        assert later
        async with opened(url):
            assert await rows() == before
            await expect_refusals()
        backward = await migrate(url, APPS, label="tessera", to=FIRST)
        assert [step[2:] for step in backward] == [step[2:] for step in reversed(later)]
        async with opened(url):
            assert await rows() == before
        assert await migrate(url, APPS) == later
        async with opened(url):
            assert await rows() == before
            await expect_refusals()
        removed = await unmigrate(url, APPS, "tessera")
        assert [step[2:] for step in removed] == [step[2:] for step in reversed([f"+ tessera.{FIRST}", *later])]
        assert await migrate(url, APPS) == [f"+ tessera.{FIRST}", *later]
        async with opened(url):
            assert (await fill()).keys() == before.keys()


async def expect_refusals() -> None:
    for statement in (
        "DELETE FROM entry",
        "UPDATE entry SET depth = depth + 1",
        "DELETE FROM seal",
        "UPDATE seal SET position = position + 1",
        "DELETE FROM ticket",
        "DELETE FROM article",
    ):
        with pytest.raises(IntegrityError):
            await connection().execute_query(statement)


async def test_models_and_migrations_agree() -> None:
    assert await drift(base_assembly().apps) == []
