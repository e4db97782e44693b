"""Protected tables cannot be reached around their triggers."""

from typing import Any

import pytest
from tortoise import fields
from tortoise.fields import OnDelete
from tortoise.migrations.operations import CreateModel
from tortoise.migrations.schema_generator.state import State
from tortoise.migrations.schema_generator.state_apps import StateApps

from tessera.kit.db.migrations import MigrationError
from tessera.kit.db.operations import AppendOnly, Undeletable

OPERATIONS = (AppendOnly, Undeletable)


def tables(on_delete: OnDelete) -> State:
    state = State(models={}, apps=StateApps())
    parent: Any = fields.ForeignKeyField("shop.Parent", on_delete=on_delete, null=True)
    for name, columns in (("Parent", []), ("Child", [("parent", parent)])):
        key = ("id", fields.BigIntField(primary_key=True))
        CreateModel(name=name, fields=[key, *columns], options={"table": name.lower()}).state_forward("shop", state)
    return state


@pytest.mark.parametrize(
    ("operation", "on_delete"),
    [(AppendOnly, OnDelete.CASCADE), (AppendOnly, OnDelete.SET_NULL), (Undeletable, OnDelete.CASCADE)],
)
def test_a_foreign_key_that_would_get_around_the_triggers_is_refused(
    operation: type[AppendOnly | Undeletable], on_delete: OnDelete
) -> None:
    state = tables(on_delete)
    with pytest.raises(MigrationError, match=r"shop\.Child\.parent says on_delete=.*: say RESTRICT"):
        operation("child").state_forward("shop", state)
    operation("parent").state_forward("shop", state)
    operation("child").state_forward("another", state)


@pytest.mark.parametrize(
    ("operation", "on_delete"),
    [(AppendOnly, OnDelete.RESTRICT), (Undeletable, OnDelete.RESTRICT), (Undeletable, OnDelete.SET_NULL)],
)
def test_other_foreign_keys_are_fine(operation: type[AppendOnly | Undeletable], on_delete: OnDelete) -> None:
    operation("child").state_forward("shop", tables(on_delete))


def test_an_operation_says_what_it_does() -> None:
    assert [operation("entry").describe() for operation in OPERATIONS] == ["AppendOnly entry", "Undeletable entry"]
