"""The same change on many tickets: what it is, and how one of them gets it, once."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from tessera.accounts.models import Agent, CustomerUser
from tessera.articles.models import SenderType
from tessera.articles.service._adding import NewArticle, NewAttachment
from tessera.articles.service._writing import add_article
from tessera.kit import idempotency
from tessera.kit.clock import isoformat
from tessera.kit.ids import ObjectRef
from tessera.kit.inputs import Field
from tessera.kit.jobs import Job
from tessera.kit.model import Row
from tessera.kit.unit import Unit
from tessera.queues.models import Queue
from tessera.tickets import queries as tickets_queries
from tessera.tickets import service as tickets
from tessera.tickets.models import Priority, State, Ticket, TicketType

JOB = "articles.bulk_update"
ARTICLE: Field = ("article",)
_ROWS: Mapping[str, type[Row]] = {
    "priority": Priority,
    "type": TicketType,
    "state": State,
    "customer_user": CustomerUser,
    "responsible": Agent,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkChange:
    """What happens to each of many tickets, as JSON values.

    `fields` is what `tickets.service.update` takes, with keys for rows and ISO text for instants.
    """

    fields: Mapping[str, Any] = field(default_factory=dict)
    queue_id: int | None = None
    owner_id: int | None = None
    article: NewArticle | None = None

    @classmethod
    def of(
        cls, changes: Mapping[str, Any], *, queue: Queue | None, owner: Agent | None, article: NewArticle | None
    ) -> "BulkChange":
        """Make a change of rows."""
        return cls(
            fields={name: _plain(value) for name, value in changes.items()},
            queue_id=queue.id if queue else None,
            owner_id=owner.id if owner else None,
            article=article,
        )

    def to_json(self) -> dict[str, Any]:
        """Return the change as a JSON object."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "BulkChange":
        """Read what `to_json` wrote."""
        given = values["article"]
        return cls(**{**values, "article": None if given is None else _article(given)})


async def change_later(unit: Unit, ticket_ids: list[str], change: BulkChange) -> Job:
    """Have many tickets changed in the background, with the actor's rights as they are then; global ids."""
    scopes = None if unit.actor.scopes is None else sorted(unit.actor.scopes)
    return await unit.enqueue(JOB, {"ids": ticket_ids, "change": change.to_json(), "scopes": scopes})


async def change_once(unit: Unit, ticket_id: str, change: BulkChange, *, key: str) -> Ticket:
    """Change one ticket; the same key changes it once. `ticket_id` is a global id.

    The message comes first and the move last, because it may take rights away. Raises `NotFound` and what the
    verbs raise.
    """
    ticket = await tickets_queries.get(unit.actor, ticket_id)
    if await idempotency.first_result(unit.actor, "articles.bulk", f"{key}:{ticket.id}") is not None:
        return ticket
    if change.article is not None:
        await add_article(unit, ticket, change.article, field=ARTICLE)
    if change.fields:
        await tickets.update(unit, ticket, **await _changes(change.fields))
    if change.owner_id is not None:
        await tickets.assign_owner(unit, ticket, await Agent.get(id=change.owner_id))
    if change.queue_id is not None:
        await tickets.move(unit, ticket, await Queue.get(id=change.queue_id))
    await idempotency.remember(unit.actor, "articles.bulk", f"{key}:{ticket.id}", ObjectRef("ticket", ticket.id))
    return ticket


async def _changes(fields: Mapping[str, Any]) -> dict[str, Any]:
    changes = dict(fields)
    for name, model in _ROWS.items():
        if changes.get(name) is not None:
            changes[name] = await model.get(id=changes[name])
    if changes.get("pending_until") is not None:
        changes["pending_until"] = datetime.fromisoformat(changes["pending_until"])
    return changes


def _plain(value: object) -> object:
    if isinstance(value, Row):
        return value.id
    return isoformat(value) if isinstance(value, datetime) else value


def _article(values: Mapping[str, Any]) -> NewArticle:
    """Read an article back from JSON, where tuples are lists; nobody replies to one article on many tickets."""
    attachments = tuple(NewAttachment(**each) for each in values["attachments"])
    lists = {name: tuple(values[name]) for name in ("to", "cc", "references")}
    return NewArticle(
        **{**values, **lists, "attachments": attachments, "sender_type": SenderType(values["sender_type"])}
    )
