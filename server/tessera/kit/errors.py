"""Problems: expected failures with a code, which the API shows as user errors."""

from collections.abc import Mapping
from typing import Any, ClassVar


class Problem(Exception):
    """Something a person can fix; raised by services and guards, never masked.

    `code` is the closed vocabulary of the API's `UserErrorCode`; `reason` refines it and is
    namespaced by slice (`tickets.locked`). `field` is the path into the arguments to blame.
    `current` is the object as it is now, where showing it helps (a conflict).
    `facts` fill the sentence and stay available to programs.
    """

    code: ClassVar[str] = "INVALID"
    reason: ClassVar[str | None] = None
    sentence: ClassVar[str] = "This is not possible."

    def __init__(self, message: str | None = None, *, field: tuple[str, ...] | None = None, **facts: object) -> None:
        self.facts: Mapping[str, Any] = facts
        self.template = message if message is not None else self.sentence
        self.field = field
        self.current: object | None = None
        super().__init__(self.message)

    @property
    def message(self) -> str:
        """The sentence for people, in English, with its facts filled in."""
        return self.template.format(**self.facts) if self.facts else self.template


class Invalid(Problem):
    """A value is not acceptable."""

    code = "INVALID"
    sentence = "The value is not acceptable."


class Required(Problem):
    """A value is missing."""

    code = "REQUIRED"
    sentence = "A value is missing."


class Taken(Problem):
    """Another object already uses the value."""

    code = "TAKEN"
    sentence = "The value is already in use."


class NotFound(Problem):
    """The object does not exist or is hidden; the two look the same."""

    code = "NOT_FOUND"
    sentence = "The object does not exist or is hidden from you."


class Forbidden(Problem):
    """The actor may see the object but not do this."""

    code = "FORBIDDEN"
    sentence = "You are not allowed to do this."


class Conflict(Problem):
    """Somebody changed the object first, or holds its lock."""

    code = "CONFLICT"
    sentence = "Somebody changed the object in the meantime."


class WrongState(Problem):
    """The object's state does not allow this step."""

    code = "STATE"
    sentence = "The object's state does not allow this."


class LimitExceeded(Problem):
    """A quota or size limit."""

    code = "LIMIT"
    sentence = "A limit is exceeded."


class Unauthenticated(Problem):
    """Nobody is signed in, or the credential is unknown, expired or revoked."""

    code = "FORBIDDEN"
    reason = "accounts.unauthenticated"
    sentence = "Sign in first."


class StaleVersion(Conflict):
    """`expectedVersion` is not the object's version any more."""

    reason = "version"
    sentence = "Somebody changed the object in the meantime: it has version {actual}, you expected {expected}."
