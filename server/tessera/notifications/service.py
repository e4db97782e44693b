"""Verbs of notifications: tell somebody, mark as read, forget."""

from collections.abc import Collection
from datetime import timedelta

from tessera.access import queries as access
from tessera.kit import rows
from tessera.kit.actor import Actor, ActorKind
from tessera.kit.clock import now
from tessera.kit.errors import NotFound
from tessera.kit.i18n import translate
from tessera.kit.ids import ObjectRef
from tessera.kit.inputs import Field
from tessera.kit.journal import Entry
from tessera.kit.unit import Unit
from tessera.notifications import queries
from tessera.notifications.events import Notified
from tessera.notifications.models import MAX_TITLE, Notification
from tessera.notifications.settings import KEEP_READ_DAYS
from tessera.settings import queries as settings
from tessera.tickets import queries as tickets
from tessera.tickets.models import Ticket

IDS: Field = ("ids",)


async def notify(
    unit: Unit, person: ObjectRef, kind: str, title: str, ticket: Ticket | None = None, /, **facts: object
) -> Notification | None:
    """Put a notice into the inbox of a person: an `agent` or a `customer_user`; return it, None when they get none.

    Nobody is told who is switched off, does not see the ticket, or did themselves what the unit reacts to; and the
    fact that a handler reacts to tells a person once of a kind, however often it is handled. `kind` is namespaced
    (`itsm.approval_requested`). `title` is put into the person's language and its `{facts}` are filled in.
    """
    reader = await access.actor_for(ActorKind(person.kind), person.id)
    if reader is None or await _acts(unit, person) or not await _sees(reader, ticket):
        return None
    row = rows.made(
        Notification,
        person_kind=person.kind,
        person_id=person.id,
        kind=kind,
        title=translate(title, reader.locale, facts)[:MAX_TITLE],
        ticket_id=ticket.id if ticket else None,
        cause_id=unit.cause_id,
    )
    if not await rows.insert_unless_taken(row):
        return None
    subject = ObjectRef(queries.SUBJECT, row.id)
    await unit.record(Notified(subject=subject, kind=kind, person_kind=person.kind, person_id=person.id))
    return row


async def _acts(unit: Unit, person: ObjectRef) -> bool:
    """Tell whether a person acts in the unit, or did what the system reacts to in it."""
    if not unit.actor.is_system:
        return (unit.actor.kind.value, unit.actor.id) == (person.kind, person.id)
    cause = await Entry.get_or_none(id=unit.cause_id) if unit.cause_id is not None else None
    return cause is not None and (cause.actor_kind, cause.actor_id) == (person.kind, person.id)


async def _sees(reader: Actor, ticket: Ticket | None) -> bool:
    return ticket is None or await tickets.visible_to(reader).filter(id=ticket.id).exists()


async def mark_read(unit: Unit, keys: Collection[int] | None = None) -> None:
    """Remember that the actor has read notifications, or all they see; a note to oneself, so no fact is recorded.

    Raises `NotFound` when one is unknown, hidden or somebody else's.
    """
    wanted = queries.visible_to(unit.actor)
    if keys is not None:
        wanted = wanted.filter(id__in=set(keys))
        if await wanted.count() != len(set(keys)):
            raise NotFound(field=IDS)
    await wanted.filter(read_at__isnull=True).update(read_at=now())


async def forget_read(_unit: Unit) -> None:
    """Remove notifications that were read longer ago than the settings say."""
    days = await settings.value(KEEP_READ_DAYS)
    await Notification.filter(read_at__lt=now() - timedelta(days=days)).delete()
