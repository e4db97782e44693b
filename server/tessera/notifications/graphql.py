"""A person's inbox in the API."""

from collections.abc import AsyncGenerator
from datetime import datetime

import strawberry

from tessera.accounts.graphql import AcknowledgePayload
from tessera.engine.connections import Connection, connection
from tessera.engine.context import Context
from tessera.engine.fields import to_one
from tessera.engine.mutations import mutation
from tessera.engine.nodes import Node, node
from tessera.engine.streams import stream
from tessera.kit.errors import LimitExceeded
from tessera.kit.ids import key_of
from tessera.kit.paging import MAX_PAGE, Listing
from tessera.kit.unit import Unit
from tessera.notifications import models, queries, service
from tessera.notifications._inbox import Inbox
from tessera.tickets.graphql import Ticket


@node(models.Notification, queries.visible_to, description="A notice in one person's inbox.")
class Notification(Node):
    kind: str = strawberry.field(
        description=(
            "Open vocabulary: `ticket.assigned`, `ticket.customer_replied`, `ticket.note_added`, "
            "`ticket.pending_reached`, `ticket.answered`, and packages' own, `itsm.approval_requested`."
        )
    )
    title: str = strawberry.field(description="One line for people, in their language at the time.")
    ticket: Ticket | None = to_one("ticket_id", description="What it is about; it is not shown out of sight of that.")
    created_at: datetime
    read_at: datetime | None


def _listing(context: Context, unread_only: bool | None = False) -> Listing[models.Notification]:
    return queries.listing(context.actor, unread_only=bool(unread_only))


@strawberry.type
class ViewerNotifications:
    notifications: Connection[Notification] = connection(
        _listing, via="person_id", description="The viewer's inbox, newest first."
    )


@mutation(description="Mark notifications as read; all of them when `ids` is absent. At most 100 at once.")
async def _notifications_mark_read(unit: Unit, ids: list[strawberry.ID] | None = None) -> AcknowledgePayload:
    if ids is not None and len(ids) > MAX_PAGE:
        raise LimitExceeded("At most {limit} ids at once.", limit=MAX_PAGE, field=service.IDS)
    keys = None if ids is None else [key_of(each, "Notification", field=service.IDS) for each in ids]
    await service.mark_read(unit, keys)
    return AcknowledgePayload()


@strawberry.type
class NotificationMutation:
    notifications_mark_read = _notifications_mark_read


@strawberry.type
class NotificationSubscription:
    @strawberry.subscription(
        description="What the viewer is told: first what came after a notification, then as it comes."
    )
    async def notifications(
        self, info: strawberry.Info, after: strawberry.ID | None = None
    ) -> AsyncGenerator[Notification, None]:
        return stream(Inbox(after))  # type: ignore[arg-type]  # the rows stand for the type
