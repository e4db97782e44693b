"""Facts about tickets and what is configured about them; `before` and `after` are display texts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from tessera.kit.events import Event


@dataclass(frozen=True, kw_only=True)
class TicketCreated(Event):
    """A ticket exists."""

    name: ClassVar[str] = "ticket.created"
    version: ClassVar[int] = 2
    sentence: ClassVar[str] = "Ticket {number} was opened in the queue {queue}."
    for_outsiders: ClassVar[bool] = True

    number: str
    title: str
    queue: str
    queue_id: int
    state: str
    state_type: str
    priority: str
    customer_user: str | None
    customer_user_id: int | None
    owner_id: int | None
    responsible_id: int | None


@dataclass(frozen=True, kw_only=True)
class FieldChanged(Event):
    """One field has another value."""

    before: str | None
    after: str | None


@dataclass(frozen=True, kw_only=True)
class ReferenceChanged(FieldChanged):
    """One field names another object."""

    before_id: int | None
    after_id: int | None


@dataclass(frozen=True, kw_only=True)
class TitleChanged(FieldChanged):
    """A ticket is called otherwise."""

    name: ClassVar[str] = "ticket.title_changed"
    sentence: ClassVar[str] = "The title changed from {before} to {after}."
    changed: ClassVar[str | None] = "title"
    for_outsiders: ClassVar[bool] = True


@dataclass(frozen=True, kw_only=True)
class QueueMoved(ReferenceChanged):
    """A ticket lies in another queue."""

    name: ClassVar[str] = "ticket.moved"
    sentence: ClassVar[str] = "Moved from the queue {before} to {after}."
    changed: ClassVar[str | None] = "queue"

    before_group_id: int
    after_group_id: int


@dataclass(frozen=True, kw_only=True)
class OwnerChanged(ReferenceChanged):
    """Another agent, or none, works on a ticket."""

    name: ClassVar[str] = "ticket.owner_changed"
    sentence: ClassVar[str] = "The owner changed from {before} to {after}."
    changed: ClassVar[str | None] = "owner"


@dataclass(frozen=True, kw_only=True)
class ResponsibleChanged(ReferenceChanged):
    """Another agent, or none, is answerable for a ticket."""

    name: ClassVar[str] = "ticket.responsible_changed"
    sentence: ClassVar[str] = "Who is responsible changed from {before} to {after}."
    changed: ClassVar[str | None] = "responsible"


@dataclass(frozen=True, kw_only=True)
class PriorityChanged(ReferenceChanged):
    """A ticket is more or less urgent."""

    name: ClassVar[str] = "ticket.priority_changed"
    sentence: ClassVar[str] = "The priority changed from {before} to {after}."
    changed: ClassVar[str | None] = "priority"


@dataclass(frozen=True, kw_only=True)
class TypeChanged(ReferenceChanged):
    """A ticket is of another type, or of none."""

    name: ClassVar[str] = "ticket.type_changed"
    sentence: ClassVar[str] = "The type changed from {before} to {after}."
    changed: ClassVar[str | None] = "type"
    for_outsiders: ClassVar[bool] = True


@dataclass(frozen=True, kw_only=True)
class CustomerChanged(ReferenceChanged):
    """A ticket belongs to another customer user, or to none; the ids are customer users'."""

    name: ClassVar[str] = "ticket.customer_changed"
    sentence: ClassVar[str] = "The customer user changed from {before} to {after}."
    changed: ClassVar[str | None] = "customerUser"

    before_customer_id: int | None
    after_customer_id: int | None


@dataclass(frozen=True, kw_only=True)
class StateChanged(ReferenceChanged):
    """A ticket has another state; the types are those of `_states.StateType`."""

    name: ClassVar[str] = "ticket.state_changed"
    sentence: ClassVar[str] = "The state changed from {before} to {after}."
    changed: ClassVar[str | None] = "state"
    for_outsiders: ClassVar[bool] = True

    before_type: str
    after_type: str


@dataclass(frozen=True, kw_only=True)
class PendingSet(FieldChanged):
    """A pending ticket waits for another time; the texts are ISO instants."""

    name: ClassVar[str] = "ticket.pending_set"
    sentence: ClassVar[str] = "The ticket waits until {after}."
    changed: ClassVar[str | None] = "pendingUntil"
    for_outsiders: ClassVar[bool] = True


@dataclass(frozen=True, kw_only=True)
class PendingReached(Event):
    """The time a pending ticket waited for has come."""

    name: ClassVar[str] = "ticket.pending_reached"
    sentence: ClassVar[str] = "The time the ticket waited for, {pending_until}, has come."

    state: str
    pending_until: str


@dataclass(frozen=True, kw_only=True)
class LockTaken(Event):
    """An agent claims a ticket; `taken_from` is the name of the one who held it before."""

    name: ClassVar[str] = "ticket.locked"
    sentence: ClassVar[str] = "{holder} locked the ticket."

    holder: str
    holder_id: int
    taken_from: str | None = None
    taken_from_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class LockReleased(Event):
    """A ticket is free again; `why` is `unlocked`, `closed`, `moved`, `merged`, `owner_removed` or `timeout`."""

    name: ClassVar[str] = "ticket.unlocked"
    sentence: ClassVar[str] = "The lock of {holder} was released."

    holder: str
    holder_id: int
    why: str


@dataclass(frozen=True, kw_only=True)
class TicketMerged(Event):
    """A ticket went into another one, which carries on."""

    name: ClassVar[str] = "ticket.merged"
    sentence: ClassVar[str] = "Merged into ticket {into}."
    mentions: ClassVar[Mapping[str, str]] = {"into": "into_id"}
    for_outsiders: ClassVar[bool] = True

    into: str
    into_id: int


@dataclass(frozen=True, kw_only=True)
class TicketAbsorbed(Event):
    """Another ticket went into this one."""

    name: ClassVar[str] = "ticket.absorbed"
    sentence: ClassVar[str] = "Ticket {source} was merged into this one."
    mentions: ClassVar[Mapping[str, str]] = {"source": "source_id"}
    for_outsiders: ClassVar[bool] = True

    source: str
    source_id: int


@dataclass(frozen=True, kw_only=True)
class TicketSplit(Event):
    """A new ticket was made out of an article of this one."""

    name: ClassVar[str] = "ticket.split"
    sentence: ClassVar[str] = "Ticket {into} was made out of an article."
    mentions: ClassVar[Mapping[str, str]] = {"into": "into_id"}

    article_id: int
    into: str
    into_id: int


@dataclass(frozen=True, kw_only=True)
class TagsChanged(FieldChanged):
    """A ticket carries other labels; the texts are the labels, sorted, joined by commas."""

    name: ClassVar[str] = "ticket.tags_changed"
    sentence: ClassVar[str] = "The labels changed from {before} to {after}."
    changed: ClassVar[str | None] = "tags"


@dataclass(frozen=True, kw_only=True)
class WatcherAdded(Event):
    """An agent wants to hear of a ticket."""

    name: ClassVar[str] = "ticket.watcher_added"
    sentence: ClassVar[str] = "{watcher} watches the ticket."

    watcher: str
    watcher_id: int


@dataclass(frozen=True, kw_only=True)
class WatcherRemoved(Event):
    """An agent does not want to hear of a ticket any more."""

    name: ClassVar[str] = "ticket.watcher_removed"
    sentence: ClassVar[str] = "{watcher} does not watch the ticket any more."

    watcher: str
    watcher_id: int


@dataclass(frozen=True, kw_only=True)
class ConfigurationCreated(Event):
    """A state, priority or ticket type exists; the subject's kind says which."""

    name: ClassVar[str] = "ticket_configuration.created"
    sentence: ClassVar[str] = "{title} was made."

    title: str
    values: dict[str, str | int | bool | None]


@dataclass(frozen=True, kw_only=True)
class ConfigurationChanged(Event):
    """A state, priority or ticket type was changed; `before` and `after` hold the changed columns."""

    name: ClassVar[str] = "ticket_configuration.changed"
    sentence: ClassVar[str] = "{title} was changed."

    title: str
    before: dict[str, str | int | bool | None]
    after: dict[str, str | int | bool | None]
