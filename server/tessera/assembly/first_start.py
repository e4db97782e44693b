"""What an administrator finds on the first day: groups, states, priorities, queues, texts, an account.

Names and numbers are those an OTRS administrator knows.
"""

import secrets

from tessera.access import queries as access_queries
from tessera.access import service as access
from tessera.access.models import Group
from tessera.accounts import queries as accounts
from tessera.accounts import service as accounts_service
from tessera.assembly.runtime import Runtime
from tessera.kit.actor import RIGHTS, SYSTEM
from tessera.kit.errors import Taken
from tessera.kit.secrets import hash_password
from tessera.kit.unit import Unit
from tessera.queues import service as queues
from tessera.tickets import service as tickets

ADMINISTRATOR = "admin"
STATES = (
    ("new", "new"),
    ("open", "open"),
    ("closed successful", "closed"),
    ("closed unsuccessful", "closed"),
    ("pending reminder", "pending_reminder"),
    ("pending auto close+", "pending_auto"),
    ("pending auto close-", "pending_auto"),
    ("removed", "removed"),
    ("merged", "merged"),
)
PRIORITIES = (
    ("1 very low", 1, "#03c4f0"),
    ("2 low", 2, "#83bfc8"),
    ("3 normal", 3, "#cdcdcd"),
    ("4 high", 4, "#ffaaaa"),
    ("5 very high", 5, "#ff505e"),
)
QUEUES = ("Postmaster", "Raw", "Junk", "Misc")


async def furnish(runtime: Runtime) -> bool:
    """Give an empty house its first furniture; return whether it was empty."""
    try:
        return await runtime.units.run(SYSTEM, lambda unit: _furnish(unit, tuple(runtime.assembly.permissions)))
    except Taken:
        return False  # another server was faster


async def _furnish(unit: Unit, permissions: tuple[str, ...]) -> bool:
    if await Group.exists():
        return False
    users = await access.create_group(unit, name="users")
    await access.create_group(unit, name="admin")
    await access.create_group(unit, name="stats")
    role = await access.create_role(unit, name="Administrators", permissions=permissions)
    await access.grant_rights(unit, role, users, RIGHTS)
    for name, kind in STATES:
        await tickets.create_state(unit, name=name, type=kind)
    for name, rank, color in PRIORITIES:
        await tickets.create_priority(unit, name=name, rank=rank, color=color)
    await tickets.create_type(unit, name="Unclassified")
    for name in QUEUES:
        await queues.create_queue(unit, name=name, group=users)
    return True


async def ensure_administrator(runtime: Runtime) -> str | None:
    """Make the first administrator when there is no agent at all; return a password that was made up for it.

    The configured password is used when there is one; then, and when there already are agents, None is returned.
    """
    if await accounts.agents_exist():
        return None
    given = runtime.config.admin_password
    password = given.get_secret_value() if given else secrets.token_urlsafe(12)
    password_hash = await hash_password(password)

    async def create(unit: Unit) -> None:
        agent = await accounts_service.create_agent(
            unit, login=ADMINISTRATOR, name="Administrator", email=None, password_hash=password_hash
        )
        role = await access_queries.role_named("Administrators")
        await access.grant_role(unit, agent, role)

    try:
        await runtime.units.run(SYSTEM, create)
    except Taken:
        return None  # another server was faster
    return None if given else password
