"""The common columns of the house's tables."""

from collections.abc import Iterable
from typing import Any

from tortoise import fields
from tortoise.expressions import Q
from tortoise.models import Model

from tessera.kit.clock import now
from tessera.kit.text import storable

__all__ = ["Model", "Row", "Versioned", "among", "where"]


def where(lookup: str, value: Any) -> Q:
    """Return the condition of one look-up by its name, for example of `created_at__lt`."""
    conditions = {lookup: value}
    return Q(**conditions)


def among(name: str, texts: Iterable[str], *, longest: int) -> Q:
    """Return the condition that a column has one of some texts that somebody typed; `longest` is what it can hold.

    A longer text is none of them: for the database it would be an error, and cut off it might be another one.
    """
    return where(f"{name}__in", [text for text in map(storable, texts) if len(text) <= longest])


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
