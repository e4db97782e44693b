"""Words in MariaDB: FULLTEXT indexes of InnoDB, in a writing of our own that has no short words and no stop words."""

from collections.abc import Iterable, Mapping

from tessera.kit.sql import VALUE, Sql
from tessera.search._port import KIND, Words
from tessera.search._query import Query, Term

_SOURCE = '"search_text" t JOIN "search_document" d ON d."id" = t."id"'
_PUBLIC = f'MATCH (t."title", t."body") AGAINST ({VALUE} IN BOOLEAN MODE)'
_INTERNAL = f'MATCH (t."title", t."body", t."internal") AGAINST ({VALUE} IN BOOLEAN MODE)'
_IN_TITLE = f'4 * MATCH (t."title") AGAINST ({VALUE} IN BOOLEAN MODE)'

PREFIX = "zz"
"""Begins every word: InnoDB leaves out words of less than three letters, and some English ones."""

MAX_LENGTH = 84
"""InnoDB leaves out longer words."""


class Mariadb:
    """An index for what everybody finds, one for what agents find."""

    def write(self, documents: Mapping[int, Words]) -> list[Sql]:
        """Put the words of some documents in the place of those they had."""
        text = (
            'REPLACE INTO "search_text" ("id", "title", "body", "internal") '  # noqa: S608 - names are ours
            f"VALUES ({VALUE}, {VALUE}, {VALUE}, {VALUE})"
        )
        return [
            Sql(text, (key, *(_spaced(each) for each in (words.title, words.body, words.internal))))
            for key, words in documents.items()
        ]

    def remove(self, key: int) -> Sql:
        """Take the words of a document away."""
        return Sql(f'DELETE FROM "search_text" WHERE "id" = {VALUE}', (key,))  # noqa: S608 - names are ours

    def matching(self, kind: str, query: Query, *, internal: bool) -> Sql:
        """Select the ids of the things that match."""
        matches = _INTERNAL if internal else _PUBLIC
        return Sql(f'SELECT d."subject_id" FROM {_SOURCE} WHERE {matches} AND {KIND}', (_written(query), kind))  # noqa: S608 - names are ours

    def ranked(self, kind: str, query: Query, condition: Sql, *, internal: bool, limit: int) -> Sql:
        """Select id, title and score of the best of those that match and meet a condition on the document `d`."""
        matches = _INTERNAL if internal else _PUBLIC
        written = _written(query)
        in_title = _spaced(word for term in query.terms for word in term.words)
        return Sql(
            f'SELECT d."subject_id", d."title", {_IN_TITLE} + {matches} AS score FROM {_SOURCE} '  # noqa: S608 - as above
            f"WHERE {matches} AND {KIND} AND {condition.on('d')} "
            f'ORDER BY score DESC, d."subject_id" DESC LIMIT {limit}',
            (in_title, written, written, kind, *condition.values),
        )


def _written(query: Query) -> str:
    wanted = [part for term in query.terms for part in _parts(term)]
    signs = ["" if query.any_word else "+"] * len(wanted)
    excluded = [_phrase(term) for term in query.excluded]
    return " ".join(
        [*(sign + part for sign, part in zip(signs, wanted, strict=True)), *(f"-{each}" for each in excluded)]
    )


def _parts(term: Term) -> list[str]:
    """Return a term as MariaDB can say it: there are no phrases that end with the beginning of a word."""
    if not term.beginning or len(term.words) == 1:
        return [_phrase(term)]
    *others, last = term.words
    return [_phrase(Term(tuple(others))), f"{_spelt(last)}*"]


def _phrase(term: Term) -> str:
    if len(term.words) == 1:
        return f"{_spelt(term.words[0])}{'*' if term.beginning else ''}"
    return f'"{_spaced(term.words)}"'


def _spaced(words: Iterable[str]) -> str:
    return " ".join(map(_spelt, words))


def _spelt(word: str) -> str:
    """Spell a word in ASCII: MariaDB does not know the letters of all the scripts there are."""
    if word.isascii():
        return PREFIX + word
    spelt = "".join(each if each.isascii() else _unit(each) for each in word)
    return (PREFIX + spelt)[:MAX_LENGTH]


def _unit(character: str) -> str:
    code = character.encode("utf-16-be").hex()
    return "".join(f"_{code[at : at + 4]}" for at in range(0, len(code), 4))
