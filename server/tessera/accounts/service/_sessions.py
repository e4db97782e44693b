"""Verbs of sessions: signing in, getting new tokens, signing out."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tessera.accounts import _values, queries
from tessera.accounts.errors import SessionOver, TooManyAttempts, WrongCredentials
from tessera.accounts.events import SessionEnded, SessionRefreshed, SignedIn, SignInFailed
from tessera.accounts.models import Session, SignInAttempt
from tessera.accounts.queries import REFRESH_TOKEN, SESSION_TOKEN
from tessera.accounts.service._steps import Account, bare_actor, kind_of, reference
from tessera.accounts.settings import ACCESS_TOKEN_MINUTES, SESSION_DAYS, SIGN_IN_ATTEMPTS, SIGN_IN_WINDOW_MINUTES
from tessera.kit.actor import SYSTEM, ActorKind
from tessera.kit.clock import now
from tessera.kit.ids import ObjectRef
from tessera.kit.secrets import digest, new_token, verify_password
from tessera.kit.text import fold
from tessera.kit.unit import Unit, Units
from tessera.settings import queries as settings

KEPT_AFTER_END = timedelta(days=7)
_MAX_PEER = 100


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a client needs to go on: both tokens in clear, never again to be had, and when the access token ends."""

    session: Session
    access_token: str
    refresh_token: str
    expires_at: datetime


async def sign_in(units: Units, *, kind: ActorKind, login: str, password: str, peer: str = "") -> Tokens:
    """Start a session with a password; opens its own units, because hashing takes time.

    A login that is nobody's takes as long as one that is. Raises `WrongCredentials`, and `TooManyAttempts` when
    the login or the peer (a network address, empty: none) failed too often of late.
    """
    key, peer = _login_digest(kind, login), peer[:_MAX_PEER]
    attempt = await units.run(SYSTEM, lambda unit: _begin_attempt(unit, key, peer))
    minutes, limit = await settings.value(SIGN_IN_WINDOW_MINUTES), await settings.value(SIGN_IN_ATTEMPTS)
    if await queries.attempts_exceeded(key, peer, limit=limit, window=timedelta(minutes=minutes)):
        await units.run(SYSTEM, lambda unit: _forget_attempt(unit, attempt))
        raise TooManyAttempts(minutes=minutes)
    account = await queries.account_by_login(kind, login)
    hashed = await queries.password_hash_of(kind, account.id if account else 0)
    fits = await verify_password(hashed, password[: _values.MAX_PASSWORD])
    if account is None or not fits or not account.active:
        subject = ObjectRef(kind.value, account.id if account else 0)
        await units.run(SYSTEM, lambda unit: unit.record(SignInFailed(subject=subject, peer=peer)))
        raise WrongCredentials
    return await units.run(bare_actor(account), lambda unit: _start_session(unit, account, key, peer))


async def refresh(units: Units, *, refresh_token: str, peer: str = "") -> Tokens:
    """Give a session new tokens in exchange for its newest refresh token; opens its own unit.

    An older refresh token means that somebody has a copy: the session ends. Raises `SessionOver` for it, and for
    one that is unknown or whose session or account is no more.
    """
    session = await queries.session_of_refresh_token(refresh_token)
    account = await queries.account(ActorKind(session.actor_kind), session.actor_id) if session else None
    if session is None or account is None or not account.active:
        raise SessionOver
    tokens = await units.run(bare_actor(account), lambda unit: _rotate(unit, session, refresh_token, peer[:_MAX_PEER]))
    if tokens is None:
        raise SessionOver
    return tokens


async def sign_out(unit: Unit, session: Session) -> None:
    """End a session; ending it again changes nothing."""
    await _end(unit, session, "signed_out")


async def forget_ended(_unit: Unit) -> None:
    """Remove sessions that ended a week ago and attempts that count no more."""
    past = now() - KEPT_AFTER_END
    await Session.filter(expires_at__lt=past).delete()
    await Session.filter(revoked_at__lt=past).delete()
    minutes = await settings.value(SIGN_IN_WINDOW_MINUTES)
    await SignInAttempt.filter(at__lt=now() - timedelta(minutes=minutes)).delete()


def _login_digest(kind: ActorKind, login: str) -> str:
    return digest(f"{kind.value}:{fold(login.strip())}")


async def _begin_attempt(_unit: Unit, login_digest: str, peer: str) -> SignInAttempt:
    """Count an attempt before its outcome is known, so that many at once are not one."""
    return await SignInAttempt.create(login_digest=login_digest, peer=peer)


async def _forget_attempt(_unit: Unit, attempt: SignInAttempt) -> None:
    await SignInAttempt.filter(id=attempt.id).delete()


async def _start_session(unit: Unit, account: Account, login_digest: str, peer: str) -> Tokens:
    await SignInAttempt.filter(login_digest=login_digest).delete()
    family = new_token(REFRESH_TOKEN)
    access_token, refresh_token = new_token(SESSION_TOKEN), _next_refresh_token(family)
    access_expires_at, expires_at = await _ends()
    session = await Session.create(
        actor_kind=kind_of(account).value,
        actor_id=account.id,
        access_digest=digest(access_token),
        access_expires_at=access_expires_at,
        family_digest=digest(family),
        refresh_digest=digest(refresh_token),
        expires_at=expires_at,
    )
    await unit.record(SignedIn(subject=reference(account), session_id=session.id, peer=peer))
    return Tokens(session, access_token, refresh_token, access_expires_at)


async def _rotate(unit: Unit, session: Session, refresh_token: str, peer: str) -> Tokens | None:
    """Exchange the newest refresh token; end the session and return None for an older one."""
    family = refresh_token.partition(".")[0]
    access_token, successor = new_token(SESSION_TOKEN), _next_refresh_token(family)
    access_expires_at, expires_at = await _ends()
    newest = Session.filter(id=session.id, refresh_digest=digest(refresh_token), revoked_at__isnull=True)
    exchanged = await newest.update(
        access_digest=digest(access_token),
        access_expires_at=access_expires_at,
        refresh_digest=digest(successor),
        expires_at=expires_at,
    )
    if not exchanged:
        await _end(unit, session, "reused")
        return None
    await unit.record(SessionRefreshed(subject=ObjectRef("session", session.id), peer=peer))
    return Tokens(session, access_token, successor, access_expires_at)


async def _end(unit: Unit, session: Session, reason: str) -> None:
    if await Session.filter(id=session.id, revoked_at__isnull=True).update(revoked_at=now()):
        await unit.record(SessionEnded(subject=ObjectRef("session", session.id), reason=reason))


def _next_refresh_token(family: str) -> str:
    return f"{family}.{new_token('1').partition('_')[2]}"


async def _ends() -> tuple[datetime, datetime]:
    """Return when a new access token and when an unrefreshed session end."""
    minutes, days = await settings.value(ACCESS_TOKEN_MINUTES), await settings.value(SESSION_DAYS)
    return now() + timedelta(minutes=minutes), now() + timedelta(days=days)
