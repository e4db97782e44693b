"""Groups, roles and grants in the API, and what they add to agents."""

from collections.abc import Mapping
from enum import Enum
from typing import cast

import strawberry

from tessera.access import models, queries
from tessera.engine.context import Context
from tessera.engine.fields import batch, to_one
from tessera.engine.nodes import Node, load_node, node


@strawberry.enum(description="RW implies all the others.")
class QueueRight(Enum):
    RO = "ro"
    MOVE_INTO = "move_into"
    CREATE = "create"
    NOTE = "note"
    OWNER = "owner"
    PRIORITY = "priority"
    RW = "rw"


@node(models.Group, queries.visible_groups, description="Rights are granted on groups; queues belong to groups.")
class Group(Node):
    name: str
    active: bool
    version: int


def _rights(root: queries.Rights) -> list[QueueRight]:
    return [QueueRight(right) for right in root.rights]


@strawberry.type(description="Rights of a role or an agent in a group, in OTRS's own words.")
class GroupGrant:
    group: Group = to_one("group_id", covered=True)
    rights: list[QueueRight] = strawberry.field(resolver=_rights)


async def _permissions(_context: Context, keys: list[int]) -> Mapping[int, list[str]]:
    return await queries.permissions_of(keys)


async def _role_grants(_context: Context, keys: list[int]) -> Mapping[int, list[queries.Rights]]:
    return await queries.rights_of(queries.ROLE_HOLDER, keys)


@node(models.Role, queries.visible_roles, description="A bundle of grants.")
class Role(Node):
    name: str
    active: bool
    permissions: list[str] = batch(_permissions)
    grants: list[GroupGrant] = batch(_role_grants)
    version: int


async def _agent_grants(_context: Context, keys: list[int]) -> Mapping[int, list[queries.Rights]]:
    return await queries.rights_of(queries.AGENT_HOLDER, keys)


async def _groups(_context: Context, keys: list[int]) -> Mapping[int, list[models.Group]]:
    return await queries.groups_of(keys)


async def _roles(_context: Context, keys: list[int]) -> Mapping[int, list[models.Role]]:
    return await queries.roles_of(keys)


@strawberry.type
class AgentAccess:
    groups: list[Group] = batch(
        _groups, description="Active groups on which the agent holds any right, directly or by a role."
    )
    roles: list[Role] = batch(_roles)
    grants: list[GroupGrant] = batch(
        _agent_grants, description="Rights given to the agent directly, beside those of the roles."
    )


@strawberry.type
class AccessQuery:
    @strawberry.field
    async def groups(self, info: strawberry.Info) -> list[Group]:
        return Group.of_all(await queries.visible_groups(info.context.actor).order_by("name_key"))

    @strawberry.field
    async def roles(self, info: strawberry.Info) -> list[Role]:
        return Role.of_all(await queries.visible_roles(info.context.actor).order_by("name_key"))

    @strawberry.field
    async def role(self, info: strawberry.Info, id: strawberry.ID) -> Role | None:
        return cast("Role | None", await load_node(info, id, "Role"))

    @strawberry.field
    async def group(self, info: strawberry.Info, id: strawberry.ID) -> Group | None:
        return cast("Group | None", await load_node(info, id, "Group"))
