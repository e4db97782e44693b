"""People hear what concerns them, read it once, and find nothing there of what they may not see any more."""

import asyncio

import pytest

from tessera_client import ArticleInput, TesseraClient
from tessera_client.errors import GraphQLFailed
from tessera_client.fragments import NotificationFields
from tests.journeys.desk import PATIENCE, Desk, journey, listening, ticket_of, until

pytestmark = journey


async def _inbox(client: TesseraClient, *, unread_only: bool = False) -> list[NotificationFields]:
    """Read an inbox, newest first."""
    viewer = await client.notifications(unread_only=unread_only)
    assert viewer is not None
    return list(viewer.notifications.nodes)


async def _assign(desk: Desk, ticket_id: str, to: TesseraClient) -> None:
    """Let anna give somebody a ticket."""
    viewer = await to.viewer()
    assert viewer is not None
    assert viewer.agent is not None
    ticket_of(await (await desk.agent("anna")).ticket_assign(ticket_id, viewer.agent.id))


async def test_an_agent_and_a_customer_user_hear_of_each_other(desk: Desk) -> None:
    ben, carla = await desk.agent("ben"), await desk.customer("carla")
    ticket = await desk.open(carla)
    stream = ben.notification_added()
    async with asyncio.timeout(PATIENCE), listening(stream):
        first = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0.5)
        await _assign(desk, ticket.id, ben)
        assigned = await first
        ticket_of(await carla.article_create(ticket.id, ArticleInput(body="Any news?")))
        replied = await anext(stream)
    assert (assigned.kind, replied.kind) == ("ticket.assigned", "ticket.customer_replied")
    assert assigned.title == f"Ticket {ticket.number} was assigned to you: {ticket.title}"
    assert await _inbox(ben) == [replied, assigned]
    assert (await ben.notifications_mark_read([assigned.id])).user_errors == []
    assert await _inbox(ben, unread_only=True) == [replied]

    ticket_of(await ben.article_create(ticket.id, ArticleInput(channel="web", body="Soon.")))
    (answered,) = await until(lambda: _inbox(carla), what="the answer")
    assert answered.kind == "ticket.answered"
    stream = ben.notification_added(answered.id)
    with pytest.raises(GraphQLFailed, match="does not exist or is hidden"):
        await anext(stream)


async def test_a_stream_goes_on_without_what_left_ones_sight(desk: Desk) -> None:
    anna, ben, carla = await desk.agent("anna"), await desk.agent("ben"), await desk.customer("carla")
    known, secret = await desk.open(carla, "Known"), await desk.open(carla, "Secret")
    for ticket in (known, secret):
        await _assign(desk, ticket.id, ben)

    async def both() -> list[NotificationFields]:
        found = await _inbox(ben)
        return found if len(found) == 2 else []

    *_, oldest = await until(both, what="both tickets")
    ticket_of(await anna.ticket_move(secret.id, desk.queues["Support"]))
    ticket_of(await carla.article_create(secret.id, ArticleInput(body="Secret words")))
    ticket_of(await carla.article_create(known.id, ArticleInput(body="Known words")))
    async with asyncio.timeout(PATIENCE), listening(ben.notification_added(oldest.id)) as stream:
        heard = await anext(stream)
    assert (heard.kind, heard.ticket and heard.ticket.id) == ("ticket.customer_replied", known.id)
    assert await _inbox(ben) == [heard, oldest]
