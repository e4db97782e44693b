"""Facts about queues, their addresses and their texts."""

from dataclasses import dataclass
from typing import ClassVar

from tessera.kit.events import Event


@dataclass(frozen=True, kw_only=True)
class QueueCreated(Event):
    """A queue was created."""

    name: ClassVar[str] = "queue.created"
    sentence: ClassVar[str] = "The queue {path} was made."

    path: str
    group_id: int


@dataclass(frozen=True, kw_only=True)
class QueueChanged(Event):
    """One field of a queue changed, the path of a queue below a renamed one included.

    `before` and `after` are display text (`true` and `false` for switches), the ids name referenced objects.
    """

    name: ClassVar[str] = "queue.changed"
    sentence: ClassVar[str] = "{field} of the queue changed from {before} to {after}."

    field: str
    before: str | None
    after: str | None
    before_id: int | None = None
    after_id: int | None = None

    @property
    def switches_off(self) -> bool:
        """Whether the queue is no longer active from now on."""
        return self.field == "active" and self.after == "false"


@dataclass(frozen=True, kw_only=True)
class SystemAddressCreated(Event):
    """Mail to an address arrives in a queue from now on."""

    name: ClassVar[str] = "system_address.created"
    sentence: ClassVar[str] = "Mail to {address} arrives in a queue from now on."

    address: str
    queue_id: int


@dataclass(frozen=True, kw_only=True)
class SystemAddressChanged(Event):
    """One field of a system address changed."""

    name: ClassVar[str] = "system_address.changed"
    sentence: ClassVar[str] = "{field} of the system address changed from {before} to {after}."

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, kw_only=True)
class QueueTextCreated(Event):
    """A salutation, signature, auto response or template was created; the subject says which."""

    name: ClassVar[str] = "queue_text.created"
    sentence: ClassVar[str] = "The text {label} was made."

    label: str


@dataclass(frozen=True, kw_only=True)
class QueueTextChanged(Event):
    """One field of a salutation, signature, auto response or template changed."""

    name: ClassVar[str] = "queue_text.changed"
    sentence: ClassVar[str] = "{field} of the text {label} changed from {before} to {after}."

    label: str
    field: str
    before: str | None
    after: str | None
