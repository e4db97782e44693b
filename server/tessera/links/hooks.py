"""The question links ask other slices, which is: what else can be linked."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from tortoise.queryset import QuerySet

from tessera.kit.actor import Actor
from tessera.kit.unit import Unit
from tessera.plugin import hookspec


@dataclass(frozen=True, slots=True)
class Linkable:
    """A kind of things that may be linked, by the kind their `ObjectRef`s have.

    `visible(actor)` are the rows an actor sees. `async def touch(unit, id)` asks for the right to change one and
    notes the change in it.
    """

    kind: str
    visible: Callable[[Actor], QuerySet[Any]]
    touch: Callable[[Unit, int], Awaitable[object]]


class Hooks:
    """Asked once per assembly."""

    @hookspec
    def linkables(self) -> list[Linkable]:
        """Return kinds of things that may be linked."""
        raise NotImplementedError
