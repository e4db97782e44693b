"""Keeps the full-text index as things are; the index only repeats what is written elsewhere, so it records no facts."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import astuple
from functools import partial

from tessera.kit import rows, sql
from tessera.kit.actor import SYSTEM
from tessera.kit.clock import now
from tessera.kit.db import connection
from tessera.kit.events import to_json
from tessera.kit.ids import ObjectRef
from tessera.kit.jobs import Job
from tessera.kit.journal import Entry
from tessera.kit.secrets import digest
from tessera.kit.sql import Sql
from tessera.kit.unit import Unit, Units
from tessera.plugin import Handler
from tessera.search import queries
from tessera.search._port import Words
from tessera.search.events import IndexRebuilt
from tessera.search.hooks import Searchable, Text
from tessera.search.models import MAX_TITLE, SearchDocument, SearchKind
from tessera.search.permissions import MANAGE

BATCH = 50
"""Things that are read and written in one unit."""

Progress = Callable[[float], Awaitable[None]]


def keeping(searchable: Searchable) -> list[Handler]:
    """Return the handlers that keep the index of a kind as its things are, for a plugin's `handlers()`."""
    names = [event.name for event in searchable.stale_on]
    run = partial(_reread, names)
    return [Handler(f"search.{searchable.kind}.{event.name}", on=event, run=run) for event in searchable.stale_on]


async def _reread(names: Sequence[str], unit: Unit, entry: Entry) -> None:
    """Index the subject of a fact, unless a later fact owes the same."""
    later = Entry.filter(subject_kind=entry.subject_kind, subject_id=entry.subject_id, name__in=names, id__gt=entry.id)
    if not await later.exists():
        await index(unit, entry.subject)


async def index(unit: Unit, ref: ObjectRef) -> None:
    """Read a thing again and have it found by what it says now; what has nothing to say is found no more.

    Raises `NotSearchable`.
    """
    await index_all(unit, queries.searchable(unit.wiring, ref.kind), [ref.id])


async def forget(_unit: Unit, ref: ObjectRef) -> None:
    """Have a thing found no more, whatever it says."""
    document = await SearchDocument.get_or_none(kind=ref.kind, subject_id=ref.id)
    if document is not None:
        await _remove(document)


async def index_all(_unit: Unit, searchable: Searchable, keys: Sequence[int]) -> None:
    """Read things of a kind again, as `index` does."""
    documents = await _held(searchable.kind, keys)
    texts = await searchable.texts(keys)
    for key, document in documents.items():
        if key in texts:
            await _write(document, texts[key])
        else:
            await _remove(document)


async def _held(kind: str, keys: Sequence[int]) -> dict[int, SearchDocument]:
    """Return the documents of things, new ones where there were none, held until the end of the transaction.

    Held before the things are read: whoever comes later reads what is newer.
    """
    known = await _known(kind, keys)
    for key in sorted(set(keys) - known.keys()):
        row = rows.made(SearchDocument, kind=kind, subject_id=key, title="", digest="")
        known |= {key: row} if await rows.insert_unless_taken(row) else await _known(kind, [key])
    return known


async def _known(kind: str, keys: Sequence[int]) -> dict[int, SearchDocument]:
    rows_held = SearchDocument.filter(kind=kind, subject_id__in=list(keys)).order_by("id").select_for_update()
    return {row.subject_id: row for row in await rows_held}


async def _write(document: SearchDocument, text: Text) -> None:
    stamp = digest(to_json([document.kind, *astuple(text)]))
    if document.digest == stamp:
        return
    await _execute(queries.port().write(document.id, Words.of(document.kind, text)))
    title = text.title.replace("\x00", "")[:MAX_TITLE]
    await rows.change(SearchDocument, {"id": document.id}, {"title": title, "digest": stamp})


async def _remove(document: SearchDocument) -> None:
    await _execute(queries.port().remove(document.id))
    await SearchDocument.filter(id=document.id).delete()


async def _execute(statement: Sql) -> None:
    await connection().execute_query(sql.bound(statement.text), list(statement.values))


async def request_rebuild(unit: Unit, kinds: Sequence[str] | None = None) -> Job:
    """Have everything, or some kinds, read again in the background; a job shows how far it is.

    Raises `Forbidden` without the permission `search.manage`, `NotSearchable` for a kind that nobody declares.
    """
    unit.actor.require(MANAGE.name)
    for kind in kinds or ():
        queries.searchable(unit.wiring, kind)
    return await unit.enqueue(queries.REBUILD, {"kinds": None if kinds is None else list(kinds)})


async def forget_kinds(unit: Unit) -> None:
    """Forget that kinds were indexed whole which nobody declares any more."""
    await SearchKind.exclude(kind__in=list(queries.searchables(unit.wiring))).delete()


async def rebuild(units: Units, searchable: Searchable, progress: Progress) -> int:
    """Read all things of a kind again, in many units, and forget those there are no more; return how many there are.

    `progress` is told after each unit how much is done, 0..1. Whatever happens meanwhile is indexed too.
    """
    everything = searchable.visible(SYSTEM).order_by("id")
    total, count, last = await everything.count(), 0, 0
    while True:
        found = await everything.filter(id__gt=last).limit(BATCH).values_list("id", flat=True)
        keys = [int(str(key)) for key in found]
        await units.run(SYSTEM, partial(_one_step, searchable, last, keys))
        count += len(keys)
        await progress(min(count / max(total, 1), 1.0))
        if len(keys) < BATCH:
            break
        last = keys[-1]
    await units.run(SYSTEM, partial(_finish, searchable, count))
    return count


async def _one_step(searchable: Searchable, after: int, keys: Sequence[int], unit: Unit) -> None:
    between = SearchDocument.filter(kind=searchable.kind, subject_id__gt=after)
    if len(keys) == BATCH:
        between = between.filter(subject_id__lt=keys[-1])
    gone = await between.exclude(subject_id__in=list(keys)).values_list("subject_id", flat=True)
    await index_all(unit, searchable, [*keys, *(int(str(key)) for key in gone)])


async def _finish(searchable: Searchable, count: int, unit: Unit) -> None:
    version, at = queries.version_of(searchable), now()
    if not await rows.change(SearchKind, {"kind": searchable.kind}, {"version": version, "built_at": at}):
        await rows.insert_unless_taken(rows.made(SearchKind, kind=searchable.kind, version=version, built_at=at))
    await unit.record(IndexRebuilt(subject=ObjectRef("search", 0), kind=searchable.kind, count=count))
