"""The verbs of a ticket that need no article."""

from datetime import datetime

import strawberry

from tessera.accounts import queries as accounts
from tessera.engine.added import AddsWork
from tessera.engine.mutations import UserError, given, mutation
from tessera.kit.actor import Actor
from tessera.kit.errors import Required
from tessera.kit.unit import Unit
from tessera.tickets import models, queries, service
from tessera.tickets.graphql.types import Ticket
from tessera.tickets.service import Changes


@strawberry.input(description="Absent = unchanged, null = cleared. Packages add one optional field each.")
class TicketUpdateInput(AddsWork):
    title: str | None = strawberry.UNSET
    priority_id: strawberry.ID | None = strawberry.UNSET
    type_id: strawberry.ID | None = strawberry.UNSET
    customer_user_id: strawberry.ID | None = strawberry.UNSET
    responsible_id: strawberry.ID | None = strawberry.UNSET
    state_id: strawberry.ID | None = strawberry.UNSET
    pending_until: datetime | None = strawberry.UNSET


@strawberry.type(description="Result of the mutations that change one ticket.")
class TicketPayload:
    ticket: Ticket | None = strawberry.field(
        default=None, description="Null on failure; the current ticket on CONFLICT."
    )
    user_errors: list[UserError] = strawberry.field(default_factory=list)
    client_mutation_id: str | None = None


async def changes_in(actor: Actor, input: TicketUpdateInput) -> Changes:
    """Return what an update input asks `service.update` for, its ids replaced by what they name.

    Raises `NotFound` with the field, `Required` for a null where nothing can be cleared.
    """
    values, changes = given(input), Changes()
    for name in ("title", "priority_id", "state_id"):
        if name in values and values[name] is None:
            raise Required(field=("input", name))
    if "title" in values:
        changes["title"] = values["title"]
    if "pending_until" in values:
        changes["pending_until"] = values["pending_until"]
    if "priority_id" in values:
        changes["priority"] = await queries.get_priority(values["priority_id"], field=("input", "priority_id"))
    if "state_id" in values:
        changes["state"] = await queries.get_state(values["state_id"], field=("input", "state_id"))
    await _add_optional(actor, values, changes)
    return changes


async def _add_optional(actor: Actor, values: dict[str, str | None], changes: Changes) -> None:
    if "type_id" in values:
        key = values["type_id"]
        changes["type"] = None if key is None else await queries.get_type(key, field=("input", "type_id"))
    if "customer_user_id" in values:
        key, field = values["customer_user_id"], ("input", "customer_user_id")
        changes["customer_user"] = None if key is None else await accounts.get_customer_user(actor, key, field=field)
    if "responsible_id" in values:
        key, field = values["responsible_id"], ("input", "responsible_id")
        changes["responsible"] = None if key is None else await accounts.get_agent(actor, key, field=field)


@mutation()
async def _ticket_update(
    unit: Unit, id: strawberry.ID, input: TicketUpdateInput, expected_version: int | None = None
) -> TicketPayload:
    ticket = await queries.get(unit.actor, id)
    changes = await changes_in(unit.actor, input)
    ticket = await service.update(unit, ticket, expected_version=expected_version, **changes)
    await input.perform_added(unit, ticket, clears=True)
    return _payload(ticket)


@mutation(description="Claim for exclusive work. CONFLICT when somebody else holds it, unless `force`.")
async def _ticket_lock(unit: Unit, id: strawberry.ID, force: bool | None = False) -> TicketPayload:
    return _payload(await service.lock(unit, await queries.get(unit.actor, id), force=bool(force)))


@mutation()
async def _ticket_unlock(unit: Unit, id: strawberry.ID) -> TicketPayload:
    return _payload(await service.unlock(unit, await queries.get(unit.actor, id)))


@mutation()
async def _ticket_tags_add(unit: Unit, id: strawberry.ID, tags: list[str]) -> TicketPayload:
    return _payload(await service.add_tags(unit, await queries.get(unit.actor, id), tags))


@mutation()
async def _ticket_tags_remove(unit: Unit, id: strawberry.ID, tags: list[str]) -> TicketPayload:
    return _payload(await service.remove_tags(unit, await queries.get(unit.actor, id), tags))


@mutation()
async def _ticket_watch(unit: Unit, id: strawberry.ID) -> TicketPayload:
    return _payload(await service.watch(unit, await queries.get(unit.actor, id)))


@mutation()
async def _ticket_unwatch(unit: Unit, id: strawberry.ID) -> TicketPayload:
    return _payload(await service.unwatch(unit, await queries.get(unit.actor, id)))


@mutation(description="Remember that the viewer has read it.")
async def _ticket_mark_seen(unit: Unit, id: strawberry.ID) -> TicketPayload:
    return _payload(await service.mark_seen(unit, await queries.get(unit.actor, id)))


def _payload(ticket: models.Ticket) -> TicketPayload:
    return TicketPayload(ticket=Ticket.of(ticket))


@strawberry.type
class TicketMutation:
    ticket_update = _ticket_update
    ticket_lock = _ticket_lock
    ticket_unlock = _ticket_unlock
    ticket_tags_add = _ticket_tags_add
    ticket_tags_remove = _ticket_tags_remove
    ticket_watch = _ticket_watch
    ticket_unwatch = _ticket_unwatch
    ticket_mark_seen = _ticket_mark_seen
