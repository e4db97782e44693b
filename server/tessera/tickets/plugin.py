"""What the slice tickets declares."""

from datetime import timedelta
from typing import Any

from tessera.accounts.graphql import Customer, CustomerUser
from tessera.engine.roots import Mutation, Query
from tessera.plugin import Command, Extension, Guard, Job, Permission, Schedule, Setting, hookimpl
from tessera.queues.events import QueueChanged
from tessera.queues.graphql import Queue
from tessera.tickets import settings as own
from tessera.tickets.cli import app
from tessera.tickets.graphql import (
    CustomerTickets,
    CustomerUserTickets,
    QueueTickets,
    TicketConfigurationMutation,
    TicketMutation,
    TicketQuery,
)
from tessera.tickets.handlers import keep_queue_of_open_tickets
from tessera.tickets.hooks import Hooks
from tessera.tickets.jobs import act_on_deadlines
from tessera.tickets.permissions import MANAGE

DEADLINES = "tickets.act_on_deadlines"


@hookimpl
def extensions() -> list[Extension]:
    return [
        Extension(Query, TicketQuery),
        Extension(Mutation, TicketMutation),
        Extension(Mutation, TicketConfigurationMutation),
        Extension(Queue, QueueTickets),
        Extension(CustomerUser, CustomerUserTickets),
        Extension(Customer, CustomerTickets),
    ]


@hookimpl
def guards() -> list[Guard]:
    return [Guard(on=QueueChanged, run=keep_queue_of_open_tickets)]


@hookimpl
def jobs() -> list[Job | Schedule]:
    return [
        Job(DEADLINES, act_on_deadlines, in_unit=False),
        Schedule(DEADLINES, every=timedelta(minutes=1)),
    ]


@hookimpl
def permissions() -> list[Permission]:
    return [MANAGE]


@hookimpl
def settings() -> list[Setting[Any]]:
    return [
        own.NUMBER_GENERATOR,
        own.SYSTEM_ID,
        own.HOOK,
        own.DEFAULT_STATE,
        own.DEFAULT_PRIORITY,
        own.FOLLOW_UP_STATE,
        own.STATE_AFTER_PENDING,
        own.PENDING_MINUTES,
        own.LOCK_ON_REPLY,
        own.UNLOCK_ON_MOVE,
        own.CUSTOMER_MAY_CLOSE,
    ]


@hookimpl
def commands() -> list[Command]:
    return [Command("ticket", app)]


@hookimpl
def hookspecs() -> list[type]:
    return [Hooks]
