"""Problems of accounts: wrong credentials, names in use, sessions that are over."""

from tessera.kit.errors import Forbidden, Invalid, LimitExceeded, Taken, WrongState


class WrongCredentials(Invalid):
    """Login and password do not fit; says nothing about which of them, nor whether the account is switched off."""

    reason = "accounts.wrong_credentials"
    sentence = "Login or password is wrong."


class TooManyAttempts(LimitExceeded):
    """Too many failed sign-ins for this login or from this address."""

    reason = "accounts.too_many_attempts"
    sentence = "Too many failed attempts. Try again in {minutes} minutes."


class SessionOver(Invalid):
    """The refresh token is unknown, expired, revoked or was already used."""

    reason = "accounts.session_over"
    sentence = "The session is over. Sign in again."


class NoSession(WrongState):
    """There is no session to end: the caller did not sign in with one."""

    reason = "accounts.no_session"
    sentence = "You are not signed in with a session."


class LoginTaken(Taken):
    """Another account of the same kind has the login, regardless of case."""

    reason = "accounts.login_taken"
    sentence = "The login {login} is already in use."


class NumberTaken(Taken):
    """Another customer has the number, regardless of case."""

    reason = "accounts.number_taken"
    sentence = "The customer number {number} is already in use."


class WeakPassword(Invalid):
    """The password does not meet the policy."""

    reason = "accounts.weak_password"
    sentence = "A password needs {minimum} to {maximum} characters."


class InvalidEmail(Invalid):
    """This is no e-mail address."""

    reason = "accounts.email"
    sentence = "This is no e-mail address."


class InvalidLocale(Invalid):
    """This is no language tag."""

    reason = "accounts.locale"
    sentence = "This is no language tag such as en or de-AT."


class InvalidTimezone(Invalid):
    """This is no time zone of the IANA database."""

    reason = "accounts.timezone"
    sentence = "This is no time zone such as UTC or Europe/Vienna."


class InvalidSpan(Invalid):
    """The end lies before the beginning."""

    reason = "accounts.span"
    sentence = "The end lies before the beginning."


class UnknownScope(Invalid):
    """No slice declares such a permission."""

    reason = "accounts.unknown_scope"
    sentence = "There is no permission {scope}."


class ScopeExceeded(Forbidden):
    """A limited token cannot give away, or be used for, more than it holds."""

    reason = "accounts.scope_exceeded"
    sentence = "Your own token is limited to some permissions and does not allow this."


class ExpiryPassed(Invalid):
    """The token would be worth nothing from the beginning."""

    reason = "accounts.expiry_passed"
    sentence = "The expiry must lie in the future."


class TooManyTokens(LimitExceeded):
    """One account has so many tokens that nobody knows them all."""

    reason = "accounts.too_many_tokens"
    sentence = "You have {limit} tokens already. Revoke one first."
