"""Reads of groups, roles and grants; turns an account into an actor."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tortoise.expressions import Q, Subquery
from tortoise.queryset import QuerySet

from tessera.access.models import Group, GroupGrant, Role, RoleGrant, RolePermission
from tessera.access.permissions import MANAGE
from tessera.accounts.models import Agent, CustomerUser
from tessera.accounts.settings import SHARE_CUSTOMER_TICKETS
from tessera.kit.actor import RIGHTS, Actor, ActorKind
from tessera.kit.errors import NotFound
from tessera.kit.ids import key_of
from tessera.kit.inputs import Field, existing
from tessera.kit.text import fold
from tessera.settings import queries as settings

ROLE_HOLDER = "role"
AGENT_HOLDER = "agent"


@dataclass(frozen=True, slots=True)
class Rights:
    """What a role or an agent holds on one group, in OTRS's order."""

    group_id: int
    rights: tuple[str, ...]


async def actor_for(kind: ActorKind, key: int, scopes: frozenset[str] | None = None) -> Actor | None:
    """Turn an account into an actor with its rights as they are now; None when it is unknown or switched off.

    `scopes` limits the permissions. Takes four statements for an agent, two for a customer user.
    """
    if kind is ActorKind.AGENT:
        agent = await Agent.get_or_none(id=key, active=True)
        return None if agent is None else await _agent_actor(agent, scopes)
    if kind is ActorKind.CUSTOMER_USER:
        customer_user = await CustomerUser.get_or_none(id=key, active=True)
        return None if customer_user is None else await _customer_user_actor(customer_user, scopes)
    return None


async def _agent_actor(agent: Agent, scopes: frozenset[str] | None) -> Actor:
    roles = await RoleGrant.filter(agent_id=agent.id, role__active=True).values_list("role_id", flat=True)
    permissions = await RolePermission.filter(role_id__in=roles).values_list("permission", flat=True)
    held = Q(holder_kind=AGENT_HOLDER, holder_id=agent.id) | Q(holder_kind=ROLE_HOLDER, holder_id__in=roles)
    grants: dict[int, set[str]] = {}
    for group_id, right in await GroupGrant.filter(held, group__active=True).values_list("group_id", "right"):
        grants.setdefault(group_id, set()).add(right)
    return Actor(
        kind=ActorKind.AGENT,
        id=agent.id,
        name=agent.name,
        login=agent.login,
        permissions=frozenset(map(str, permissions)),
        grants={group_id: frozenset(rights) for group_id, rights in grants.items()},
        locale=agent.locale,
        timezone=agent.timezone,
        scopes=scopes,
    )


async def _customer_user_actor(customer_user: CustomerUser, scopes: frozenset[str] | None) -> Actor:
    shares = customer_user.customer_id is not None and await settings.value(SHARE_CUSTOMER_TICKETS)
    return Actor(
        kind=ActorKind.CUSTOMER_USER,
        id=customer_user.id,
        name=customer_user.name,
        login=customer_user.login,
        customer_id=customer_user.customer_id if shares else None,
        locale=customer_user.locale,
        timezone=customer_user.timezone,
        scopes=scopes,
    )


def visible_groups(actor: Actor) -> QuerySet[Group]:
    """Return the groups an actor sees: agents see all, customer users none."""
    return Group.filter(id__isnull=True) if actor.is_customer_user else Group.all()


def visible_roles(actor: Actor) -> QuerySet[Role]:
    """Return the roles an actor sees: agents see all, customer users none."""
    return Role.filter(id__isnull=True) if actor.is_customer_user else Role.all()


async def get_group(actor: Actor, global_id: str, *, field: Field = ("id",)) -> Group:
    """Return a group by its global id.

    Raises `NotFound` when it is unknown or hidden.
    """
    return existing(await visible_groups(actor).get_or_none(id=key_of(global_id, "Group", field=field)), field)


async def get_role(actor: Actor, global_id: str, *, field: Field = ("id",)) -> Role:
    """Return a role by its global id.

    Raises `NotFound` when it is unknown or hidden.
    """
    return existing(await visible_roles(actor).get_or_none(id=key_of(global_id, "Role", field=field)), field)


async def group_named(name: str) -> Group:
    """Return the group with a name, regardless of case.

    Raises `NotFound` when there is none.
    """
    group = await Group.get_or_none(name_key=fold(name.strip()))
    if group is None:
        raise NotFound("There is no group {name}.", name=name)
    return group


async def role_named(name: str) -> Role:
    """Return the role with a name, regardless of case.

    Raises `NotFound` when there is none.
    """
    role = await Role.get_or_none(name_key=fold(name.strip()))
    if role is None:
        raise NotFound("There is no role {name}.", name=name)
    return role


async def permissions_of(role_ids: Sequence[int]) -> dict[int, list[str]]:
    """Return the permissions of each role, sorted."""
    found: dict[int, list[str]] = {role_id: [] for role_id in role_ids}
    rows = RolePermission.filter(role_id__in=list(role_ids)).order_by("permission")
    for role_id, permission in await rows.values_list("role_id", "permission"):
        found[role_id].append(permission)
    return found


async def rights_of(holder_kind: str, holder_ids: Sequence[int]) -> dict[int, list[Rights]]:
    """Return what each role or agent was granted directly, by name of the group; inactive groups included."""
    rows = GroupGrant.filter(holder_kind=holder_kind, holder_id__in=list(holder_ids)).order_by("group__name_key", "id")
    grants: dict[int, dict[int, list[str]]] = {holder_id: {} for holder_id in holder_ids}
    for holder_id, group_id, right in await rows.values_list("holder_id", "group_id", "right"):
        grants[holder_id].setdefault(group_id, []).append(right)
    return {holder_id: _sorted(groups) for holder_id, groups in grants.items()}


async def roles_of(agent_ids: Sequence[int]) -> dict[int, list[Role]]:
    """Return the roles of each agent, by name; inactive ones included."""
    rows = await RoleGrant.filter(agent_id__in=list(agent_ids)).select_related("role").order_by("role__name_key")
    found: dict[int, list[Role]] = {agent_id: [] for agent_id in agent_ids}
    for row in rows:
        found[row.agent_id].append(row.role)
    return found


async def groups_of(agent_ids: Sequence[int]) -> dict[int, list[Group]]:
    """Return the active groups on which each agent holds any right, directly or by an active role; by name."""
    ids: dict[int, set[int]] = {agent_id: set() for agent_id in agent_ids}
    agents_by_role: dict[int, list[int]] = {}
    memberships = RoleGrant.filter(agent_id__in=list(agent_ids), role__active=True)
    for agent_id, role_id in await memberships.values_list("agent_id", "role_id"):
        agents_by_role.setdefault(role_id, []).append(agent_id)
    held = Q(holder_kind=AGENT_HOLDER, holder_id__in=list(agent_ids))
    held |= Q(holder_kind=ROLE_HOLDER, holder_id__in=list(agents_by_role))
    for kind, holder, group_id in await GroupGrant.filter(held).values_list("holder_kind", "holder_id", "group_id"):
        for agent_id in [holder] if kind == AGENT_HOLDER else agents_by_role[holder]:
            ids[agent_id].add(group_id)
    groups = await Group.filter(id__in=set().union(*ids.values()), active=True).order_by("name_key")
    return {agent_id: [group for group in groups if group.id in wanted] for agent_id, wanted in ids.items()}


async def agent_ids_with(right: str, group_id: int) -> list[int]:
    """Return the ids, ascending, of the active agents who hold a right on an active group; `rw` implies every right."""
    grants = GroupGrant.filter(group_id=group_id, group__active=True, right__in=[right, "rw"])
    direct = grants.filter(holder_kind=AGENT_HOLDER).values("holder_id")
    roles = grants.filter(holder_kind=ROLE_HOLDER).values("holder_id")
    by_role = RoleGrant.filter(role_id__in=Subquery(roles), role__active=True).values("agent_id")
    rows = Agent.filter(Q(id__in=Subquery(direct)) | Q(id__in=Subquery(by_role)), active=True).order_by("id")
    return [agent_id for (agent_id,) in await rows.values_list("id")]


def administrators() -> QuerySet[Agent]:
    """Return the active agents who may give rights."""
    return Agent.filter(id__in=Subquery(_administrator_grants().values("agent_id")), active=True)


async def makes_administrator(agent_id: int) -> bool:
    """Tell whether an agent, active or not, has an active role that may give rights."""
    return await _administrator_grants().filter(agent_id=agent_id).exists()


def administrator_roles() -> QuerySet[Role]:
    """Return the roles, active or not, that carry the permission to give rights."""
    carrying = RolePermission.filter(permission=MANAGE.name).values("role_id")
    return Role.filter(id__in=Subquery(carrying))


def _administrator_grants() -> QuerySet[RoleGrant]:
    carrying = RolePermission.filter(permission=MANAGE.name).values("role_id")
    return RoleGrant.filter(role_id__in=Subquery(carrying), role__active=True)


def in_order(rights: Iterable[str]) -> tuple[str, ...]:
    """Return rights without repetition in OTRS's order."""
    return tuple(sorted(set(rights), key=RIGHTS.index))


def _sorted(groups: Mapping[int, Iterable[str]]) -> list[Rights]:
    return [Rights(group_id, in_order(rights)) for group_id, rights in groups.items()]
