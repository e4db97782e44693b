"""Verbs of groups, roles and grants."""

from collections.abc import AsyncIterator, Collection, Iterable
from contextlib import asynccontextmanager
from typing import Any, TypedDict, Unpack

from tortoise.exceptions import IntegrityError

from tessera.access import queries
from tessera.access.errors import LastAdministrator, NameTaken, UnknownPermission, UnknownRight
from tessera.access.events import (
    GroupChanged,
    GroupCreated,
    RightsChanged,
    RoleChanged,
    RoleCreated,
    RoleGranted,
    RoleRevoked,
)
from tessera.access.models import MAX_KEY, MAX_NAME, Group, GroupGrant, Role, RoleGrant, RolePermission
from tessera.access.permissions import MANAGE
from tessera.access.queries import AGENT_HOLDER, ROLE_HOLDER, in_order
from tessera.accounts.models import Agent
from tessera.kit.actor import RIGHTS
from tessera.kit.clock import now
from tessera.kit.db import Contention, transaction
from tessera.kit.errors import LimitExceeded, Required
from tessera.kit.ids import ObjectRef
from tessera.kit.inputs import line
from tessera.kit.text import fold
from tessera.kit.unit import Unit, or_taken

_NAME = ("input", "name")


class GroupChanges(TypedDict, total=False):
    """What may change about a group."""

    name: str | None
    active: bool | None


class RoleChanges(TypedDict, total=False):
    """What may change about a role; permissions replace those before."""

    name: str | None
    active: bool | None
    permissions: Collection[str]


async def create_group(unit: Unit, *, name: str) -> Group:
    """Create a group.

    Raises `Forbidden` without the permission `access.manage`, `NameTaken`, and what an unfit name raises.
    """
    unit.actor.require(MANAGE.name)
    columns = _columns({"name": name})
    problem = NameTaken(name=columns["name"], field=_NAME)
    if await Group.exists(name_key=columns["name_key"]):
        raise problem
    async with or_taken(problem):
        group = await Group.create(**columns)
    await unit.record(GroupCreated(subject=ObjectRef("group", group.id), label=group.name))
    return group


async def update_group(
    unit: Unit, group: Group, *, expected_version: int | None = None, **changes: Unpack[GroupChanges]
) -> Group:
    """Rename a group or switch it on or off; the rights on an inactive group count for nothing.

    Raises what `create_group` raises, and `StaleVersion`.
    """
    unit.actor.require(MANAGE.name)
    for field, before, after in await _write(unit, group, _columns(changes), expected_version):
        subject = ObjectRef("group", group.id)
        await unit.record(GroupChanged(subject=subject, field=field, before=before, after=after))
    return group


async def create_role(unit: Unit, *, name: str, permissions: Collection[str] = ()) -> Role:
    """Create a role with permissions.

    Raises `Forbidden` without the permission `access.manage`, `NameTaken`, `UnknownPermission`, and what an unfit
    name raises.
    """
    unit.actor.require(MANAGE.name)
    columns = _columns({"name": name})
    problem = NameTaken(name=columns["name"], field=_NAME)
    if await Role.exists(name_key=columns["name_key"]):
        raise problem
    async with or_taken(problem):
        role = await Role.create(**columns)
    await unit.record(RoleCreated(subject=ObjectRef("role", role.id), label=role.name))
    await _set_permissions(unit, role, permissions)
    return role


async def update_role(
    unit: Unit, role: Role, *, expected_version: int | None = None, **changes: Unpack[RoleChanges]
) -> Role:
    """Rename a role, switch it on or off, give it other permissions.

    Raises what `create_role` raises, `LastAdministrator` and `StaleVersion`.
    """
    unit.actor.require(MANAGE.name)
    gave_rights = await _gives_rights(role)
    for field, before, after in await _write(unit, role, _columns(changes), expected_version):
        await unit.record(RoleChanged(subject=ObjectRef("role", role.id), field=field, before=before, after=after))
    if "permissions" in changes:
        await _set_permissions(unit, role, changes["permissions"])
    if gave_rights and not await _gives_rights(role):
        await require_administrator(unit)
    return role


async def grant_permission(unit: Unit, role: Role, permission: str) -> None:
    """Add one permission to a role; a second time changes nothing.

    Raises `Forbidden` without the permission `access.manage`, and `UnknownPermission`.
    """
    unit.actor.require(MANAGE.name)
    held = (await queries.permissions_of([role.id]))[role.id]
    await _set_permissions(unit, role, [*held, permission])


async def grant_role(unit: Unit, agent: Agent, role: Role) -> None:
    """Give an agent a role; a second time changes nothing.

    Raises `Forbidden` without the permission `access.manage`.
    """
    unit.actor.require(MANAGE.name)
    if await RoleGrant.exists(agent_id=agent.id, role_id=role.id):
        return
    async with _once():
        await RoleGrant.create(agent_id=agent.id, role_id=role.id)
    subject = ObjectRef("agent", agent.id)
    await unit.record(RoleGranted(subject=subject, role=role.name, role_id=role.id))


async def revoke_role(unit: Unit, agent: Agent, role: Role) -> None:
    """Take a role from an agent; one they do not have changes nothing.

    Raises `Forbidden` without the permission `access.manage`, and `LastAdministrator`.
    """
    unit.actor.require(MANAGE.name)
    gave_rights = agent.active and await _gives_rights(role)
    if not await RoleGrant.filter(agent_id=agent.id, role_id=role.id).delete():
        return
    if gave_rights:
        await require_administrator(unit)
    subject = ObjectRef("agent", agent.id)
    await unit.record(RoleRevoked(subject=subject, role=role.name, role_id=role.id))


async def set_roles(unit: Unit, agent: Agent, roles: Collection[Role]) -> None:
    """Let an agent have exactly these roles.

    Raises `Forbidden` without the permission `access.manage`, and `LastAdministrator`.
    """
    unit.actor.require(MANAGE.name)
    wanted = {role.id for role in roles}
    held = (await queries.roles_of([agent.id]))[agent.id]
    for role in roles:
        await grant_role(unit, agent, role)
    for role in held:
        if role.id not in wanted:
            await revoke_role(unit, agent, role)


async def grant_rights(unit: Unit, holder: Role | Agent, group: Group, rights: Iterable[str]) -> None:
    """Let a role or an agent hold exactly these rights on a group; none takes all away.

    Raises `Forbidden` without the permission `access.manage`, and `UnknownRight`.
    """
    unit.actor.require(MANAGE.name)
    rights = tuple(rights)
    for right in rights:
        if right not in RIGHTS:
            raise UnknownRight(right=right, known=", ".join(RIGHTS), field=("rights",))
    wanted = in_order(rights)
    kind = ROLE_HOLDER if isinstance(holder, Role) else AGENT_HOLDER
    key = {"holder_kind": kind, "holder_id": holder.id, "group_id": group.id}
    held = in_order(map(str, await GroupGrant.filter(**key).values_list("right", flat=True)))
    if wanted == held:
        return
    await GroupGrant.filter(**key).exclude(right__in=wanted).delete()
    async with _once():
        await GroupGrant.bulk_create([GroupGrant(**key, right=right) for right in wanted if right not in held])
    await unit.record(
        RightsChanged(
            subject=ObjectRef(kind, holder.id),
            group=group.name,
            group_id=group.id,
            before=", ".join(held),
            after=", ".join(wanted),
        )
    )


async def require_administrator(_unit: Unit) -> None:
    """Raise `LastAdministrator` when the unit's changes leave no active agent who may give rights.

    Of two units that each take one of the last two away, the second waits here for the first and is refused.
    """
    roles = await queries.administrator_roles().values_list("id", flat=True)
    await Role.filter(id__in=list(roles)).update(updated_at=now())
    if not await queries.administrators().exists():
        raise LastAdministrator


async def _gives_rights(role: Role) -> bool:
    return role.active and await RolePermission.exists(role_id=role.id, permission=MANAGE.name)


async def _set_permissions(unit: Unit, role: Role, permissions: Collection[str]) -> None:
    known = {permission.name for permission in unit.wiring.answers.get("permissions", ())}
    held = (await queries.permissions_of([role.id]))[role.id]
    wanted = sorted(set(permissions))
    added = [permission for permission in wanted if permission not in held]
    for permission in added:
        if permission not in known:
            raise UnknownPermission(permission=permission, field=("input", "permissions"))
    if wanted == held:
        return
    await RolePermission.filter(role_id=role.id).exclude(permission__in=wanted).delete()
    async with _once():
        await RolePermission.bulk_create([RolePermission(role_id=role.id, permission=each) for each in added])
    await unit.record(
        RoleChanged(
            subject=ObjectRef("role", role.id), field="permissions", before=", ".join(held), after=", ".join(wanted)
        )
    )


def _columns(given: GroupChanges | RoleChanges) -> dict[str, Any]:
    """Return the checked columns of a group or role, the folded key included."""
    columns: dict[str, Any] = {}
    if "name" in given:
        name = line(given["name"], field=_NAME, limit=MAX_NAME)
        key = fold(name)
        if len(key) > MAX_KEY:
            raise LimitExceeded("The value is too long.", field=_NAME)
        columns |= {"name": name, "name_key": key}
    if "active" in given:
        if given["active"] is None:
            raise Required(field=("input", "active"))
        columns["active"] = given["active"]
    return columns


async def _write(
    unit: Unit, row: Group | Role, columns: dict[str, object], expected_version: int | None
) -> list[tuple[str, str, str]]:
    """Write columns; return the fields that changed with their display text before and after."""
    problem = NameTaken(name=columns.get("name"), field=_NAME)
    if await type(row).filter(name_key=columns.get("name_key", "")).exclude(id=row.id).exists():
        raise problem
    changed = [
        (name, _shown(getattr(row, name)), _shown(value))
        for name, value in columns.items()
        if name != "name_key" and getattr(row, name) != value
    ]
    async with or_taken(problem):
        await unit.update(row, expected_version=expected_version, **columns)
    return changed


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@asynccontextmanager
async def _once() -> AsyncIterator[None]:
    """Run an insert that a concurrent unit may have done already; then this unit begins again."""
    try:
        async with transaction():
            yield
    except IntegrityError as error:
        raise Contention("Two granted the same at once.") from error
