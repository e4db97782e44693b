"""An outage, over HTTP: the first report becomes the master, the others follow, and everybody is told in person."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx2

from tessera.accounts import service as accounts
from tessera.kit.actor import Actor
from tessera.testing.house import House
from tests.masterslave.crowd import Crowd, open_crowd
from tests.tickets.desk import gid, state

PATIENCE = 30
CREATE = """mutation ($input: TicketCreateInput!) { ticketCreate(input: $input) {
  ticket { id number masterslave { role } } userErrors { message } } }"""
ATTACH = """mutation ($m: ID!, $s: [ID!]!) { masterslaveAttach(masterId: $m, slaveIds: $s) {
  slaves { id } failed { userErrors { reason } } userErrors { message } } }"""
PREVIEW = """query ($m: ID!, $s: ID, $a: ArticleInput) { masterslavePreview(masterId: $m, stateId: $s, article: $a) {
  slave { number } effects problem } }"""
ANSWER = """mutation ($t: ID!, $input: ArticleInput!, $s: ID) {
  articleCreate(ticketId: $t, input: $input, stateId: $s) {
  ticket { state { name } } userErrors { message } } }"""
STORY = """query ($id: ID!) { ticket(id: $id) { state { name } articles { nodes { body } } history { nodes { kind } }
  masterslave { role failures { nodes { slave { number } cascade reason } } } } }"""
RETRY = """mutation ($m: ID!) { masterslaveRetry(masterId: $m) {
  slaves { number } failed { userErrors { reason } } userErrors { message } } }"""
PROMOTE = "mutation ($id: ID!) { masterslavePromote(id: $id) { master { number } userErrors { message } } }"
DISSOLVE = "mutation ($m: ID!) { masterslaveDissolve(masterId: $m) { slaves { number } userErrors { message } } }"

Ask = Callable[..., Awaitable[Any]]


async def asking(house: House, actor: Actor, client: httpx2.AsyncClient) -> Ask:
    """Return how somebody asks the API by a token of theirs."""
    _, token = await house.run(lambda unit: accounts.issue_token(unit, name="journey"), actor=actor)

    async def ask(document: str, **variables: Any) -> Any:
        body = {"query": document, "variables": variables}
        answer = (await client.post("/graphql", json=body, headers={"Authorization": f"Bearer {token}"})).json()
        assert "errors" not in answer, answer
        (payload,) = answer["data"].values()
        assert not (isinstance(payload, dict) and payload.get("userErrors")), payload
        return payload

    return ask


async def until(ask: Ask, ticket_id: str, fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Read a ticket's story until it fits."""
    async with asyncio.timeout(PATIENCE):
        while not fits(story := await ask(STORY, id=ticket_id)):  # noqa: ASYNC110 - it happens behind a socket
            await asyncio.sleep(0.05)
    return dict(story)


async def opened(crowd: Crowd, ask: Ask, person: Actor, **given: Any) -> dict[str, Any]:
    values = {
        "title": "No network",
        "queueId": gid(crowd.desk.queue, "Queue"),
        "customerUserId": gid(await crowd.desk.customer_user(person)),
        "article": {"channel": "phone", "body": "Nothing works"},
    }
    found: dict[str, Any] = (await ask(CREATE, input={**values, **given}))["ticket"]
    return found


async def test_an_outage(served: House) -> None:
    crowd = await open_crowd(served)
    desk = crowd.desk
    closed = gid(await state("closed successful"), "TicketState")
    async with httpx2.AsyncClient(base_url=served.url) as client:
        mira = await asking(served, crowd.mira, client)
        master, one = await opened(crowd, mira, desk.carla), await opened(crowd, mira, desk.colleague)
        attached = await mira(ATTACH, m=master["id"], s=[one["id"]])
        assert (attached["slaves"], attached["failed"]) == ([{"id": one["id"]}], [])
        two = await opened(crowd, mira, desk.stranger, masterslave={"masterId": master["id"]})
        assert two["masterslave"] == {"role": "SLAVE"}

        article = {"channel": "email", "body": "Dear Carla, the cable is mended."}
        shown = await mira(PREVIEW, m=master["id"], s=closed, a=article)
        assert [(each["slave"]["number"], len(each["effects"]), each["problem"]) for each in shown] == [
            (one["number"], 2, None),
            (two["number"], 2, None),
        ]
        answered = await mira(ANSWER, t=master["id"], input=article, s=closed)
        assert answered["ticket"]["state"] == {"name": "closed successful"}
        for slave, name in ((one, "Carl"), (two, "Sid")):
            story = await until(mira, slave["id"], lambda found: found["state"]["name"] == "closed successful")
            assert story["articles"]["nodes"][-1] == {"body": f"Dear {name}, the cable is mended."}
            assert "masterslave.attached" in [each["kind"] for each in story["history"]["nodes"]]
        assert (await mira(STORY, id=master["id"]))["masterslave"]["failures"]["nodes"] == []

        assert (await mira(PROMOTE, id=one["id"]))["master"] == {"number": one["number"]}
        assert [each["number"] for each in (await mira(DISSOLVE, m=one["id"]))["slaves"]] == [
            master["number"],
            two["number"],
        ]
        assert (await mira(STORY, id=two["id"]))["masterslave"] is None


async def test_a_colleagues_lock_is_waited_for(served: House) -> None:
    crowd = await open_crowd(served)
    desk = crowd.desk
    async with httpx2.AsyncClient(base_url=served.url) as client:
        mira, bert = await asking(served, crowd.mira, client), await asking(served, desk.bert, client)
        slave = await opened(crowd, mira, desk.colleague)
        master = await opened(crowd, mira, desk.carla, masterslave={"slaveIds": [slave["id"]]})
        await bert("mutation ($id: ID!) { ticketLock(id: $id) { userErrors { message } } }", id=slave["id"])
        close = "mutation ($id: ID!, $s: ID!) { ticketClose(id: $id, stateId: $s) { userErrors { message } } }"
        await mira(close, id=master["id"], s=gid(await state("closed successful"), "TicketState"))
        story = await until(mira, master["id"], lambda found: bool(found["masterslave"]["failures"]["nodes"]))
        assert story["masterslave"]["failures"]["nodes"] == [
            {"slave": {"number": slave["number"]}, "cascade": "state", "reason": "tickets.locked"}
        ]
        refused = await mira(RETRY, m=master["id"])
        assert [each["userErrors"][0]["reason"] for each in refused["failed"]] == ["tickets.locked"]
        await bert("mutation ($id: ID!) { ticketUnlock(id: $id) { userErrors { message } } }", id=slave["id"])
        assert (await mira(RETRY, m=master["id"]))["slaves"] == [{"number": slave["number"]}]
        story = await mira(STORY, id=slave["id"])
        assert (story["state"]["name"], story["masterslave"]["failures"]["nodes"]) == ("closed successful", [])
        assert "masterslave.caught_up" in [each["kind"] for each in story["history"]["nodes"]]
