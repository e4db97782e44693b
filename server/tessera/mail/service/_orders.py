"""What a message's control headers order, and what holds where they order nothing."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from tessera.accounts import queries as accounts
from tessera.accounts import service as accounts_service
from tessera.accounts.models import Agent, Customer, CustomerUser
from tessera.articles.models import SenderType
from tessera.kit import log
from tessera.kit.clock import now
from tessera.kit.errors import Problem
from tessera.kit.events import from_json
from tessera.kit.unit import Unit
from tessera.mail import _patterns
from tessera.mail._addresses import addresses
from tessera.mail._control import Control, Orders, control, due
from tessera.mail._parse import Message
from tessera.mail.hooks import Filter
from tessera.mail.models import IncomingMessage, MailFilter
from tessera.mail.settings import DEFAULT_QUEUE
from tessera.queues import queries as queues
from tessera.queues.models import Queue
from tessera.settings import queries as settings
from tessera.tickets import queries as tickets
from tessera.tickets import service as ticket_service
from tessera.tickets.models import Ticket

PREFIX = "X-Tessera-"
ENVELOPE_HEADERS = ("delivered-to", "x-original-to", "envelope-to")
MAX_TITLE = 500
NO_SUBJECT = "(no subject)"
LOCKED = frozenset({"lock", "locked", "yes", "true", "1"})
PENDING = frozenset({"pending_reminder", "pending_auto"})
MERGED = "merged"

_KEY = re.compile(r"[0-9]{1,18}")
_CHANNEL = re.compile(r"[a-z][a-z0-9._-]{0,49}")


async def control_of(unit: Unit, row: IncomingMessage, message: Message) -> Control:
    """Return what counts for a message: its own headers if it is trusted, and what filters set."""
    own = {
        name: values for name, values in message.headers.items() if row.trusted or not name.startswith(PREFIX.lower())
    }
    message = replace(message, headers=own)
    for rule in await MailFilter.filter(active=True).order_by("position", "id"):
        if _matches(rule, message):
            message = _with_headers(message, from_json(rule.sets))
            if rule.stops:
                break
    filters: tuple[Filter, ...] = unit.wiring.answers.get("mail_filters", ())
    for each in filters:
        message = _with_headers(message, each.apply(message))
    return control(message, PREFIX)


def _with_headers(message: Message, sets: dict[str, str]) -> Message:
    added = {f"{PREFIX}{name}".lower(): (value,) for name, value in sets.items()}
    return replace(message, headers={**message.headers, **added})


def _matches(rule: MailFilter, message: Message) -> bool:
    matches: dict[str, str] = from_json(rule.matches)
    return bool(matches) and all(
        any(_patterns.found(pattern, value) for value in _values(message, header))
        for header, pattern in matches.items()
    )


def _values(message: Message, header: str) -> tuple[str, ...]:
    return (message.text,) if header.lower() == "body" else message.headers.get(header.lower(), ())


async def queue_for(row: IncomingMessage, message: Message, given: Orders, *, default: Queue | None) -> Queue:
    """Return where a new ticket goes: as ordered, as its account or door says, by address, else the default."""
    ordered = await queues.by_path(given.queue) if given.queue else None
    told = await Queue.get_or_none(id=row.queue_id, active=True) if row.queue_id else None
    found = ordered or default or told or await _by_address(message)
    if found is not None and found.active:
        return found
    fallback = await queues.by_path(await settings.value(DEFAULT_QUEUE))
    if fallback is not None and fallback.active:
        return fallback
    return await Queue.filter(active=True).order_by("id").limit(1).get()


async def _by_address(message: Message) -> Queue | None:
    envelope = [value for name in ENVELOPE_HEADERS for value in message.headers.get(name, ())]
    for each in (*message.to, *message.cc, *(found for value in envelope for found in addresses(value))):
        queue = await queues.by_address(each.address)
        if queue is not None:
            return queue
    return None


async def values_for(given: Orders) -> dict[str, Any]:
    """Return what a message orders for the ticket's fields; what names nothing known is passed over, and logged."""
    state = await tickets.state_named(given.state) if given.state else None
    if state is not None and state.type == MERGED:
        state = None
    values: dict[str, Any] = {
        "state": state,
        "priority": await tickets.priority_named(given.priority) if given.priority else None,
        "type": await tickets.type_named(given.type) if given.type else None,
    }
    for name, value in values.items():
        if getattr(given, name) and value is None:
            log.get().warning("mail.order_unknown", order=name, value=getattr(given, name))
    if given.pending_time is not None and state is not None and state.type in PENDING:
        values["pending_until"] = due(given.pending_time, now())
    return {name: value for name, value in values.items() if value is not None}


async def customer_for(given: Orders) -> Customer | None:
    """Return the customer that a message says a new ticket belongs to."""
    return await accounts.customer_by_number(given.customer) if given.customer else None


def title_of(message: Message, given: Orders) -> str:
    """Return what a new ticket is called: as ordered, else the subject."""
    return _one_line(given.title or message.subject)


def channel_of(given: Orders) -> str | None:
    """Return the channel a message orders, None for none or for what is no channel's name."""
    name = (given.channel or "").lower()
    return name if _CHANNEL.fullmatch(name) else None


def sender_type_of(given: Orders) -> SenderType | None:
    """Return whose words a message says it holds, None when it does not say."""
    return next((each for each in SenderType if each.value == (given.sender_type or "").lower()), None)


def _one_line(subject: str) -> str:
    words = "".join(character if character.isprintable() else " " for character in subject).split()
    return " ".join(words)[:MAX_TITLE].strip() or NO_SUBJECT


async def customer_user_for(unit: Unit, message: Message, given: Orders) -> CustomerUser | None:
    """Return whose request a mail is: as ordered, else the sender's, who is made when unknown."""
    if given.customer_user:
        known = await accounts.customer_user_by_login(given.customer_user)
        if known is not None:
            return known
    if message.sender is None:
        return None
    try:
        async with unit.attempt():
            return await accounts_service.find_or_create_customer_user(
                unit, address=message.sender.address, name=message.sender.name
            )
    except Problem as problem:
        log.get().warning("mail.sender_unusable", problem=problem.message)
        return None


async def obey(unit: Unit, ticket: Ticket, given: Orders) -> None:
    """Do to an answered ticket what a trusted message orders; what cannot be done is logged, and passed over."""
    queue = await queues.by_path(given.queue) if given.queue else None
    if queue is not None and queue.id != ticket.queue_id:
        await _try(unit, ticket, lambda row: ticket_service.move(unit, row, queue))
    changes = await values_for(given)
    if given.title:
        changes["title"] = _one_line(given.title)
    if changes:
        await _try(unit, ticket, lambda row: ticket_service.update(unit, row, **changes))
    await obey_people(unit, ticket, given)


async def obey_people(unit: Unit, ticket: Ticket, given: Orders) -> None:
    """Give a ticket the responsible and the owner a message orders, and lock it for them when it says so."""
    responsible = await _agent(given.responsible, given.responsible_id)
    if responsible is not None:
        await _try(unit, ticket, lambda row: ticket_service.assign_responsible(unit, row, responsible))
    owner = await _agent(given.owner, given.owner_id)
    if owner is None:
        return
    await _try(unit, ticket, lambda row: ticket_service.assign_owner(unit, row, owner))
    if given.lock and given.lock.lower() in LOCKED:
        await _try(unit, ticket, lambda row: ticket_service.lock(unit, row, holder=owner))


async def _agent(login: str | None, key: str | None) -> Agent | None:
    if login:
        return await accounts.agent_by_login(login)
    return await Agent.get_or_none(id=int(key)) if key and _KEY.fullmatch(key) else None


async def _try(unit: Unit, ticket: Ticket, verb: Callable[[Ticket], Awaitable[object]]) -> None:
    """Do it to the ticket as it is now; a part that is undone leaves no trace in what we hold of it."""
    try:
        async with unit.attempt():
            await verb(await Ticket.get(id=ticket.id))
    except Problem as problem:
        log.get().warning("mail.order_refused", problem=problem.message)
