"""What becomes of a group when one of its tickets is merged into another ticket."""

from tessera.kit.errors import Forbidden
from tessera.kit.unit import Unit
from tessera.settings import queries as settings
from tessera.tickets import queries as ticket_queries
from tessera.tickets.models import Ticket
from tessera_masterslave import queries
from tessera_masterslave.events import SlavesJoined
from tessera_masterslave.models import Group, Member
from tessera_masterslave.service import _steps as steps
from tessera_masterslave.settings import UNLINK_ON_MERGE


async def follow_merge(unit: Unit, ticket_id: int) -> None:
    """Let the ticket that carries on have the place of a merged one, where it has none; for the system alone.

    A merged slave leaves its group otherwise, and a merged master's slaves go to the other master, or free. Raises
    `Forbidden` for anybody but the system.
    """
    if not unit.actor.is_system:
        raise Forbidden
    group = await queries.group_of(ticket_id)
    merged = await Ticket.get(id=ticket_id)
    if group is None or merged.merged_into_id is None:
        return
    into = await ticket_queries.final_target(merged)
    other = await queries.group_of(into.id)
    unlinks = await settings.value(UNLINK_ON_MERGE)
    if group.master_id == ticket_id:
        await _replace_master(unit, group, into, other, unlinks=unlinks)
    else:
        await _replace_slave(unit, group, merged, into, passes_on=other is None and not unlinks)


async def _replace_slave(unit: Unit, group: Group, merged: Ticket, into: Ticket, *, passes_on: bool) -> None:
    await unit.update(group)
    await steps.release(unit, group, [merged.id], tells_master=not passes_on)
    if passes_on:
        await steps.join(unit, group, await Ticket.get(id=group.master_id), [into])


async def _replace_master(unit: Unit, group: Group, into: Ticket, other: Group | None, *, unlinks: bool) -> None:
    merged_id = group.master_id
    if unlinks or (other is not None and other.id != group.id and other.master_id != into.id):
        await steps.end(unit, group)
    elif other is None or other.id == group.id:
        if other is None:
            await Member.create(group_id=group.id, ticket_id=into.id)
        await steps.change_master(unit, group, into)
        await steps.release(unit, group, [merged_id], tells_master=False)
    else:
        await _join_groups(unit, group, into, other)


async def _join_groups(unit: Unit, group: Group, master: Ticket, other: Group) -> None:
    """Let the slaves of a merged master follow the one it was merged into."""
    ids = [member.ticket_id for member in await queries.slaves_of(group)]
    slaves = await Ticket.filter(id__in=ids).order_by("id")
    await steps.end(unit, group)
    await unit.update(other)
    await steps.join(unit, other, master, slaves)
    if slaves:
        await unit.record(SlavesJoined(subject=steps.subject(master.id), count=len(slaves)))
