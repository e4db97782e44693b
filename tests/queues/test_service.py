import asyncio
from typing import Any

import pytest

from tessera.kit.actor import SYSTEM, Actor
from tessera.kit.errors import Forbidden, Invalid, Problem, StaleVersion
from tessera.kit.journal import Entry
from tessera.kit.unit import Unit
from tessera.queues import queries, service
from tessera.queues.errors import (
    AddressInUse,
    AddressTaken,
    InvalidAddress,
    NameTaken,
    QueueCycle,
    QueueName,
    QueueTaken,
    TwoOfAKind,
)
from tessera.queues.models import (
    AutoResponse,
    AutoResponseKind,
    Queue,
    Salutation,
    SystemAddress,
    Template,
    TemplateKind,
)
from tessera.testing.fixtures import every_database
from tests.queues.desk import CUSTOMER, MANAGER, Desk


async def change(desk: Desk, queue: Queue, *, actor: Actor = MANAGER, **changes: Any) -> Queue:
    async def work(unit: Unit) -> Queue:
        row = await Queue.get(id=queue.id)
        return await service.update_queue(unit, row, **changes)

    return await desk.house.run(work, actor=actor)


async def paths() -> list[str]:
    found = await Queue.filter(path__startswith="S").order_by("path").values_list("path", flat=True)
    return [str(path) for path in found]


async def told(queue: Queue) -> list[tuple[object, object, object]]:
    entries = await Entry.filter(subject_kind="queue", subject_id=queue.id, name="queue.changed").order_by("id")
    return [(entry.facts["field"], entry.facts["before"], entry.facts["after"]) for entry in entries]


@every_database
async def test_renaming_renames_everything_below(desk: Desk) -> None:
    await change(desk, desk.support, name="Service")
    assert await paths() == ["Sales", "Service", "Service::1st Level", "Service::1st Level::2nd Level"]
    assert await told(desk.second) == [
        ("path", "Support::1st Level::2nd Level", "Service::1st Level::2nd Level"),
    ]
    assert ("name", "Support", "Service") in await told(desk.support)
    found = await queries.by_path("SERVICE::1st level ")
    assert found is not None
    assert found.id == desk.first.id


@every_database
async def test_moving_moves_everything_below(desk: Desk) -> None:
    await change(desk, desk.first, parent=desk.sales)
    assert await paths() == ["Sales", "Sales::1st Level", "Sales::1st Level::2nd Level", "Support"]
    assert ("parent", "Support", "Sales") in await told(desk.first)
    await change(desk, desk.second, parent=None, name="Second")
    assert await queries.by_path("Second") is not None
    assert await queries.subtree_ids([desk.sales.id]) == [desk.sales.id, desk.first.id]


async def test_a_queue_cannot_stand_below_itself(desk: Desk) -> None:
    for parent in (desk.support, desk.first, desk.second):
        with pytest.raises(QueueCycle) as caught:
            await change(desk, desk.support, parent=parent)
        assert caught.value.field == ("input", "parent_id")
    assert len(await paths()) == 4


@every_database
async def test_two_moves_at_once_make_no_ring(desk: Desk) -> None:
    results = await asyncio.gather(
        change(desk, desk.support, parent=desk.sales),
        change(desk, desk.sales, parent=desk.second),
        return_exceptions=True,
    )
    assert sorted(type(result).__name__ for result in results) == ["Queue", "QueueCycle"]
    tree = {queue.id: queue for queue in await Queue.all()}
    for queue in tree.values():
        names = [queue.name]
        while queue.parent_id is not None and len(names) < 10:
            queue = tree[queue.parent_id]  # noqa: PLW2901 - the loop climbs from a queue to its root
            names.append(queue.name)
        assert len(names) < 10


@every_database
async def test_a_queue_made_while_its_parent_is_renamed_gets_the_new_path(desk: Desk) -> None:
    async def create(unit: Unit) -> Queue:
        return await service.create_queue(unit, name="Late", group=desk.everybody, parent=desk.first)

    await asyncio.gather(change(desk, desk.support, name="Service"), desk.house.run(create))
    late = await Queue.get(name="Late")
    assert late.path == "Service::1st Level::Late"


@every_database
async def test_a_full_name_is_unique_regardless_of_case(desk: Desk) -> None:
    async def create(unit: Unit) -> Queue:
        return await service.create_queue(unit, name="sUPPORT", group=desk.everybody)

    with pytest.raises(QueueTaken) as caught:
        await desk.house.run(create)
    assert caught.value.field == ("input", "name")
    with pytest.raises(QueueTaken):
        await change(desk, desk.sales, name="support")
    with pytest.raises(QueueName):
        await change(desk, desk.sales, name="a::b")


@every_database
async def test_the_same_queue_made_twice_at_once_is_made_once(desk: Desk) -> None:
    async def create(unit: Unit) -> Queue:
        return await service.create_queue(unit, name="Twin", group=desk.everybody)

    results = await asyncio.gather(*(desk.house.run(create) for _ in range(3)), return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["Queue", "QueueTaken", "QueueTaken"]
    assert await Queue.filter(name="Twin").count() == 1


async def test_only_managers_change_queues(desk: Desk) -> None:
    agent = desk.agent(everybody=frozenset({"rw"}))
    for actor in (agent, CUSTOMER):
        with pytest.raises(Forbidden):
            await change(desk, desk.support, name="Mine", actor=actor)


async def test_a_stale_version_changes_nothing(desk: Desk) -> None:
    with pytest.raises(StaleVersion):
        await change(desk, desk.support, name="Service", expected_version=7)
    assert "Support" in await paths()


async def test_what_stays_the_same_is_not_told(desk: Desk) -> None:
    await change(desk, desk.support, name="Support", follow_up_lock=False, group=desk.everybody)
    assert await told(desk.support) == []
    await change(desk, desk.support, active=False, unlock_timeout_minutes=30, group=desk.sellers)
    assert set(await told(desk.support)) == {
        ("active", "true", "false"),
        ("unlock_timeout_minutes", None, "30"),
        ("group", "everybody", "sellers"),
    }
    for minutes in (0, -1, 10**9):
        with pytest.raises(Invalid):
            await change(desk, desk.support, unlock_timeout_minutes=minutes)


@every_database
async def test_mail_to_a_queues_address_arrives_in_it(desk: Desk) -> None:
    found = await queries.by_address(" sales@EXAMPLE.com")
    assert found is not None
    assert found.id == desk.sales.id
    with pytest.raises(AddressTaken):
        await change(desk, desk.support, email_address="SALES@example.com")
    with pytest.raises(InvalidAddress):
        await change(desk, desk.support, email_address="sales")
    await change(desk, desk.sales, email_address="shop@example.com")
    for address in ("sales@example.com", "shop@example.com"):
        found = await queries.by_address(address)
        assert found is not None
        assert found.id == desk.sales.id
    assert await queries.own_addresses() == {"sales@example.com", "shop@example.com"}
    await change(desk, desk.sales, active=False)
    assert await queries.by_address("shop@example.com") is None


async def test_an_address_a_queue_answers_from_stays_with_it(desk: Desk) -> None:
    async def update(**changes: Any) -> SystemAddress:
        row = await SystemAddress.get(address_key="sales@example.com")
        return await desk.house.run(lambda unit: service.update_address(unit, row, **changes))

    for changes in ({"active": False}, {"queue": desk.support}, {"address": "other@example.com"}):
        with pytest.raises(AddressInUse):
            await update(**changes)
    await update(display_name="The shop")
    await change(desk, desk.sales, email_address=None)
    await update(queue=desk.support, active=False)
    await change(desk, desk.first, email_address="sales@example.com")
    found = await queries.by_address("sales@example.com")
    assert found is not None
    assert found.id == desk.first.id


@every_database
async def test_texts_have_unique_names_and_known_placeholders(desk: Desk) -> None:
    async def create(unit: Unit, name: str = "Formal", text: str = "Dear {{ customer.name }},") -> Salutation:
        return await service.create_salutation(unit, name=name, text=text)

    row = await desk.house.run(create)
    with pytest.raises(NameTaken):
        await desk.house.run(lambda unit: create(unit, name="FORMAL"))
    with pytest.raises(Problem, match="tiket"):
        await desk.house.run(lambda unit: create(unit, name="Other", text="{{ tiket.number }}"))
    with pytest.raises(Problem):
        await desk.house.run(lambda unit: create(unit, name="Nul", text="\x00"))
    await desk.house.run(lambda unit: service.update_salutation(unit, row, text="Hello"))
    [entry] = await Entry.filter(name="queue_text.changed")
    assert (entry.subject_kind, entry.facts["before"]) == ("salutation", "Dear {{ customer.name }},")


@every_database
async def test_a_queue_gives_one_auto_response_to_a_kind(desk: Desk) -> None:
    async def create(unit: Unit) -> list[AutoResponse]:
        return [
            await service.create_auto_response(unit, name=name, kind=kind, subject="Got it", text="Thanks")
            for name, kind in (
                ("reply", AutoResponseKind.REPLY),
                ("reply 2", AutoResponseKind.REPLY),
                ("reject", AutoResponseKind.REJECT),
            )
        ]

    reply, second, reject = await desk.house.run(create)
    await change(desk, desk.sales, auto_responses=[reply, reject])
    with pytest.raises(TwoOfAKind):
        await change(desk, desk.sales, auto_responses=[reply, second])
    found = await queries.texts_for(desk.sales, AutoResponseKind.REPLY)
    assert found is not None
    assert found.id == reply.id
    assert await queries.texts_for(desk.sales, AutoResponseKind.FOLLOW_UP) is None
    assert await queries.texts_for(desk.support, AutoResponseKind.REPLY) is None
    await desk.house.run(lambda unit: service.update_auto_response(unit, reply, active=False))
    assert await queries.texts_for(desk.sales, AutoResponseKind.REPLY) is None
    await change(desk, desk.sales, auto_responses=[second])
    assert [row.name for row in (await queries.auto_responses_of(SYSTEM, [desk.sales.id]))[desk.sales.id]] == [
        "reply 2"
    ]
    assert ("auto_responses", "reject, reply", "reply 2") in await told(desk.sales)


@every_database
async def test_templates_belong_to_some_queues_or_to_all(desk: Desk) -> None:
    async def create(unit: Unit) -> tuple[Template, ...]:
        return (
            await service.create_template(unit, name="Anywhere", kind=TemplateKind.ANSWER, body="<p>x</p>"),
            await service.create_template(
                unit, name="Sales only", kind=TemplateKind.ANSWER, body="<p>y</p>", queues=[desk.sales]
            ),
            await service.create_template(unit, name="A note", kind=TemplateKind.NOTE, body="z"),
        )

    anywhere, sales_only, _ = await desk.house.run(create)
    supporter = desk.agent(everybody=frozenset({"ro"}))
    seller = desk.agent(sellers=frozenset({"ro"}))

    async def names(actor: Actor, **narrowed: Any) -> list[str]:
        return [row.name for row in await queries.templates_for(actor, **narrowed)]

    assert await names(SYSTEM) == ["A note", "Anywhere", "Sales only"]
    assert await names(SYSTEM, queue_id=desk.support.id, kind=TemplateKind.ANSWER) == ["Anywhere"]
    assert await names(seller, queue_id=desk.sales.id, kind=TemplateKind.ANSWER) == ["Anywhere", "Sales only"]
    assert await names(supporter) == ["A note", "Anywhere"]
    assert await names(CUSTOMER) == []
    await desk.house.run(lambda unit: service.update_template(unit, sales_only, queues=[desk.support]))
    await desk.house.run(lambda unit: service.update_template(unit, anywhere, active=False))
    assert await names(supporter, queue_id=desk.support.id) == ["A note", "Sales only"]
