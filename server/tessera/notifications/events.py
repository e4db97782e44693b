"""Facts about notifications."""

from dataclasses import dataclass
from typing import ClassVar

from tessera.kit.events import Event


@dataclass(frozen=True, kw_only=True)
class Notified(Event):
    """A person, an `agent` or a `customer_user`, was told of something; what the notification says is not repeated."""

    name: ClassVar[str] = "notification.added"
    sentence: ClassVar[str] = "A notification was sent ({kind})."

    kind: str
    person_kind: str
    person_id: int
