"""Links between tickets: who may, how they look from both ends, what merging and splitting leave behind."""

from typing import Any

import pytest

from tessera.articles import service as articles
from tessera.kit.actor import SYSTEM, Actor
from tessera.kit.errors import Forbidden, NotFound
from tessera.kit.ids import ObjectRef
from tessera.kit.unit import Unit
from tessera.links import queries, service
from tessera.links.errors import LinkExists, LinkMissing, LinkToSelf, NotLinkable, UnknownKind
from tessera.links.models import Link
from tessera.queues.errors import RightMissing
from tessera.testing.fixtures import every_database
from tessera.testing.house import House
from tessera.tickets import service as tickets
from tessera.tickets.errors import TicketLocked
from tessera.tickets.models import Ticket
from tests.articles.words import articles as articles_of
from tests.articles.words import opened, words
from tests.tickets.desk import Desk, facts, gid

LINKS = "query ($id: ID!, $kinds: [String!]) { ticket(id: $id) { links(kinds: $kinds) { kind ticket { number } } } }"
ADD = """mutation ($id: ID!, $link: TicketLinkInput!) { ticketLinkAdd(id: $id, link: $link) {
  ticket { version links { kind ticket { id } } } userErrors { code reason field } } }"""
REMOVE = ADD.replace("ticketLinkAdd", "ticketLinkRemove")


def ref(ticket: Ticket) -> ObjectRef:
    return ObjectRef("ticket", ticket.id)


async def link(desk: Desk, actor: Actor, kind: str, source: Ticket, target: Ticket) -> Link:
    return await desk.run(actor, service.link, kind, ref(source), ref(target))


async def shown(desk: Desk, actor: Actor, ticket: Ticket, kinds: list[str] | None = None) -> list[tuple[str, str]]:
    data = await desk.house.ask(LINKS, {"id": gid(ticket), "kinds": kinds}, actor=actor)
    return [(each["kind"], each["ticket"]["number"]) for each in data["ticket"]["links"]]


@pytest.mark.parametrize(("kind", "other"), [("normal", "normal"), ("parent", "child"), ("child", "parent")])
async def test_a_link_is_seen_from_both_ends(desk: Desk, kind: str, other: str) -> None:
    one, two = await opened(desk), await opened(desk)
    for source, target in ((one, two), (two, one)):
        await link(desk, desk.anna, kind, source, target)
        assert await shown(desk, desk.anna, source) == [(kind, target.number)]
        assert await shown(desk, desk.anna, target) == [(other, source.number)]
        assert await shown(desk, desk.anna, source, kinds=[kind]) == [(kind, target.number)]
        assert await shown(desk, desk.anna, source, kinds=["x"]) == []
        await desk.run(desk.anna, service.unlink, other, ref(target), ref(source))
        assert await shown(desk, desk.anna, source) == []


async def test_both_ends_are_told(desk: Desk) -> None:
    one, two = await opened(desk), await opened(desk)
    before = (await Ticket.get(id=one.id)).version
    await link(desk, desk.anna, "parent", one, two)
    assert (await facts(one))[-1] == ("link.added", {"kind": "parent", "other": str(ref(two))})
    assert (await facts(two))[-1] == ("link.added", {"kind": "child", "other": str(ref(one))})
    assert (await Ticket.get(id=one.id)).version == before + 1
    await desk.run(desk.anna, service.unlink, "child", ref(two), ref(one))
    assert (await facts(one))[-1] == ("link.removed", {"kind": "parent", "other": str(ref(two))})
    assert (await facts(two))[-1] == ("link.removed", {"kind": "child", "other": str(ref(one))})


@every_database
async def test_two_tickets_are_linked_once(desk: Desk) -> None:
    one, two = await opened(desk), await opened(desk)
    await link(desk, desk.anna, "normal", two, one)
    for kind in ("normal", "parent", "child"):
        for source, target in ((one, two), (two, one)):
            with pytest.raises(LinkExists):
                await link(desk, desk.anna, kind, source, target)
    assert await Link.all().count() == 1


@every_database
async def test_a_kind_nobody_knows_is_refused_whatever_it_holds(desk: Desk) -> None:
    one, two = await opened(desk), await opened(desk)
    for kind in ("cousin", "\0", "\0\U00027c1b", "", "NORMAL"):
        for verb in (service.link, service.unlink):
            with pytest.raises(UnknownKind):
                await desk.run(desk.anna, verb, kind, ref(one), ref(two))


async def test_links_that_make_no_sense(desk: Desk) -> None:
    one, two = await opened(desk), await opened(desk)
    with pytest.raises(LinkToSelf):
        await link(desk, desk.anna, "normal", one, one)
    with pytest.raises(NotLinkable):
        await desk.run(desk.anna, service.link, "normal", ref(one), ObjectRef("moon", 1))
    with pytest.raises(LinkMissing):
        await desk.run(desk.anna, service.unlink, "normal", ref(one), ref(two))
    with pytest.raises(Forbidden):
        await desk.run(desk.anna, service.keep_linked, "normal", ref(one), ref(two))
    assert await Link.all().count() == 0


async def test_linking_needs_the_right_to_change_and_to_see(desk: Desk) -> None:
    one, two = await opened(desk), await opened(desk)
    hidden = await opened(desk, queue=desk.other_queue)
    for actor in (desk.ben, desk.carla):
        with pytest.raises((RightMissing, Forbidden)):
            await link(desk, actor, "normal", one, two)
    with pytest.raises(NotFound):
        await link(desk, desk.anna, "normal", one, hidden)
    await desk.run(desk.bert, tickets.lock, one)
    with pytest.raises(TicketLocked):
        await link(desk, desk.anna, "normal", one, two)
    await link(desk, desk.anna, "normal", two, one)
    assert await Link.all().count() == 1


async def test_hidden_ends_are_not_shown_and_not_taken_away(desk: Desk) -> None:
    one, hidden = await opened(desk), await opened(desk, queue=desk.other_queue)
    await link(desk, SYSTEM, "normal", one, hidden)
    assert await shown(desk, desk.anna, one) == []
    assert await shown(desk, SYSTEM, one) == [("normal", hidden.number)]
    with pytest.raises(LinkMissing):
        await desk.run(desk.anna, service.unlink, "normal", ref(one), ref(hidden))
    assert await Link.all().count() == 1


async def test_the_api_links_and_unlinks(desk: Desk) -> None:
    one, two = await opened(desk), await opened(desk)

    async def ask(document: str, actor: Actor, source: Ticket, **values: Any) -> dict[str, Any]:
        data = await desk.house.ask(document, {"id": gid(source), "link": values}, actor=actor)
        (payload,) = data.values()
        return dict(payload)

    added = await ask(ADD, desk.anna, one, ticketId=gid(two))
    assert added["userErrors"] == []
    assert added["ticket"] == {
        "version": (await Ticket.get(id=one.id)).version,
        "links": [{"kind": "normal", "ticket": {"id": gid(two)}}],
    }
    again = await ask(ADD, desk.anna, one, ticketId=gid(two), kind="parent")
    assert again["userErrors"] == [{"code": "TAKEN", "reason": "links.exists", "field": ["link", "ticketId"]}]
    wrong = await ask(ADD, desk.anna, one, ticketId="nonsense")
    assert wrong["userErrors"] == [{"code": "NOT_FOUND", "reason": None, "field": ["link", "ticketId"]}]
    itself = await ask(ADD, desk.anna, one, ticketId=gid(one))
    assert itself["userErrors"] == [{"code": "INVALID", "reason": "links.to_self", "field": ["link", "ticketId"]}]
    removed = await ask(REMOVE, desk.anna, two, ticketId=gid(one))
    assert (removed["userErrors"], removed["ticket"]["links"]) == ([], [])


async def test_merging_and_splitting_leave_links(desk: Desk, house: House) -> None:
    source, target = await opened(desk), await opened(desk)
    (article,) = await articles_of(source)
    child, _ = await desk.run(desk.anna, articles.split, article, article=words(), title="Part", queue=desk.queue)
    await desk.run(desk.anna, articles.merge, source, target)
    await house.drain()
    assert await shown(desk, desk.anna, source) == [("child", child.number), ("normal", target.number)]
    assert await shown(desk, desk.anna, child) == [("parent", source.number)]
    assert await shown(desk, desk.anna, target) == [("normal", source.number)]


async def test_a_link_that_was_there_before_a_merge_stays(desk: Desk, house: House) -> None:
    source, target = await opened(desk), await opened(desk)
    await link(desk, desk.anna, "child", source, target)
    await desk.run(desk.anna, articles.merge, source, target)
    await house.drain()
    assert await shown(desk, desk.anna, source) == [("child", target.number)]


async def test_links_of_many_tickets_come_together(desk: Desk) -> None:
    hub, *others = [await opened(desk) for _ in range(5)]
    for other in others:
        await link(desk, desk.anna, "child", hub, other)

    async def read(unit: Unit) -> dict[int, list[queries.LinkedObject]]:
        linkable = queries.linkable(unit.wiring, "ticket")
        return await queries.links_of(desk.anna, linkable, linkable, [hub.id, others[0].id, others[1].id])

    found = await desk.house.run(read)
    assert [each.row.id for each in found[hub.id]] == [other.id for other in others]
    assert [(each.kind, each.row.id) for each in found[others[1].id]] == [("parent", hub.id)]
