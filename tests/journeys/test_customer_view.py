"""A customer user who may not see a note meets it nowhere: fields, ids, files, filters, errors, streams."""

import asyncio
import json
from pathlib import Path

from tessera_client import (
    ArticleInput,
    AttachmentInput,
    TesseraClient,
    TicketCreateInput,
    TicketFilter,
    UserErrorCode,
)
from tessera_client.fragments import ArticleFields
from tests.journeys.desk import Desk, journey, listening, only, story, ticket_of, until

pytestmark = journey
WORD = "wombat"


async def _noted(ben: TesseraClient, ticket_id: str) -> ArticleFields:
    file = await ben.upload(f"{WORD} inside".encode(), filename=f"{WORD}.txt", content_type="text/plain")
    note = ArticleInput(
        channel="note",
        subject=f"{WORD} subject",
        body=f"{WORD} body",
        attachments=[AttachmentInput(upload_token=file.token)],
    )
    payload = await ben.article_create(ticket_id, note)
    assert payload.user_errors == []
    assert payload.article is not None
    return payload.article


async def _node(client: TesseraClient, key: str) -> object:
    response = await client.execute("query Find($id: ID!) { node(id: $id) { id } }", "Find", {"id": key})
    return client.get_data(response)["node"]


async def test_a_note_stays_inside(desk: Desk, tmp_path: Path) -> None:
    carla, dmitri, ben = await desk.customer("carla"), await desk.customer("dmitri"), await desk.agent("ben")
    ticket = await desk.open(carla, tags=["lamp"])
    before = await carla.ticket_changes_since()
    note = await _noted(ben, ticket.id)
    told = await story(ben, ticket.id)
    assert [article.id for article in told.articles.nodes][-1] == note.id
    noted = [event for event in told.history.nodes if event.kind == "article.added"][-1]

    for customer in (carla, dmitri):
        seen = await story(customer, ticket.id)
        assert [article.body for article in seen.articles.nodes] == ["Please help."]
        assert seen.articles.total_count == 1
        assert seen.history.total_count == len(seen.history.nodes)
        assert noted.id not in [event.id for event in seen.history.nodes]
        assert [event.kind for event in seen.history.nodes] == ["ticket.created", "article.added"]
        changes = await customer.ticket_changes_since(before.cursor if customer is carla else None)
        for answer in (seen, changes, await customer.tickets()):
            assert WORD not in answer.model_dump_json()
        for key in (note.id, note.attachments[0].id, noted.id):
            assert await _node(customer, key) is None
        assert (await customer.tickets(filter_=TicketFilter(query=WORD))).total_count == 0

    for refused in (
        await carla.article_create(ticket.id, ArticleInput(body="?", in_reply_to_id=note.id)),
        await carla.article_create(
            ticket.id, ArticleInput(body="?", attachments=[AttachmentInput(attachment_id=note.attachments[0].id)])
        ),
        await carla.article_forward(note.id, ["carla@customer.example"]),
        await carla.ticket_split(
            note.id, TicketCreateInput(title="x", queue_id=ticket.queue.id, article=ArticleInput(body="x"))
        ),
    ):
        error = only(refused.user_errors)
        assert error.code is UserErrorCode.NOT_FOUND
        assert WORD not in error.message
    ticket_of(await carla.article_create(ticket.id, ArticleInput(body="Any news?")))


async def test_somebody_elses_customer_sees_nothing_at_all(desk: Desk) -> None:
    carla, esra = await desk.customer("carla"), await desk.customer("esra")
    ticket = await desk.open(carla)
    assert await esra.ticket(ticket.id) is None
    assert await esra.ticket_by_number(ticket.number) is None
    assert (await esra.tickets()).total_count == 0
    assert (await esra.ticket_changes_since()).upserts == []
    error = only((await esra.article_create(ticket.id, ArticleInput(body="Me too"))).user_errors)
    assert error.code is UserErrorCode.NOT_FOUND
    assert (await esra.customer_users()).nodes[0].login == "esra"
    assert len((await esra.customer_users()).nodes) == 1


async def test_streams_tell_a_customer_user_only_what_is_theirs(desk: Desk) -> None:
    carla, esra, ben = await desk.customer("carla"), await desk.customer("esra"), await desk.agent("ben")
    ticket = await desk.open(carla)
    heard: dict[str, list[str]] = {"carla": [], "esra": [], "changes": []}

    async def listen(name: str, client: TesseraClient) -> None:
        async with listening(client.ticket_events()) as events:
            async for item in events:
                heard[name].append(item.model_dump_json())
                if item.event.article is not None and item.event.article.number > 1:
                    return

    async def follow() -> None:
        async with listening(carla.ticket_changes()) as changes:
            async for item in changes:
                heard["changes"].append(item.model_dump_json())

    tasks = [asyncio.create_task(work) for work in (listen("carla", carla), listen("esra", esra), follow())]

    async def following() -> bool:
        return bool(heard["changes"])

    await until(following, what="the first copy")
    await asyncio.sleep(0.5)  # the streams of events say nothing when they begin
    await _noted(ben, ticket.id)
    ticket_of(await ben.article_create(ticket.id, ArticleInput(channel="web", body="Soon.")))
    async with asyncio.timeout(60):
        await tasks[0]
    for task in tasks[1:]:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    # a stream may begin with what was written just before: the opening, never the note
    *opening, event = [json.loads(each)["event"] for each in heard["carla"]]
    assert (event["kind"], event["article"]["number"]) == ("article.added", 3)
    assert {each["kind"] for each in opening} <= {"ticket.created", "article.added"}
    assert heard["esra"] == []
    assert WORD not in json.dumps(heard)
