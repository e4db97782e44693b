"""Words in SQLite: FTS5, ranked by BM25."""

from collections.abc import Mapping

from tessera.kit.sql import VALUE, Sql
from tessera.search._port import CANDIDATES, KIND, Words
from tessera.search._query import Query, Term

_SOURCE = '"search_text" CROSS JOIN "search_document" d ON d."id" = "search_text"."rowid"'  # the words first
_MATCHES = f'"search_text" MATCH {VALUE} AND {KIND}'
_SCORE = 'bm25("search_text", 8.0, 1.0, 0.5)'


class Sqlite:
    """A virtual table, whose `rowid` is the document's id."""

    def write(self, documents: Mapping[int, Words]) -> list[Sql]:
        """Put the words of some documents in the place of those they had."""
        text = (
            'INSERT OR REPLACE INTO "search_text" ("rowid", "title", "body", "internal") '  # noqa: S608 - names are ours
            f"VALUES ({VALUE}, {VALUE}, {VALUE}, {VALUE})"
        )
        return [
            Sql(text, (key, *(" ".join(each) for each in (words.title, words.body, words.internal))))
            for key, words in documents.items()
        ]

    def remove(self, key: int) -> Sql:
        """Take the words of a document away."""
        return Sql(f'DELETE FROM "search_text" WHERE "rowid" = {VALUE}', (key,))  # noqa: S608 - names are ours

    def matching(self, kind: str, query: Query, *, internal: bool) -> Sql:
        """Select the ids of the things that match."""
        return Sql(f'SELECT d."subject_id" FROM {_SOURCE} WHERE {_MATCHES}', (_written(query, internal), kind))  # noqa: S608 - names are ours

    def ranked(self, kind: str, query: Query, condition: Sql, *, internal: bool, limit: int) -> Sql:
        """Select id, title and score of the best of those that match and meet a condition on the document `d`."""
        # in the order of the rowid the virtual table yields its rows, and only those it yields are scored
        candidates = (
            f'SELECT d."subject_id", d."title", {_SCORE} AS score FROM {_SOURCE} '  # noqa: S608 - as above
            f'WHERE {_MATCHES} AND {condition.on("d")} ORDER BY "search_text"."rowid" DESC LIMIT {CANDIDATES}'
        )
        return Sql(
            f'SELECT "subject_id", "title", -score FROM ({candidates}) found '  # noqa: S608 - as above
            f'ORDER BY score, "subject_id" DESC LIMIT {limit}',
            (_written(query, internal), kind, *condition.values),
        )


def _written(query: Query, internal: bool) -> str:  # noqa: FBT001 - as the verbs have it
    wanted = (" OR " if query.any_word else " AND ").join(map(_term, query.terms))
    columns = "" if internal else "{title body} : "
    text = f"{columns}({wanted})"
    return text + "".join(f" NOT {columns}{_term(each)}" for each in query.excluded)


def _term(term: Term) -> str:
    return f'"{" ".join(term.words)}"{" *" if term.beginning else ""}'
