"""Facts about items and categories; what happens between an item and a ticket is told to both."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from tessera.kit.events import Event


@dataclass(frozen=True, kw_only=True)
class CategoryCreated(Event):
    """There is a new category."""

    name: ClassVar[str] = "faq.category_created"
    sentence: ClassVar[str] = "The FAQ category {path} was created."

    path: str
    group_ids: list[int]


@dataclass(frozen=True, kw_only=True)
class CategoryChanged(Event):
    """One property of a category changed; `before` and `after` are display texts."""

    name: ClassVar[str] = "faq.category_changed"
    sentence: ClassVar[str] = "The FAQ category changed: {field} from {before} to {after}."

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, kw_only=True)
class ItemCreated(Event):
    """There is a new item; `original_id` is the first of its translations, `from_ticket_id` what it was made of."""

    name: ClassVar[str] = "faq.item_created"
    sentence: ClassVar[str] = "The FAQ item {number} was created: {title}."

    number: str
    title: str
    language: str
    audience: str
    category_id: int
    approved: bool
    original_id: int | None
    from_ticket_id: int | None


@dataclass(frozen=True, kw_only=True)
class ItemChanged(Event):
    """One property of an item changed; the texts before and after are HTML."""

    name: ClassVar[str] = "faq.item_changed"
    sentence: ClassVar[str] = "The FAQ item changed: {field}."

    field: str
    before: str | None
    after: str | None
    item_version: int


@dataclass(frozen=True, kw_only=True)
class ItemApproved(Event):
    """Somebody let readers see an item as it is in this version."""

    name: ClassVar[str] = "faq.item_approved"
    sentence: ClassVar[str] = "The FAQ item was approved."

    item_version: int


@dataclass(frozen=True, kw_only=True)
class ApprovalWithdrawn(Event):
    """An item changed and has to be approved again."""

    name: ClassVar[str] = "faq.approval_withdrawn"
    sentence: ClassVar[str] = "The FAQ item has to be approved again."

    item_version: int


@dataclass(frozen=True, kw_only=True)
class ItemVoted(Event):
    """A person voted on an item, changed the vote or took it back."""

    name: ClassVar[str] = "faq.item_voted"
    sentence: ClassVar[str] = "The FAQ item was rated {after}."
    changed: ClassVar[str | None] = "vote"

    before: int | None
    after: int | None


@dataclass(frozen=True, kw_only=True)
class TicketLinked(Event):
    """The item has to do with a ticket."""

    name: ClassVar[str] = "faq.ticket_linked"
    mentions: ClassVar[Mapping[str, str]] = {"number": "ticket_id"}
    sentence: ClassVar[str] = "The FAQ item was linked with ticket {number}."

    ticket_id: int
    number: str


@dataclass(frozen=True, kw_only=True)
class TicketUnlinked(Event):
    """The item has nothing to do with a ticket any more."""

    name: ClassVar[str] = "faq.ticket_unlinked"
    mentions: ClassVar[Mapping[str, str]] = {"number": "ticket_id"}
    sentence: ClassVar[str] = "The FAQ item is not linked with ticket {number} any more."

    ticket_id: int
    number: str


@dataclass(frozen=True, kw_only=True)
class ItemLinked(Event):
    """The ticket has to do with an item."""

    name: ClassVar[str] = "faq.item_linked"
    sentence: ClassVar[str] = "The FAQ item {number} was linked."

    item_id: int
    number: str


@dataclass(frozen=True, kw_only=True)
class ItemUnlinked(Event):
    """The ticket has nothing to do with an item any more."""

    name: ClassVar[str] = "faq.item_unlinked"
    sentence: ClassVar[str] = "The FAQ item {number} is not linked any more."

    item_id: int
    number: str
