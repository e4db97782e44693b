"""Verbs of what administrators configure about tickets: states, priorities, types."""

import re
from typing import Any, TypedDict, TypeVar, Unpack

from tessera.kit import inputs
from tessera.kit.errors import Invalid, Taken
from tessera.kit.ids import ObjectRef
from tessera.kit.text import fold
from tessera.kit.unit import Unit, or_taken
from tessera.tickets._states import StateType
from tessera.tickets.events import ConfigurationChanged, ConfigurationCreated
from tessera.tickets.models import MAX_KEY, Priority, State, Ticket, TicketType
from tessera.tickets.permissions import MANAGE

ConfiguredT = TypeVar("ConfiguredT", State, Priority, TicketType)

NAME_LENGTH = 200
MAX_RANK = 1000

_KINDS: dict[type, str] = {State: "state", Priority: "priority", TicketType: "ticket_type"}
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")


class NamedChanges(TypedDict, total=False):
    """What may change about a state or a type."""

    name: str
    active: bool


class PriorityChanges(NamedChanges, total=False):
    """What may change about a priority."""

    rank: int
    color: str | None


async def create_state(unit: Unit, *, name: str, type: str) -> State:
    """Add a state of one of the types `new`, `open`, `closed`, `pending_reminder`, … .

    Needs `tickets.manage`. Raises `Taken` for a name in use, regardless of case, and what `kit.inputs.line` raises.
    """
    return await _create(unit, State, name, type=StateType(type).value)


async def create_priority(unit: Unit, *, name: str, rank: int, color: str | None = None) -> Priority:
    """Add a priority; a higher rank (0..1000) is more urgent, `color` is `#rrggbb`.

    Needs `tickets.manage`. Raises `Taken`, `Invalid`, and what `kit.inputs.line` raises.
    """
    return await _create(unit, Priority, name, rank=_checked_rank(rank), color=_checked_color(color))


async def create_type(unit: Unit, *, name: str) -> TicketType:
    """Add a ticket type; needs `tickets.manage`, raises what `create_state` raises."""
    return await _create(unit, TicketType, name)


async def update_state(
    unit: Unit, state: State, *, expected_version: int | None = None, **changes: Unpack[NamedChanges]
) -> State:
    """Change a state's name, or switch it off and on; what it means, its type, stays for ever.

    Needs `tickets.manage`. Raises `Taken`, `StaleVersion`, and what `kit.inputs.line` raises.
    """
    return await _update(unit, state, expected_version, dict(changes))


async def update_priority(
    unit: Unit, priority: Priority, *, expected_version: int | None = None, **changes: Unpack[PriorityChanges]
) -> Priority:
    """Change a priority; a new rank is noted on all its tickets, which are sorted by it.

    Needs `tickets.manage`. Raises `Taken`, `Invalid`, `StaleVersion`, and what `kit.inputs.line` raises.
    """
    columns: dict[str, Any] = dict(changes)
    if "rank" in changes:
        columns["rank"] = _checked_rank(changes["rank"])
    if "color" in changes:
        columns["color"] = _checked_color(changes["color"])
    updated = await _update(unit, priority, expected_version, columns)
    if "rank" in changes:
        await Ticket.filter(priority_id=priority.id).update(priority_rank=priority.rank)
    return updated


async def update_type(
    unit: Unit, ticket_type: TicketType, *, expected_version: int | None = None, **changes: Unpack[NamedChanges]
) -> TicketType:
    """Change a ticket type's name, or switch it off and on; needs and raises what `update_state` does."""
    return await _update(unit, ticket_type, expected_version, dict(changes))


async def _create(unit: Unit, model: type[ConfiguredT], name: str, **columns: Any) -> ConfiguredT:
    unit.actor.require(MANAGE.name)
    title = _checked_name(name)
    async with or_taken(Taken(field=("input", "name"))):
        row = await model.create(name=title, name_key=fold(title)[:MAX_KEY], **columns)
    subject = ObjectRef(_KINDS[model], row.id)
    await unit.record(ConfigurationCreated(subject=subject, title=row.name, values=columns))
    return row


async def _update(unit: Unit, row: ConfiguredT, expected_version: int | None, changes: dict[str, Any]) -> ConfiguredT:
    unit.actor.require(MANAGE.name)
    if "name" in changes:
        changes["name"] = _checked_name(changes["name"])
    after = {column: value for column, value in changes.items() if getattr(row, column) != value}
    before = {column: getattr(row, column) for column in after}
    if not after and expected_version in {None, row.version}:
        return row
    keys = {"name_key": fold(after["name"])[:MAX_KEY]} if "name" in after else {}
    async with or_taken(Taken(field=("input", "name"))):
        await unit.update(row, expected_version=expected_version, **after, **keys)
    subject = ObjectRef(_KINDS[type(row)], row.id)
    await unit.record(ConfigurationChanged(subject=subject, title=row.name, before=before, after=after))
    return row


def _checked_name(name: str) -> str:
    return inputs.line(name, field=("input", "name"), limit=NAME_LENGTH)


def _checked_rank(rank: int) -> int:
    if not 0 <= rank <= MAX_RANK:
        raise Invalid("A rank is between 0 and {limit}.", limit=MAX_RANK, field=("input", "rank"))
    return rank


def _checked_color(color: str | None) -> str | None:
    if color is not None and not _COLOR.fullmatch(color):
        raise Invalid("A color is written as #rrggbb.", field=("input", "color"))
    return color
