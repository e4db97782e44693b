"""Reads of groups; agents are shown a group when they see its master, customer users never."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tortoise.expressions import Subquery
from tortoise.queryset import QuerySet

from tessera.access import queries as access
from tessera.articles.events import ArticleAdded
from tessera.articles.models import SenderType
from tessera.jobs import queries as jobs
from tessera.kit import sql
from tessera.kit.actor import SYSTEM, Actor, ActorKind
from tessera.kit.db import fetch_rows
from tessera.kit.errors import NotFound
from tessera.kit.events import from_json
from tessera.kit.ids import key_of
from tessera.kit.jobs import Job, JobState
from tessera.kit.journal import Entry
from tessera.kit.paging import Key, Listing
from tessera.kit.sql import Sql, seen
from tessera.settings import queries as settings
from tessera.tickets import queries as tickets
from tessera.tickets.models import Ticket
from tessera_masterslave._cascades import NAMES, PENDING_TIME, STATE, cascade_of, ordered
from tessera_masterslave.models import Failure, Group, Member
from tessera_masterslave.settings import NEW_CASCADES

FOLLOW = "masterslave.follow"
"""The work of repeating what happened on a master."""

GROUPS, MEMBERS = (model._meta.db_table for model in (Group, Member))
MAX_DEEDS = 1_000
"""Facts that are read at once."""

BUSY = (JobState.QUEUED, JobState.RUNNING)


@dataclass(frozen=True, slots=True)
class Place:
    """A ticket's place in a group; `id` is the group's."""

    id: int
    ticket_id: int
    master_id: int
    cascades: list[str]

    @property
    def is_master(self) -> bool:
        """Whether the others follow it."""
        return self.ticket_id == self.master_id


def visible_to(actor: Actor) -> QuerySet[Group]:
    """Return the groups an actor is shown: those whose master they see; customer users none."""
    if actor.is_system:
        return Group.all()
    if actor.is_customer_user:
        return Group.filter(id__isnull=True)
    return Group.filter(master_id__in=Subquery(tickets.visible_to(actor).values("id")))


def visible_failures(actor: Actor) -> QuerySet[Failure]:
    """Return what slaves could not follow, as far as the actor sees the slaves; customer users nothing."""
    if actor.is_system:
        return Failure.all()
    if actor.is_customer_user:
        return Failure.filter(id__isnull=True)
    return Failure.filter(ticket_id__in=Subquery(tickets.visible_to(actor).values("id")))


def cascades_of(group: Group) -> list[str]:
    """Return what a group's slaves repeat."""
    names: list[str] = from_json(group.cascades)
    return names


async def new_cascades() -> list[str]:
    """Return what the slaves of a new group repeat."""
    names: list[str] = await settings.value(NEW_CASCADES)
    return ordered(names)


async def places(actor: Actor, ticket_ids: Sequence[int]) -> dict[int, Place]:
    """Return the places of tickets in groups that the actor is shown, by ticket, in two statements."""
    members = {row.ticket_id: row.group_id for row in await Member.filter(ticket_id__in=list(ticket_ids))}
    if not members:
        return {}
    groups = {row.id: row for row in await visible_to(actor).filter(id__in=set(members.values()))}
    return {
        ticket_id: Place(group_id, ticket_id, groups[group_id].master_id, cascades_of(groups[group_id]))
        for ticket_id, group_id in members.items()
        if group_id in groups
    }


async def group_of(ticket_id: int) -> Group | None:
    """Return the group a ticket is in, as its master or as a slave."""
    member = await Member.get_or_none(ticket_id=ticket_id)
    return None if member is None else await Group.get(id=member.group_id)


async def tickets_named(actor: Actor, global_ids: Sequence[str]) -> tuple[list[Ticket], list[str]]:
    """Return the tickets with some ids, each once and in their order, and the ids of none that the actor sees."""
    keys: dict[str, int | None] = {}
    for each in global_ids:
        try:
            keys[each] = key_of(each, "Ticket")
        except NotFound:
            keys[each] = None
    wanted_keys = [key for key in keys.values() if key is not None]
    rows = {row.id: row for row in await tickets.visible_to(actor).filter(id__in=wanted_keys)}
    return [rows[key] for key in wanted_keys if key in rows], [each for each, key in keys.items() if key not in rows]


async def is_master(ticket_id: int) -> bool:
    """Tell whether others follow a ticket; asked for each fact about any, so by the shortest way."""
    masters = sql.picked(GROUPS, "id", sql.equals("master_id", ticket_id))
    return bool(await fetch_rows(sql.bound(masters.text), masters.values))


async def is_member(ticket_id: int) -> bool:
    """Tell whether a ticket is in a group."""
    return await Member.exists(ticket_id=ticket_id)


async def slaves_of(group: Group) -> list[Member]:
    """Return the slaves of a group, in the order in which they came."""
    return await Member.filter(group_id=group.id).exclude(ticket_id=group.master_id).order_by("id")


def slaves(actor: Actor) -> Listing[Ticket]:
    """List the slaves an actor sees, oldest ticket first; `group_id` is their group."""
    rows = sql.Joined(seen(actor, tickets.visible_to), MEMBERS, own="ticket_id", via="group_id")
    masters = sql.within("id", Sql(f'SELECT g."master_id" FROM "{GROUPS}" g'))  # noqa: S608 - names are ours
    return Listing(rows, conditions=(sql.opposite(masters),))


def failures(actor: Actor) -> Listing[Failure]:
    """List what slaves could not follow, newest first; `group_id` is their group."""
    return Listing(seen(actor, visible_failures), (Key("id", descending=True),))


async def failing(ticket_ids: Sequence[int]) -> set[int]:
    """Return which slaves could not follow something."""
    rows = Failure.filter(ticket_id__in=list(ticket_ids))
    return {int(str(key)) for key in await rows.values_list("ticket_id", flat=True)}


async def failures_to_retry(actor: Actor, group: Group, ticket_ids: Sequence[int] | None, limit: int) -> list[Failure]:
    """Return what slaves could not follow, oldest first, of some slaves or of all the actor sees."""
    rows = visible_failures(actor).filter(group_id=group.id)
    if ticket_ids is not None:
        rows = rows.filter(ticket_id__in=list(ticket_ids))
    return await rows.order_by("id").limit(limit)


def in_groups(actor: Actor, *, masters: bool = True, slaves: bool = True, of: Sql | None = None) -> Sql:
    """Match the tickets that are masters, slaves, or either, in groups the actor is shown.

    `of` is a condition on the tickets that are their masters.
    """
    shown = "1 = 0" if actor.is_customer_user else "1 = 1"
    conditions, values = [shown], list[object]()
    if not actor.is_system:
        source = seen(actor, tickets.visible_to).source
        conditions.append(f'g."master_id" IN (SELECT s."id" FROM {source.text} s)')  # noqa: S608 - names are ours
        values += source.values
    if not masters:
        conditions.append('g."master_id" <> m."ticket_id"')
    if not slaves:
        conditions.append('g."master_id" = m."ticket_id"')
    if of is not None:
        conditions.append(of.on("g"))
        values += of.values
    found = (
        f'SELECT m."ticket_id" FROM "{MEMBERS}" m JOIN "{GROUPS}" g ON g."id" = m."group_id" '  # noqa: S608 - as above
        f"WHERE {' AND '.join(f'({each})' for each in conditions)}"
    )
    return sql.within("id", Sql(found, tuple(values)))


async def work_on(actor: Actor, master_ids: Sequence[int]) -> dict[int, list[Job]]:
    """Return the work under way that repeats something of masters, as far as the actor sees it, by master."""
    found: dict[int, list[Job]] = {master_id: [] for master_id in master_ids}
    under_way = await jobs.visible_to(actor).filter(name=FOLLOW, state__in=BUSY).order_by("id")
    if not under_way:
        return found
    causes = [job.cause_id for job in under_way]
    subjects = dict(await Entry.filter(id__in=causes, subject_kind="ticket").values_list("id", "subject_id"))
    for job in under_way:
        if (master_id := subjects.get(job.cause_id)) in found:
            found[master_id].append(job)
    return found


# -- what there is to follow ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Deed:
    """A fact about a master that its slaves may repeat; `with_pending` is the time that was set along with a state."""

    entry: Entry
    cascade: str
    with_pending: Entry | None = None

    @property
    def waits(self) -> bool:
        """Whether it is a state that waits for a time."""
        return self.cascade == STATE and str(self.entry.facts["after_type"]).startswith("pending")


async def last_fact(ticket_id: int) -> int:
    """Return the id of a ticket's newest fact, 0 without any."""
    ids = await Entry.filter(subject_kind="ticket", subject_id=ticket_id).order_by("-id").limit(1).values_list("id")
    return int(ids[0][0]) if ids else 0


async def deeds_after(master_id: int, position: int, *, limit: int = MAX_DEEDS) -> list[Deed]:
    """Return what happened on a master after a fact, in order, without what its customer did; at most `limit` facts.

    The facts about one ticket have their ids in the order of their commits: every write to a ticket waits for the
    one before.
    """
    entries = Entry.filter(subject_kind="ticket", subject_id=master_id, id__gt=position, name__in=NAMES)
    return await deeds_in(await entries.order_by("id").limit(limit))


async def deeds_in(entries: Sequence[Entry]) -> list[Deed]:
    """Return those facts about a master that its slaves may repeat."""
    found = []
    for entry in entries:
        cascade = cascade_of(entry.name, entry.facts)
        if cascade is not None and not await _is_customers(entry):
            found.append(Deed(entry, cascade))
    return found


def wanted(deeds: Sequence[Deed], cascades: Sequence[str]) -> list[Deed]:
    """Return what cascades repeat; a time to wait for that was set along with a state is one deed with it."""
    found: list[Deed] = []
    for deed in deeds:
        before = found[-1] if found else None
        if deed.cascade not in cascades:
            continue
        if deed.cascade == PENDING_TIME and before is not None and before.waits and before.with_pending is None:
            found[-1] = replace(before, with_pending=deed.entry)
        else:
            found.append(deed)
    return found


async def _is_customers(entry: Entry) -> bool:
    """Tell whether the customer made something happen: on the portal, or by a mail that the system filed."""
    if entry.actor_kind != ActorKind.SYSTEM:
        return entry.actor_kind == ActorKind.CUSTOMER_USER
    if entry.cause_id is None:
        return False
    beside = Entry.filter(
        subject_kind=entry.subject_kind,
        subject_id=entry.subject_id,
        cause_id=entry.cause_id,
        name=ArticleAdded.name,
    )
    return any(each.facts["sender_type"] == SenderType.CUSTOMER for each in await beside)


async def actor_of(entry: Entry) -> Actor | None:
    """Return who made a fact, with the rights they have now; None when they were switched off."""
    if entry.actor_kind == ActorKind.SYSTEM or entry.actor_id is None:
        return SYSTEM
    return await access.actor_for(ActorKind(entry.actor_kind), entry.actor_id)
