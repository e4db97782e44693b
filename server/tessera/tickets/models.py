"""Tables of the ticket and of what an administrator configures about it."""

from datetime import datetime

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import UniqueConstraint

from tessera.accounts.models import Agent, Customer, CustomerUser
from tessera.kit.clock import now
from tessera.kit.model import Model, Row, Versioned
from tessera.queues.models import Queue

MAX_KEY = 500
"""Folded names may be longer than the names; what is longer still is cut."""

MAX_NUMBER = 50


class State(Versioned):
    """A configured ticket state; behaviour hangs on its `type`. `name_key` is folded, here and below."""

    name = fields.CharField(max_length=200)
    name_key = fields.CharField(max_length=MAX_KEY, unique=True)
    type = fields.CharField(max_length=20)
    active = fields.BooleanField(default=True)

    class Meta:
        """Never deleted, only switched off."""

        app = "tessera"
        table = "ticket_state"


class Priority(Versioned):
    """A configured priority; a higher rank is more urgent."""

    name = fields.CharField(max_length=200)
    name_key = fields.CharField(max_length=MAX_KEY, unique=True)
    rank = fields.IntField()
    color = fields.CharField(max_length=20, null=True)
    active = fields.BooleanField(default=True)

    class Meta:
        """Never deleted, only switched off."""

        app = "tessera"
        table = "ticket_priority"


class TicketType(Versioned):
    """A configured ticket type."""

    name = fields.CharField(max_length=200)
    name_key = fields.CharField(max_length=MAX_KEY, unique=True)
    active = fields.BooleanField(default=True)

    class Meta:
        """Never deleted, only switched off."""

        app = "tessera"
        table = "ticket_type"


class Ticket(Versioned):
    """A request. Never deleted: a database trigger refuses it.

    `lock_holder` holds the lock since `locked_at`; `lock_expires_at` is when an untouched lock is released.
    `title_key` is folded for look-ups, `priority_rank` repeats the priority's rank for sorting. `reminded_at` is
    when `pending_until` was acted upon, so that it happens once.
    """

    number = fields.CharField(max_length=MAX_NUMBER, unique=True)
    title = fields.CharField(max_length=500)
    title_key = fields.CharField(max_length=MAX_KEY)
    queue: fields.ForeignKeyRelation[Queue] = fields.ForeignKeyField(
        "tessera.Queue", related_name=False, on_delete=fields.RESTRICT
    )
    queue_id: int
    state: fields.ForeignKeyRelation[State] = fields.ForeignKeyField(
        "tessera.State", related_name=False, on_delete=fields.RESTRICT
    )
    state_id: int
    priority: fields.ForeignKeyRelation[Priority] = fields.ForeignKeyField(
        "tessera.Priority", related_name=False, on_delete=fields.RESTRICT
    )
    priority_id: int
    priority_rank = fields.IntField()
    type: fields.ForeignKeyNullableRelation[TicketType] = fields.ForeignKeyField(
        "tessera.TicketType", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    type_id: int | None
    owner: fields.ForeignKeyNullableRelation[Agent] = fields.ForeignKeyField(
        "tessera.Agent", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    owner_id: int | None
    responsible: fields.ForeignKeyNullableRelation[Agent] = fields.ForeignKeyField(
        "tessera.Agent", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    responsible_id: int | None
    customer_user: fields.ForeignKeyNullableRelation[CustomerUser] = fields.ForeignKeyField(
        "tessera.CustomerUser", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    customer_user_id: int | None
    customer: fields.ForeignKeyNullableRelation[Customer] = fields.ForeignKeyField(
        "tessera.Customer", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    customer_id: int | None
    lock_holder: fields.ForeignKeyNullableRelation[Agent] = fields.ForeignKeyField(
        "tessera.Agent", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    lock_holder_id: int | None
    locked_at: datetime | None = fields.DatetimeField(null=True)
    lock_expires_at: datetime | None = fields.DatetimeField(null=True)
    pending_until: datetime | None = fields.DatetimeField(null=True)
    reminded_at: datetime | None = fields.DatetimeField(null=True)
    merged_into: fields.ForeignKeyNullableRelation["Ticket"] = fields.ForeignKeyField(
        "tessera.Ticket", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    merged_into_id: int | None
    archived = fields.BooleanField(default=False)
    closed_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        """Each index serves a list, a filter or a job."""

        app = "tessera"
        table = "ticket"
        indexes = (
            ("queue_id", "state_id"),
            ("created_at", "id"),
            ("updated_at", "id"),
            ("priority_rank", "id"),
            ("pending_until",),
            ("lock_expires_at",),
            ("title_key",),
            Index(fields=("queue_id", "created_at"), name="ticket_of_queue"),
            Index(fields=("queue_id", "state_id", "created_at"), name="ticket_of_queue_state"),
            Index(fields=("owner_id", "created_at"), name="ticket_of_owner"),
            Index(fields=("customer_user_id", "created_at"), name="ticket_of_customer_user"),
            Index(fields=("customer_id", "created_at"), name="ticket_of_customer"),
        )


class Counter(Model):
    """The last number a ticket number generator gave, by the generator's own key."""

    name = fields.CharField(max_length=100, primary_key=True)
    value = fields.BigIntField(default=0)

    class Meta:
        """Grows only, so that no number comes twice."""

        app = "tessera"
        table = "ticket_counter"


class Tag(Row):
    """A label on a ticket; `name_key` is folded."""

    ticket: fields.ForeignKeyRelation[Ticket] = fields.ForeignKeyField(
        "tessera.Ticket", related_name=False, on_delete=fields.RESTRICT
    )
    ticket_id: int
    name = fields.CharField(max_length=100)
    name_key = fields.CharField(max_length=MAX_KEY, db_index=True)

    class Meta:
        """Each label once."""

        app = "tessera"
        table = "ticket_tag"
        constraints = (UniqueConstraint(fields=("ticket", "name_key"), name="ticket_tag_unique"),)


class Watcher(Row):
    """An agent who wants to hear of a ticket."""

    ticket: fields.ForeignKeyRelation[Ticket] = fields.ForeignKeyField(
        "tessera.Ticket", related_name=False, on_delete=fields.RESTRICT
    )
    ticket_id: int
    agent: fields.ForeignKeyRelation[Agent] = fields.ForeignKeyField(
        "tessera.Agent", related_name=False, on_delete=fields.RESTRICT
    )
    agent_id: int

    class Meta:
        """Each agent once."""

        app = "tessera"
        table = "ticket_watcher"
        indexes = (Index(fields=("agent_id",), name="ticket_watcher_agent"),)
        constraints = (UniqueConstraint(fields=("ticket", "agent"), name="ticket_watcher_unique"),)


class Seen(Row):
    """When somebody last read a ticket."""

    ticket: fields.ForeignKeyRelation[Ticket] = fields.ForeignKeyField(
        "tessera.Ticket", related_name=False, on_delete=fields.RESTRICT
    )
    ticket_id: int
    actor_kind = fields.CharField(max_length=20)
    actor_id = fields.BigIntField()
    at = fields.DatetimeField(default=now)

    class Meta:
        """One per reader."""

        app = "tessera"
        table = "ticket_seen"
        constraints = (UniqueConstraint(fields=("ticket", "actor_kind", "actor_id"), name="ticket_seen_unique"),)
