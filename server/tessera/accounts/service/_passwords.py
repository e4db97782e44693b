"""Verbs of passwords, and how all that an account showed to prove itself comes to an end."""

from tessera.accounts import _values
from tessera.accounts.errors import ScopeExceeded
from tessera.accounts.events import PasswordChanged
from tessera.accounts.models import AccessToken, Agent, Credential, Session
from tessera.accounts.service._steps import Account, is_own, kind_of, reference, require_manager
from tessera.accounts.settings import PASSWORD_MINIMUM_LENGTH
from tessera.kit.clock import now
from tessera.kit.db import Contention
from tessera.kit.inputs import Field
from tessera.kit.secrets import hash_password
from tessera.kit.unit import Unit, or_taken
from tessera.settings import queries as settings


async def hash_new_password(password: str, *, field: Field = ("input", "password")) -> str:
    """Check a new password against the policy and return its hash; to be called before any transaction.

    Raises `WeakPassword`.
    """
    minimum = await settings.value(PASSWORD_MINIMUM_LENGTH)
    return await hash_password(_values.password(password, minimum=minimum, field=field))


async def change_password(
    unit: Unit, account: Account, password_hash: str, *, keep_session: Session | None = None
) -> None:
    """Give an account a password; its sessions end, except the one to keep.

    Raises `Forbidden` for somebody else's account without the permission `accounts.manage`, and `ScopeExceeded`
    for a limited token, because with an agent's password it would be no longer limited.
    """
    if isinstance(account, Agent) and unit.actor.scopes is not None:
        raise ScopeExceeded
    if not is_own(unit.actor, account):
        require_manager(unit.actor)
    await write_credential(account, password_hash)
    await end_sessions(account, keep=keep_session)
    await unit.record(PasswordChanged(subject=reference(account)))


async def write_credential(account: Account, password_hash: str) -> None:
    """Write an account's password hash, the first one or a new one."""
    key = {"actor_kind": kind_of(account).value, "actor_id": account.id}
    if await Credential.filter(**key).update(password_hash=password_hash, changed_at=now()):
        return
    async with or_taken(Contention("Two gave an account its first password at once.")):
        await Credential.create(**key, password_hash=password_hash)


async def end_sessions(account: Account, *, keep: Session | None = None) -> None:
    """Revoke an account's living sessions."""
    sessions = Session.filter(actor_kind=kind_of(account).value, actor_id=account.id, revoked_at__isnull=True)
    await sessions.exclude(id=keep.id if keep else 0).update(revoked_at=now())


async def end_tokens(account: Account) -> None:
    """Revoke an account's living API tokens."""
    tokens = AccessToken.filter(actor_kind=kind_of(account).value, actor_id=account.id, revoked_at__isnull=True)
    await tokens.update(revoked_at=now())
