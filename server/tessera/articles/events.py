"""Facts about articles; their subject is the ticket. They never hold what was written."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from tessera.kit.events import Event


@dataclass(frozen=True, kw_only=True)
class ArticleAdded(Event):
    """Something was said on a ticket; `first_reply` marks an agent's first answer the customer can see."""

    name: ClassVar[str] = "article.added"
    sentence: ClassVar[str] = "Article {number} was added ({channel})."

    article_id: int
    number: int
    channel: str
    sender_type: str
    visible_for_customer: bool
    first_reply: bool
    attachments: int

    @property
    def public(self) -> bool:
        """Whether those outside who see the ticket may see this fact too."""
        return self.visible_for_customer


@dataclass(frozen=True, kw_only=True)
class ArticlesMoved(Event):
    """The articles of a merged ticket stand in this one now, in their order behind its own."""

    name: ClassVar[str] = "article.moved"
    sentence: ClassVar[str] = "The articles of ticket {source} stand here now."
    mentions: ClassVar[Mapping[str, str]] = {"source": "source_id"}

    source: str
    source_id: int
    article_ids: tuple[int, ...]
