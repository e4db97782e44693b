"""Unit: one actor, one transaction; what it records becomes history, outbox and feed."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Protocol, TypeVar

from tortoise.exceptions import IntegrityError

from tessera.kit import jobs, journal, memory, rows
from tessera.kit.actor import Actor
from tessera.kit.clock import now
from tessera.kit.db import Contention, inside_transaction, retrying, transaction
from tessera.kit.errors import StaleVersion, WrongState
from tessera.kit.events import Event, to_json
from tessera.kit.jobs import Job
from tessera.kit.journal import Entry
from tessera.kit.model import Versioned
from tessera.kit.wiring import Wiring

MAX_DEPTH = 16
"""How many effects of effects are followed before a chain of handlers counts as a loop."""

VersionedT = TypeVar("VersionedT", bound=Versioned)
ResultT = TypeVar("ResultT")


class EventLoop(WrongState):
    """Handlers keep causing one another."""

    reason = "journal.loop"
    sentence = "The chain of effects is longer than {limit} steps and was stopped."


class CommitListener(Protocol):
    """Who wants to know at once that a unit committed; must not fail and must be quick."""

    async def __call__(self, unit: "Unit") -> None:
        """Look at the unit's `entries` and `jobs`."""


class Unit:
    """One actor's changes in one transaction; open one with `Units.open` or `Units.run`."""

    def __init__(
        self, wiring: Wiring, actor: Actor, *, cause_id: int | None = None, depth: int = 0, hopeful: bool = False
    ) -> None:
        self.wiring = wiring
        self.actor = actor
        self.cause_id = cause_id
        self.depth = depth
        self.hopeful = hopeful
        """Whether this is a first attempt: a value that turns out to be taken lets the unit begin again."""

        self.entries: list[Entry] = []
        self.jobs: list[Job] = []
        self._unwritten: list[Entry] = []
        self._owed: list[tuple[str, Entry]] = []

    async def record(self, event: Event) -> Entry:
        """Note a fact: its guards first, then the entry, then a job for every handler that wants it.

        Entry and jobs are written together with the unit's others, by `flush` at the latest: before, they have no
        ids. Raises whatever Problem a guard raises, and `EventLoop` when effects cause effects without end.
        """
        if self.depth > MAX_DEPTH:
            raise EventLoop(limit=MAX_DEPTH)
        for guard in self.wiring.guards_of(type(event)):
            await guard(self, event)
        entry = rows.made(
            Entry,
            name=event.name,
            shape=event.version,
            subject_kind=event.subject.kind,
            subject_id=event.subject.id,
            actor_kind=self.actor.kind.value,
            actor_id=self.actor.id,
            actor_name=self.actor.name,
            data=to_json(event.data()),
            cause_id=self.cause_id,
            depth=self.depth,
            public=event.public,
        )
        self.entries.append(entry)
        self._unwritten.append(entry)
        for name in self.wiring.handlers_of(event):
            concerns = self.wiring.concerns.get(name)
            if concerns is None or await concerns(self, event):
                self._owed.append((name, entry))
        return entry

    async def flush(self) -> None:
        """Write the facts noted so far, and the jobs owed for them; they have ids afterwards."""
        entries, owed = self._unwritten, self._owed
        self._unwritten, self._owed = [], []
        due = [self._job(name) for name, _ in owed]
        await rows.draw_ids(*entries, *due)
        await journal.write(entries)
        for job, (_, entry) in zip(due, owed, strict=True):
            jobs.tell(job, {"entry": entry.id}, cause_id=entry.id)
        await rows.put_off(due)
        self.jobs += due

    def _job(self, name: str) -> Job:
        kind = self.wiring.jobs.get(name)
        watcher = None if kind is None or kind.in_unit else self.actor
        return jobs.owed(name, {}, actor=watcher, depth=self.depth + 1)

    @asynccontextmanager
    async def attempt(self) -> AsyncIterator[None]:
        """Try a part of the unit: an exception undoes that part alone, and is raised again."""
        await self.flush()
        entries, jobs_before = len(self.entries), len(self.jobs)
        try:
            async with transaction():
                yield
        except BaseException:
            del self.entries[entries:], self.jobs[jobs_before:], self._unwritten[:], self._owed[:]
            raise

    async def enqueue(
        self,
        name: str,
        payload: Mapping[str, Any] | None = None,
        *,
        run_at: datetime | None = None,
        dedupe: str | None = None,
    ) -> Job:
        """Add a job that runs after the commit, or not at all when the unit fails.

        `payload` holds JSON values, ids rather than content. With `dedupe`, the same key is enqueued once.
        """
        await self.flush()
        last = self.entries[-1].id if self.entries else self.cause_id
        job = await jobs.enqueue(
            name, payload or {}, run_at=run_at, dedupe=dedupe, actor=self.actor, cause_id=last, depth=self.depth + 1
        )
        self.jobs.append(job)
        return job

    async def update(self, row: VersionedT, *, expected_version: int | None = None, **changes: object) -> VersionedT:
        """Write changed columns of a row by compare-and-set; its version grows by one.

        Raises `StaleVersion` (with the row as `current`) when the caller expected another version, and
        `Contention` when another transaction was faster, so that the unit begins again.
        """
        if expected_version is not None and expected_version != row.version:
            problem = StaleVersion(actual=row.version, expected=expected_version)
            problem.current = row
            raise problem
        stamp = now()
        written = {**changes, "version": row.version + 1, "updated_at": stamp}
        if not await rows.change(type(row), {"id": row.id, "version": row.version}, written):
            message = f"{type(row).__name__} {row.id} was changed by another transaction"
            raise Contention(message)
        row.update_from_dict(written)
        return row


class Units:
    """Opens units and tells their commits to whoever must wake up."""

    def __init__(self, wiring: Wiring) -> None:
        self.wiring = wiring
        self.after_commit: list[CommitListener] = []

    @asynccontextmanager
    async def open(
        self, actor: Actor, *, cause_id: int | None = None, depth: int = 0, hopeful: bool = False
    ) -> AsyncIterator[Unit]:
        """Run one transaction; an exception rolls everything back.

        Raises `Contention` when the database refused it because of a concurrent one; `run` tries again. Only who does
        so may say that it is `hopeful`.
        """
        unit = Unit(self.wiring, actor, cause_id=cause_id, depth=depth, hopeful=hopeful)
        await memory.house.load()
        async with transaction():
            yield unit
            await unit.flush()
        for listener in self.after_commit:
            await listener(unit)

    async def run(
        self,
        actor: Actor,
        work: Callable[[Unit], Awaitable[ResultT]],
        *,
        cause_id: int | None = None,
        depth: int = 0,
    ) -> ResultT:
        """Run `work` in a unit, again from the start when it collided with another transaction.

        Raises `Contention` when it keeps colliding, and whatever `work` raises.
        """
        hopeful = not inside_transaction()

        async def attempt() -> ResultT:
            nonlocal hopeful
            first, hopeful = hopeful, False
            async with self.open(actor, cause_id=cause_id, depth=depth, hopeful=first) as unit:
                return await work(unit)

        return await retrying(attempt)


@asynccontextmanager
async def or_taken(problem: Exception) -> AsyncIterator[None]:
    """Write in a savepoint; when another transaction took a unique value first, raise this instead.

    A Problem tells the person; `Contention` lets the unit begin again.
    """
    try:
        async with transaction():
            yield
    except IntegrityError as error:
        raise problem from error
