"""What the proofs write over HTTP: a queue with an address, tickets and articles, by many at once."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx2

from tests.proofs.world import Caller

QUEUE_CREATE = """mutation($input: QueueCreateInput!) {
    queueCreate(input: $input) { queue { id } userErrors { reason message field } } }"""
TICKET_CREATE = """mutation($input: TicketCreateInput!) {
    ticketCreate(input: $input) { ticket { id number } userErrors { reason message field } } }"""
ARTICLE_CREATE = """mutation($ticket: ID!, $input: ArticleInput!, $key: String) {
    articleCreate(ticketId: $ticket, input: $input, clientMutationId: $key) {
        article { id } userErrors { reason message field } } }"""
TICKET_UPDATE = """mutation($ticket: ID!, $title: String!) {
    ticketUpdate(id: $ticket, input: {title: $title}) { ticket { id } userErrors { reason message field } } }"""
TICKET_MOVE = """mutation($ticket: ID!, $queue: ID!) {
    ticketMove(id: $ticket, queueId: $queue) { ticket { id } userErrors { reason message field } } }"""


@dataclass(frozen=True)
class Desk:
    """Two queues and somebody who may do everything in them."""

    caller: Caller
    here: str
    there: str

    @classmethod
    async def furnish(cls, caller: Caller) -> "Desk":
        """Make the queues; the caller must be signed in as the administrator."""
        groups = (await caller.ask("{ groups { id name } }"))["groups"]
        (group,) = [group["id"] for group in groups if group["name"] == "users"]
        made = [
            await caller.change(
                QUEUE_CREATE, input={"name": name, "groupId": group, "emailAddress": f"{name.lower()}@desk.test"}
            )
            for name in ("Here", "There")
        ]
        return cls(caller, *(payload["queue"]["id"] for payload in made))

    def ticket(self, title: str, **more: Any) -> dict[str, Any]:
        """Return the input of a new ticket."""
        return {"title": title, "queueId": self.here, "article": {"channel": "phone", "body": title}, **more}

    async def open_ticket(self, title: str) -> str:
        """Open a ticket; return its id."""
        payload = await self.caller.change(TICKET_CREATE, input=self.ticket(title))
        return str(payload["ticket"]["id"])

    async def move(self, ticket: str, queue: str) -> None:
        """Move a ticket to a queue."""
        await self.caller.change(TICKET_MOVE, ticket=ticket, queue=queue)

    async def work_on_a_ticket(self, name: str, http: httpx2.AsyncClient, *, back: bool) -> None:
        """Live a ticket's life on one connection; in the end it is `back` here, or there."""
        change = self.caller.change
        ticket = (await change(TICKET_CREATE, http, input=self.ticket(name)))["ticket"]["id"]
        await change(ARTICLE_CREATE, http, ticket=ticket, input={"channel": "note", "body": name})
        await change(TICKET_MOVE, http, ticket=ticket, queue=self.there)
        await change(TICKET_UPDATE, http, ticket=ticket, title=f"{name} renamed")
        if back:
            await change(TICKET_MOVE, http, ticket=ticket, queue=self.here)

    async def all_tickets(self, fields: str) -> AsyncIterator[dict[str, Any]]:
        """Yield every ticket's fields, page after page."""
        document = f"""query($after: String) {{ tickets(first: 100, after: $after) {{
            nodes {{ {fields} }} pageInfo {{ hasNextPage endCursor }} }} }}"""
        after = None
        while True:
            page = (await self.caller.ask(document, after=after))["tickets"]
            for node in page["nodes"]:
                yield node
            if not page["pageInfo"]["hasNextPage"]:
                return
            after = page["pageInfo"]["endCursor"]


async def write_at_once(desk: Desk, *, writers: int, tickets: int) -> None:
    """Let so many writers live so many tickets each, all at the same time."""

    async def write(writer: int) -> None:
        async with desk.caller.opened() as http:
            for number in range(tickets):
                await desk.work_on_a_ticket(f"ticket {writer}.{number}", http, back=writer % 2 == 0)

    async with asyncio.TaskGroup() as group:
        for writer in range(writers):
            group.create_task(write(writer))
