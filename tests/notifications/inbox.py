"""What people find in their inboxes."""

from dataclasses import replace
from typing import Any

from tessera.kit.actor import Actor
from tessera.kit.ids import ObjectRef
from tessera.tickets.models import Ticket
from tests.tickets.desk import Desk
from tests.tickets.desk import actor as fresh

INBOX = """query ($unreadOnly: Boolean, $first: Int, $after: String) {
  viewer { notifications(unreadOnly: $unreadOnly, first: $first, after: $after) {
    totalCount nodes { id kind title ticket { number } createdAt readAt } pageInfo { hasNextPage endCursor } } } }"""
MARK = """mutation ($ids: [ID!]) {
  notificationsMarkRead(ids: $ids) { userErrors { code reason field message } } }"""


def person(actor: Actor) -> ObjectRef:
    return ObjectRef(actor.kind.value, actor.id or 0)


async def inbox(desk: Desk, actor: Actor, **variables: Any) -> list[dict[str, Any]]:
    """Read an inbox with the rights of this moment."""
    reader = replace(await fresh(actor.kind, actor.id or 0), memory={})
    data = await desk.house.ask(INBOX, variables, actor=reader)
    found: list[dict[str, Any]] = data["viewer"]["notifications"]["nodes"]
    assert variables or data["viewer"]["notifications"]["totalCount"] == len(found)
    return found


async def kinds(desk: Desk, actor: Actor) -> list[str]:
    return [each["kind"] for each in await inbox(desk, actor)]


async def mark(desk: Desk, actor: Actor, ids: list[str] | None = None) -> list[dict[str, Any]]:
    """Mark as read; return the problems."""
    data = await desk.house.ask(MARK, {} if ids is None else {"ids": ids}, actor=actor)
    errors: list[dict[str, Any]] = data["notificationsMarkRead"]["userErrors"]
    return errors


async def owned(desk: Desk, **values: Any) -> Ticket:
    """Return carla's ticket that anna owns and bert is responsible for, told to nobody."""
    return await desk.ticket(owner=await desk.agent(desk.anna), responsible=await desk.agent(desk.bert), **values)
