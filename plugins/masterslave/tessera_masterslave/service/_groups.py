"""Verbs on groups: attach, let go, promote, dissolve, choose what is repeated."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tessera.kit.errors import Problem
from tessera.kit.events import to_json
from tessera.kit.inputs import Field, existing
from tessera.kit.unit import Unit
from tessera.tickets import queries as ticket_queries
from tessera.tickets import service as tickets
from tessera.tickets.models import Ticket
from tessera.tickets.service.rules import require_right
from tessera_masterslave import queries
from tessera_masterslave._cascades import CASCADES, ordered
from tessera_masterslave.errors import (
    AlreadySlave,
    MasterIsSlave,
    NoMaster,
    NoSlave,
    OwnSlave,
    SlaveIsMaster,
    UnknownCascade,
)
from tessera_masterslave.events import CascadesChanged, SlavesJoined
from tessera_masterslave.models import Group, Member
from tessera_masterslave.permissions import MANAGE
from tessera_masterslave.service import _steps as steps

MASTER: Field = ("master_id",)


@dataclass
class Outcome:
    """What became of the slaves a verb was asked for: done, or refused and why."""

    master: Ticket
    slaves: list[Ticket] = field(default_factory=list)
    refused: list[tuple[Ticket, Problem]] = field(default_factory=list)


async def attach(unit: Unit, master: Ticket, slaves: Sequence[Ticket]) -> Outcome:
    """Let tickets follow a master from now on; those that cannot are told, those that do already stay.

    Needs `masterslave.manage`, and `rw` on both, neither locked by somebody else. Raises `Forbidden`, `MasterIsSlave`
    and what `require_workable` raises for the master.
    """
    unit.actor.require(MANAGE.name)
    await tickets.require_workable(unit, master, "rw")
    await _require_no_slave(master)
    group = await steps.begin(unit, master)
    outcome, joining = Outcome(master), list[Ticket]()
    members = {row.ticket_id: row for row in await Member.filter(ticket_id__in=[slave.id for slave in slaves])}
    masters = {row.master_id for row in await Group.filter(master_id__in=list(members))}
    advice = await ticket_queries.advice(unit.actor, [slave.id for slave in slaves])
    for slave in slaves:
        try:
            member = members.get(slave.id)
            if slave.id == master.id:
                raise OwnSlave
            if not advice[slave.id].update:
                await tickets.require_workable(unit, slave, "rw")
            if member is None:
                joining.append(slave)
            elif member.group_id != group.id:
                raise SlaveIsMaster(number=slave.number) if slave.id in masters else AlreadySlave(number=slave.number)
            outcome.slaves.append(slave)
        except Problem as problem:
            outcome.refused.append((slave, problem))
    await steps.join(unit, group, master, joining)
    if joining:
        await unit.record(SlavesJoined(subject=steps.subject(master.id), count=len(joining)))
    return outcome


async def attach_all(unit: Unit, master: Ticket, slaves: Sequence[Ticket], *, field: Field = MASTER) -> Outcome:
    """Let tickets follow a master, or none of them; raises what `attach` raises or tells."""
    try:
        outcome = await attach(unit, master, slaves)
        for _, problem in outcome.refused:
            problem.field = field
            raise problem
    except Problem as problem:
        problem.current = None
        raise
    return outcome


async def detach(unit: Unit, master: Ticket, slaves: Sequence[Ticket]) -> Outcome:
    """Let slaves go; those that are none of this master are told.

    Needs `masterslave.manage`, and `rw` on the master or on the slave, locked or not. Raises `Forbidden`, `NoMaster`.
    """
    unit.actor.require(MANAGE.name)
    group = await unit.update(await _led_by(master))
    outcome = Outcome(master)
    members = {member.ticket_id for member in await queries.slaves_of(group)}
    leads = await _holds_rw(unit, master)
    for slave in slaves:
        try:
            if slave.id not in members:
                raise NoSlave(number=slave.number)
            if not leads:
                await require_right(unit, slave, "rw")
            outcome.slaves.append(slave)
        except Problem as problem:
            outcome.refused.append((slave, problem))
    await steps.release(unit, group, [slave.id for slave in outcome.slaves])
    return outcome


async def set_cascades(unit: Unit, master: Ticket, cascades: Sequence[str]) -> Group:
    """Choose what the slaves of a master repeat from now on; none is possible.

    Needs `masterslave.manage` and `rw` on the master. Raises `Forbidden`, `RightMissing`, `NoMaster`,
    `UnknownCascade`.
    """
    unit.actor.require(MANAGE.name)
    await require_right(unit, master, "rw")
    group = await _led_by(master)
    unknown = [name for name in cascades if name not in CASCADES]
    if unknown:
        raise UnknownCascade(name=unknown[0], known=", ".join(CASCADES), field=("cascades",))
    before, after = queries.cascades_of(group), ordered(cascades)
    if before != after:
        await unit.update(group, cascades=to_json(after))
        told = [", ".join(names) or "-" for names in (before, after)]
        await unit.record(CascadesChanged(subject=steps.subject(master.id), before=told[0], after=told[1]))
    return group


async def promote(unit: Unit, slave: Ticket) -> Group:
    """Let a slave be the master of its group; the master becomes its slave.

    Needs `masterslave.manage` and `rw` on both, neither merged nor locked by somebody else. Raises `Forbidden`,
    `NoSlave`, `NotFound` for a master out of sight, and what `require_workable` raises.
    """
    unit.actor.require(MANAGE.name)
    group = await queries.group_of(slave.id)
    if group is None or group.master_id == slave.id:
        raise NoSlave("Ticket {number} is no slave.", number=slave.number, field=("id",))
    await tickets.require_workable(unit, slave, "rw")
    master = existing(await ticket_queries.visible_to(unit.actor).get_or_none(id=group.master_id), ("id",))
    await tickets.require_workable(unit, master, "rw")
    await steps.change_master(unit, group, slave)
    return group


async def dissolve(unit: Unit, master: Ticket) -> list[Ticket]:
    """Let all slaves go and forget the group; return the slaves.

    Needs `masterslave.manage` and `rw` on the master. Raises `Forbidden`, `RightMissing`, `NoMaster`.
    """
    unit.actor.require(MANAGE.name)
    await require_right(unit, master, "rw")
    group = await _led_by(master)
    ids = [member.ticket_id for member in await queries.slaves_of(group)]
    await steps.end(unit, group)
    return await ticket_queries.visible_to(unit.actor).filter(id__in=ids).order_by("id")


async def _led_by(master: Ticket) -> Group:
    group = await Group.get_or_none(master_id=master.id)
    if group is None:
        raise NoMaster(number=master.number, field=MASTER)
    return group


async def _require_no_slave(master: Ticket) -> None:
    group = await queries.group_of(master.id)
    if group is not None and group.master_id != master.id:
        problem = MasterIsSlave(
            number=master.number, master=(await Ticket.get(id=group.master_id)).number, field=MASTER
        )
        problem.current = master
        raise problem


async def _holds_rw(unit: Unit, ticket: Ticket) -> bool:
    standing = await ticket_queries.standing_of(ticket)
    return not unit.actor.is_customer_user and unit.actor.has_right("rw", standing.group_id)
