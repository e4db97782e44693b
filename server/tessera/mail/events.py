"""Facts about mail; those about a ticket's mail have the ticket as their subject."""

from dataclasses import dataclass
from typing import ClassVar

from tessera.kit.events import Event


@dataclass(frozen=True, kw_only=True)
class MessageReceived(Event):
    """A mail came in and is kept; nothing else has happened to it yet."""

    name: ClassVar[str] = "mail.received"
    sentence: ClassVar[str] = "A mail came in ({source})."

    source: str
    digest: str


@dataclass(frozen=True, kw_only=True)
class MessageFiled(Event):
    """A mail became an article; `how` is `new`, `follow_up`, `new_ticket`, `bounce` or `reject`."""

    name: ClassVar[str] = "mail.filed"
    sentence: ClassVar[str] = "A mail was filed ({how})."

    message_id: int
    article_id: int | None
    how: str
    automatic: str | None


@dataclass(frozen=True, kw_only=True)
class MessageIgnored(Event):
    """A mail was kept, but became nothing."""

    name: ClassVar[str] = "mail.ignored"
    sentence: ClassVar[str] = "A mail was kept but not filed: {why}"

    why: str


@dataclass(frozen=True, kw_only=True)
class MessageQuarantined(Event):
    """A mail could not be filed; an administrator can try again."""

    name: ClassVar[str] = "mail.quarantined"
    sentence: ClassVar[str] = "A mail could not be filed: {why}"

    why: str


@dataclass(frozen=True, kw_only=True)
class FollowUpReceived(Event):
    """The customer wrote on a ticket somebody owns."""

    name: ClassVar[str] = "mail.follow_up_received"
    sentence: ClassVar[str] = "The customer wrote again; {owner} owns the ticket."

    article_id: int
    owner: str
    owner_id: int


@dataclass(frozen=True, kw_only=True)
class MessageSent(Event):
    """A mail left."""

    name: ClassVar[str] = "mail.sent"
    sentence: ClassVar[str] = "A mail was sent to {recipients}."

    article_id: int | None
    recipients: str


@dataclass(frozen=True, kw_only=True)
class MessageFailed(Event):
    """A mail could not be sent, and will not be tried again by itself."""

    name: ClassVar[str] = "mail.failed"
    sentence: ClassVar[str] = "A mail to {recipients} could not be sent: {why}"

    article_id: int | None
    recipients: str
    why: str


@dataclass(frozen=True, kw_only=True)
class MessageQueuedAgain(Event):
    """Somebody wants a mail that failed sent once more."""

    name: ClassVar[str] = "mail.queued_again"
    sentence: ClassVar[str] = "A mail that failed is sent again."

    article_id: int | None


@dataclass(frozen=True, kw_only=True)
class MessageBounced(Event):
    """A mail we sent came back."""

    name: ClassVar[str] = "mail.bounced"
    sentence: ClassVar[str] = "A mail to {recipient} came back: {why}"

    article_id: int | None
    recipient: str
    why: str


@dataclass(frozen=True, kw_only=True)
class MailConfigurationChanged(Event):
    """A mail account or filter was made or changed; the names of the changed columns, never a password."""

    name: ClassVar[str] = "mail_configuration.changed"
    sentence: ClassVar[str] = "The mail configuration {title} was changed ({columns})."

    title: str
    columns: str
