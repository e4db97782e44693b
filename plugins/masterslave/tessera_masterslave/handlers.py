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

TELL_EVERY = 20
"""Slaves between two signs of progress."""


class Behind(Exception):
    """Some slaves have not followed yet, because others write to them or something is broken."""


def may_be_followed(event: Event) -> bool:
    """Tell whether an event is of those that slaves repeat."""
    return event.name in NAMES and cascade_of(event.name, event.data()) is not None


async def is_masters(unit: Unit, event: Event) -> bool:
    """Tell whether an event is the first one in its unit that slaves of its ticket repeat: one work follows all."""
    if unit.actor.is_customer_user:
        return False
    earlier = [entry for entry in unit.entries[:-1] if entry.subject == event.subject and entry.name in NAMES]
    if any(cascade_of(entry.name, entry.facts) for entry in earlier):
        return False
    return await queries.is_master(event.subject.id)


async def on_master_changed(work: Work, entry: Entry) -> None:
    """Let each slave follow what happened on its master, in a unit of its own, by the right of whoever did it.

    Raises `Behind` when some could not be written; the others have followed.
    """
    group = await queries.group_of(entry.subject_id)
    if group is None or group.master_id != entry.subject_id:
        return
    members = await queries.slaves_of(group)
    start = min((member.position for member in members), default=entry.id)
    runs = _runs(await queries.deeds_after(group.master_id, start))
    left = 0
    for done, member in enumerate(members, start=1):
        try:
            for run in runs:
                if run[-1].entry.id > member.position:
                    await _follow(work, member.ticket_id, run)
        except Contention:
            left += 1
        except Exception:  # noqa: BLE001 - whatever is wrong with one slave, the others follow
            left += 1
            log.get().warning("masterslave.not_followed", slave=member.ticket_id, exc_info=True)
        if done % TELL_EVERY == 0:
            await work.progress(done / len(members))
    if left:
        raise Behind(f"{left} slaves have not followed yet.")


async def _follow(work: Work, slave_id: int, deeds: Sequence[Deed]) -> None:
    cause = deeds[0].entry
    actor = await queries.actor_of(cause)
    refusal = ActorGone() if actor is None else None
    step = partial(service.follow, slave_id=slave_id, deeds=deeds, refusal=refusal)
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
