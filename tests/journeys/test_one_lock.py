"""Two agents and one lock: who replies first owns the ticket, everybody else is told who and since when."""

import asyncio

from tessera_client import ArticleInput, TesseraClient, TicketUpdateInput, UserErrorCode
from tessera_client.fragments import ArticlePayloadFields
from tests.journeys.desk import Desk, journey, only, story, ticket_of

pytestmark = journey
REPLY = ArticleInput(channel="web", body="I take care of it.")


async def test_the_first_reply_locks_and_the_second_agent_hears_who_and_since(desk: Desk) -> None:
    ben, cleo = await desk.agent("ben"), await desk.agent("cleo")
    ticket = await desk.open(await desk.customer("carla"))
    mine = ticket_of(await ben.article_create(ticket.id, REPLY))
    assert mine.lock is not None
    assert mine.owner is not None
    assert (mine.lock.holder.login, mine.owner.login) == ("ben", "ben")

    refused = await cleo.article_create(ticket.id, REPLY)
    error = only(refused.user_errors)
    assert (error.code, error.reason) == (UserErrorCode.CONFLICT, "tickets.locked")
    assert "Ben Baptiste" in error.message
    assert f"{mine.lock.since:%Y-%m-%dT%H:%M}" in error.message
    assert refused.ticket is not None
    assert refused.ticket.version == mine.version
    for attempt in (
        await cleo.ticket_update(ticket.id, TicketUpdateInput(title="Mine")),
        await cleo.ticket_close(ticket.id, desk.states["closed successful"]),
        await cleo.ticket_lock(ticket.id),
        await cleo.ticket_move(ticket.id, desk.queues["Support::1st Level"]),
        await cleo.ticket_assign(ticket.id, None),
        await cleo.ticket_tags_add(ticket.id, ["mine"]),
    ):
        assert only(attempt.user_errors).reason == "tickets.locked"
    ticket_of(await cleo.article_create(ticket.id, ArticleInput(channel="note", body="Notes need no lock.")))

    taken = ticket_of(await cleo.ticket_lock(ticket.id, force=True))
    assert taken.lock is not None
    assert taken.lock.holder.login == "cleo"
    assert only((await ben.article_create(ticket.id, REPLY)).user_errors).reason == "tickets.locked"
    ticket_of(await cleo.ticket_unlock(ticket.id))
    ticket_of(await ben.article_create(ticket.id, REPLY))


async def test_of_ten_first_replies_exactly_one_counts(desk: Desk) -> None:
    agents = await desk.crowd(10)
    ticket = await desk.open(await desk.customer("carla"))

    async def reply(number: int, agent: TesseraClient) -> ArticlePayloadFields:
        return await agent.article_create(ticket.id, ArticleInput(channel="web", body=f"{number}"))

    answers = await asyncio.gather(*(reply(number, agent) for number, agent in enumerate(agents)))
    winners = [number for number, answer in enumerate(answers) if not answer.user_errors]
    assert len(winners) == 1, [answer.user_errors for answer in answers]
    losers = {only(answer.user_errors).reason for answer in answers if answer.user_errors}
    assert losers <= {"tickets.locked", "busy"}
    told = await story(agents[0], ticket.id)
    assert [article.body for article in told.articles.nodes] == ["Please help.", str(winners[0])]
    assert told.lock is not None
    assert told.lock.holder.login == f"agent{winners[0]}"


async def test_a_stale_version_is_refused_with_the_ticket_as_it_is(desk: Desk) -> None:
    ben, cleo = await desk.agent("ben"), await desk.agent("cleo")
    ticket = await desk.open(ben)
    ticket_of(await cleo.ticket_update(ticket.id, TicketUpdateInput(title="Newer"), ticket.version))
    stale = await ben.ticket_update(ticket.id, TicketUpdateInput(title="Older"), ticket.version)
    assert only(stale.user_errors).code is UserErrorCode.CONFLICT
    assert stale.ticket is not None
    assert (stale.ticket.title, stale.ticket.version) == ("Newer", ticket.version + 1)
