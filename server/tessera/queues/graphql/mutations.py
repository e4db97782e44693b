"""Writes of queues and of the desk's addresses."""

from typing import Any

import strawberry

from tessera.access import queries as access
from tessera.engine.mutations import UserError, given, mutation
from tessera.kit.actor import Actor
from tessera.kit.errors import Required
from tessera.kit.unit import Unit
from tessera.queues import models, queries, service
from tessera.queues.graphql.types import FollowUpPolicy, Queue, SystemAddress
from tessera.queues.permissions import MANAGE


@strawberry.input
class QueueCreateInput:
    name: str
    parent_id: strawberry.ID | None = None
    group_id: strawberry.ID
    email_address: str | None = None
    follow_up_policy: FollowUpPolicy = FollowUpPolicy.POSSIBLE
    follow_up_lock: bool = False
    unlock_timeout_minutes: int | None = None
    salutation_id: strawberry.ID | None = None
    signature_id: strawberry.ID | None = None
    auto_response_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="At most one of each kind."
    )


@strawberry.input(description="Absent = unchanged, null = cleared.")
class QueueUpdateInput:
    name: str | None = strawberry.UNSET
    parent_id: strawberry.ID | None = strawberry.UNSET
    group_id: strawberry.ID | None = strawberry.UNSET
    email_address: str | None = strawberry.UNSET
    follow_up_policy: FollowUpPolicy | None = strawberry.UNSET
    follow_up_lock: bool | None = strawberry.UNSET
    unlock_timeout_minutes: int | None = strawberry.UNSET
    active: bool | None = strawberry.UNSET
    salutation_id: strawberry.ID | None = strawberry.UNSET
    signature_id: strawberry.ID | None = strawberry.UNSET
    auto_response_ids: list[strawberry.ID] | None = strawberry.field(
        default=strawberry.UNSET, description="At most one of each kind; replaces those before."
    )


@strawberry.input
class SystemAddressCreateInput:
    address: str
    queue_id: strawberry.ID
    display_name: str | None = None


@strawberry.input(description="Absent = unchanged, null = cleared.")
class SystemAddressUpdateInput:
    address: str | None = strawberry.UNSET
    queue_id: strawberry.ID | None = strawberry.UNSET
    display_name: str | None = strawberry.UNSET
    active: bool | None = strawberry.UNSET


@strawberry.type
class QueuePayload:
    queue: Queue | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class SystemAddressPayload:
    system_address: SystemAddress | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


def require_values(values: dict[str, Any], *clearable: str) -> dict[str, Any]:
    """Return the values of an update; raises `Required` for a null where nothing can be cleared."""
    for name, value in values.items():
        if value is None and name not in clearable:
            raise Required(field=("input", name))
    return values


async def _references(actor: Actor, values: dict[str, Any]) -> dict[str, Any]:
    """Replace the ids in an input by what they name."""
    for name, load in (("parent", queries.get), ("group", access.get_group), ("queue", queries.get)):
        if f"{name}_id" in values:
            key = values.pop(f"{name}_id")
            values[name] = None if key is None else await load(actor, key, field=("input", f"{name}_id"))
    for name, model in (("salutation", models.Salutation), ("signature", models.Signature)):
        if f"{name}_id" in values:
            key, field = values.pop(f"{name}_id"), ("input", f"{name}_id")
            values[name] = None if key is None else await queries.get_text(model, actor, key, field=field)
    if "auto_response_ids" in values:
        keys, field = values.pop("auto_response_ids") or (), ("input", "auto_response_ids")
        values["auto_responses"] = [
            await queries.get_text(models.AutoResponse, actor, key, field=field) for key in keys
        ]
    if "follow_up_policy" in values:
        values["follow_up_policy"] = models.FollowUpPolicy[values["follow_up_policy"].name]
    return values


_CLEARABLE = (
    "parent_id",
    "email_address",
    "unlock_timeout_minutes",
    "salutation_id",
    "signature_id",
    "auto_response_ids",
)


@mutation(requires=MANAGE.name)
async def _queue_create(unit: Unit, input: QueueCreateInput) -> QueuePayload:
    values = await _references(unit.actor, given(input))
    return QueuePayload(queue=Queue.of(await service.create_queue(unit, **values)))


@mutation(requires=MANAGE.name)
async def _queue_update(
    unit: Unit, id: strawberry.ID, input: QueueUpdateInput, expected_version: int | None = None
) -> QueuePayload:
    queue = await queries.get(unit.actor, id)
    values = await _references(unit.actor, require_values(given(input), *_CLEARABLE))
    await service.update_queue(unit, queue, expected_version=expected_version, **values)
    return QueuePayload(queue=Queue.of(queue))


@mutation(requires=MANAGE.name)
async def _system_address_create(unit: Unit, input: SystemAddressCreateInput) -> SystemAddressPayload:
    row = await service.create_address(unit, **await _references(unit.actor, given(input)))
    return SystemAddressPayload(system_address=SystemAddress.of(row))


@mutation(requires=MANAGE.name)
async def _system_address_update(
    unit: Unit, id: strawberry.ID, input: SystemAddressUpdateInput, expected_version: int | None = None
) -> SystemAddressPayload:
    row = await queries.get_text(models.SystemAddress, unit.actor, id)
    values = await _references(unit.actor, require_values(given(input), "display_name"))
    await service.update_address(unit, row, expected_version=expected_version, **values)
    return SystemAddressPayload(system_address=SystemAddress.of(row))


@strawberry.type
class QueueMutation:
    queue_create = _queue_create
    queue_update = _queue_update
    system_address_create = _system_address_create
    system_address_update = _system_address_update
