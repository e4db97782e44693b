"""The journal: entries say what happened; seals put them in one order and chain their hashes.

An entry is written in the transaction of the change it tells. Transactions commit out of the order of
their ids, so a reader that follows ids would miss the late ones. A sealer therefore gives every committed
entry a gapless position, one batch after the other: whoever has seen position n has seen all before it.
The same seal carries a hash over the entry and the seal before it, which makes the journal tamper-evident.
"""

import asyncio
import contextlib
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tortoise import fields
from tortoise.exceptions import IntegrityError

from tessera.kit import log, rows, sql
from tessera.kit.bus import Bus
from tessera.kit.clock import isoformat, now
from tessera.kit.db import Contention, dialect, fetch_rows, transaction
from tessera.kit.events import from_json, to_json
from tessera.kit.ids import ObjectRef
from tessera.kit.model import Model, Row

GENESIS = "0" * 64
BATCH = 500
POLL_SECONDS = 1.0
PAUSE_SECONDS = 0.02
"""How long a sealer gathers what is committed after it has sealed something."""

TOPIC = "journal"

MAX_NAME = 100
"""Characters of an event's name."""


class Entry(Row):
    """One fact that happened; append-only (database triggers refuse everything else).

    `public` facts are for those outside too who see the subject.
    """

    name = fields.CharField(max_length=MAX_NAME)
    shape = fields.IntField()
    subject_kind = fields.CharField(max_length=50)
    subject_id = fields.BigIntField()
    actor_kind = fields.CharField(max_length=20)
    actor_id = fields.BigIntField(null=True)
    actor_name = fields.CharField(max_length=200)
    data = fields.TextField()
    cause_id = fields.BigIntField(null=True)
    depth = fields.IntField(default=0)
    public = fields.BooleanField(default=False)
    at = fields.DatetimeField(default=now)

    class Meta:
        """The history of one object is read along its index."""

        app = "tessera"
        table = "entry"
        indexes = (("subject_kind", "subject_id", "id"),)

    @property
    def subject(self) -> ObjectRef:
        """What the fact is about."""
        return ObjectRef(self.subject_kind, self.subject_id)

    @property
    def facts(self) -> dict[str, object]:
        """The event's fields besides its subject."""
        facts: dict[str, object] = from_json(self.data)
        return facts


class Unsealed(Model):
    """An entry that still waits for its seal."""

    entry_id = fields.BigIntField(primary_key=True, generated=False)

    class Meta:
        """Empty most of the time."""

        app = "tessera"
        table = "unsealed"


class Seal(Model):
    """The position of an entry in the order of the house, and the link of the hash chain."""

    position = fields.BigIntField(primary_key=True, generated=False)
    entry_id = fields.BigIntField(unique=True)
    digest = fields.CharField(max_length=64)

    class Meta:
        """Append-only, like the entries."""

        app = "tessera"
        table = "seal"


async def write(entries: Sequence[Entry]) -> None:
    """Write facts in the running transaction, in their order, to be sealed when it has committed."""
    await rows.put_off(entries)
    await rows.put_off([rows.made(Unsealed, entry_id=entry.id) for entry in entries])


def digest_of(previous: str, position: int, entry: Entry) -> str:
    """Return the hex SHA-256 over the previous digest and everything an entry says."""
    content = to_json(
        [
            previous,
            position,
            entry.id,
            entry.name,
            entry.shape,
            entry.subject_kind,
            entry.subject_id,
            entry.actor_kind,
            entry.actor_id,
            entry.actor_name,
            entry.data,
            entry.cause_id,
            entry.depth,
            bool(entry.public),
            isoformat(entry.at),
        ]
    )
    return hashlib.sha256(content.encode()).hexdigest()


@dataclass(frozen=True)
class Backlog:
    """The entries that wait for their seal: how many, and since when the oldest waits."""

    entries: int
    since: datetime | None


async def backlog() -> Backlog:
    """Return how far sealing is behind."""
    waiting = await Unsealed.all().count()
    oldest = await Unsealed.all().order_by("entry_id").first() if waiting else None
    entry = await Entry.get_or_none(id=oldest.entry_id) if oldest else None
    return Backlog(waiting, entry.at if entry else None)


def digest_of_loss(previous: str, position: int, entry_id: int) -> str:
    """Return the hex SHA-256 of the seal of an entry that vanished before it was sealed."""
    return hashlib.sha256(to_json([previous, position, entry_id]).encode()).hexdigest()


async def head() -> int:
    """Return the newest position, 0 in an empty journal."""
    found = await fetch_rows(sql.bound('SELECT MAX("position") FROM "seal"'), ())
    return found[0][0] or 0


@dataclass(frozen=True)
class Sealed:
    """An entry at its place in the order of the house."""

    position: int
    entry: Entry


async def read_sealed(after: int, *, limit: int = BATCH) -> list[Sealed]:
    """Return the entries behind a position, in order, without gaps."""
    found = await fetch_rows(sql.bound(_SEALED), (after, limit))
    return [Sealed(position, rows.read(Entry, columns)) for position, *columns in found]


async def subjects_behind(position: int) -> tuple[int, list[ObjectRef]]:
    """Return the newest position of a page behind a position, and what its entries are about, in order."""
    found = await fetch_rows(sql.bound(_SUBJECTS), (position, BATCH))
    return (found[-1][0] if found else position), [ObjectRef(kind, key) for _, kind, key in found]


async def seal_pending() -> int:
    """Seal every committed entry that waits; return the newest position.

    Safe to run anywhere at the same time: the position is a primary key, so of two sealers one begins again.
    """
    while True:
        try:
            sealed, position = await _seal_batch()
        except (IntegrityError, Contention):
            continue
        if sealed < BATCH:
            return position


async def _seal_batch() -> tuple[int, int]:
    """Seal at most 500 entries; return how many, and the newest position."""
    async with transaction():
        waiting = await fetch_rows(sql.bound(_WAITING), (BATCH,))
        if not waiting:
            return 0, await head()
        position, digest = waiting[0][1] or 0, waiting[0][2] or GENESIS
        entries = await _entries([entry_id for entry_id, _, _ in waiting])
        seals = []
        for entry_id, _, _ in waiting:
            position += 1
            entry = entries.get(entry_id)
            if entry is None:
                log.get().error("journal.entry_lost", entry=entry_id, position=position)
                digest = digest_of_loss(digest, position, entry_id)
            else:
                digest = digest_of(digest, position, entry)
            seals.append((position, entry_id, digest))
        await _write_seals(seals)
    return len(waiting), position


async def _entries(ids: Sequence[int]) -> dict[int, Entry]:
    """Return entries by id: joined to the ever changing table of those that wait, they might all be read."""
    wanted = sql.one_of("id", ids)
    text = f'SELECT {_COLUMNS} FROM "entry" e WHERE {wanted.on("e")}'  # noqa: S608 - names are ours
    return {columns[0]: rows.read(Entry, columns) for columns in await fetch_rows(sql.bound(text), wanted.values)}


async def _write_seals(seals: Sequence[tuple[int, int, str]]) -> None:
    """Write positions, entries and links of the chain; the entries wait no longer."""
    positions, ids, links = zip(*seals, strict=True)
    if dialect() == "postgres":
        await fetch_rows(sql.bound(_SEALING), (ids, positions, ids, links))
        return
    await rows.insert([rows.made(Seal, position=place, entry_id=key, digest=link) for place, key, link in seals])
    sealed = sql.one_of("entry_id", ids)
    text = f'DELETE FROM "unsealed" WHERE {sealed.on("unsealed")}'  # noqa: S608 - names are ours
    await fetch_rows(sql.bound(text), sealed.values)


_COLUMNS = ", ".join(f'e."{name}"' for name in rows.columns_of(Entry))
_BEHIND = f"""FROM "seal" s JOIN "entry" e ON e."id" = s."entry_id" WHERE s."position" > {sql.VALUE}
ORDER BY s."position" LIMIT {sql.VALUE}"""
_SEALED = f'SELECT s."position", {_COLUMNS} {_BEHIND}'
_SUBJECTS = f'SELECT s."position", e."subject_kind", e."subject_id" {_BEHIND}'
_WAITING = f"""SELECT u."entry_id", s."position", s."digest"
FROM (SELECT "entry_id" FROM "unsealed" ORDER BY "entry_id" LIMIT {sql.VALUE}) u
LEFT JOIN (SELECT "position", "digest" FROM "seal" ORDER BY "position" DESC LIMIT 1) s ON 1 = 1
ORDER BY u."entry_id" """  # noqa: S608 - as above
_SEALING = f"""WITH over AS (DELETE FROM "unsealed" WHERE "entry_id" = ANY({sql.VALUE}))
INSERT INTO "seal" ("position", "entry_id", "digest")
SELECT * FROM unnest({sql.VALUE}::bigint[], {sql.VALUE}::bigint[], {sql.VALUE}::text[])"""  # noqa: S608 - as above
"""PostgreSQL's: one statement, however many there are."""


class Sealer:
    """Seals what this process commits at once, and what others left behind every second."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._wanted = asyncio.Event()

    def wake(self) -> None:
        """Ask for a round soon; callable any number of times."""
        self._wanted.set()

    async def run(self) -> None:
        """Seal until cancelled; a database that is away is tried again."""
        announced = 0
        while True:
            with contextlib.suppress(TimeoutError):  # not wait_for: in Python 3.11 it may swallow a cancellation
                async with asyncio.timeout(POLL_SECONDS):
                    await self._wanted.wait()
            self._wanted.clear()
            try:
                position = await seal_pending()
                if position > announced:
                    announced = position
                    await self._bus.publish(TOPIC, position)
                    await asyncio.sleep(PAUSE_SECONDS)
            except Exception:  # noqa: BLE001 - the sealer outlives a database or Redis that is away
                log.get().warning("journal.seal_failed", exc_info=True)


@dataclass(frozen=True)
class Flaw:
    """The first place where the journal is not what was sealed."""

    position: int
    entry_id: int
    what: str


@dataclass(frozen=True)
class Verdict:
    """What a verification found: how many entries were sound, the newest digest, the first flaw."""

    sound: int
    digest: str
    flaw: Flaw | None = None


async def verify() -> Verdict:
    """Recompute the chain from its beginning and name the first entry changed, inserted or removed."""
    digest, position = GENESIS, 0
    while seals := await Seal.filter(position__gt=position).order_by("position").limit(BATCH):
        entries = {entry.id: entry for entry in await Entry.filter(id__in=[seal.entry_id for seal in seals])}
        for seal in seals:
            if seal.position != position + 1:
                flaw = Flaw(position + 1, seal.entry_id, "a seal was removed before this entry")
                return Verdict(position, digest, flaw)
            entry = entries.get(seal.entry_id)
            if entry is None:
                return Verdict(position, digest, Flaw(seal.position, seal.entry_id, "the entry was removed"))
            if digest_of(digest, seal.position, entry) != seal.digest:
                return Verdict(position, digest, Flaw(seal.position, seal.entry_id, "the entry was changed"))
            digest, position = seal.digest, seal.position
    return Verdict(position, digest, await _stray())


async def holds(noted: str) -> bool:
    """Tell whether the journal has the digest at the position that somebody noted as `POSITION:DIGEST`."""
    position, _, digest = noted.strip().partition(":")
    if not position.isascii() or not position.isdigit() or len(position) > len(str(2**62)):
        return False
    if int(position) == 0:
        return digest == GENESIS
    return await Seal.exists(position=int(position), digest=digest)


async def _stray() -> Flaw | None:
    """Find an entry with neither a seal nor a place among those that wait for one."""
    last = 0
    while True:
        ids = [entry.id for entry in await Entry.filter(id__gt=last).order_by("id").limit(BATCH).only("id")]
        if not ids:
            return None
        # in this order: an entry leaves those that wait in the moment it gets its seal
        known = set(await Unsealed.filter(entry_id__in=ids).values_list("entry_id", flat=True))
        known.update(await Seal.filter(entry_id__in=ids).values_list("entry_id", flat=True))
        for entry_id in ids:
            if entry_id not in known:
                return Flaw(0, entry_id, "the entry was inserted behind the server's back")
        last = ids[-1]
