"""Streams resume where they were cut off, and rights are asked again for every event."""

import asyncio

from tessera.access import queries as access_queries
from tessera.access import service as access
from tessera.accounts.models import Agent
from tessera.kit.unit import Unit
from tessera_client import ArticleInput, QueueUpdateInput, TesseraClient, TicketUpdateInput
from tests.journeys.desk import PATIENCE, Desk, journey, listening, ticket_of, until

pytestmark = journey


async def _events(client: TesseraClient, count: int, after: str | None) -> tuple[list[str], str | None]:
    """Hear a number of events behind a cursor; return their ids and the last cursor, and hang up."""
    heard: list[str] = []
    async with asyncio.timeout(PATIENCE), listening(client.ticket_events(after)) as events:
        async for item in events:
            heard.append(item.event.id)
            after = item.cursor
            if len(heard) == count:
                break
    return heard, after


async def test_a_stream_of_events_goes_on_where_it_was_cut_off(desk: Desk) -> None:
    ben = await desk.agent("ben")
    stream = ben.ticket_events()
    async with listening(stream):
        first = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0.5)
        ticket = await desk.open(ben)
        async with asyncio.timeout(PATIENCE):
            begun = await first
    cursor, heard = begun.cursor, [begun.event.id]
    for number in range(5):
        ticket_of(await ben.ticket_update(ticket.id, TicketUpdateInput(title=f"Title {number}")))
        ticket_of(await ben.article_create(ticket.id, ArticleInput(channel="note", body=f"Note {number}")))
    for _ in range(4):
        news, last = await _events(ben, 2, cursor)
        assert last is not None
        heard, cursor = [*heard, *news], last
    rest, _ = await _events(ben, 3, cursor)
    history = await ben.ticket(ticket.id)
    assert history is not None
    assert [*heard, *rest] == [event.id for event in history.history.nodes]


async def test_a_ticket_that_leaves_ones_sight_is_removed_and_comes_back(desk: Desk) -> None:
    anna, ben = await desk.agent("anna"), await desk.agent("ben")
    ticket = await desk.open(ben)
    copy = await ben.ticket_changes_since()
    assert ticket.id in [row.id for row in copy.upserts]
    stream = ben.ticket_changes(copy.cursor)
    async with asyncio.timeout(PATIENCE), listening(stream):
        await anext(stream)
        ticket_of(await anna.ticket_move(ticket.id, desk.queues["Support"]))
        while ticket.id not in (news := await anext(stream)).removed_ids:
            # what was written just before the stream began may come first, from where it was then
            assert {row.queue.id for row in news.upserts} <= {desk.queues["Support::1st Level"]}
        ticket_of(await anna.ticket_move(ticket.id, desk.queues["Support::1st Level"]))
        while not (news := await anext(stream)).upserts:
            assert news.removed_ids == []
        assert [row.id for row in news.upserts] == [ticket.id]
    delta = await ben.ticket_changes_since(copy.cursor)
    assert [row.id for row in delta.upserts] == [ticket.id]
    assert not delta.reset


async def test_a_customers_copy_loses_what_is_given_away_or_removed(desk: Desk) -> None:
    anna, carla, esra = await desk.agent("anna"), await desk.customer("carla"), await desk.customer("esra")
    esra_id = (await esra.customer_users()).nodes[0].id
    given, removed = await desk.open(carla, "Given away"), await desk.open(carla, "Removed")
    carlas, esras = await carla.ticket_changes_since(), await esra.ticket_changes_since()
    assert {row.id for row in carlas.upserts} == {given.id, removed.id}
    assert esras.upserts == []
    ticket_of(await anna.ticket_update(given.id, TicketUpdateInput(customer_user_id=esra_id)))
    ticket_of(await anna.ticket_update(removed.id, TicketUpdateInput(state_id=desk.states["removed"])))

    async def told() -> bool:
        return len((await carla.ticket_changes_since(carlas.cursor)).removed_ids) == 2

    await until(told, what="the news")
    delta = await carla.ticket_changes_since(carlas.cursor)
    assert (set(delta.removed_ids), delta.upserts) == ({given.id, removed.id}, [])
    theirs = await esra.ticket_changes_since(esras.cursor)
    assert ([row.id for row in theirs.upserts], theirs.removed_ids) == ([given.id], [])


async def test_a_queue_that_changes_its_group_begins_its_agents_copies_anew(desk: Desk) -> None:
    anna, ben = await desk.agent("anna"), await desk.agent("ben")
    ticket = await desk.open(ben)
    stays = await ben.ticket_changes_since()
    support = next(group for group in await anna.groups() if group.name == "support")
    moved = await anna.queue_update(desk.queues["Support::1st Level"], QueueUpdateInput(group_id=support.id))
    assert moved.user_errors == []

    async def told() -> bool:
        return (await ben.ticket_changes_since(stays.cursor)).reset

    await until(told, what="the news")
    anew = await ben.ticket_changes_since(stays.cursor)
    assert anew.upserts == []
    assert await ben.ticket(ticket.id) is None


async def test_rights_count_from_the_next_event_on(desk: Desk) -> None:
    """Nora hears nothing while she has no rights, and hears what happens once she was given them."""
    nora, ben = await desk.agent("nora"), await desk.agent("ben")
    stream = nora.ticket_events()
    async with listening(stream):
        first = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0.5)
        ticket = await desk.open(ben, "Nothing for nora")

        async def promote(unit: Unit) -> None:
            agent = await Agent.get(login_key="nora")
            await access.grant_rights(unit, agent, await access_queries.group_named("first level"), ["ro"])

        await asyncio.sleep(1.0)
        assert not first.done()
        await desk.house.run(promote)
        ticket_of(await ben.ticket_update(ticket.id, TicketUpdateInput(title="For nora, too")))
        async with asyncio.timeout(PATIENCE):
            heard = await first
    assert heard.event.kind == "ticket.title_changed"
    assert heard.event.ticket.id == ticket.id


async def test_a_filtered_stream_tells_what_was_asked_for(desk: Desk) -> None:
    ben = await desk.agent("ben")
    mine, other = await desk.open(ben, "Mine"), await desk.open(ben, "Other")
    stream = ben.ticket_events(None, [mine.id], None, ["article.added"])
    async with listening(stream):
        first = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0.5)
        note = ArticleInput(channel="note", body="Hm")
        ticket_of(await ben.article_create(other.id, note))
        ticket_of(await ben.ticket_update(mine.id, TicketUpdateInput(title="Mine, still")))
        ticket_of(await ben.article_create(mine.id, note))
        async with asyncio.timeout(PATIENCE):
            heard = await first
    assert (heard.event.kind, heard.event.ticket.id) == ("article.added", mine.id)
