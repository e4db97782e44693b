"""What the package declares."""

from typing import Any

from tessera.articles.graphql import TicketCreateInput
from tessera.engine.roots import Mutation, Query
from tessera.kit.events import Event
from tessera.plugin import Extension, Handler, Permission, Setting, hookimpl
from tessera.tickets.events import TicketMerged
from tessera.tickets.graphql import Ticket, TicketFilter
from tessera_masterslave import handlers as own
from tessera_masterslave.graphql import (
    MasterSlaveMutation,
    MasterSlaveQuery,
    TicketCreateMasterSlave,
    TicketFilterMasterSlave,
    TicketMasterSlave,
)
from tessera_masterslave.permissions import MANAGE
from tessera_masterslave.queries import FOLLOW
from tessera_masterslave.settings import NEW_CASCADES, UNLINK_ON_MERGE


@hookimpl
def extensions() -> list[Extension]:
    return [
        Extension(Query, MasterSlaveQuery),
        Extension(Mutation, MasterSlaveMutation),
        Extension(Ticket, TicketMasterSlave),
        Extension(TicketCreateInput, TicketCreateMasterSlave),
        Extension(TicketFilter, TicketFilterMasterSlave),
    ]


@hookimpl
def handlers() -> list[Handler]:
    return [
        Handler(
            FOLLOW,
            on=Event,
            run=own.on_master_changed,
            when=own.may_be_followed,
            concerns=own.is_masters,
            in_unit=False,
        ),
        Handler("masterslave.on_ticket_merged", on=TicketMerged, run=own.on_ticket_merged, concerns=own.is_members),
    ]


@hookimpl
def permissions() -> list[Permission]:
    return [MANAGE]


@hookimpl
def settings() -> list[Setting[Any]]:
    return [NEW_CASCADES, UNLINK_ON_MERGE]
