"""Facts about accounts, their sessions and their tokens."""

from dataclasses import dataclass
from typing import ClassVar

from tessera.kit.events import Event


@dataclass(frozen=True, kw_only=True)
class AgentCreated(Event):
    """An agent was created."""

    name: ClassVar[str] = "agent.created"
    sentence: ClassVar[str] = "The agent {display_name} ({login}) was made."

    login: str
    display_name: str
    email: str | None


@dataclass(frozen=True, kw_only=True)
class AgentChanged(Event):
    """One field of an agent changed; `before` and `after` are display text."""

    name: ClassVar[str] = "agent.changed"
    sentence: ClassVar[str] = "{field} of the agent changed from {before} to {after}."

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, kw_only=True)
class CustomerUserCreated(Event):
    """A customer user was created."""

    name: ClassVar[str] = "customer_user.created"
    sentence: ClassVar[str] = "The customer user {display_name} ({login}) was made."

    login: str
    display_name: str
    email: str | None
    customer_id: int | None


@dataclass(frozen=True, kw_only=True)
class CustomerUserChanged(Event):
    """One field of a customer user changed; the ids are those of customers."""

    name: ClassVar[str] = "customer_user.changed"
    sentence: ClassVar[str] = "{field} of the customer user changed from {before} to {after}."

    field: str
    before: str | None
    after: str | None
    before_id: int | None = None
    after_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class CustomerCreated(Event):
    """A customer was created."""

    name: ClassVar[str] = "customer.created"
    sentence: ClassVar[str] = "The customer {display_name} ({number}) was made."

    number: str
    display_name: str


@dataclass(frozen=True, kw_only=True)
class CustomerChanged(Event):
    """One field of a customer changed."""

    name: ClassVar[str] = "customer.changed"
    sentence: ClassVar[str] = "{field} of the customer changed from {before} to {after}."

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, kw_only=True)
class AccountDeactivated(Event):
    """An agent or customer user was switched off; the subject says which. Sessions and tokens end with it."""

    name: ClassVar[str] = "account.deactivated"
    sentence: ClassVar[str] = "The account was switched off."


@dataclass(frozen=True, kw_only=True)
class AccountActivated(Event):
    """An agent or customer user was switched on again."""

    name: ClassVar[str] = "account.activated"
    sentence: ClassVar[str] = "The account was switched on again."


@dataclass(frozen=True, kw_only=True)
class PasswordChanged(Event):
    """An agent or customer user has a new password."""

    name: ClassVar[str] = "account.password_changed"
    sentence: ClassVar[str] = "The password was changed."


@dataclass(frozen=True, kw_only=True)
class SignedIn(Event):
    """An agent or customer user started a session from a network address."""

    name: ClassVar[str] = "account.signed_in"
    sentence: ClassVar[str] = "Signed in from {peer}."

    session_id: int
    peer: str


@dataclass(frozen=True, kw_only=True)
class SignInFailed(Event):
    """Somebody tried to sign in; the subject's id is 0 when the login is nobody's."""

    name: ClassVar[str] = "account.sign_in_failed"
    sentence: ClassVar[str] = "A sign-in from {peer} failed."

    peer: str


@dataclass(frozen=True, kw_only=True)
class SessionRefreshed(Event):
    """A session got new tokens."""

    name: ClassVar[str] = "session.refreshed"
    sentence: ClassVar[str] = "The session was renewed from {peer}."

    peer: str


@dataclass(frozen=True, kw_only=True)
class SessionEnded(Event):
    """A session ended: `signed_out`, or `reused` when an old refresh token turned up."""

    name: ClassVar[str] = "session.ended"
    sentence: ClassVar[str] = "The session ended ({reason})."

    reason: str


@dataclass(frozen=True, kw_only=True)
class TokenIssued(Event):
    """An API token was issued; `expires_at` is an RFC 3339 instant."""

    name: ClassVar[str] = "api_token.issued"
    sentence: ClassVar[str] = "The API token {label} was issued."

    label: str
    scopes: tuple[str, ...]
    expires_at: str | None


@dataclass(frozen=True, kw_only=True)
class TokenRevoked(Event):
    """An API token was revoked."""

    name: ClassVar[str] = "api_token.revoked"
    sentence: ClassVar[str] = "The API token {label} was revoked."

    label: str
