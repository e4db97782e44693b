"""Single changes to a ticket, from which the verbs are put together: each notes columns and facts in a draft."""

from datetime import datetime, timedelta

from tessera.accounts.models import Agent, Customer, CustomerUser
from tessera.kit import inputs, rows
from tessera.kit.clock import isoformat, now
from tessera.kit.text import fold
from tessera.queues import queries as queues
from tessera.queues.models import Queue
from tessera.settings import queries as settings
from tessera.tickets import queries
from tessera.tickets._states import FINISHED, LOCK_EXPIRES, PENDING, may_follow
from tessera.tickets.errors import Inactive, NotPending, StateNotAllowed
from tessera.tickets.events import (
    CustomerChanged,
    LockReleased,
    LockTaken,
    OwnerChanged,
    PendingSet,
    PriorityChanged,
    QueueMoved,
    ResponsibleChanged,
    StateChanged,
    TitleChanged,
    TypeChanged,
)
from tessera.tickets.models import MAX_KEY, Priority, State, TicketType
from tessera.tickets.service._draft import Draft
from tessera.tickets.settings import PENDING_MINUTES

TITLE_LENGTH = 500


def checked_title(title: str | None) -> str:
    """Return a title of one line, at most 500 characters; raises what `kit.inputs.line` raises."""
    return inputs.line(title, field=("input", "title"), limit=TITLE_LENGTH)


async def retitle(draft: Draft, title: str | None) -> None:
    """Call the ticket otherwise."""
    after, before = checked_title(title), draft.ticket.title
    if after != before:
        event = TitleChanged(subject=draft.subject, before=before, after=after)
        draft.put(event, title=after, title_key=fold(after)[:MAX_KEY])


async def prioritise(draft: Draft, after: Priority) -> None:
    """Make the ticket more or less urgent."""
    before = await Priority.get(id=draft.ticket.priority_id)
    if before.id != after.id:
        queries.require_active(after, field=("input", "priority_id"))
        event = PriorityChanged(
            subject=draft.subject, before=before.name, after=after.name, before_id=before.id, after_id=after.id
        )
        draft.put(event, priority_id=after.id, priority_rank=after.rank)


async def retype(draft: Draft, after: TicketType | None) -> None:
    """Give the ticket another type, or none."""
    before = await rows.get(TicketType, draft.ticket.type_id)
    if before != after:
        queries.require_active(after, field=("input", "type_id"))
        event = TypeChanged(
            subject=draft.subject,
            before=before.name if before else None,
            after=after.name if after else None,
            before_id=before.id if before else None,
            after_id=after.id if after else None,
        )
        draft.put(event, type_id=event.after_id)


async def give_to_customer(draft: Draft, after: CustomerUser | None, customer: Customer | None = None) -> None:
    """Let the ticket belong to another customer user, or none, and to their customer unless another is given."""
    ticket = draft.ticket
    before = await rows.get(CustomerUser, ticket.customer_user_id)
    customer_id = customer.id if customer else (after.customer_id if after else None)
    if before == after and customer_id == ticket.customer_id:
        return
    event = CustomerChanged(
        subject=draft.subject,
        before=before.name if before else None,
        after=after.name if after else None,
        before_id=before.id if before else None,
        after_id=after.id if after else None,
        before_customer_id=ticket.customer_id,
        after_customer_id=customer_id,
    )
    draft.put(event, customer_user_id=event.after_id, customer_id=customer_id)


async def make_responsible(draft: Draft, after: Agent | None) -> None:
    """Make another agent, or nobody, answerable."""
    before = await rows.get(Agent, draft.ticket.responsible_id)
    if before != after:
        event = ResponsibleChanged(
            subject=draft.subject,
            before=before.name if before else None,
            after=after.name if after else None,
            before_id=before.id if before else None,
            after_id=after.id if after else None,
        )
        draft.put(event, responsible_id=event.after_id)


async def make_owner(draft: Draft, after: Agent | None) -> None:
    """Let another agent, or nobody, work on the ticket; a lock follows its owner, as in OTRS."""
    before = await rows.get(Agent, draft.ticket.owner_id)
    if before != after:
        event = OwnerChanged(
            subject=draft.subject,
            before=before.name if before else None,
            after=after.name if after else None,
            before_id=before.id if before else None,
            after_id=after.id if after else None,
        )
        draft.put(event, owner_id=event.after_id)
    if draft.value("lock_holder_id") is None:
        return
    if after is None:
        await release(draft, "owner_removed")
    else:
        await hold(draft, after)


async def put_into(draft: Draft, after: Queue) -> None:
    """Put the ticket into another queue."""
    if not after.active:
        raise Inactive(name=after.path)
    before = await queues.known(draft.ticket.queue_id)
    if before.id == after.id:
        return
    event = QueueMoved(
        subject=draft.subject,
        before=before.path,
        after=after.path,
        before_id=before.id,
        after_id=after.id,
        before_group_id=before.group_id,
        after_group_id=after.group_id,
    )
    draft.put(event, queue_id=after.id)
    await renew_lock(draft)


async def change_state(draft: Draft, after: State, pending_until: datetime | None = None) -> None:
    """Give the ticket another state, and a time to wait for when it is a pending one.

    Without a time a pending state waits as long as the setting says. Whoever is finished holds no lock.
    """
    before = await queries.state_of(draft.ticket)
    if before.id != after.id:
        queries.require_active(after)
        if not may_follow(before.type, after.type):
            raise StateNotAllowed(before=before.name, after=after.name)
        note_state(draft, before, after)
    await _renew_pending(draft, before, after, pending_until)
    if after.type in FINISHED:
        await release(draft, "closed")
    elif before.type != after.type:
        await renew_lock(draft)


def note_state(draft: Draft, before: State, after: State) -> None:
    """Note another state, and with it when the ticket was finished, whatever way led there."""
    event = StateChanged(
        subject=draft.subject,
        before=before.name,
        after=after.name,
        before_id=before.id,
        after_id=after.id,
        before_type=before.type,
        after_type=after.type,
    )
    draft.put(event, state_id=after.id)
    if after.type not in FINISHED:
        draft.put(closed_at=None)
    elif draft.ticket.closed_at is None:
        draft.put(closed_at=now())


async def _renew_pending(draft: Draft, before: State, after: State, pending_until: datetime | None) -> None:
    if after.type not in PENDING:
        if pending_until is not None:
            raise NotPending(field=("input", "pending_until"))
        if draft.ticket.pending_until is not None:
            draft.put(pending_until=None, reminded_at=None)
    elif pending_until is not None:
        wait_until(draft, pending_until)
    elif before.id != after.id:
        wait_until(draft, await default_pending_until())


async def default_pending_until() -> datetime:
    """Return until when a ticket is pending whose time nobody gave."""
    minutes = await settings.value(PENDING_MINUTES)
    return now() + timedelta(minutes=minutes)


def wait_until(draft: Draft, after: datetime) -> None:
    """Let a pending ticket wait for another time."""
    before = draft.ticket.pending_until
    if before != after:
        told = None if before is None else isoformat(before)
        draft.put(
            PendingSet(subject=draft.subject, before=told, after=isoformat(after)),
            pending_until=after,
            reminded_at=None,
        )


async def hold(draft: Draft, holder: Agent) -> None:
    """Let an agent hold the lock, whoever held it before."""
    before_id = draft.value("lock_holder_id")
    if before_id != holder.id:
        before = await rows.get(Agent, before_id)
        event = LockTaken(
            subject=draft.subject,
            holder=holder.name,
            holder_id=holder.id,
            taken_from=before.name if before else None,
            taken_from_id=before_id,
        )
        draft.put(event, lock_holder_id=holder.id, locked_at=now())
    await renew_lock(draft)


async def release(draft: Draft, why: str) -> None:
    """Free the ticket; `why` is one of those that `LockReleased` names."""
    holder = await rows.get(Agent, draft.value("lock_holder_id"))
    if holder is not None:
        event = LockReleased(subject=draft.subject, holder=holder.name, holder_id=holder.id, why=why)
        draft.put(event, lock_holder_id=None, locked_at=None, lock_expires_at=None)


async def renew_lock(draft: Draft) -> None:
    """Count the time again after which the lock, if there is one, is released."""
    if draft.value("lock_holder_id") is not None:
        expires_at = await lock_expiry(draft.value("queue_id"), draft.value("state_id"))
        if expires_at != draft.ticket.lock_expires_at:
            draft.put(lock_expires_at=expires_at)


async def lock_expiry(queue_id: int, state_id: int) -> datetime | None:
    """Return when a lock that nobody touches from now on is released; None for never."""
    queue = await queues.known(queue_id)
    state = await queries.known_state(state_id)
    if not queue.unlock_timeout_minutes or state.type not in LOCK_EXPIRES:
        return None
    return now() + timedelta(minutes=queue.unlock_timeout_minutes)
