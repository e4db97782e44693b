"""How a slave follows its master: each fact once, in order, and what it could not follow is kept to be tried again."""

from collections.abc import Sequence
from functools import partial

from tessera.kit.actor import Actor
from tessera.kit.db import Contention
from tessera.kit.errors import Problem
from tessera.kit.journal import Entry
from tessera.kit.unit import Unit, Units
from tessera.tickets import queries as tickets
from tessera.tickets.models import Ticket
from tessera_masterslave import queries
from tessera_masterslave._cascades import SAID
from tessera_masterslave.errors import NoMaster, SlaveHidden
from tessera_masterslave.events import FollowedLate, FollowingFailed
from tessera_masterslave.models import Failure, Group, Member
from tessera_masterslave.queries import Deed
from tessera_masterslave.service import _steps as steps
from tessera_masterslave.service._groups import Outcome
from tessera_masterslave.service._repeating import repeat


async def follow(unit: Unit, slave_id: int, deeds: Sequence[Deed], *, refusal: Problem | None = None) -> None:
    """Let a slave repeat what happened on its master, as far as it has not yet, in the unit of whoever did it.

    What it cannot repeat is noted, with `refusal` everything. A ticket that follows this master no more does nothing.
    Raises `Contention` when another one lets it follow at the same time.
    """
    member = await Member.get_or_none(ticket_id=slave_id)
    group = None if member is None else await Group.get(id=member.group_id)
    if member is None or group is None or group.master_id != deeds[0].entry.subject_id:
        return
    fresh = [deed for deed in deeds if deed.entry.id > member.position]
    if not fresh:
        return
    place = Member.filter(id=member.id, position=member.position)
    if not await place.update(position=fresh[-1].entry.id):
        raise Contention("Another one lets the slave follow.")
    for deed in queries.wanted(fresh, queries.cascades_of(group)):
        problem = refusal or await attempt(unit, slave_id, deed)
        if deed.cascade not in SAID:
            await Failure.filter(ticket_id=slave_id, cascade=deed.cascade).delete()
        if problem is not None:
            await steps.failure(group, slave_id, deed, problem).save(force_create=True)
            await _tell(unit, slave_id, deed, problem)


async def attempt(unit: Unit, slave_id: int, deed: Deed) -> Problem | None:
    """Let a slave repeat one thing; return what stood in the way, and then nothing of it is left."""
    try:
        async with unit.attempt():
            slave = await tickets.visible_to(unit.actor).get_or_none(id=slave_id)
            if slave is None:
                raise SlaveHidden
            await repeat(unit, slave, deed)
    except Problem as problem:
        return problem
    return None


async def retry_all(
    units: Units, actor: Actor, master: Ticket, slave_ids: Sequence[int] | None, *, limit: int
) -> Outcome:
    """Let slaves of a master, or all, repeat what they could not, oldest first, each in a unit of its own.

    By the rights of the actor. Raises `NoMaster` for a ticket that is none, or whose group they are not shown.
    """
    group = await queries.visible_to(actor).get_or_none(master_id=master.id)
    if group is None:
        raise NoMaster(number=master.number, field=("master_id",))
    problems: dict[int, Problem | None] = {}
    for failure in await queries.failures_to_retry(actor, group, slave_ids, limit):
        problem = await units.run(actor, partial(retry, failure=failure))
        problems[failure.ticket_id] = problems.get(failure.ticket_id) or problem
    outcome = Outcome(master)
    for slave in await tickets.visible_to(actor).filter(id__in=list(problems)).order_by("id"):
        problem = problems[slave.id]
        if problem is None:
            outcome.slaves.append(slave)
        else:
            outcome.refused.append((slave, problem))
    return outcome


async def retry(unit: Unit, failure: Failure) -> Problem | None:
    """Let a slave repeat what it could not repeat, by the right of whoever tries again; return what stands in the way.

    Raises nothing: a failure that somebody else settled meanwhile is none any more.
    """
    kept = await Failure.get_or_none(id=failure.id)
    if kept is None:
        return None
    entry = await Entry.get(id=kept.entry_id)
    group = await Group.get(id=kept.group_id)
    deeds = await queries.deeds_after(entry.subject_id, entry.id - 1, limit=2)
    deed = queries.wanted(deeds, queries.cascades_of(group))[0] if deeds else Deed(entry, kept.cascade)
    if deed.entry.id != entry.id:
        deed = Deed(entry, kept.cascade)
    problem = await attempt(unit, kept.ticket_id, deed)
    if problem is not None:
        await Failure.filter(id=kept.id).update(**steps.told(problem))
        await _tell(unit, kept.ticket_id, deed, problem)
        return problem
    await Failure.filter(id=kept.id).delete()
    master = await Ticket.get(id=entry.subject_id)
    late = FollowedLate(
        subject=steps.subject(kept.ticket_id), master=master.number, master_id=master.id, cascade=kept.cascade
    )
    await unit.record(late)
    return None


async def _tell(unit: Unit, slave_id: int, deed: Deed, problem: Problem) -> None:
    master = await Ticket.get(id=deed.entry.subject_id)
    failed = FollowingFailed(
        subject=steps.subject(slave_id),
        master=master.number,
        master_id=master.id,
        cascade=deed.cascade,
        why=problem.message,
    )
    await unit.record(failed)
