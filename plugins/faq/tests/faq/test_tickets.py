"""Items and tickets: links seen from both sides, by whoever may see each, also after a merge."""

from typing import Any

import pytest

from tessera.articles import service as articles
from tessera.kit.actor import SYSTEM
from tessera.kit.errors import Forbidden
from tessera.queues.errors import RightMissing
from tessera.testing.fixtures import every_database
from tessera.tickets import service as tickets
from tessera.tickets.errors import TicketLocked
from tessera.tickets.models import Ticket
from tessera_faq import service
from tessera_faq.errors import LinkMissing
from tessera_faq.models import Audience, Item, ItemTicket
from tests.articles.words import opened
from tests.faq.world import World, facts, gid
from tests.tickets.desk import facts as facts_of
from tests.tickets.desk import gid as ticket_gid

BOTH = """query ($item: ID!, $ticket: ID!) {
  faqItem(id: $item) { tickets { totalCount nodes { number } } }
  ticket(id: $ticket) { faq { items { totalCount nodes { title } } } }
}"""
MANY = """query ($first: Int!, $after: String) { tickets(orderBy: [{field: NUMBER, direction: ASC}]) { nodes {
  number faq { items(first: $first, after: $after) {
    totalCount nodes { title } pageInfo { hasNextPage endCursor } } } } } }"""
LINK = """mutation ($id: ID!, $tickets: [ID!]!) { faqItemLinkTickets(id: $id, ticketIds: $tickets) {
  faqItem { tickets { nodes { number faq { items { nodes { title } } } } } } userErrors { code reason field } } }"""


async def seen(world: World, item: Item, ticket: Ticket, actor: Any) -> tuple[Any, Any]:
    data = await world.house.ask(BOTH, {"item": gid(item), "ticket": ticket_gid(ticket)}, actor=actor)
    return data["faqItem"], data["ticket"]


@every_database
async def test_a_link_is_seen_from_both_sides_by_who_sees_them(world: World) -> None:
    item, internal = await world.item(), await world.item(title="Inside", audience=Audience.INTERNAL)
    ticket, foreign = await opened(world.desk), await opened(world.desk, queue=world.desk.other_queue)
    for each in (item, internal):
        await world.run(world.desk.anna, service.link_tickets, each, [ticket])
    await world.run(SYSTEM, service.link_tickets, item, [foreign])
    found, of_ticket = await seen(world, item, ticket, world.desk.anna)
    assert found == {"tickets": {"totalCount": 1, "nodes": [{"number": ticket.number}]}}
    assert [each["title"] for each in of_ticket["faq"]["items"]["nodes"]] == ["Inside", "Printer on fire"]
    found, of_ticket = await seen(world, item, ticket, world.desk.stranger)
    assert (found, of_ticket) == ({"tickets": {"totalCount": 0, "nodes": []}}, None)
    found, of_ticket = await seen(world, item, ticket, world.desk.carla)
    assert of_ticket["faq"]["items"] == {"totalCount": 1, "nodes": [{"title": "Printer on fire"}]}


@every_database
async def test_items_of_many_tickets_come_in_pages(world: World) -> None:
    one, two, three = [await opened(world.desk) for _ in range(3)]
    for title, linked in (("a", [one]), ("b", [one, two]), ("c", [one])):
        await world.run(world.desk.anna, service.link_tickets, await world.item(title=title), linked)
    data = await world.house.ask(MANY, {"first": 2}, actor=world.desk.anna)
    pages = {each["number"]: each["faq"]["items"] for each in data["tickets"]["nodes"]}
    assert [len(pages[each.number]["nodes"]) for each in (one, two, three)] == [2, 1, 0]
    assert [pages[each.number]["totalCount"] for each in (one, two, three)] == [3, 1, 0]
    end = pages[one.number]["pageInfo"]
    assert end["hasNextPage"] is True
    data = await world.house.ask(MANY, {"first": 2, "after": end["endCursor"]}, actor=world.desk.anna)
    rest = {each["number"]: each["faq"]["items"]["nodes"] for each in data["tickets"]["nodes"]}
    assert rest[one.number] == [{"title": "a"}]


async def test_linking_needs_the_right_to_change_the_ticket(world: World) -> None:
    item, ticket = await world.item(), await opened(world.desk)
    with pytest.raises(RightMissing):
        await world.run(world.desk.ben, service.link_tickets, item, [ticket])
    with pytest.raises(Forbidden):
        await world.run(world.desk.carla, service.link_tickets, item, [ticket])
    await world.desk.run(world.desk.bert, tickets.lock, ticket)
    with pytest.raises(TicketLocked):
        await world.desk.run(world.desk.anna, service.link_tickets, item, [ticket])
    assert not await ItemTicket.exists()


async def test_linking_is_told_to_both_and_done_once(world: World) -> None:
    item, ticket = await world.item(), await opened(world.desk)
    version = (await Ticket.get(id=ticket.id)).version
    for _ in range(2):
        await world.desk.run(world.desk.anna, _link, item, ticket)
    assert (await Ticket.get(id=ticket.id)).version == version + 1
    assert [name for name, _ in await facts("faq.item", item.id)][1:] == ["faq.ticket_linked"]
    await world.desk.run(world.desk.anna, _unlink, item, ticket)
    assert [name for name, _ in await facts("faq.item", item.id)][1:] == ["faq.ticket_linked", "faq.ticket_unlinked"]
    assert [name for name, _ in await facts_of(ticket)][-2:] == ["faq.item_linked", "faq.item_unlinked"]
    with pytest.raises(LinkMissing):
        await world.desk.run(world.desk.anna, _unlink, item, ticket)


async def _link(unit: Any, item: Item, ticket: Ticket) -> None:
    await service.link_tickets(unit, item, [ticket])


async def _unlink(unit: Any, item: Item, ticket: Ticket) -> None:
    await service.unlink_tickets(unit, item, [ticket])


async def test_the_api_links_and_refuses_what_it_does_not_know(world: World) -> None:
    item, ticket = await world.item(), await opened(world.desk)
    given = {"id": gid(item), "tickets": [ticket_gid(ticket), ticket_gid(ticket)]}
    made = (await world.house.ask(LINK, given, actor=world.desk.anna))["faqItemLinkTickets"]
    nodes = [{"number": ticket.number, "faq": {"items": {"nodes": [{"title": item.title}]}}}]
    assert made == {"faqItem": {"tickets": {"nodes": nodes}}, "userErrors": []}
    hidden = await opened(world.desk, queue=world.desk.other_queue)
    given = {"id": gid(item), "tickets": [ticket_gid(hidden)]}
    refused = (await world.house.ask(LINK, given, actor=world.desk.bert))["faqItemLinkTickets"]["userErrors"]
    assert refused == [{"code": "NOT_FOUND", "reason": None, "field": ["ticketIds", "0"]}]


@every_database
async def test_the_ticket_that_carries_on_has_the_items_too(world: World) -> None:
    item, both = await world.item(), await world.item(title="Both")
    one, two = await opened(world.desk), await opened(world.desk)
    await world.run(world.desk.anna, service.link_tickets, item, [one])
    await world.desk.run(world.desk.anna, _link, both, one)
    await world.desk.run(world.desk.anna, _link, both, two)
    await world.desk.run(world.desk.anna, articles.merge, one, two)
    await world.house.drain()
    assert set(await ItemTicket.filter(ticket_id=two.id).values_list("item_id", flat=True)) == {item.id, both.id}
