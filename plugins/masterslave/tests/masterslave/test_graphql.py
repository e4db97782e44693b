"""Groups over the API: shapes, rights, pages, filters, inputs, problems in the viewer's language, few statements."""

from dataclasses import replace
from typing import Any

import pytest

from tessera.engine.context import Context
from tessera.engine.documents import Refused
from tessera.engine.engine import Engine
from tessera.kit.actor import Actor
from tessera.kit.ids import to_global
from tessera.testing.fixtures import every_database
from tessera.tickets import service as tickets
from tessera.tickets.models import Ticket
from tessera_masterslave._cascades import CASCADES
from tests.masterslave.crowd import INFO, Crowd, failures, master_of, now, sound, state_of
from tests.tickets.desk import gid, state

PAYLOAD = """{ master { id masterslave { role cascades } } slaves { number }
  failed { id ticket { number } userErrors { code reason message field } } userErrors { code reason message field } }"""
ATTACH = f"mutation ($m: ID!, $s: [ID!]!) {{ masterslaveAttach(masterId: $m, slaveIds: $s) {PAYLOAD} }}"
DETACH = ATTACH.replace("Attach", "Detach")
DISSOLVE = f"mutation ($m: ID!) {{ masterslaveDissolve(masterId: $m) {PAYLOAD} }}"
PROMOTE = f"mutation ($m: ID!) {{ masterslavePromote(id: $m) {PAYLOAD} }}"
CASCADES_SET = f"mutation ($m: ID!, $c: [String!]!) {{ masterslaveCascadesSet(masterId: $m, cascades: $c) {PAYLOAD} }}"
RETRY = f"mutation ($m: ID!, $s: [ID!]) {{ masterslaveRetry(masterId: $m, slaveIds: $s) {PAYLOAD} }}"
LIST = """query ($filter: TicketFilter) { tickets(filter: $filter, first: 50) { totalCount nodes { number
  masterslave { role master { number } slaves(first: 2) { nodes { number } } failures(first: 1) { totalCount }
  jobs { id } cascades } } } }"""
CREATE = """mutation ($input: TicketCreateInput!) { ticketCreate(input: $input) {
  ticket { id masterslave { role master { number } } } userErrors { code reason message field } } }"""


async def ask(crowd: Crowd, document: str, actor: Actor | None = None, **variables: Any) -> dict[str, Any]:
    (payload,) = (await crowd.house.ask(document, variables, actor=actor or crowd.mira)).values()
    return dict(payload)


def numbers(payload: dict[str, Any]) -> list[str]:
    return [each["number"] for each in payload["slaves"]]


@every_database
async def test_a_ticket_shows_its_place(crowd: Crowd) -> None:
    master, slaves = await crowd.group()
    shown = await crowd.info(master)
    assert shown == {
        "role": "MASTER",
        "master": {"number": master.number},
        "cascades": list(CASCADES),
        "slaves": {"totalCount": 2, "nodes": [{"number": each.number} for each in slaves]},
        "failures": {"totalCount": 0, "nodes": []},
    }
    assert await crowd.info(slaves[0]) == {**shown, "role": "SLAVE"}
    assert await crowd.info(await crowd.ticket("Stranger")) is None
    assert await crowd.info(slaves[0], crowd.desk.ben) == {**shown, "role": "SLAVE"}


async def test_slaves_come_in_pages_and_only_those_in_sight(crowd: Crowd) -> None:
    master, slaves = await crowd.group(3)
    hidden = await crowd.ticket("Hidden", queue=crowd.desk.other_queue)
    await crowd.attach(master, [hidden])
    document = """query ($id: ID!, $first: Int, $after: String) { ticket(id: $id) { masterslave {
      slaves(first: $first, after: $after) { nodes { number } pageInfo { hasNextPage endCursor } totalCount } } } }"""
    variables = {"id": gid(master), "first": 2}
    first = (await crowd.house.ask(document, variables, actor=crowd.desk.anna))["ticket"]["masterslave"]["slaves"]
    assert [each["number"] for each in first["nodes"]] == [each.number for each in slaves[:2]]
    assert (first["totalCount"], first["pageInfo"]["hasNextPage"]) == (3, True)
    variables["after"] = first["pageInfo"]["endCursor"]
    rest = (await crowd.house.ask(document, variables, actor=crowd.desk.anna))["ticket"]["masterslave"]["slaves"]
    assert [each["number"] for each in rest["nodes"]] == [slaves[2].number]
    assert not rest["pageInfo"]["hasNextPage"]


async def test_customers_and_those_who_do_not_see_the_master_are_shown_nothing(crowd: Crowd) -> None:
    master, (slave, _) = await crowd.group(2, queue=crowd.desk.other_queue)
    desk = crowd.desk
    assert await crowd.info(slave, desk.anna) is None
    assert await crowd.info(master, desk.carla) is None
    for actor, count in ((desk.anna, 0), (desk.carla, 0), (crowd.mira, 3)):
        for wanted in ({"role": ["SLAVE", "MASTER"]}, {"masterId": {"in": [gid(master)]}}):
            data = await crowd.house.ask(LIST, {"filter": {"masterslave": wanted}}, actor=actor)
            assert data["tickets"]["totalCount"] == count


@every_database
async def test_tickets_are_found_by_their_place(crowd: Crowd) -> None:
    master, (one, two) = await crowd.group()
    other, (three, _) = await crowd.ticket("Other"), await crowd.tickets(2)
    await crowd.attach(other, [three])
    free = [row for row in await Ticket.all() if await master_of(row) is None]

    async def found(**wanted: Any) -> set[str]:
        data = await crowd.house.ask(LIST, {"filter": {"masterslave": wanted}}, actor=crowd.mira)
        return {each["number"] for each in data["tickets"]["nodes"]}

    def these(*rows: Ticket) -> set[str]:
        return {row.number for row in rows}

    assert await found(role=["MASTER"]) == these(master, other)
    assert await found(role=["SLAVE"]) == these(one, two, three)
    assert await found(role=[]) == set()
    assert await found(masterId={"in": [gid(master)]}) == these(master, one, two)
    assert await found(masterId={"in": [gid(master)]}, role=["SLAVE"]) == these(one, two)
    assert await found(masterId={"in": [gid(one), "nonsense"]}) == set()
    assert await found(masterId={"notIn": [gid(master)]}) == these(other, three, *free)
    assert await found(masterId={"isNull": True}) == these(*free)
    assert await found(masterId={"isNull": False}) == these(master, one, two, other, three)
    assert await found() == these(master, one, two, other, three, *free)


@every_database
async def test_the_verbs_answer_with_what_became_of_each(crowd: Crowd) -> None:
    desk = crowd.desk
    master, (one, two, three) = await crowd.ticket(), await crowd.tickets(3)
    await desk.run(desk.bert, tickets.lock, two)
    unknown = to_global("Ticket", 10**9)
    answer = await ask(crowd, ATTACH, m=gid(master), s=[gid(one), gid(two), unknown, "nonsense", gid(one), gid(three)])
    assert answer["master"] == {"id": gid(master), "masterslave": {"role": "MASTER", "cascades": list(CASCADES)}}
    assert (numbers(answer), answer["userErrors"]) == ([one.number, three.number], [])
    failed = [(each["id"], each["userErrors"][0]["code"], each["userErrors"][0]["reason"]) for each in answer["failed"]]
    assert failed == [
        (gid(two), "CONFLICT", "tickets.locked"),
        (unknown, "NOT_FOUND", None),
        ("nonsense", "NOT_FOUND", None),
    ]
    assert answer["failed"][0]["ticket"] == {"number": two.number}
    refused = await ask(crowd, ATTACH, m=gid(one), s=[gid(two)])
    assert [(each["code"], each["reason"], each["field"]) for each in refused["userErrors"]] == [
        ("STATE", "masterslave.master_is_slave", ["masterId"])
    ]
    assert refused["master"]["id"] == gid(one)
    changed = await ask(crowd, CASCADES_SET, m=gid(master), c=["reply", "note"])
    assert changed["master"]["masterslave"]["cascades"] == ["note", "reply"]
    wrong = await ask(crowd, CASCADES_SET, m=gid(master), c=["title"])
    assert [(each["code"], each["field"]) for each in wrong["userErrors"]] == [("INVALID", ["cascades"])]
    promoted = await ask(crowd, PROMOTE, m=gid(one))
    assert promoted["master"]["masterslave"]["role"] == "MASTER"
    released = await ask(crowd, DETACH, m=gid(one), s=[gid(three), gid(two)])
    assert numbers(released) == [three.number]
    assert [each["userErrors"][0]["reason"] for each in released["failed"]] == ["masterslave.no_slave"]
    dissolved = await ask(crowd, DISSOLVE, m=gid(one))
    assert numbers(dissolved) == [master.number]
    assert dissolved["master"]["masterslave"] is None
    await sound()


async def test_the_permission_is_asked_for(crowd: Crowd) -> None:
    master, (slave, _) = await crowd.group()
    one = {"m": gid(master), "s": [gid(slave)]}
    for document, variables in (
        (ATTACH, one),
        (DETACH, one),
        (DISSOLVE, {"m": gid(master)}),
        (PROMOTE, {"m": gid(slave)}),
        (CASCADES_SET, {"m": gid(master), "c": []}),
    ):
        for actor in (crowd.desk.anna, crowd.desk.carla):
            answer = await ask(crowd, document, actor, **variables)
            assert [each["code"] for each in answer["userErrors"]] == ["FORBIDDEN"]
    assert await master_of(slave) == master.id


async def test_too_many_at_once_are_refused(crowd: Crowd) -> None:
    master = await crowd.ticket()
    answer = await ask(crowd, ATTACH, m=gid(master), s=[gid(master)] * 1001)
    assert [(each["code"], each["field"]) for each in answer["userErrors"]] == [("LIMIT", ["slaveIds"])]


@every_database
async def test_what_failed_is_shown_and_tried_again(crowd: Crowd) -> None:
    desk = crowd.desk
    master, (locked, other) = await crowd.group()
    for each in (locked, other):
        await desk.run(desk.bert, tickets.lock, each)
    await crowd.act(tickets.close, master, state=await state("closed successful"))
    german = replace(crowd.mira, locale="de", memory={})
    shown = await crowd.info(master, german)
    assert shown is not None
    assert shown["failures"]["totalCount"] == 2
    newest = shown["failures"]["nodes"][0]
    assert newest["slave"] == {"number": other.number}
    assert (newest["cascade"], newest["code"], newest["reason"]) == ("state", "CONFLICT", "tickets.locked")
    assert newest["message"].startswith("Bert sperrt")
    again = await ask(crowd, RETRY, m=gid(master))
    assert [each["ticket"]["number"] for each in again["failed"]] == [locked.number, other.number]
    await desk.run(desk.bert, tickets.unlock, locked)
    some = await ask(crowd, RETRY, m=gid(master), s=[gid(other)])
    assert (numbers(some), len(some["failed"])) == ([], 1)
    rest = await ask(crowd, RETRY, m=gid(master))
    assert (numbers(rest), [each["ticket"]["number"] for each in rest["failed"]]) == ([locked.number], [other.number])
    assert await state_of(locked) == "closed successful"
    assert (await failures(locked), await failures(other)) == ([], [("state", "tickets.locked")])
    for actor, reason in ((desk.carla, "masterslave.no_master"), (desk.ben, None)):
        answer = await ask(crowd, RETRY, actor, m=gid(master))
        refused = answer["userErrors"] or answer["failed"][0]["userErrors"]
        assert refused[0]["reason"] in {reason, "queues.right_missing"}
    assert len(await failures(other)) == 1


@every_database
async def test_a_retried_state_brings_its_time(crowd: Crowd) -> None:
    desk = crowd.desk
    master, (one, _) = await crowd.group()
    await desk.run(desk.bert, tickets.lock, one)
    await crowd.act(tickets.set_state, master, await state("pending reminder"))
    until = (await now(master)).pending_until
    await desk.run(desk.bert, tickets.unlock, one)
    await ask(crowd, RETRY, m=gid(master))
    assert (await now(one)).pending_until == until


@every_database
async def test_a_ticket_opens_in_a_group(crowd: Crowd) -> None:
    desk = crowd.desk
    master, slaves = await crowd.group()
    plain = {"title": "Cable", "queueId": gid(desk.queue, "Queue"), "article": {"channel": "note", "body": "Cut"}}

    async def create(actor: Actor | None = None, **given: Any) -> dict[str, Any]:
        return await ask(crowd, CREATE, actor, input={**plain, "masterslave": given})

    slave = await create(masterId=gid(master))
    assert slave["ticket"]["masterslave"] == {"role": "SLAVE", "master": {"number": master.number}}
    free = await crowd.ticket("Free")
    led = await create(slaveIds=[gid(free)])
    assert led["ticket"]["masterslave"]["role"] == "MASTER"
    before = await Ticket.all().count()
    for actor, given, code, field in (
        (None, {"slaveIds": [gid(slaves[0])]}, "STATE", ["input", "masterslave", "slaveIds"]),
        (None, {"slaveIds": ["nonsense"]}, "NOT_FOUND", ["input", "masterslave", "slaveIds"]),
        (None, {"masterId": gid(slaves[0])}, "STATE", ["input", "masterslave", "masterId"]),
        (None, {"masterId": "nonsense"}, "NOT_FOUND", ["input", "masterslave", "masterId"]),
        (desk.anna, {"masterId": gid(master)}, "FORBIDDEN", ["input", "masterslave"]),
    ):
        refused = await create(actor, **given)
        assert refused["ticket"] is None
        assert [(each["code"], each["field"]) for each in refused["userErrors"]] == [(code, field)]
    assert await Ticket.all().count() == before
    both = {"masterId": gid(master), "slaveIds": []}
    with pytest.raises(Refused, match="exactly one key"):
        await crowd.house.graphql(CREATE, {"input": {**plain, "masterslave": both}}, actor=crowd.mira)


@every_database
async def test_a_list_takes_as_many_statements_for_many_as_for_few(crowd: Crowd) -> None:
    counts = []
    for groups in (1, 5):
        for _ in range(groups):
            await crowd.group(3)
        data = await crowd.house.ask(LIST, actor=crowd.mira)
        assert len([each for each in data["tickets"]["nodes"] if each["masterslave"]]) >= 4 * groups
        counts.append(len(await crowd.house.statements(LIST, actor=crowd.mira)))
    assert counts[0] == counts[1] < 25, counts


async def test_what_is_read_is_compiled(crowd: Crowd) -> None:
    await crowd.group(2)
    engine = Engine(crowd.house.runtime.assembly.schema)
    runtime = crowd.house.runtime
    context = Context(runtime.units, runtime.bus, crowd.mira)
    for document in (LIST, INFO.replace("($id: ID!)", "").replace("$id", f'"{gid(await crowd.ticket())}"')):
        assert await engine.planned(engine.prepare(document, None, {}), {}, context) is not None
