"""Verbs of API tokens."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from tessera.accounts import queries
from tessera.accounts.errors import ExpiryPassed, ScopeExceeded, TooManyTokens, UnknownScope
from tessera.accounts.events import TokenIssued, TokenRevoked
from tessera.accounts.models import MAX_NAME, AccessToken
from tessera.accounts.queries import API_TOKEN
from tessera.kit.actor import Actor
from tessera.kit.clock import isoformat, now
from tessera.kit.errors import Forbidden
from tessera.kit.events import to_json
from tessera.kit.ids import ObjectRef
from tessera.kit.inputs import line
from tessera.kit.secrets import digest, new_token
from tessera.kit.unit import Unit

MAX_TOKENS = 100
USE_NOTED_EVERY = timedelta(minutes=1)


async def issue_token(
    unit: Unit, *, name: str, scopes: Iterable[str] = (), expires_at: datetime | None = None
) -> tuple[AccessToken, str]:
    """Give the actor an API token; return its row and the token itself, which is never to be had again.

    `scopes` are the permissions it is limited to, none: all of its owner's. Raises `ScopeExceeded` when the actor
    uses a limited token and asks for more, `UnknownScope`, `ExpiryPassed`, `TooManyTokens`, and what an unfit
    name raises.
    """
    actor = unit.actor
    if actor.id is None:
        raise Forbidden("The server itself needs no token.")
    wanted = sorted(set(scopes))
    _require_scopes(unit, actor, wanted)
    label = line(name, field=("name",), limit=MAX_NAME)
    if expires_at is not None and expires_at <= now():
        raise ExpiryPassed(field=("expires_at",))
    if await queries.visible_tokens(actor).count() >= MAX_TOKENS:
        raise TooManyTokens(limit=MAX_TOKENS)
    token = new_token(API_TOKEN)
    row = await AccessToken.create(
        actor_kind=actor.kind.value,
        actor_id=actor.id,
        name=label,
        scopes=to_json(wanted),
        digest=digest(token),
        expires_at=expires_at,
    )
    await unit.record(
        TokenIssued(
            subject=ObjectRef("api_token", row.id),
            label=label,
            scopes=tuple(wanted),
            expires_at=isoformat(expires_at) if expires_at else None,
        )
    )
    return row, token


async def revoke_token(unit: Unit, token: AccessToken) -> None:
    """End one of the actor's API tokens; ending it again changes nothing.

    Raises `Forbidden` for somebody else's.
    """
    actor = unit.actor
    if not actor.is_system and (token.actor_kind, token.actor_id) != (actor.kind.value, actor.id):
        raise Forbidden
    if await AccessToken.filter(id=token.id, revoked_at__isnull=True).update(revoked_at=now()):
        await unit.record(TokenRevoked(subject=ObjectRef("api_token", token.id), label=token.name))


async def note_use(_unit: Unit, token: AccessToken) -> None:
    """Note that an API token is in use, at most once a minute; the token's row alone tells it."""
    token.last_used_at = now()
    await AccessToken.filter(id=token.id).update(last_used_at=token.last_used_at)


def is_use_due(token: AccessToken) -> bool:
    """Tell whether `note_use` would say anything new."""
    return token.last_used_at is None or token.last_used_at < now() - USE_NOTED_EVERY


def _require_scopes(unit: Unit, actor: Actor, wanted: list[str]) -> None:
    known = {permission.name for permission in unit.wiring.answers.get("permissions", ())}
    for scope in wanted:
        if scope not in known:
            raise UnknownScope(scope=scope, field=("scopes",))
    if actor.scopes is not None and (not wanted or not actor.scopes.issuperset(wanted)):
        raise ScopeExceeded(field=("scopes",))
