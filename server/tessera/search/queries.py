"""Finds things by their words; only what `visible` lets an actor see, and by the words they may read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tessera.kit import sql
from tessera.kit.actor import Actor
from tessera.kit.db import dialect, fetch_rows
from tessera.kit.errors import Invalid
from tessera.kit.ids import ObjectRef
from tessera.kit.jobs import Job, JobState
from tessera.kit.paging import MAX_PAGE
from tessera.kit.sql import Rows, Sql
from tessera.kit.wiring import Wiring
from tessera.search._mariadb import Mariadb
from tessera.search._port import Port
from tessera.search._postgres import Postgres
from tessera.search._query import Query, names_in, read_query, read_text
from tessera.search._snippets import snippet
from tessera.search._sqlite import Sqlite
from tessera.search.errors import NotSearchable
from tessera.search.hooks import Searchable
from tessera.search.models import SearchDocument, SearchKind

_PORTS: Mapping[str, Port] = {"sqlite": Sqlite(), "postgres": Postgres(), "mysql": Mariadb()}

RULES = 1
"""Raised when texts become other words than before: everything is indexed again."""

SNIPPET_TEXT = 200_000
"""Characters that are looked at for the snippets of one search."""

REBUILD = "search.rebuild"
"""The job that builds the index again."""

EXACT = 1.0
"""The score of what a word names exactly; others stay below."""


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found: its kind, its id, its title, and how well it fits, above 0 and at most 1."""

    kind: str
    key: int
    title: str
    score: float


def port() -> Port:
    """Return how the open database searches."""
    return _PORTS[dialect()]


def searchables(wiring: Wiring) -> Mapping[str, Searchable]:
    """Return what is declared about each kind of things that may be found."""
    return {each.kind: each for each in wiring.answers.get("searchables", ())}


def searchable(wiring: Wiring, kind: str) -> Searchable:
    """Return what is declared about a kind of things.

    Raises `NotSearchable` when nothing is.
    """
    found = searchables(wiring).get(kind)
    if found is None:
        raise NotSearchable(kind=kind)
    return found


def reads_internal(reader: Actor | None) -> bool:
    """Tell whether words that are for agents alone may find something for a reader; None is nobody signed in."""
    return reader is not None and not reader.is_customer_user


def matching(reader: Actor | None, kind: str, text: str) -> Sql:
    """Return the statement of the ids of the things of a kind that a query matches, for `kit.sql.within`.

    What of them may be seen is not asked here. A query without any word matches nothing.
    """
    query = read_query(text)
    if not query.terms:
        return sql.picked(SearchDocument._meta.db_table, "subject_id", sql.NOTHING)
    return port().matching(kind, query, internal=reads_internal(reader))


def tickets_with(actor: Actor, text: str) -> Sql:
    """Match the tickets that a query finds for an actor."""
    return sql.within("id", matching(actor, "ticket", text))


async def ranked(reader: Actor | None, kind: str, visible: Rows[Any], text: str, *, limit: int = 20) -> list[Hit]:
    """Return the things of a kind that a query matches, among the visible rows, the best first.

    The query is what people type: every word must be there, `"these words"` side by side, `-this` not; the last word
    may be unfinished. Nothing is raised for any text; of very many matches the newest are looked at.
    """
    return await _ranked(kind, visible, read_query(text), reads_internal(reader), limit)


async def similar(reader: Actor | None, kind: str, visible: Rows[Any], text: str, *, limit: int = 5) -> list[Hit]:
    """Return the things of a kind most like a text, a ticket's for example, among the visible rows, the best first."""
    return await _ranked(kind, visible, read_text(text), reads_internal(reader), limit)


async def search(
    wiring: Wiring, actor: Actor, text: str, *, kinds: Sequence[str] | None = None, limit: int = 20
) -> list[Hit]:
    """Return what an actor finds of all kinds, or of some, the best first; what a word names exactly comes before.

    Kinds that nobody declares have nothing to be found. Raises `Invalid` for a limit outside 0 to 100.
    """
    if not 0 <= limit <= MAX_PAGE:
        raise Invalid("`{name}` must be between 0 and {limit}.", name="first", limit=MAX_PAGE, field=("first",))
    found: list[Hit] = []
    for each in searchables(wiring).values():
        if kinds is None or each.kind in kinds:
            found += await _of_kind(actor, each, text, limit)
    return sorted(found, key=lambda hit: -hit.score)[:limit]


async def snippets(wiring: Wiring, reader: Actor | None, text: str, refs: Sequence[ObjectRef]) -> dict[ObjectRef, str]:
    """Return, as HTML, pieces of what things say that show why a query found them; they must be visible.

    Of many things, only the beginnings of their texts are looked at.
    """
    query = read_query(text)
    if not query.terms or not refs:
        return {}
    room = SNIPPET_TEXT // len(refs)
    found: dict[ObjectRef, str] = {}
    for kind in {ref.kind for ref in refs}:
        texts = await searchable(wiring, kind).texts([ref.id for ref in refs if ref.kind == kind])
        for key, each in texts.items():
            said = f"{each.body}\n{each.internal}" if reads_internal(reader) else each.body
            if piece := snippet(said[:room], query):
                found[ObjectRef(kind, key)] = piece
    return found


async def _of_kind(actor: Actor, kind: Searchable, text: str, limit: int) -> list[Hit]:
    rows = sql.seen(actor, kind.visible)
    named = await kind.named(actor, names_in(text)) if kind.named is not None else ()
    exact = [Hit(kind.kind, key, title, EXACT) for key, title in (await titles(kind.kind, named)).items()]
    others = await ranked(actor, kind.kind, rows, text, limit=limit)
    return [*exact, *(hit for hit in others if hit.key not in named)]


async def _ranked(kind: str, visible: Rows[Any], query: Query, internal: bool, limit: int) -> list[Hit]:  # noqa: FBT001 - as the ports have it
    if not query.terms or not limit:
        return []
    statement = port().ranked(kind, query, _seen_in(visible), internal=internal, limit=limit)
    found = await fetch_rows(sql.bound(statement.text), statement.values)
    return [Hit(kind, key, title, _bounded(score)) for key, title, score in found]


def _seen_in(visible: Rows[Any]) -> Sql:
    """Match the documents of visible rows."""
    if visible.everything:
        return sql.EVERYTHING
    source = visible.source
    return sql.within("subject_id", Sql(f'SELECT v."id" FROM {source.text} v', source.values))  # noqa: S608 - names are ours


def _bounded(score: float) -> float:
    positive = max(float(score), 1e-9)
    return positive / (1 + positive)


async def titles(kind: str, keys: Sequence[int]) -> dict[int, str]:
    """Return what things that are indexed are called, by id, in the order asked for."""
    found = dict(await SearchDocument.filter(kind=kind, subject_id__in=list(keys)).values_list("subject_id", "title"))
    return {key: found[key] for key in keys if key in found}


def version_of(searchable: Searchable) -> str:
    """Return by which rules the index of a kind is built now."""
    return f"{RULES}.{searchable.version}"


async def unbuilt(wiring: Wiring) -> list[str]:
    """Return the kinds that were never indexed whole, or by other rules than those of now."""
    built = dict(await SearchKind.all().values_list("kind", "version"))
    return [each.kind for each in searchables(wiring).values() if built.get(each.kind) != version_of(each)]


async def is_building() -> bool:
    """Tell whether the index is being built, or is about to."""
    return await Job.filter(name=REBUILD, state__in=[JobState.QUEUED, JobState.RUNNING]).exists()
