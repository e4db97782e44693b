"""Writes of groups, roles and grants."""

from typing import Any

import strawberry

from tessera.access import models, queries, service
from tessera.access.graphql.types import Group, QueueRight, Role
from tessera.access.permissions import MANAGE
from tessera.accounts import queries as accounts
from tessera.accounts.graphql import Agent
from tessera.accounts.models import Agent as AgentRow
from tessera.engine.mutations import UserError, given, mutation
from tessera.kit.actor import Actor
from tessera.kit.errors import NotFound
from tessera.kit.ids import ObjectRef, from_global
from tessera.kit.unit import Unit


@strawberry.input
class GroupCreateInput:
    name: str
    client_mutation_id: str | None = None


@strawberry.input(description="Absent = unchanged, null = cleared.")
class GroupUpdateInput:
    name: str | None = strawberry.UNSET
    active: bool | None = strawberry.UNSET


@strawberry.input(description="The rights a role or an agent holds in a group from now on; none takes all away.")
class GroupGrantInput:
    group_id: strawberry.ID
    rights: list[QueueRight]


@strawberry.input
class RoleCreateInput:
    name: str
    permissions: list[str] = strawberry.field(default_factory=list)
    grants: list[GroupGrantInput] = strawberry.field(default_factory=list)
    client_mutation_id: str | None = None


@strawberry.input(description="Absent = unchanged, null = cleared.")
class RoleUpdateInput:
    name: str | None = strawberry.UNSET
    active: bool | None = strawberry.UNSET
    permissions: list[str] | None = strawberry.field(default=strawberry.UNSET, description="Replaces those before.")
    grants: list[GroupGrantInput] | None = strawberry.field(
        default=strawberry.UNSET, description="Each replaces the rights in its group; other groups stay as they are."
    )


@strawberry.type
class GroupPayload:
    group: Group | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)
    client_mutation_id: str | None = None


@strawberry.type
class RolePayload:
    role: Role | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)
    client_mutation_id: str | None = None


@strawberry.type
class GroupGrantPayload:
    role: Role | None = strawberry.field(default=None, description="Set when the holder is a role.")
    agent: Agent | None = strawberry.field(default=None, description="Set when the holder is an agent.")
    user_errors: list[UserError] = strawberry.field(default_factory=list)


async def _grant(unit: Unit, role: models.Role, grants: list[GroupGrantInput] | None) -> None:
    for grant in grants or ():
        group = await queries.get_group(unit.actor, grant.group_id, field=("input", "grants"))
        await service.grant_rights(unit, role, group, [right.value for right in grant.rights])


async def _holder(actor: Actor, global_id: str) -> models.Role | AgentRow:
    """Return the role or agent that an id names.

    Raises `NotFound` for everything else.
    """
    field = ("holder_id",)
    try:
        kind = from_global(global_id).kind
    except NotFound:
        raise NotFound(field=field) from None
    if kind == "Role":
        return await queries.get_role(actor, global_id, field=field)
    return await accounts.get_agent(actor, global_id, field=field)


async def _group_again(unit: Unit, made: ObjectRef) -> GroupPayload:
    return GroupPayload(group=Group.of(await queries.visible_groups(unit.actor).get(id=made.id)))


async def _role_again(unit: Unit, made: ObjectRef) -> RolePayload:
    return RolePayload(role=Role.of(await queries.visible_roles(unit.actor).get(id=made.id)))


@mutation(requires=MANAGE.name, replay=_group_again)
async def _group_create(unit: Unit, input: GroupCreateInput) -> GroupPayload:
    return GroupPayload(group=Group.of(await service.create_group(unit, name=input.name)))


@mutation(requires=MANAGE.name)
async def _group_update(
    unit: Unit, id: strawberry.ID, input: GroupUpdateInput, expected_version: int | None = None
) -> GroupPayload:
    group = await queries.get_group(unit.actor, id)
    await service.update_group(unit, group, expected_version=expected_version, **given(input))
    return GroupPayload(group=Group.of(group))


@mutation(requires=MANAGE.name, replay=_role_again)
async def _role_create(unit: Unit, input: RoleCreateInput) -> RolePayload:
    role = await service.create_role(unit, name=input.name, permissions=input.permissions)
    await _grant(unit, role, input.grants)
    return RolePayload(role=Role.of(role))


@mutation(requires=MANAGE.name)
async def _role_update(
    unit: Unit, id: strawberry.ID, input: RoleUpdateInput, expected_version: int | None = None
) -> RolePayload:
    values: dict[str, Any] = given(input)
    grants = values.pop("grants", None)
    if "permissions" in values:
        values["permissions"] = values["permissions"] or ()
    role = await queries.get_role(unit.actor, id)
    await service.update_role(unit, role, expected_version=expected_version, **values)
    await _grant(unit, role, grants)
    return RolePayload(role=Role.of(role))


@mutation(
    requires=MANAGE.name,
    description="Let a role or an agent hold exactly these rights in a group; none takes all away.",
)
async def _group_grant_set(
    unit: Unit, holder_id: strawberry.ID, group_id: strawberry.ID, rights: list[QueueRight]
) -> GroupGrantPayload:
    holder = await _holder(unit.actor, holder_id)
    group = await queries.get_group(unit.actor, group_id, field=("group_id",))
    await service.grant_rights(unit, holder, group, [right.value for right in rights])
    if isinstance(holder, models.Role):
        return GroupGrantPayload(role=Role.of(holder))
    return GroupGrantPayload(agent=Agent.of(holder))


@strawberry.type
class AccessMutation:
    group_create = _group_create
    group_update = _group_update
    role_create = _role_create
    role_update = _role_update
    group_grant_set = _group_grant_set
