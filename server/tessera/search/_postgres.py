"""Words in PostgreSQL: a tsvector made here, so that no parser and no dictionary has a say, behind a GIN index."""

from collections import defaultdict
from collections.abc import Mapping
from itertools import accumulate

from tessera.kit.sql import VALUE, Sql
from tessera.search._port import CANDIDATES, KIND, Words
from tessera.search._query import Query, Term

_SOURCE = '"search_text" t JOIN "search_document" d ON d."id" = t."id"'
_AS_QUERY = f"CAST(CAST({VALUE} AS TEXT) AS TSQUERY)"
_MATCHES = f't."words" @@ {_AS_QUERY} AND {KIND}'
_WEIGHTS = "'{0.1, 0.2, 0.4, 1.0}'"

MAX_PLACES = 255
"""As many of a word are known to a tsvector, where what stands behind the 16,383rd word stands there."""

MAX_SIZE = 900_000
"""Bytes of its text; PostgreSQL refuses a tsvector of more than 1 MiB."""

GAP = 100
"""Places between two texts, so that no phrase reaches from one into the next."""


class Postgres:
    """Weights tell where a word stands: A is the title, B the body, C what is internal; and the kind is a word."""

    def write(self, documents: Mapping[int, Words]) -> list[Sql]:
        """Put the words of some documents in the place of those they had."""
        if not documents:
            return []
        text = (
            'INSERT INTO "search_text" ("id", "words") SELECT d."id", CAST(d."words" AS TSVECTOR) '  # noqa: S608 - names are ours
            f'FROM unnest(CAST({VALUE} AS BIGINT[]), CAST({VALUE} AS TEXT[])) AS d("id", "words") '
            'ON CONFLICT ("id") DO UPDATE SET "words" = EXCLUDED."words"'
        )
        return [Sql(text, (list(documents), [_vector(words) for words in documents.values()]))]

    def remove(self, key: int) -> Sql:
        """Take the words of a document away."""
        return Sql(f'DELETE FROM "search_text" WHERE "id" = {VALUE}', (key,))  # noqa: S608 - names are ours

    def matching(self, kind: str, query: Query, *, internal: bool) -> Sql:
        """Select the ids of the things that match."""
        return Sql(f'SELECT d."subject_id" FROM {_SOURCE} WHERE {_MATCHES}', (_written(kind, query, internal), kind))  # noqa: S608 - names are ours

    def ranked(self, kind: str, query: Query, condition: Sql, *, internal: bool, limit: int) -> Sql:
        """Select id, title and score of the best of those that match and meet a condition on the document `d`."""
        candidates = Sql(
            f'SELECT d."subject_id", d."title", t."words" FROM {_SOURCE} '  # noqa: S608 - as above
            f'WHERE {_MATCHES} AND {condition.on("d")} ORDER BY d."id" DESC LIMIT {CANDIDATES}',
            (_written(kind, query, internal), kind, *condition.values),
        )
        scored = _each_scored(query, internal) if query.any_word else _scored(query, internal)
        return Sql(
            f'SELECT "subject_id", "title", {scored.text} AS score FROM ({candidates.text}) found '  # noqa: S608 - as above
            f'ORDER BY score DESC, "subject_id" DESC LIMIT {limit}',
            (*scored.values, *candidates.values),
        )


def _scored(query: Query, internal: bool) -> Sql:  # noqa: FBT001 - as the verbs have it
    wanted = " & ".join(_term(each, internal) for each in query.terms)
    return Sql(f'ts_rank_cd({_WEIGHTS}, "words", {_AS_QUERY}, 1)', (wanted,))


def _each_scored(query: Query, internal: bool) -> Sql:  # noqa: FBT001 - as above
    """Add up what each word counts; PostgreSQL's rank does not know that a rare word tells more."""
    terms = [_term(each, internal) for each in query.terms]
    has = f'"words" @@ {_AS_QUERY}'
    rare = f"LN(1 + COUNT(*) OVER () / (0.5 + COUNT(*) FILTER (WHERE {has}) OVER ()))"
    one = f'ts_rank({_WEIGHTS}, "words", {_AS_QUERY}) * {rare}'
    return Sql(" + ".join([one] * len(terms)), tuple(term for term in terms for _ in range(2)))


def _written(kind: str, query: Query, internal: bool) -> str:  # noqa: FBT001 - as above
    wanted = (" | " if query.any_word else " & ").join(_term(each, internal) for each in query.terms)
    return f"{_kind(kind)} & ({wanted})" + "".join(f" & !{_term(each, internal)}" for each in query.excluded)


def _term(term: Term, internal: bool) -> str:  # noqa: FBT001 - as above
    weights = "" if internal else "AB"
    *others, last = term.words
    ending = f"{'*' if term.beginning else ''}{weights}"
    texts = [*(f"'{word}'{weights and ':'}{weights}" for word in others), f"'{last}'{ending and ':'}{ending}"]
    return f"({' <-> '.join(texts)})"


def _kind(kind: str) -> str:
    return f"'={kind}'"


def _vector(words: Words) -> str:
    """Write words with their places; of more than a tsvector holds, those that come first."""
    places: dict[str, list[str]] = defaultdict(list)
    start = 1
    for weight, text in (("A", words.title), ("B", words.body), ("C", words.internal)):
        for position, word in enumerate(text, start):
            places[word].append(f"{position}{weight}")
        start += len(text) + GAP
    lexemes = [_kind(words.kind), *(f"'{word}':{','.join(found[:MAX_PLACES])}" for word, found in places.items())]
    vector = " ".join(lexemes)
    if len(vector.encode()) <= MAX_SIZE:
        return vector
    sizes = accumulate(len(lexeme.encode()) for lexeme in lexemes)
    return " ".join(lexeme for lexeme, size in zip(lexemes, sizes, strict=True) if size <= MAX_SIZE)
