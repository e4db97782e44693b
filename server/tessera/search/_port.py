"""What a database must know to search, whichever of the three it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from tessera.kit.sql import VALUE, Sql
from tessera.search._query import Query
from tessera.search._words import words_of
from tessera.search.hooks import Text

CANDIDATES = 1_000
"""Of more matches, the newest so many are put in order."""

KIND = f'd."kind" = {VALUE}'


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one thing of a kind."""

    kind: str
    title: list[str]
    body: list[str]
    internal: list[str]

    @classmethod
    def of(cls, kind: str, text: Text) -> "Words":
        """Return the words of a text."""
        return cls(kind, words_of(text.title), words_of(text.body), words_of(text.internal))


class Port(Protocol):
    """How one database keeps words and finds them; everything is a statement that somebody else runs.

    `internal` says whether words that are for agents alone count too. A query has at least one term.
    """

    def write(self, documents: Mapping[int, Words]) -> list[Sql]:
        """Put the words of some documents in the place of those they had; the statements differ in values alone."""

    def remove(self, key: int) -> Sql:
        """Take the words of a document away."""

    def matching(self, kind: str, query: Query, *, internal: bool) -> Sql:
        """Select the ids of the things that match."""

    def ranked(self, kind: str, query: Query, condition: Sql, *, internal: bool, limit: int) -> Sql:
        """Select id, title and score of the best of those that match and meet a condition on the document `d`."""
