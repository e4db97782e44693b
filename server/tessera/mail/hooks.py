"""What mail asks the other slices: filters that look at a message before it is filed."""

from collections.abc import Callable
from dataclasses import dataclass

from tessera.mail._parse import Message
from tessera.plugin import hookspec

__all__ = ["Filter", "MailHooks", "Message"]


@dataclass(frozen=True, slots=True)
class Filter:
    """`apply(message)` returns control headers to set (`{"Queue": "Junk"}`), none to leave the message as it is.

    Pure and quick; what it sets counts as if a trusted sender had written it. `name` is `<package>.<noun>`.
    """

    name: str
    apply: Callable[[Message], dict[str, str]]


class MailHooks:
    """The questions of this slice."""

    @hookspec
    def mail_filters(self) -> list[Filter]:
        """Return filters, in order; they run after the administrators' own rules."""
        raise NotImplementedError
