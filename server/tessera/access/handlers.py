"""What the access rules refuse about accounts."""

from tessera.access import queries, service
from tessera.access.errors import AdministratorProtected
from tessera.access.permissions import MANAGE
from tessera.accounts.events import AccountDeactivated, PasswordChanged
from tessera.kit.actor import ActorKind
from tessera.kit.unit import Unit


async def keep_an_administrator(unit: Unit, event: AccountDeactivated) -> None:
    """Refuse to switch the last administrator off."""
    if event.subject.kind == ActorKind.AGENT and await queries.makes_administrator(event.subject.id):
        await service.require_administrator(unit)


async def protect_administrators(unit: Unit, event: PasswordChanged) -> None:
    """Refuse to set an administrator's password to whoever is none and not that agent."""
    actor = unit.actor
    if event.subject.kind != ActorKind.AGENT or actor.can(MANAGE.name) or actor.agent_id == event.subject.id:
        return
    if await queries.makes_administrator(event.subject.id):
        raise AdministratorProtected
