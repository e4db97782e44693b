"""Groups, roles and grants in the API, and what they add to agents."""

from collections.abc import Mapping
from enum import Enum

import strawberry

from tessera.access import models, queries
from tessera.engine.context import Context
from tessera.engine.fields import batch, by_id, derived, rows, to_one
from tessera.engine.nodes import Node, node
from tessera.kit.paging import Key, Listing
from tessera.kit.sql import seen

BY_NAME = (Key("name_key"),)


@strawberry.enum(description="RW implies all the others.")
class QueueRight(Enum):
    RO = "ro"
    MOVE_INTO = "move_into"
    CREATE = "create"
    NOTE = "note"
    OWNER = "owner"
    PRIORITY = "priority"
    RW = "rw"


@node(
    models.Group,
    queries.visible_groups,
    kept="group",
    description="Rights are granted on groups; queues belong to groups.",
)
class Group(Node):
    name: str
    active: bool
    version: int


def _rights(rights: tuple[str, ...]) -> list[QueueRight]:
    return [QueueRight(right) for right in rights]


@strawberry.type(description="Rights of a role or an agent in a group, in OTRS's own words.")
class GroupGrant:
    group: Group = to_one("group_id", covered=True)
    rights: list[QueueRight] = derived(_rights, "rights")


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


def _all_groups(context: Context) -> Listing[models.Group]:
    return Listing(seen(context.actor, queries.visible_groups), BY_NAME)


def _all_roles(context: Context) -> Listing[models.Role]:
    return Listing(seen(context.actor, queries.visible_roles), BY_NAME)


@strawberry.type
class AccessQuery:
    groups: list[Group] = rows(_all_groups)
    roles: list[Role] = rows(_all_roles)
    role: Role | None = by_id("Role", queries.visible_roles)
    group: Group | None = by_id("Group", queries.visible_groups)
