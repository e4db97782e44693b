"""Keeps the full-text index as things are; the index only repeats what is written elsewhere, so it records no facts."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
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
    return [
        Handler(f"search.{searchable.kind}.{event.name}", on=event, run=_reread, together=True)
        for event in searchable.stale_on
    ]


async def _reread(unit: Unit, entries: Sequence[Entry]) -> None:
    """Index the subjects of facts, which are of one kind."""
    keys = sorted({entry.subject_id for entry in entries})
    await index_all(unit, queries.searchable(unit.wiring, entries[0].subject_kind), keys)


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
    await _write({document: texts[key] for key, document in documents.items() if key in texts})
    for key, document in documents.items():
        if key not in texts:
            await _remove(document)


async def _held(kind: str, keys: Sequence[int]) -> dict[int, SearchDocument]:
    """Return the documents of things, new ones where there were none, held until the end of the transaction.

    Held before the things are read: whoever comes later reads what is newer.
    """
    known = await _known(kind, keys)
    missing = sorted(set(keys) - known.keys())
    new = [rows.made(SearchDocument, kind=kind, subject_id=key, title="", digest="") for key in missing]
    if not new or await rows.insert_unless_taken(*new):
        return known | {row.subject_id: row for row in new}
    for row in new:
        known |= {row.subject_id: row} if await rows.insert_unless_taken(row) else await _known(kind, [row.subject_id])
    return known


async def _known(kind: str, keys: Sequence[int]) -> dict[int, SearchDocument]:
    rows_held = SearchDocument.filter(kind=kind, subject_id__in=list(keys)).order_by("id").select_for_update()
    return {row.subject_id: row for row in await rows_held}


async def _write(texts: Mapping[SearchDocument, Text]) -> None:
    stamps = {document: digest(to_json([document.kind, *astuple(text)])) for document, text in texts.items()}
    changed = {document: text for document, text in texts.items() if document.digest != stamps[document]}
    await _execute(queries.port().write({each.id: Words.of(each.kind, text) for each, text in changed.items()}))
    titles = {each: text.title.replace("\x00", "")[:MAX_TITLE] for each, text in changed.items()}
    changes = {each.id: {"title": title, "digest": stamps[each]} for each, title in titles.items()}
    await rows.change_each(SearchDocument, changes)


async def _remove(document: SearchDocument) -> None:
    await _execute([queries.port().remove(document.id)])
    await SearchDocument.filter(id=document.id).delete()


async def _execute(statements: Sequence[Sql]) -> None:
    """Run statements that differ in their values alone."""
    if statements:
        await connection().execute_many(sql.bound(statements[0].text), [list(each.values) for each in statements])


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
