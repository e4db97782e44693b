"""Reads of agents, customer users, customers, and of what proves who somebody is."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from tortoise.expressions import Q, Subquery
from tortoise.queryset import QuerySet

from tessera.accounts.models import (
    MAX_KEY,
    AccessToken,
    Agent,
    Credential,
    Customer,
    CustomerUser,
    Session,
    SignInAttempt,
)
from tessera.kit.actor import Actor, ActorKind
from tessera.kit.clock import now
from tessera.kit.errors import Invalid
from tessera.kit.events import from_json
from tessera.kit.ids import key_of
from tessera.kit.inputs import Field, existing
from tessera.kit.model import Row
from tessera.kit.rows import find
from tessera.kit.secrets import digest
from tessera.kit.text import fold, storable

RowT = TypeVar("RowT", bound=Row)

SESSION_TOKEN = "ts_session"  # noqa: S105 - what a token begins with, not a secret
API_TOKEN = "ts_api"  # noqa: S105 - as above
REFRESH_TOKEN = "ts_refresh"  # noqa: S105 - as above
MAX_QUERY = 200
MAX_WORDS = 10


@dataclass(frozen=True, slots=True)
class Proof:
    """Whom a token belongs to; `scopes` limits its permissions, `credential` is the row it was found in."""

    kind: ActorKind
    id: int
    scopes: frozenset[str] | None
    expires_at: datetime | None
    credential: Session | AccessToken


def visible_agents(actor: Actor) -> QuerySet[Agent]:
    """Return the agents an actor sees: agents see all, customer users none."""
    return Agent.filter(id__isnull=True) if actor.is_customer_user else Agent.all()


def visible_customer_users(actor: Actor) -> QuerySet[CustomerUser]:
    """Return the customer users an actor sees.

    Agents see all; customer users themselves, and their customer's people where the actor shares with them.
    """
    if not actor.is_customer_user:
        return CustomerUser.all()
    own = Q(id=actor.id)
    shared = own if actor.customer_id is None else own | Q(customer_id=actor.customer_id)
    return CustomerUser.filter(shared)


def visible_customers(actor: Actor) -> QuerySet[Customer]:
    """Return the customers an actor sees: agents see all, customer users their own."""
    if not actor.is_customer_user:
        return Customer.all()
    own = CustomerUser.filter(id=actor.id, customer_id__not_isnull=True).values("customer_id")
    return Customer.filter(id__in=Subquery(own))


def visible_tokens(actor: Actor) -> QuerySet[AccessToken]:
    """Return the API tokens an actor sees: their own, as long as they are not revoked."""
    return AccessToken.filter(actor_kind=actor.kind.value, actor_id=actor.id, revoked_at__isnull=True)


async def get_agent(actor: Actor, global_id: str, *, field: Field = ("id",)) -> Agent:
    """Return an agent by their global id.

    Raises `NotFound` when they are unknown or hidden.
    """
    return existing(await find(actor, visible_agents, key_of(global_id, "Agent", field=field)), field)


async def get_customer_user(actor: Actor, global_id: str, *, field: Field = ("id",)) -> CustomerUser:
    """Return a customer user by their global id.

    Raises `NotFound` when they are unknown or hidden.
    """
    key = key_of(global_id, "CustomerUser", field=field)
    return existing(await find(actor, visible_customer_users, key), field)


async def get_customer(actor: Actor, global_id: str, *, field: Field = ("id",)) -> Customer:
    """Return a customer by its global id.

    Raises `NotFound` when it is unknown or hidden.
    """
    return existing(await visible_customers(actor).get_or_none(id=key_of(global_id, "Customer", field=field)), field)


async def get_token(actor: Actor, global_id: str, *, field: Field = ("id",)) -> AccessToken:
    """Return one of the actor's API tokens by its global id.

    Raises `NotFound` when it is unknown, revoked or somebody else's.
    """
    return existing(await visible_tokens(actor).get_or_none(id=key_of(global_id, "ApiToken", field=field)), field)


def matching_people(rows: QuerySet[RowT], query: str | None) -> QuerySet[RowT]:
    """Narrow agents or customer users to those with every word in login, name or address, regardless of case.

    Raises `Invalid` for a query beyond 200 characters or 10 words.
    """
    return _matching(rows, query, ("login_key", "name_key", "email_key"))


def matching_customers(rows: QuerySet[Customer], query: str | None) -> QuerySet[Customer]:
    """Narrow customers to those with every word in number or name, regardless of case.

    Raises `Invalid` as `matching_people` does.
    """
    return _matching(rows, query, ("number_key", "name_key"))


async def agents_exist() -> bool:
    """Tell whether there is any agent at all."""
    return await Agent.exists()


async def agent_by_login(login: str) -> Agent | None:
    """Return the agent with a login, active or not, regardless of case."""
    return await Agent.get_or_none(login_key=_key(login))


async def customer_user_by_login(login: str) -> CustomerUser | None:
    """Return the customer user with a login, active or not, regardless of case."""
    return await CustomerUser.get_or_none(login_key=_key(login))


async def customer_by_number(number: str) -> Customer | None:
    """Return the customer with a number, active or not, regardless of case."""
    return await Customer.get_or_none(number_key=_key(number))


async def customer_user_by_address(address: str) -> CustomerUser | None:
    """Return who writes from an address, regardless of case; of several an active one, and the oldest of these."""
    key = _key(address)
    return await CustomerUser.filter(Q(email_key=key) | Q(login_key=key)).order_by("-active", "id").first()


async def account_by_login(kind: ActorKind, login: str) -> Agent | CustomerUser | None:
    """Return the agent or customer user with a login, active or not."""
    return await (agent_by_login(login) if kind is ActorKind.AGENT else customer_user_by_login(login))


async def account(kind: ActorKind, key: int) -> Agent | CustomerUser | None:
    """Return an agent or customer user, active or not, by primary key."""
    return await (Agent.get_or_none(id=key) if kind is ActorKind.AGENT else CustomerUser.get_or_none(id=key))


async def password_hash_of(kind: ActorKind, key: int) -> str | None:
    """Return an account's password hash; None when it has no password."""
    credential = await Credential.get_or_none(actor_kind=kind.value, actor_id=key)
    return credential.password_hash if credential else None


async def by_access_token(token: str) -> Proof | None:
    """Return whom an access or API token belongs to; None when it is unknown, expired or revoked."""
    if token.startswith(SESSION_TOKEN):
        session = await Session.get_or_none(access_digest=digest(token), revoked_at__isnull=True)
        if session is None or session.access_expires_at <= now():
            return None
        return Proof(ActorKind(session.actor_kind), session.actor_id, None, session.access_expires_at, session)
    row = await AccessToken.get_or_none(digest=digest(token), revoked_at__isnull=True)
    if row is None or (row.expires_at is not None and row.expires_at <= now()):
        return None
    scopes: frozenset[str] = frozenset(from_json(row.scopes))
    return Proof(ActorKind(row.actor_kind), row.actor_id, scopes or None, row.expires_at, row)


async def session_of_refresh_token(token: str) -> Session | None:
    """Return the living session a refresh token belongs to, be it the newest one or an older one."""
    family, separator, _ = token.partition(".")
    if not separator:
        return None
    session = await Session.get_or_none(family_digest=digest(family), revoked_at__isnull=True)
    return session if session is not None and session.expires_at > now() else None


async def attempts_exceeded(login_digest: str, peer: str, *, limit: int, window: timedelta) -> bool:
    """Tell whether a login or a network address has more than `limit` attempts within the window."""
    recent = SignInAttempt.filter(at__gt=now() - window)
    if await recent.filter(login_digest=login_digest).count() > limit:
        return True
    return bool(peer) and await recent.filter(peer=peer).count() > limit


def is_out_of_office(agent: Agent) -> bool:
    """Tell whether an agent is out of office now; an open end lasts."""
    begin, end = agent.out_of_office_from, agent.out_of_office_until
    if begin is None and end is None:
        return False
    return (begin is None or begin <= now()) and (end is None or now() < end)


def _matching(rows: QuerySet[RowT], query: str | None, columns: tuple[str, ...]) -> QuerySet[RowT]:
    words = _key(query or "").split()
    if len(query or "") > MAX_QUERY or len(words) > MAX_WORDS:
        raise Invalid(
            "A search has at most {words} words and {limit} characters.",
            field=("query",),
            words=MAX_WORDS,
            limit=MAX_QUERY,
        )
    for word in words:
        rows = rows.filter(Q(*(Q(**{f"{column}__contains": word}) for column in columns), join_type="OR"))
    return rows


def _key(text: str) -> str:
    """Fold a text to look up; what no database stores, and what is too long, becomes what nobody is called."""
    return fold(storable(text.strip()))[:MAX_KEY]
