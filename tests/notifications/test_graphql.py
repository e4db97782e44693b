"""The inbox over the API: pages, reading, and that nothing is shown of what left one's sight."""

from tessera.access import service as access
from tessera.articles import service as articles
from tessera.kit.actor import SYSTEM, Actor
from tessera.kit.ids import to_global
from tessera.kit.unit import Unit
from tessera.notifications import service
from tessera.notifications.models import Notification
from tessera.testing.fixtures import every_database
from tessera.testing.house import House
from tessera.tickets import service as tickets
from tests.articles.words import opened, words
from tests.notifications.inbox import INBOX, MARK, inbox, mark, owned, person
from tests.tickets.desk import Desk
from tests.tickets.desk import actor as fresh

SECRET = "The merger"
NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Notification { title ticket { title } } } }"


async def tell(house: House, actor: Actor, *titles: str) -> None:
    async def work(unit: Unit) -> None:
        for title in titles:
            await service.notify(unit, person(actor), "test.word", title)

    await house.run(work)


@every_database
async def test_an_inbox_comes_in_pages_newest_first(desk: Desk, house: House) -> None:
    ticket = await owned(desk)
    await house.drain()
    await tell(house, desk.anna, "one", "two")
    await tell(house, desk.ben, "somebody else's")
    found = await inbox(desk, desk.anna)
    assert [each["title"] for each in found[:2]] == ["two", "one"]
    assert [each["ticket"] for each in found] == [None, None, {"number": ticket.number}]
    assert found[0]["readAt"] is None
    page = (await house.ask(INBOX, {"first": 2}, actor=desk.anna))["viewer"]["notifications"]
    assert (page["totalCount"], page["pageInfo"]["hasNextPage"]) == (3, True)
    rest = await inbox(desk, desk.anna, first=2, after=page["pageInfo"]["endCursor"])
    assert [*page["nodes"], *rest] == found


@every_database
async def test_one_marks_ones_own_as_read(desk: Desk, house: House) -> None:
    await tell(house, desk.anna, "one", "two", "three")
    await tell(house, desk.ben, "other")
    three, two, one = await inbox(desk, desk.anna)
    (other,) = await inbox(desk, desk.ben)
    wrong = {"code": "NOT_FOUND", "reason": None, "field": ["ids"]}
    for ids in ([one["id"], other["id"]], [to_global("Notification", 10**9)], ["nonsense"], [to_global("Ticket", 1)]):
        (error,) = await mark(desk, desk.anna, ids)
        assert wrong.items() <= error.items()
    assert await Notification.filter(read_at__isnull=False).count() == 0
    assert await mark(desk, desk.anna, [one["id"], one["id"]]) == []
    assert await mark(desk, desk.anna, []) == []
    assert [each["id"] for each in await inbox(desk, desk.anna, unreadOnly=True)] == [three["id"], two["id"]]
    read_at = (await inbox(desk, desk.anna))[2]["readAt"]
    assert read_at is not None
    assert await mark(desk, desk.anna) == []
    assert await inbox(desk, desk.anna, unreadOnly=True) == []
    assert (await inbox(desk, desk.anna))[2]["readAt"] == read_at
    assert len(await inbox(desk, desk.ben, unreadOnly=True)) == 1
    (refused,) = await mark(desk, desk.anna, [one["id"]] * 101)
    assert (refused["code"], refused["field"]) == ("LIMIT", ["ids"])
    answer = await house.graphql(MARK)
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def expect_hidden(desk: Desk, actor: Actor, known: str) -> None:
    """Look everywhere for a notification whose id somebody knows."""
    reader = await fresh(actor.kind, actor.id or 0)
    assert await inbox(desk, actor) == await inbox(desk, actor, unreadOnly=True) == []
    assert await desk.house.ask(NODES, {"ids": [known]}, actor=reader) == {"nodes": [None]}
    (error,) = await mark(desk, reader, [known])
    assert error["code"] == "NOT_FOUND"
    assert SECRET not in error["message"]
    assert await mark(desk, reader) == []


@every_database
async def test_an_agent_who_loses_a_right_is_shown_nothing_of_the_ticket(desk: Desk, house: House) -> None:
    anna = await desk.agent(desk.anna)
    await desk.ticket(title=SECRET, owner=anna)
    await house.drain()
    (shown,) = await inbox(desk, desk.anna)
    assert SECRET in shown["title"]
    await house.run(lambda unit: access.grant_rights(unit, anna, desk.group, ()))
    await expect_hidden(desk, desk.anna, shown["id"])
    await house.run(lambda unit: access.grant_rights(unit, anna, desk.group, ("ro",)))
    assert await inbox(desk, desk.anna) == [shown]


@every_database
async def test_a_customer_user_is_shown_nothing_of_a_ticket_that_is_not_theirs_any_more(
    desk: Desk, house: House
) -> None:
    ticket = await opened(desk, title=SECRET)
    await desk.run(desk.anna, articles.reply, ticket, words())
    await house.drain()
    (shown,) = await inbox(desk, desk.carla)
    assert SECRET in shown["title"]
    await desk.run(SYSTEM, tickets.update, ticket, customer_user=await desk.customer_user(desk.stranger))
    await expect_hidden(desk, desk.carla, shown["id"])
    assert await inbox(desk, desk.stranger) == []
    await desk.run(SYSTEM, tickets.update, ticket, customer_user=await desk.customer_user(desk.carla))
    assert await inbox(desk, desk.carla) == [shown]
