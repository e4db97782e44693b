"""The common columns of the house's tables."""

from typing import Any

from tortoise import fields
from tortoise.expressions import Q
from tortoise.models import Model

from tessera.kit.clock import now

__all__ = ["Model", "Row", "Versioned", "where"]


def where(lookup: str, value: Any) -> Q:
    """Return the condition of one look-up by its name, for example of `created_at__lt`."""
    conditions = {lookup: value}
    return Q(**conditions)


class Row(Model):
    """A table with a surrogate key."""

    id = fields.BigIntField(primary_key=True)

    class Meta:
        """Only its subclasses are tables."""

        abstract = True


class Versioned(Row):
    """A table whose rows are changed with compare-and-set: see `Unit.update`."""

    version = fields.IntField(default=1)
    created_at = fields.DatetimeField(default=now)
    updated_at = fields.DatetimeField(default=now)

    class Meta:
        """Only its subclasses are tables."""

        abstract = True
