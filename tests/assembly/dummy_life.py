"""A house with the dummy in it, lived in for a moment; what was seen is printed as JSON."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import httpx2

from tessera.access import queries as access
from tessera.access import service as access_service
from tessera.accounts import service as accounts
from tessera.accounts.models import Agent
from tessera.kit.actor import Actor, ActorKind
from tessera.kit.jobs import Job, JobState
from tessera.kit.unit import Unit
from tessera.settings.service import change_setting
from tessera.testing.house import House, serve_house
from tessera.tickets.models import Ticket
from tessera.tickets.settings import NUMBER_GENERATOR
from tests.tickets.desk import Desk, gid

REMARK = """mutation ($id: ID!, $text: String!) {
  dummyRemark(id: $id, text: $text) { remark { id text } userErrors { message reason field } }
}"""
SEEN = """query ($id: ID!) {
  ticket(id: $id) { number dummy { text reactions } history { nodes { kind summary } } } dummyWords
}"""
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
        seen = await house.ask(SEEN, {"id": gid(ticket)}, actor=anna)
        async with httpx2.AsyncClient(headers={"Authorization": f"Bearer {token}"}) as client:
            route = (await client.get(f"{house.url}/x/dummy/remarks")).json()
            checks = (await client.get(f"{house.url}/health")).json()
        return {"made": made, "refused": refused, "forbidden": forbidden, "seen": seen, "route": route} | {
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


async def echoed() -> None:
    """Wait until the handler has run and the job it asked for too."""
    done = Job.filter(name="dummy.echo", state=JobState.SUCCEEDED, cause_id__isnull=False)  # not the scheduled one
    async with asyncio.timeout(WAIT_SECONDS):
        while not await done.exists():  # noqa: ASYNC110 - the database is asked, nobody tells
            await asyncio.sleep(0.05)


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(Path(sys.argv[1])))))  # noqa: T201 - what the test reads
