"""How a slave follows its master: each fact once, in order, and what it could not follow is kept to be tried again."""

from collections.abc import Mapping, Sequence
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
from tessera_masterslave.service._repeating import Repeat, repeating

Plan = Sequence[tuple[Deed, Repeat]]
"""What a slave has not repeated yet, in order, and how it is repeated."""


async def follow(
    unit: Unit, slave_ids: Sequence[int], deeds: Sequence[Deed], *, refusal: Problem | None = None
) -> None:
    """Let slaves repeat what happened on their master, as far as they have not yet, in the unit of whoever did it.

    All together, and each by itself when one of them cannot: what that one cannot repeat is noted, with `refusal`
    everything. Tickets that follow this master no more do nothing. Raises `Contention` when another one lets them
    follow at the same time.
    """
    group = await Group.get_or_none(master_id=deeds[0].entry.subject_id)
    if group is None:
        return
    members = await _taken(group, slave_ids, deeds[-1].entry.id)
    plans = await _plans(group, members, deeds)
    for ticket_id in await queries.failing([member.ticket_id for member in members]):
        await _settle(ticket_id, plans[ticket_id])
    if refusal is None and await _together(unit, plans):
        return
    for ticket_id, plan in plans.items():
        await _by_itself(unit, group, ticket_id, plan, refusal=refusal)


async def _taken(group: Group, slave_ids: Sequence[int], reached: int) -> list[Member]:
    """Note that slaves have followed as far as a fact; return those that had not, as they were."""
    behind = Member.filter(group_id=group.id, ticket_id__in=list(slave_ids), position__lt=reached)
    members = await behind.order_by("id")
    place = Member.filter(id__in=[member.id for member in members], position__lt=reached)
    if members and await place.update(position=reached) != len(members):
        raise Contention("Another one lets the slaves follow.")
    return members


async def _plans(group: Group, members: Sequence[Member], deeds: Sequence[Deed]) -> dict[int, Plan]:
    """Return what each slave is to repeat; those that have come as far have the same."""
    repeated = queries.cascades_of(group)
    made: dict[int, Plan] = {}
    for position in {member.position for member in members}:
        fresh = queries.wanted([deed for deed in deeds if deed.entry.id > position], repeated)
        made[position] = [(deed, await repeating(deed)) for deed in fresh]
    return {member.ticket_id: made[member.position] for member in members}


async def _settle(slave_id: int, plan: Plan) -> None:
    """Forget what a slave could not follow and what came after it has overtaken."""
    fields = [deed.cascade for deed, _ in plan if deed.cascade not in SAID]
    await Failure.filter(ticket_id=slave_id, cascade__in=fields).delete()


async def _together(unit: Unit, plans: Mapping[int, Plan]) -> bool:
    """Let slaves repeat everything; tell whether all could, for else nothing of it is left."""
    slaves = {slave.id: slave for slave in await tickets.visible_to(unit.actor).filter(id__in=list(plans))}
    if len(slaves) < len(plans):
        return False
    try:
        async with unit.attempt():
            for ticket_id, plan in plans.items():
                for _, repeat in plan:
                    await repeat(unit, slaves[ticket_id])
    except Problem:
        return False
    return True


async def _by_itself(unit: Unit, group: Group, slave_id: int, plan: Plan, *, refusal: Problem | None) -> None:
    newest = {deed.cascade: deed for deed, _ in plan if deed.cascade not in SAID}
    for deed, repeat in plan:
        problem = refusal or await attempt(unit, slave_id, repeat)
        if problem is not None and newest.get(deed.cascade, deed) is deed:
            await rows.insert([steps.failure(group, slave_id, deed, problem)])
            await _tell(unit, slave_id, deed, problem)


async def attempt(unit: Unit, slave_id: int, repeat: Repeat) -> Problem | None:
    """Let a slave repeat one thing; return what stood in the way, and then nothing of it is left."""
    try:
        async with unit.attempt():
            slave = await tickets.visible_to(unit.actor).get_or_none(id=slave_id)
            if slave is None:
                raise SlaveHidden
            await repeat(unit, slave)
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
    problem = await attempt(unit, kept.ticket_id, await repeating(deed))
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
