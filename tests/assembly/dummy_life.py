"""A house with the dummy in it, lived in for a moment; what was seen is printed as JSON."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import httpx2
from websockets import Subprotocol, connect

from tessera.access import queries as access
from tessera.access import service as access_service
from tessera.accounts import service as accounts
from tessera.accounts.models import Agent
from tessera.kit.actor import Actor, ActorKind
from tessera.kit.ids import ObjectRef
from tessera.kit.jobs import Job, JobState
from tessera.kit.unit import Unit
from tessera.links import service as links
from tessera.settings.service import change_setting
from tessera.testing.house import House, serve_house
from tessera.tickets.models import Ticket
from tessera.tickets.settings import NUMBER_GENERATOR
from tessera_dummy.models import Remark
from tessera_dummy.queries import KIND
from tests.tickets.desk import Desk, gid, names

REMARK = """mutation ($id: ID!, $text: String!) {
  dummyRemark(id: $id, text: $text) { remark { id text } userErrors { message reason field } }
}"""
SEEN = """query ($id: ID!) {
  ticket(id: $id) { number dummy { text reactions } history { nodes { kind summary } } } dummyWords
}"""
SEARCH = '{ search(query: "heard", kinds: ["dummy.remark"]) { kind title } }'
FILTERED = '{ tickets(filter: {query: "heard"}) { nodes { title } } }'
WAIT_SECONDS = 30


async def main(data: Path) -> dict[str, Any]:
    async with serve_house(f"sqlite://{data}/tessera.sqlite3", data) as house:
        desk = await Desk.furnish(house)
        anna, token = await allow(house, desk.anna)
        await house.run(lambda unit: change_setting(unit, NUMBER_GENERATOR, "dummy"))
        ticket = await desk.ticket(anna)
        made = await house.ask(REMARK, {"id": gid(ticket), "text": "well done"}, actor=anna)
        refused = await house.ask(REMARK, {"id": gid(ticket), "text": "mumble"}, actor=anna)
        forbidden = await house.ask(REMARK, {"id": gid(ticket), "text": "well"}, actor=desk.bert)
        await echoed()
        told = await told_of(house, token, desk, anna)
        recorded = await linked(house, anna, ticket)
        seen = await house.ask(SEEN, {"id": gid(ticket)}, actor=anna)
        async with httpx2.AsyncClient(headers={"Authorization": f"Bearer {token}"}) as client:
            route = (await client.get(f"{house.url}/x/dummy/remarks")).json()
            checks = (await client.get(f"{house.url}/health")).json()
        return {"made": made, "refused": refused, "forbidden": forbidden, "seen": seen, "route": route} | {
            "told": told,
            "linked": recorded,
            "found": await found(house, anna),
            "checks": checks,
            "number": (await Ticket.get(id=ticket.id)).number,
        }


async def allow(house: House, anna: Actor) -> tuple[Actor, str]:
    """Give an agent the dummy's permission, and a token."""

    async def work(unit: Unit) -> None:
        role = await access_service.create_role(unit, name="remarker", permissions=["dummy.remark"])
        await access_service.grant_role(unit, await Agent.get(id=anna.id), role)

    await house.run(work)
    allowed = await access.actor_for(ActorKind.AGENT, anna.id or 0)
    assert allowed is not None
    _, token = await house.run(lambda unit: accounts.issue_token(unit, name="test"), actor=allowed)
    return allowed, token


async def told_of(house: House, token: str, desk: Desk, anna: Actor) -> Any:
    """Follow remarks over a socket while one is made; return what came."""
    address = f"{house.url.replace('http', 'ws', 1)}/graphql"
    async with connect(address, subprotocols=[Subprotocol("graphql-transport-ws")]) as socket:
        await socket.send(json.dumps({"type": "connection_init", "payload": {"Authorization": f"Bearer {token}"}}))
        assert json.loads(await socket.recv())["type"] == "connection_ack"
        document = "subscription { dummyRemarked { text ticket { title } agent { login } } }"
        await socket.send(json.dumps({"type": "subscribe", "id": "1", "payload": {"query": document}}))
        await asyncio.sleep(0.5)  # a subscription says nothing when it begins
        other = await desk.ticket(anna, title="Another")
        await house.ask(REMARK, {"id": gid(other), "text": "heard of"}, actor=anna)
        async with asyncio.timeout(WAIT_SECONDS):
            return json.loads(await socket.recv())["payload"]


async def linked(house: House, anna: Actor, ticket: Ticket) -> list[str]:
    """Link a ticket to its remark; return the names of what was recorded about the ticket."""
    remark = await Remark.get(ticket_id=ticket.id)
    ends = ObjectRef("ticket", ticket.id), ObjectRef(KIND, remark.id)
    await house.run(lambda unit: links.link(unit, "normal", *ends), actor=anna)
    return await names(ticket)


async def found(house: House, anna: Actor) -> Any:
    """Look for a word of a remark, in everything and among tickets."""
    async with asyncio.timeout(WAIT_SECONDS):
        while not (hits := (await house.ask(SEARCH, actor=anna))["search"]):  # noqa: ASYNC110 - as in `echoed`
            await asyncio.sleep(0.05)
    return {"hits": hits, **await house.ask(FILTERED, actor=anna)}


async def echoed() -> None:
    """Wait until the handler has run and the job it asked for too."""
    done = Job.filter(name="dummy.echo", state=JobState.SUCCEEDED, cause_id__isnull=False)  # not the scheduled one
    async with asyncio.timeout(WAIT_SECONDS):
        while not await done.exists():  # noqa: ASYNC110 - the database is asked, nobody tells
            await asyncio.sleep(0.05)


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(Path(sys.argv[1])))))  # noqa: T201 - what the test reads
