"""Who is told of what, and who is not."""

from datetime import timedelta
from functools import partial

import pytest

from tessera.access import service as access
from tessera.accounts import service as accounts
from tessera.articles import service as articles
from tessera.articles.models import Channel, SenderType
from tessera.kit import clock
from tessera.kit.actor import SYSTEM, Actor
from tessera.kit.clock import now
from tessera.kit.jobs import Job
from tessera.kit.journal import Entry
from tessera.kit.unit import Unit
from tessera.notifications import handlers, service
from tessera.notifications.models import MAX_TITLE, Notification
from tessera.notifications.settings import KEEP_READ_DAYS
from tessera.settings import service as settings
from tessera.testing.fixtures import every_database
from tessera.testing.house import House
from tessera.tickets import service as tickets
from tessera.tickets.models import Ticket
from tests.articles.words import mail, opened, words
from tests.notifications.inbox import inbox, kinds, mark, owned, person
from tests.tickets.desk import Desk, state


async def told(desk: Desk, house: House) -> dict[str, list[str]]:
    """Do what is owed; return what everybody was told since the last time."""
    await house.drain()
    everybody = (desk.anna, desk.bert, desk.ben, desk.eve, desk.carla, desk.colleague, desk.stranger)
    found = {actor.name: await kinds(desk, actor) for actor in everybody}
    await Notification.all().delete()
    return {name: each for name, each in found.items() if each}


@every_database
async def test_whoever_gets_a_ticket_is_told(desk: Desk, house: House) -> None:
    anna, bert = await desk.agent(desk.anna), await desk.agent(desk.bert)
    ticket = await owned(desk)
    assert await told(desk, house) == {"Anna": ["ticket.assigned"], "Bert": ["ticket.assigned"]}
    await desk.run(desk.anna, tickets.assign_owner, ticket, bert)
    await desk.run(desk.anna, tickets.update, ticket, responsible=None)
    assert await told(desk, house) == {"Bert": ["ticket.assigned"]}
    await desk.run(desk.anna, tickets.assign_responsible, ticket, anna)
    assert await told(desk, house) == {}
    await desk.ticket(owner=anna, responsible=anna)
    assert await told(desk, house) == {"Anna": ["ticket.assigned"]}
    await desk.ticket(desk.anna, owner=anna)
    assert await told(desk, house) == {}


@every_database
async def test_what_the_customer_says_is_told_to_those_who_work_on_it(desk: Desk, house: House) -> None:
    ticket = await opened(desk, owner=await desk.agent(desk.anna), responsible=await desk.agent(desk.bert))
    assert await told(desk, house) == {"Anna": ["ticket.assigned"], "Bert": ["ticket.assigned"]}
    both = {"Anna": ["ticket.customer_replied"], "Bert": ["ticket.customer_replied"]}
    await desk.run(desk.carla, articles.add_portal_message, ticket, words())
    assert await told(desk, house) == both
    await desk.run(SYSTEM, articles.add_incoming, ticket, mail())
    assert await told(desk, house) == both
    nobodys = await opened(desk)
    await desk.run(desk.carla, articles.add_portal_message, nobodys, words())
    assert await told(desk, house) == {}


async def test_a_note_is_told_to_the_others_who_work_on_it(desk: Desk, house: House) -> None:
    ticket = await opened(desk, owner=await desk.agent(desk.anna), responsible=await desk.agent(desk.bert))
    await told(desk, house)
    noter = await desk.agent_with("nora", ("ro", "note"))
    await desk.run(noter, articles.add_note, ticket, words(Channel.NOTE))
    assert await told(desk, house) == {"Anna": ["ticket.note_added"], "Bert": ["ticket.note_added"]}
    await desk.run(desk.anna, articles.add_note, ticket, words(Channel.NOTE))
    assert await told(desk, house) == {"Bert": ["ticket.note_added"]}


@every_database
async def test_an_answer_is_told_to_the_customer_user(desk: Desk, house: House) -> None:
    ticket = await opened(desk)
    await desk.run(desk.anna, articles.reply, ticket, words())
    assert await told(desk, house) == {"Carla": ["ticket.answered"]}
    await desk.run(desk.anna, articles.add_note, ticket, words(Channel.NOTE))
    assert await told(desk, house) == {}
    await desk.run(SYSTEM, articles.add_note, ticket, words(sender_type=SenderType.SYSTEM, visible_for_customer=True))
    assert await told(desk, house) == {}
    phoned = words(Channel.PHONE, sender_type=SenderType.AGENT)
    await opened(desk, desk.anna, phoned)
    assert await told(desk, house) == {}


async def test_a_reminder_is_told_and_what_acts_by_itself_is_not(desk: Desk, house: House) -> None:
    later = now() + timedelta(minutes=40)
    await owned(desk, state=await state("pending reminder"), pending_until=later)
    await owned(desk, state=await state("pending auto close+"), pending_until=later)
    await told(desk, house)
    with clock.set_forward(timedelta(hours=1)):
        await house.run(lambda unit: unit.enqueue("tickets.act_on_deadlines"))
        assert await told(desk, house) == {"Anna": ["ticket.pending_reached"], "Bert": ["ticket.pending_reached"]}


@every_database
async def test_a_fact_is_told_once_however_often_it_is_handled(desk: Desk, house: House) -> None:
    ticket = await owned(desk)
    await house.drain()
    job = await Job.get(name="notifications.on_ticket_created")
    entry = await Entry.get(name="ticket.created", subject_id=ticket.id)
    for _ in range(2):
        await house.runtime.units.run(
            SYSTEM, lambda unit: handlers.tell(unit, entry), cause_id=job.cause_id, depth=job.depth
        )
    assert await kinds(desk, desk.anna) == ["ticket.assigned"]
    assert await Entry.filter(name="notification.added").count() == 2
    fact = await Entry.filter(name="notification.added").order_by("id").first() or Entry()
    assert fact.facts == {"kind": "ticket.assigned", "person_kind": "agent", "person_id": desk.anna.id}
    assert fact.cause_id == entry.id


async def test_nobody_is_told_who_may_not_see_it_or_is_switched_off(desk: Desk, house: House) -> None:
    hidden = await desk.ticket(queue=desk.other_queue)
    shown = await desk.ticket()
    await desk.run(SYSTEM, accounts.update_agent, await desk.agent(desk.bert), active=False)

    async def tell(unit: Unit, actor: Actor, ticket: Ticket | None) -> bool:
        return await service.notify(unit, person(actor), "test.kind", "Look", ticket) is not None

    for actor, ticket, is_told in (
        (desk.ben, hidden, False),
        (desk.stranger, shown, False),
        (desk.bert, shown, False),
        (desk.bert, None, False),
        (desk.ben, shown, True),
        (desk.colleague, shown, True),
        (desk.eve, None, True),
    ):
        assert await house.run(partial(tell, actor=actor, ticket=ticket)) is is_told, (actor.name, ticket)
    assert not await house.run(partial(tell, actor=desk.ben, ticket=None), actor=desk.ben)
    assert await house.run(partial(tell, actor=desk.ben, ticket=None), actor=desk.anna)
    assert await Notification.all().count() == 4


async def test_a_title_is_in_the_language_of_its_reader(desk: Desk, house: House) -> None:
    await desk.run(SYSTEM, accounts.update_agent, await desk.agent(desk.anna), locale="de")
    ticket = await owned(desk, title="The {number} of 100 % braces {")
    await house.drain()
    (german,), (english,) = await inbox(desk, desk.anna), await inbox(desk, desk.bert)
    assert german["title"] == f"Das Ticket {ticket.number} wurde Ihnen zugewiesen: {ticket.title}"
    assert english["title"] == f"Ticket {ticket.number} was assigned to you: {ticket.title}"


async def test_a_package_says_what_it_likes(desk: Desk, house: House) -> None:
    async def tell(unit: Unit) -> None:
        await service.notify(unit, person(desk.ben), "itsm.approval_requested", "Approve {change}!", change="{x}")
        await service.notify(unit, person(desk.ben), "itsm.approval_requested", "Plain { braces")
        await service.notify(unit, person(desk.ben), "itsm.long", "x" * 2000)

    await house.run(tell)
    assert [each["title"] for each in await inbox(desk, desk.ben)] == [
        "x" * MAX_TITLE,
        "Plain { braces",
        "Approve {x}!",
    ]


@every_database
async def test_what_was_read_long_ago_is_removed(desk: Desk, house: House) -> None:
    async def tell(unit: Unit, word: str) -> None:
        await service.notify(unit, person(desk.ben), "test.word", word)

    await house.run(partial(tell, word="read"))
    assert await mark(desk, desk.ben) == []
    await house.run(partial(tell, word="unread"))
    await house.run(lambda unit: settings.change_setting(unit, KEEP_READ_DAYS, 3))
    for days, left in ((2, 2), (4, 1)):
        with clock.set_forward(timedelta(days=days)):
            await house.run(lambda unit: unit.enqueue("notifications.forget_read"))
            await house.drain()
        assert len(await inbox(desk, desk.ben)) == left
    assert any(schedule.job == "notifications.forget_read" for schedule in house.runtime.wiring.schedules)


@pytest.mark.parametrize("rights", [(), ("ro",)])
async def test_rights_are_asked_when_somebody_is_told(desk: Desk, house: House, rights: tuple[str, ...]) -> None:
    ticket = await opened(desk, owner=await desk.agent(desk.anna))
    await told(desk, house)
    await desk.run(desk.carla, articles.add_portal_message, ticket, words())
    agent = await desk.agent(desk.anna)
    await house.run(lambda unit: access.grant_rights(unit, agent, desk.group, rights))
    assert ("Anna" in await told(desk, house)) is bool(rights)
