"""A thousand slaves are closed and noted upon by one mutation: answered at once, done in half a minute, watched."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from tessera.accounts import service as accounts
from tessera.articles import service as articles
from tessera.articles.models import Article
from tessera.kit.clock import now
from tessera.kit.jobs import Job
from tessera.kit.unit import Unit
from tessera.testing.fixtures import SECRET, every_database
from tessera.testing.house import House, serve_house
from tessera.tickets.models import Ticket
from tessera_masterslave import queries
from tessera_masterslave.models import Failure
from tests.articles.words import mail
from tests.masterslave.crowd import Crowd, open_crowd
from tests.proofs.streams import connected, payloads
from tests.proofs.world import Caller
from tests.tickets.desk import gid, state

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]

SLAVES = 1_000
AT_ONCE = 100
SECONDS = 30.0
ANSWERED = 2.0
PATIENCE = 300.0
ATTACH = """mutation ($m: ID!, $s: [ID!]!) { masterslaveAttach(masterId: $m, slaveIds: $s) {
  slaves { id } failed { id } userErrors { message } } }"""
CLOSE = """mutation ($m: ID!, $s: ID!) { ticketClose(id: $m, stateId: $s, note: "The cable is mended.") {
  ticket { state { name } masterslave { jobs { id kind state } } } userErrors { message } } }"""
PROGRESS = "subscription ($id: ID!) { jobProgress(id: $id) { state progress } }"


@pytest_asyncio.fixture
async def crowd(database_url: str, tmp_path: Path) -> AsyncIterator[Crowd]:
    async with serve_house(database_url, tmp_path, secret=SECRET) as house:
        yield await open_crowd(house)


async def open_many(crowd: Crowd) -> list[Ticket]:
    """Open a master and a thousand slaves."""
    opened: list[Ticket] = []
    person = await crowd.desk.customer_user(crowd.desk.carla)

    async def some(unit: Unit, count: int) -> list[Ticket]:
        found = []
        for _ in range(count):
            ticket, _ = await articles.open_ticket(
                unit, article=mail("It burns"), title="Outage", queue=crowd.desk.queue, customer_user=person
            )
            found.append(ticket)
        return found

    for start in range(0, SLAVES + 1, AT_ONCE):
        opened += await crowd.house.run(partial(some, count=min(AT_ONCE, SLAVES + 1 - start)))
    return opened


async def idle() -> None:
    """Wait until everything that opening and attaching owes is done."""
    async with asyncio.timeout(PATIENCE):
        while await Job.exists(state__in=queries.BUSY, run_at__lte=now()):  # noqa: ASYNC110 - the database is asked, nobody tells
            await asyncio.sleep(0.2)


async def ask(house: House, token: str, document: str, **variables: Any) -> dict[str, Any]:
    async with httpx2.AsyncClient(timeout=60) as client:
        body = {"query": document, "variables": variables}
        answer = await client.post(f"{house.url}/graphql", json=body, headers={"Authorization": f"Bearer {token}"})
    (payload,) = answer.json()["data"].values()
    assert payload["userErrors"] == []
    return dict(payload)


@every_database
async def test_a_thousand_slaves_are_closed_in_half_a_minute(crowd: Crowd) -> None:
    house = crowd.house
    _, token = await house.run(lambda unit: accounts.issue_token(unit, name="proof"), actor=crowd.mira)
    master, *slaves = await open_many(crowd)
    attached = await ask(house, token, ATTACH, m=gid(master), s=[gid(each) for each in slaves])
    assert (len(attached["slaves"]), attached["failed"]) == (SLAVES, [])
    closed = await state("closed successful")
    await idle()
    began, spent = time.monotonic(), time.process_time()
    answer = await ask(house, token, CLOSE, m=gid(master), s=gid(closed, "TicketState"))
    answered = time.monotonic() - began
    (job,) = answer["ticket"]["masterslave"]["jobs"]
    assert job["kind"] == "masterslave.follow"
    caller = Caller((int(house.url.rpartition(":")[2]),), token)
    seen = []
    async with (
        asyncio.timeout(SECONDS),
        connected(caller) as socket,
        aclosing(payloads(socket, PROGRESS, id=job["id"])) as told,
    ):
        async for each in told:
            seen.append(each)
            if each["state"] == "SUCCEEDED":
                break
    done, spent = time.monotonic() - began, time.process_time() - spent
    assert await Ticket.filter(id__in=[each.id for each in slaves], state_id=closed.id).count() == SLAVES
    assert await Article.filter(body="The cable is mended.").count() == 1 + SLAVES
    assert await Failure.all().count() == 0
    fractions = [each["progress"] for each in seen]
    assert fractions == sorted(fractions)
    assert len(fractions) > 10
    assert seen[-1] == {"state": "SUCCEEDED", "progress": 1.0}
    print(f"\nanswered in {answered:.2f} s, done in {done:.1f} s, {spent:.1f} s of processor time")  # noqa: T201 - the figures of the proof
    assert answered < ANSWERED, answered
    assert done < SECONDS, done
