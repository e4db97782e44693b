"""States, priorities and types, as administrators write them."""

from typing import Any

import strawberry

from tessera.engine.mutations import UserError, given, mutation
from tessera.kit.errors import Required
from tessera.kit.unit import Unit
from tessera.tickets import queries, service
from tessera.tickets.graphql.filters import TicketStateType
from tessera.tickets.graphql.types import TicketPriority, TicketState, TicketType
from tessera.tickets.permissions import MANAGE


@strawberry.input
class TicketStateCreateInput:
    name: str
    type: TicketStateType


@strawberry.input(description="Absent = unchanged. A state's type stays for ever: behaviour hangs on it.")
class TicketStateUpdateInput:
    name: str | None = strawberry.UNSET
    active: bool | None = strawberry.UNSET


@strawberry.input
class TicketPriorityCreateInput:
    name: str
    rank: int = strawberry.field(description="0 to 1000; higher is more urgent.")
    color: str | None = strawberry.field(default=None, description="As `#rrggbb`.")


@strawberry.input(description="Absent = unchanged, null = cleared.")
class TicketPriorityUpdateInput:
    name: str | None = strawberry.UNSET
    rank: int | None = strawberry.UNSET
    color: str | None = strawberry.UNSET
    active: bool | None = strawberry.UNSET


@strawberry.input
class TicketTypeCreateInput:
    name: str


@strawberry.input(description="Absent = unchanged.")
class TicketTypeUpdateInput:
    name: str | None = strawberry.UNSET
    active: bool | None = strawberry.UNSET


@strawberry.type
class TicketStatePayload:
    ticket_state: TicketState | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class TicketPriorityPayload:
    ticket_priority: TicketPriority | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class TicketTypePayload:
    ticket_type: TicketType | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


def _changes(input: object) -> dict[str, Any]:
    """Return what an input changes; raises `Required` for a null where nothing can be cleared."""
    values = given(input)
    for name, value in values.items():
        if value is None and name != "color":
            raise Required(field=("input", name))
    return values


@mutation(requires=MANAGE.name)
async def _ticket_state_create(unit: Unit, input: TicketStateCreateInput) -> TicketStatePayload:
    row = await service.create_state(unit, name=input.name, type=input.type.value)
    return TicketStatePayload(ticket_state=TicketState.of(row))


@mutation(requires=MANAGE.name)
async def _ticket_state_update(
    unit: Unit, id: strawberry.ID, input: TicketStateUpdateInput, expected_version: int | None = None
) -> TicketStatePayload:
    row = await queries.to_change(await queries.get_state(id, field=("id",)))
    await service.update_state(unit, row, expected_version=expected_version, **_changes(input))
    return TicketStatePayload(ticket_state=TicketState.of(row))


@mutation(requires=MANAGE.name)
async def _ticket_priority_create(unit: Unit, input: TicketPriorityCreateInput) -> TicketPriorityPayload:
    row = await service.create_priority(unit, name=input.name, rank=input.rank, color=input.color)
    return TicketPriorityPayload(ticket_priority=TicketPriority.of(row))


@mutation(requires=MANAGE.name)
async def _ticket_priority_update(
    unit: Unit, id: strawberry.ID, input: TicketPriorityUpdateInput, expected_version: int | None = None
) -> TicketPriorityPayload:
    row = await queries.to_change(await queries.get_priority(id, field=("id",)))
    await service.update_priority(unit, row, expected_version=expected_version, **_changes(input))
    return TicketPriorityPayload(ticket_priority=TicketPriority.of(row))


@mutation(requires=MANAGE.name)
async def _ticket_type_create(unit: Unit, input: TicketTypeCreateInput) -> TicketTypePayload:
    return TicketTypePayload(ticket_type=TicketType.of(await service.create_type(unit, name=input.name)))


@mutation(requires=MANAGE.name)
async def _ticket_type_update(
    unit: Unit, id: strawberry.ID, input: TicketTypeUpdateInput, expected_version: int | None = None
) -> TicketTypePayload:
    row = await queries.to_change(await queries.get_type(id, field=("id",)))
    await service.update_type(unit, row, expected_version=expected_version, **_changes(input))
    return TicketTypePayload(ticket_type=TicketType.of(row))


@strawberry.type
class TicketConfigurationMutation:
    ticket_state_create = _ticket_state_create
    ticket_state_update = _ticket_state_update
    ticket_priority_create = _ticket_priority_create
    ticket_priority_update = _ticket_priority_update
    ticket_type_create = _ticket_type_create
    ticket_type_update = _ticket_type_update
