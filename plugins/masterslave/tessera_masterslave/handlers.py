"""How a group reacts: slaves follow what happened on their master, and a merge changes who is in it."""

from collections.abc import Sequence
from functools import partial

from tessera.kit import log
from tessera.kit.actor import SYSTEM
from tessera.kit.db import Contention
from tessera.kit.events import Event
from tessera.kit.jobs import Work
from tessera.kit.journal import Entry
from tessera.kit.unit import Unit
from tessera.tickets.events import TicketMerged
from tessera_masterslave import queries, service
from tessera_masterslave._cascades import NAMES, cascade_of
from tessera_masterslave.errors import ActorGone
from tessera_masterslave.queries import Deed

TOGETHER = 50
"""Slaves of one unit: few enough that nobody waits for it, and one that collides does not cost much."""


class Behind(Exception):
    """Some slaves have not followed yet, because others write to them or something is broken."""


def may_be_followed(event: Event) -> bool:
    """Tell whether an event is of those that slaves repeat."""
    return event.name in NAMES and cascade_of(event.name, event.data()) is not None


async def is_masters(unit: Unit, event: Event) -> bool:
    """Tell whether an event is the first one in its unit that slaves of its ticket repeat: one work follows all."""
    if unit.actor.is_customer_user:
        return False
    key, kind = event.subject.id, event.subject.kind
    earlier = (entry for entry in unit.entries[:-1] if entry.subject_id == key and entry.subject_kind == kind)
    if any(cascade_of(entry.name, entry.facts) for entry in earlier if entry.name in NAMES):
        return False
    return await queries.is_master(event.subject.id)


async def on_master_changed(work: Work, entry: Entry) -> None:
    """Let the slaves follow what happened on their master, some in a unit, by the right of whoever did it.

    Raises `Behind` when some could not be written; the others have followed.
    """
    group = await queries.group_of(entry.subject_id)
    if group is None or group.master_id != entry.subject_id:
        return
    members = await queries.slaves_of(group)
    start = min((member.position for member in members), default=entry.id)
    runs = _runs(await queries.deeds_after(group.master_id, start))
    left = 0
    for done in range(0, len(members), TOGETHER):
        slaves = [member.ticket_id for member in members[done : done + TOGETHER]]
        left += await _follow_all(work, slaves, runs)
        await work.progress((done + len(slaves)) / len(members))
    if left:
        raise Behind(f"{left} slaves have not followed yet.")


async def _follow_all(work: Work, slave_ids: Sequence[int], runs: Sequence[Sequence[Deed]]) -> int:
    """Let some slaves follow, each by itself when they cannot together; return how many could not be written."""
    try:
        for run in runs:
            await _follow(work, slave_ids, run)
    except Contention:
        return 1 if len(slave_ids) == 1 else await _follow_each(work, slave_ids, runs)
    except Exception:  # noqa: BLE001 - whatever is wrong with one slave, the others follow
        if len(slave_ids) > 1:
            return await _follow_each(work, slave_ids, runs)
        log.get().warning("masterslave.not_followed", slave=slave_ids[0], exc_info=True)
        return 1
    return 0


async def _follow_each(work: Work, slave_ids: Sequence[int], runs: Sequence[Sequence[Deed]]) -> int:
    return sum([await _follow_all(work, [slave_id], runs) for slave_id in slave_ids])


async def _follow(work: Work, slave_ids: Sequence[int], deeds: Sequence[Deed]) -> None:
    cause = deeds[0].entry
    actor = await queries.actor_of(cause)
    refusal = ActorGone() if actor is None else None
    step = partial(service.follow, slave_ids=slave_ids, deeds=deeds, refusal=refusal)
    await work.units.run(actor or SYSTEM, step, cause_id=cause.id, depth=cause.depth + 1)


def _runs(deeds: Sequence[Deed]) -> list[list[Deed]]:
    """Part what happened into what one actor did after another: a unit has one actor."""
    runs: list[list[Deed]] = []
    for deed in deeds:
        before = runs[-1][-1].entry if runs else None
        if before is not None and (before.actor_kind, before.actor_id) == (deed.entry.actor_kind, deed.entry.actor_id):
            runs[-1].append(deed)
        else:
            runs.append([deed])
    return runs


async def is_members(unit: Unit, event: TicketMerged) -> bool:
    """Tell whether a merged ticket was in a group."""
    return await queries.is_member(event.subject.id)


async def on_ticket_merged(unit: Unit, entry: Entry) -> None:
    """Let the ticket that carries on have the merged one's place."""
    await service.follow_merge(unit, entry.subject_id)
