"""A served house: what is written over HTTP is found over HTTP, by workers of its own."""

import asyncio
import time
from typing import Any

import httpx2

from tessera.accounts import service as accounts
from tessera.testing.house import House
from tests.tickets.desk import Desk, gid

CREATE = """mutation ($input: TicketCreateInput!) {
  ticketCreate(input: $input) { ticket { id number } userErrors { message } } }"""
SEARCH = "query ($query: String!) { search(query: $query) { id title score snippet ticket { number } } }"
PATIENCE_SECONDS = 30


async def test_a_ticket_is_found_soon_after_it_was_written(served: House) -> None:
    desk = await Desk.furnish(served)
    _, token = await served.run(lambda unit: accounts.issue_token(unit, name="test"), actor=desk.anna)

    async with httpx2.AsyncClient(
        base_url=served.url, headers={"Authorization": f"Bearer {token}"}, timeout=20
    ) as http:

        async def ask(document: str, **variables: Any) -> dict[str, Any]:
            answer = await http.post("/graphql", json={"query": document, "variables": variables})
            found: dict[str, Any] = answer.json()
            return found

        given = {
            "title": "Die Lüftung rasselt",
            "queueId": gid(desk.queue),
            "customerUserId": gid(await desk.customer_user(desk.carla)),
            "article": {"channel": "phone", "body": "Sie klingt wie ein Güterzug"},
        }
        made = (await ask(CREATE, input=given))["data"]["ticketCreate"]
        assert made["userErrors"] == []
        hits: list[dict[str, Any]] = []
        until = time.monotonic() + PATIENCE_SECONDS
        while not hits and time.monotonic() < until:
            await asyncio.sleep(0.1)
            hits = (await ask(SEARCH, query="wie guterzug"))["data"]["search"]
        (hit,) = hits
        assert (hit["id"], hit["title"]) == (made["ticket"]["id"], given["title"])
        assert hit["snippet"] == "Sie klingt <mark>wie</mark> ein <mark>Güterzug</mark>"
        by_number = (await ask(SEARCH, query=made["ticket"]["number"]))["data"]["search"]
        assert [each["score"] for each in by_number] == [1.0]


async def test_searches_have_a_bucket_of_their_own(served: House) -> None:
    desk = await Desk.furnish(served)
    _, token = await served.run(lambda unit: accounts.issue_token(unit, name="test"), actor=desk.ben)
    async with httpx2.AsyncClient(
        base_url=served.url, headers={"Authorization": f"Bearer {token}"}, timeout=20
    ) as http:
        for _ in range(200):
            answer = (await http.post("/graphql", json={"query": SEARCH, "variables": {"query": "x"}})).json()
            if "errors" in answer:
                break
        assert answer["errors"][0]["extensions"]["code"] == "RATE_LIMITED"
        assert answer["errors"][0]["extensions"]["bucket"] == "search"
