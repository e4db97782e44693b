"""How a slave follows its master: each fact once, in order, and what it could not follow is kept to be tried again."""

from collections.abc import Sequence
from functools import partial

from tessera.kit import rows
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


async def follow(
    unit: Unit, slave_ids: Sequence[int], deeds: Sequence[Deed], *, refusal: Problem | None = None
) -> None:
    """Let slaves repeat what happened on their master, as far as they have not yet, in the unit of whoever did it.

    What one of them cannot repeat is noted, with `refusal` everything. Tickets that follow this master no more do
    nothing. Raises `Contention` when another one lets them follow at the same time.
    """
    group = await Group.get_or_none(master_id=deeds[0].entry.subject_id)
    if group is None:
        return
    reached = deeds[-1].entry.id
    behind = Member.filter(group_id=group.id, ticket_id__in=list(slave_ids), position__lt=reached)
    members = await behind.order_by("id")
    place = Member.filter(id__in=[member.id for member in members], position__lt=reached)
    if members and await place.update(position=reached) != len(members):
        raise Contention("Another one lets the slaves follow.")
    visible = tickets.visible_to(unit.actor).filter(id__in=[member.ticket_id for member in members])
    seen = {slave.id: slave for slave in await visible}
    for member in members:
        fresh = queries.wanted([deed for deed in deeds if deed.entry.id > member.position], queries.cascades_of(group))
        await _follow(unit, group, member.ticket_id, fresh, seen=seen.get(member.ticket_id), refusal=refusal)


async def _follow(
    unit: Unit,
    group: Group,
    slave_id: int,
    deeds: Sequence[Deed],
    *,
    seen: Ticket | None,
    refusal: Problem | None,
) -> None:
    fields = {deed.cascade: deed for deed in deeds if deed.cascade not in SAID}
    if fields:
        await Failure.filter(ticket_id=slave_id, cascade__in=list(fields)).delete()
    for deed in deeds:
        problem = refusal or await attempt(unit, slave_id, deed, seen)
        seen = None
        if problem is not None and fields.get(deed.cascade, deed) is deed:
            await rows.insert([steps.failure(group, slave_id, deed, problem)])
            await _tell(unit, slave_id, deed, problem)


async def attempt(unit: Unit, slave_id: int, deed: Deed, seen: Ticket | None = None) -> Problem | None:
    """Let a slave repeat one thing; return what stood in the way, and then nothing of it is left.

    `seen` is the slave if it was just read.
    """
    try:
        async with unit.attempt():
            slave = seen or await tickets.visible_to(unit.actor).get_or_none(id=slave_id)
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
