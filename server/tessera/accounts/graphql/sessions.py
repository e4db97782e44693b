"""Sessions and tokens in the API: how a client proves who it is."""

from datetime import datetime
from http.cookies import SimpleCookie

import strawberry

from tessera.accounts import models, queries, service
from tessera.accounts.errors import NoSession
from tessera.accounts.graphql.types import ApiToken
from tessera.engine.context import Context
from tessera.engine.directives import Limited
from tessera.engine.mutations import UserError, mutation
from tessera.kit.actor import ActorKind
from tessera.kit.clock import now
from tessera.kit.ids import to_global
from tessera.kit.unit import Unit
from tessera.transport.options import Options


@strawberry.type(description="Result of the session mutations. Browsers get an HttpOnly cookie as well.")
class SessionPayload:
    access_token: str | None = strawberry.field(
        default=None, description="Send as `Authorization: Bearer …`; short-lived."
    )
    refresh_token: str | None = strawberry.field(default=None, description="Opaque, rotating.")
    expires_at: datetime | None = None
    otp_required: bool = strawberry.field(default=False, description="Second factor needed: repeat with `otp`.")
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="Result of mutations that leave nothing to show.")
class AcknowledgePayload:
    id: strawberry.ID | None = strawberry.field(default=None, description="Id of the object acted on.")
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class ApiTokenCreatePayload:
    api_token: ApiToken | None = None
    secret: str | None = strawberry.field(default=None, description="The token itself, shown once.")
    user_errors: list[UserError] = strawberry.field(default_factory=list)


def _set_cookie(context: Context, value: str, lifetime_seconds: int) -> None:
    """Let a browser keep the access token where no script reads it; no lifetime takes it away."""
    cookie: SimpleCookie = SimpleCookie({Options.session_cookie: value})
    morsel = cookie[Options.session_cookie]
    morsel["path"] = "/"
    morsel["httponly"] = True
    morsel["samesite"] = "Lax"
    morsel["max-age"] = str(lifetime_seconds)
    if context.base_url.startswith("https:"):
        morsel["secure"] = True
    context.reply_headers.append(("Set-Cookie", morsel.OutputString()))


def _payload(context: Context, tokens: service.Tokens) -> SessionPayload:
    _set_cookie(context, tokens.access_token, int((tokens.expires_at - now()).total_seconds()))
    return SessionPayload(
        access_token=tokens.access_token, refresh_token=tokens.refresh_token, expires_at=tokens.expires_at
    )


@mutation(
    anonymous=True,
    description="Start a session with a password, as an agent or a customer user.",
    limited=Limited(bucket="sign_in", per_minute=60, by=["peer", "login"]),
)
async def _session_create(
    context: Context, login: str, password: str, otp: str | None = None, as_customer_user: bool | None = False
) -> SessionPayload:
    kind = ActorKind.CUSTOMER_USER if as_customer_user else ActorKind.AGENT
    tokens = await service.sign_in(context.units, kind=kind, login=login, password=password, peer=context.peer)
    return _payload(context, tokens)


@mutation(anonymous=True)
async def _session_refresh(context: Context, refresh_token: str) -> SessionPayload:
    return _payload(context, await service.refresh(context.units, refresh_token=refresh_token, peer=context.peer))


@mutation()
async def _session_revoke(context: Context) -> AcknowledgePayload:
    session = context.credential
    if not isinstance(session, models.Session):
        raise NoSession
    await context.units.run(context.actor, lambda unit: service.sign_out(unit, session))
    _set_cookie(context, "", 0)
    return AcknowledgePayload(id=strawberry.ID(to_global("Session", session.id)))


@mutation()
async def _api_token_create(
    unit: Unit, name: str, scopes: list[str], expires_at: datetime | None = None
) -> ApiTokenCreatePayload:
    row, token = await service.issue_token(unit, name=name, scopes=scopes, expires_at=expires_at)
    return ApiTokenCreatePayload(api_token=ApiToken.of(row), secret=token)


@mutation()
async def _api_token_revoke(unit: Unit, id: strawberry.ID) -> AcknowledgePayload:
    await service.revoke_token(unit, await queries.get_token(unit.actor, id))
    return AcknowledgePayload(id=id)


@strawberry.type
class SessionMutation:
    session_create = _session_create
    session_refresh = _session_refresh
    session_revoke = _session_revoke
    api_token_create = _api_token_create
    api_token_revoke = _api_token_revoke
