"""Single changes to a group, from which the verbs are put together."""

from collections.abc import Sequence

from tessera.kit import rows
from tessera.kit.db import Contention
from tessera.kit.errors import Problem
from tessera.kit.events import to_json
from tessera.kit.ids import ObjectRef
from tessera.kit.unit import Unit, or_taken
from tessera.tickets.models import Ticket
from tessera_masterslave import queries
from tessera_masterslave.errors import MasterReplaced
from tessera_masterslave.events import GroupDissolved, Promoted, Replaced, SlaveAttached, SlaveReleased, SlavesLeft
from tessera_masterslave.models import Failure, Group, Member
from tessera_masterslave.queries import Deed

FASTER = "Another transaction put the ticket into a group."


def subject(ticket_id: int) -> ObjectRef:
    """Return what facts about a ticket have as their subject."""
    return ObjectRef("ticket", ticket_id)


async def begin(unit: Unit, master: Ticket) -> Group:
    """Return the group of a master, a new one unless there is one; whoever else changes it begins again."""
    group = await Group.get_or_none(master_id=master.id)
    if group is not None:
        return await unit.update(group)
    async with or_taken(Contention(FASTER)):
        group = await Group.create(master_id=master.id, cascades=to_json(await queries.new_cascades()))
        await Member.create(group_id=group.id, ticket_id=master.id)
    return group


async def join(unit: Unit, group: Group, master: Ticket, slaves: Sequence[Ticket]) -> None:
    """Let tickets that are in no group follow a master from now on."""
    await unit.flush()
    position = await queries.last_fact(master.id)
    members = [rows.made(Member, group_id=group.id, ticket_id=slave.id, position=position) for slave in slaves]
    async with or_taken(Contention(FASTER)):
        await rows.insert(members)
    for slave in slaves:
        await unit.record(SlaveAttached(subject=subject(slave.id), master=master.number, master_id=master.id))


async def release(unit: Unit, group: Group, ticket_ids: Sequence[int], *, tells_master: bool = True) -> None:
    """Let tickets follow no more; what they could not follow is forgotten."""
    master = await Ticket.get(id=group.master_id)
    await Failure.filter(group_id=group.id, ticket_id__in=list(ticket_ids)).delete()
    await Member.filter(group_id=group.id, ticket_id__in=list(ticket_ids)).delete()
    for ticket_id in ticket_ids:
        await unit.record(SlaveReleased(subject=subject(ticket_id), master=master.number, master_id=master.id))
    if ticket_ids and tells_master:
        await unit.record(SlavesLeft(subject=subject(master.id), count=len(ticket_ids)))


async def end(unit: Unit, group: Group) -> None:
    """Let everybody go."""
    await unit.update(group)
    slaves = [member.ticket_id for member in await queries.slaves_of(group)]
    await release(unit, group, slaves, tells_master=False)
    await Member.filter(group_id=group.id).delete()
    await Group.filter(id=group.id).delete()
    await unit.record(GroupDissolved(subject=subject(group.master_id), count=len(slaves)))


async def change_master(unit: Unit, group: Group, after: Ticket) -> None:
    """Let one of the tickets of a group be its master; the one before stays as a slave.

    What slaves had not followed yet is noted as not followed, to be tried again.
    """
    before = await Ticket.get(id=group.master_id)
    await _give_up_behind(group)
    await unit.update(group, master_id=after.id)
    await Member.filter(group_id=group.id).update(position=await queries.last_fact(after.id))
    await unit.record(Promoted(subject=subject(after.id), before=before.number, before_id=before.id))
    await unit.record(Replaced(subject=subject(before.id), after=after.number, after_id=after.id))


async def _give_up_behind(group: Group) -> None:
    members = await queries.slaves_of(group)
    if not members:
        return
    deeds = await queries.deeds_after(group.master_id, min(member.position for member in members))
    deeds = queries.wanted(deeds, queries.cascades_of(group))
    problem = MasterReplaced()
    missed = [
        failure(group, member.ticket_id, deed, problem)
        for member in members
        for deed in deeds
        if deed.entry.id > member.position
    ]
    await rows.insert(missed)


def failure(group: Group, ticket_id: int, deed: Deed, problem: Problem) -> Failure:
    """Return the row of what a slave could not follow; it is not written yet."""
    return rows.made(
        Failure,
        group_id=group.id,
        ticket_id=ticket_id,
        entry_id=deed.entry.id,
        cascade=deed.cascade,
        **told(problem),
    )


def told(problem: Problem) -> dict[str, str | None]:
    """Return the columns that tell of a problem."""
    facts = {name: value if isinstance(value, int | float) else str(value) for name, value in problem.facts.items()}
    return {"code": problem.code, "reason": problem.reason, "sentence": problem.template, "facts": to_json(facts)}
