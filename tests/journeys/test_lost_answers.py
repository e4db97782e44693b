"""A client that never hears the answer asks again with the same key, and there is one ticket."""

import asyncio
import json
from urllib.parse import urlsplit

from tessera_client import ArticleInput, TesseraClient, TicketCreateInput
from tests.journeys.desk import Desk, journey, story, ticket_of, until

pytestmark = journey
CREATE = """mutation ($input: TicketCreateInput!) {
  ticketCreate(input: $input) { ticket { number } userErrors { message } } }"""


async def _send_and_hang_up(client: TesseraClient, values: TicketCreateInput) -> None:
    """Send a request and break the connection without waiting for the answer."""
    address = urlsplit(client.url)
    variables = {"input": values.model_dump(mode="json", by_alias=True, exclude_unset=True)}
    body = json.dumps({"query": CREATE, "variables": variables}).encode()
    head = (
        f"POST {address.path} HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {client.token}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    _, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(head.encode() + body)
    await writer.drain()
    writer.transport.abort()


async def test_a_create_whose_answer_was_lost_is_repeated_without_harm(desk: Desk) -> None:
    ben = await desk.agent("ben")
    values = TicketCreateInput(
        title="Once only",
        queue_id=desk.queues["Support::1st Level"],
        article=ArticleInput(body="Please."),
        client_mutation_id="lost-1",
    )
    for _ in range(3):
        await _send_and_hang_up(ben, values)
    again = [await ben.ticket_create(values) for _ in range(2)]
    assert {ticket_of(payload).id for payload in again} == {ticket_of(again[0]).id}
    assert {payload.client_mutation_id for payload in again} == {"lost-1"}
    found = [ticket for ticket in (await ben.tickets()).nodes if ticket.title == "Once only"]
    assert len(found) == 1
    assert (await story(ben, found[0].id)).articles.total_count == 1
    cleo = await desk.agent("cleo")
    assert ticket_of(await cleo.ticket_create(values)).id != found[0].id, "a key is its caller's own"


async def test_an_article_is_repeated_without_harm(desk: Desk) -> None:
    ben = await desk.agent("ben")
    ticket = await desk.open(ben, customer_user_id=(await ben.customer_users(query="carla")).nodes[0].id)
    mail = ArticleInput(channel="email", body="We come.")
    sent = [await ben.article_create(ticket.id, mail, client_mutation_id="mail-1") for _ in range(3)]
    assert len({payload.article.id for payload in sent if payload.article}) == 1
    await desk.inbox.wait(1)

    async def idle() -> bool:
        anna = await desk.agent("anna")
        return all(job.state.value in {"SUCCEEDED", "DONE", "FINISHED"} for job in (await anna.jobs()).nodes)

    await until(idle, what="quiet")
    assert len(desk.inbox.mails) == 1
