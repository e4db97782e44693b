"""Reads of notifications: whose they are, who sees them still, and whom a fact is told to."""

from collections.abc import Mapping, Sequence
from operator import itemgetter

from tortoise.expressions import Q, RawSQL, Subquery
from tortoise.queryset import QuerySet

from tessera.articles.events import ArticleAdded
from tessera.articles.models import Channel, SenderType
from tessera.kit import sql
from tessera.kit.actor import Actor, ActorKind
from tessera.kit.db import fetch_rows
from tessera.kit.errors import NotFound
from tessera.kit.ids import ObjectRef, key_of
from tessera.kit.inputs import Field
from tessera.kit.journal import Entry, Seal, Sealed
from tessera.kit.paging import MAX_PAGE, Key, Listing
from tessera.kit.sql import seen
from tessera.notifications._words import ANSWERED, ASSIGNED, CUSTOMER_REPLIED, NOTE_ADDED, PENDING_REACHED
from tessera.notifications.events import Notified
from tessera.notifications.models import Notification
from tessera.tickets import queries as tickets
from tessera.tickets.events import OwnerChanged, PendingReached, ResponsibleChanged, TicketCreated
from tessera.tickets.models import Ticket

SUBJECT = "notification"
REMINDER = "pending_reminder"
"""The type of states in which a ticket waits for somebody to be reminded; others act by themselves."""

Told = tuple[int, Notification]
"""A notification behind the position in the journal of the fact that somebody was told."""

NEWEST_FIRST = (Key("id", descending=True),)


def own(actor: Actor) -> QuerySet[Notification]:
    """Return what an actor was ever told and has not lost since."""
    return Notification.filter(person_kind=actor.kind.value, person_id=actor.id)


def visible_to(actor: Actor) -> QuerySet[Notification]:
    """Return the notifications an actor sees: their own, without those about tickets they see no more."""
    if actor.is_system:
        return Notification.all()
    # asked of each row's own ticket: all the tickets that an actor sees are too many
    ticket = tickets.visible_to(actor).filter(id=RawSQL("notification.ticket_id"))
    return own(actor).filter(Q(ticket_id__isnull=True) | Q(ticket_id__in=Subquery(ticket.values("id"))))


def listing(actor: Actor, *, unread_only: bool) -> Listing[Notification]:
    """Return the notifications an actor sees, or only those that were not read, newest first."""
    unread = (sql.is_null("read_at"),) if unread_only else ()
    return Listing(seen(actor, visible_to), NEWEST_FIRST, unread)


async def position_of(actor: Actor, global_id: str, *, field: Field) -> int | None:
    """Return where in the journal an actor was told of something, None while that is not sealed.

    Raises `NotFound` when it is unknown or somebody else's; that it is about a ticket out of sight does not matter.
    """
    key = key_of(global_id, "Notification", field=field)
    entry = await Entry.get_or_none(subject_kind=SUBJECT, subject_id=key, name=Notified.name)
    if entry is None or not await own(actor).filter(id=key).exists():
        raise NotFound(field=field)
    seal = await Seal.get_or_none(entry_id=entry.id)
    return None if seal is None else int(seal.position)


async def told(actor: Actor, batch: Sequence[Sealed]) -> list[Told]:
    """Return what an actor was told by some facts and sees, in their order."""
    return await _seen_of(actor, {each.entry.subject_id: each.position for each in batch if _tells(each.entry, actor)})


async def told_between(actor: Actor, after: int, until: int) -> tuple[list[Told], int]:
    """Return the next of what an actor was told behind a position in the journal and sees, and how far that goes.

    Looks at the actor's notifications instead of everything that happened.
    """
    found = await fetch_rows(sql.bound(_BETWEEN), (actor.kind.value, actor.id, after, until, MAX_PAGE))
    positions = {key: position for position, key in found}
    reached = found[-1][0] if len(found) == MAX_PAGE else until
    return await _seen_of(actor, positions), reached


async def _seen_of(actor: Actor, positions: Mapping[int, int]) -> list[Told]:
    found = await visible_to(actor).filter(id__in=list(positions)) if positions else []
    return sorted(((positions[row.id], row) for row in found), key=itemgetter(0))


_BETWEEN = f"""SELECT s."position", n."id" FROM "notification" n
JOIN "entry" e ON e."subject_kind" = '{SUBJECT}' AND e."subject_id" = n."id"
JOIN "seal" s ON s."entry_id" = e."id"
WHERE n."person_kind" = {sql.VALUE} AND n."person_id" = {sql.VALUE}
AND s."position" > {sql.VALUE} AND s."position" <= {sql.VALUE}
ORDER BY s."position" LIMIT {sql.VALUE}"""  # noqa: S608 - names are ours


def _tells(entry: Entry, actor: Actor) -> bool:
    if entry.name != Notified.name:
        return False
    facts = entry.facts
    return facts["person_kind"] == actor.kind.value and facts["person_id"] == actor.id


async def recipients(entry: Entry, ticket: Ticket) -> list[tuple[ObjectRef, str]]:
    """Say who is to be told of a fact about a ticket, and as which kind of notification.

    Whether they are active, see the ticket, and did not do it themselves is asked when they are told.
    """
    facts = entry.facts
    agents, customer = _agents_of(ticket), _reference(ActorKind.CUSTOMER_USER, ticket.customer_user_id)
    told: list[tuple[Sequence[ObjectRef], str]] = []
    match entry.name:
        case TicketCreated.name:
            told = [(agents, ASSIGNED)]
        case OwnerChanged.name | ResponsibleChanged.name:
            told = [(_reference(ActorKind.AGENT, facts["after_id"]), ASSIGNED)]
        case ArticleAdded.name if facts["sender_type"] == SenderType.CUSTOMER:
            told = [(agents, CUSTOMER_REPLIED)]
        case ArticleAdded.name if facts["sender_type"] == SenderType.AGENT:
            told = [(agents, NOTE_ADDED)] if facts["channel"] == Channel.NOTE else []
            told += [(customer, ANSWERED)] if facts["visible_for_customer"] else []
        case PendingReached.name if await tickets.state_type_of(ticket) == REMINDER:
            told = [(agents, PENDING_REACHED)]
    return [(person, kind) for people, kind in told for person in people]


def _agents_of(ticket: Ticket) -> list[ObjectRef]:
    """Return the owner and the responsible of a ticket."""
    found = [*_reference(ActorKind.AGENT, ticket.owner_id), *_reference(ActorKind.AGENT, ticket.responsible_id)]
    return list(dict.fromkeys(found))


def _reference(kind: ActorKind, key: object) -> list[ObjectRef]:
    return [ObjectRef(kind.value, key)] if isinstance(key, int) else []
