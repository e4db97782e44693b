"""Fields that packages add to the kernel's inputs: what is run with their values."""

import dataclasses
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import strawberry

from tessera.engine.sources import declared
from tessera.kit.actor import Actor
from tessera.kit.errors import Problem
from tessera.kit.sql import Sql
from tessera.kit.unit import Unit

RUN = "run"
"""The key under which a field's metadata holds the function of its package."""

Perform = Callable[[Unit, Any, Any], Awaitable[None]]
Narrow = Callable[[Actor, Any], Sql | Awaitable[Sql]]


def input_field(run: Perform | Narrow, *, description: str | None = None) -> Any:
    """Declare the field a package adds to an input of the kernel; it is optional and named after the package.

    On the input of a verb, `async def run(unit, ticket, value)` works in the verb's unit, behind the kernel's own
    writes; `value` is None where a client clears. On a filter, `def run(actor, value)`, which may be asynchronous,
    returns the condition on the filter's own table, made with `tessera.kit.sql`: usually `sql.within("id", ...)`.
    Both may raise problems, whose `field` is the path inside the value.
    """
    return strawberry.field(default=strawberry.UNSET, description=description, metadata={RUN: run})


class AddsWork:
    """A verb's input that takes fields of packages."""

    async def perform_added(self, unit: Unit, subject: Any, *, clears: bool = False) -> None:
        """Run what packages do with their values; `clears` says that null is one."""
        for name, run, value in _given(self):
            if value is not None or clears:
                with _blamed("input", name):
                    await run(unit, subject, value)

    @property
    def added_names(self) -> list[str]:
        """Which packages were given a value."""
        return [name for name, _, _ in _given(self)]


class AddsConditions:
    """A filter that takes fields of packages."""

    async def added_conditions(self, actor: Actor) -> list[Sql]:
        """Return the conditions packages make of their values; null is none."""
        conditions = []
        for name, run, value in _given(self):
            if value is not None:
                with _blamed("filter", name):
                    conditions.append(await declared(run(actor, value)))
        return conditions


def _given(values: Any) -> Iterator[tuple[str, Callable[..., Any], Any]]:
    for name, run in _added(values.__class__):
        value = getattr(values, name)
        if value is not strawberry.UNSET:
            yield name, run, value


@cache
def _added(kind: type) -> tuple[tuple[str, Callable[..., Any]], ...]:
    return tuple((field.name, field.metadata[RUN]) for field in dataclasses.fields(kind) if RUN in field.metadata)


@contextmanager
def _blamed(*path: str) -> Iterator[None]:
    """Let a problem's path begin at the operation's arguments."""
    try:
        yield
    except Problem as problem:
        problem.field = (*path, *(problem.field or ()))
        raise
