"""Articles and the verbs that say something, through the API: shapes, problems, replays, numbers of statements."""

import asyncio
from typing import Any

import pytest

from tessera.articles import service
from tessera.articles.models import Article, Channel, SenderType
from tessera.files import service as files
from tessera.kit.actor import SYSTEM, Actor
from tessera.kit.ids import to_global
from tessera.queues import service as queues
from tessera.queues.models import TemplateKind
from tessera.testing.fixtures import every_database
from tessera.tickets import service as tickets
from tessera.tickets.models import Ticket
from tests.articles.words import articles, attachment, mail, opened, words
from tests.tickets.desk import Desk, gid, state

PROBLEMS = "userErrors { code reason field message }"
CREATE = f"""mutation ($input: TicketCreateInput!) {{ ticketCreate(input: $input) {{
  ticket {{ id articles {{ totalCount nodes {{ body channel senderType }} }} }} clientMutationId {PROBLEMS} }} }}"""
ADD = f"""mutation ($id: ID!, $input: ArticleInput!, $state: ID, $key: String) {{
  articleCreate(ticketId: $id, input: $input, stateId: $state, clientMutationId: $key) {{
    article {{ id number from to attachments {{ filename }} }}
    ticket {{ state {{ name }} lock {{ holder {{ name }} }} }} clientMutationId {PROBLEMS} }} }}"""
FORWARD = f"""mutation ($id: ID!) {{ articleForward(id: $id, to: ["a@b.example"]) {{
  article {{ id }} {PROBLEMS} }} }}"""
READ = """query ($id: ID!) { ticket(id: $id) { articles(first: 50) { totalCount nodes {
  id number channel senderType visibleForCustomer from to cc subject body bodyHtml messageId
  author { kind name agent { name } customerUser { name } }
  inReplyTo { number } attachments { id filename contentType size sha256 inline downloadUrl }
} } } }"""


async def add(desk: Desk, actor: Actor, ticket: Ticket, **values: Any) -> dict[str, Any]:
    arguments: dict[str, Any] = {name: values.pop(name) for name in ("state", "key") if name in values}
    data = await desk.house.ask(ADD, {"id": gid(ticket), "input": values, **arguments}, actor=actor)
    payload: dict[str, Any] = data["articleCreate"]
    return payload


async def read(desk: Desk, actor: Actor, ticket: Ticket) -> list[dict[str, Any]]:
    data = await desk.house.ask(READ, {"id": gid(ticket)}, actor=actor)
    found = data["ticket"]["articles"]
    assert found["totalCount"] == len(found["nodes"])
    nodes: list[dict[str, Any]] = found["nodes"]
    return nodes


def create_input(desk: Desk, **values: Any) -> dict[str, Any]:
    return {"title": "No paper", "queueId": gid(desk.queue), "article": {"body": "None left"}, **values}


async def test_a_ticket_is_created_with_its_request(desk: Desk) -> None:
    values = create_input(desk, tags=["paper"], customerUserId=to_global("CustomerUser", desk.carla.id or 0))
    data = await desk.house.ask(CREATE, {"input": values}, actor=desk.anna)
    payload = data["ticketCreate"]
    assert payload["userErrors"] == []
    assert payload["ticket"]["articles"] == {
        "totalCount": 1,
        "nodes": [{"body": "None left", "channel": "web", "senderType": "CUSTOMER"}],
    }


@pytest.mark.parametrize(
    ("values", "code", "field"),
    [
        ({"title": " "}, "REQUIRED", ["input", "title"]),
        ({"article": {"body": ""}}, "REQUIRED", ["input", "article", "body"]),
        ({"article": {"body": "x", "channel": "NO"}}, "INVALID", ["input", "article", "channel"]),
        ({"article": {"body": "x", "channel": "email"}}, "REQUIRED", ["input", "article", "to"]),
        ({"article": {"body": "x", "inReplyToId": "x"}}, "NOT_FOUND", ["input", "article", "inReplyToId"]),
        (
            {"article": {"body": "x", "attachments": [{"uploadToken": "x"}]}},
            "NOT_FOUND",
            ["input", "article", "attachments", "0", "uploadToken"],
        ),
        ({"queueId": "x"}, "NOT_FOUND", ["input", "queueId"]),
        ({"stateId": "x"}, "NOT_FOUND", ["input", "stateId"]),
        ({"ownerId": "x"}, "NOT_FOUND", ["input", "ownerId"]),
        ({"customerUserId": "x"}, "NOT_FOUND", ["input", "customerUserId"]),
    ],
)
async def test_what_is_wrong_is_named(desk: Desk, values: dict[str, Any], code: str, field: list[str]) -> None:
    data = await desk.house.ask(CREATE, {"input": create_input(desk, **values)}, actor=desk.anna)
    (error,) = data["ticketCreate"]["userErrors"]
    assert (error["code"], error["field"], data["ticketCreate"]["ticket"]) == (code, field, None)
    assert await Ticket.all().count() == 0


@every_database
async def test_ten_identical_creates_are_one_ticket(desk: Desk) -> None:
    values = create_input(desk, clientMutationId="one and the same")
    answers = await asyncio.gather(*(desk.house.ask(CREATE, {"input": values}, actor=desk.anna) for _ in range(10)))
    payloads = [answer["ticketCreate"] for answer in answers]
    done = [payload for payload in payloads if not payload["userErrors"]]
    assert {payload["ticket"]["id"] for payload in done} == {gid(await Ticket.get())}
    assert {payload["clientMutationId"] for payload in payloads} == {"one and the same"}
    assert len(done) == 10, payloads
    assert await Article.all().count() == 1


async def test_a_repeated_article_is_the_first_one(desk: Desk) -> None:
    ticket = await opened(desk)
    first = await add(desk, desk.anna, ticket, body="Hello", channel="note", key="k")
    again = await add(desk, desk.anna, ticket, body="Hello", channel="note", key="k")
    others = await add(desk, desk.bert, ticket, body="Hello", channel="note", key="k")
    assert first["article"] == again["article"] != others["article"]
    assert len(await articles(ticket)) == 3


async def test_a_reply_locks_for_its_author_and_tells_the_others_who(desk: Desk) -> None:
    ticket = await opened(desk)
    reply = await add(desk, desk.anna, ticket, channel="email", body="We come")
    assert reply["article"]["to"] == ["Carla <carla@customer.example>"]
    assert reply["ticket"] == {"state": {"name": "open"}, "lock": {"holder": {"name": "Anna"}}}
    refused = await add(desk, desk.bert, ticket, channel="email", body="Me too")
    (error,) = refused["userErrors"]
    assert (error["code"], error["reason"]) == ("CONFLICT", "tickets.locked")
    assert "Anna" in error["message"]
    assert (refused["article"], refused["ticket"]["lock"]) == (None, {"holder": {"name": "Anna"}})


async def test_a_customer_never_sees_what_stays_inside(desk: Desk) -> None:
    ticket = await opened(desk)
    note = await desk.run(
        desk.anna, service.add_note, ticket, words(Channel.NOTE, "inside", attachments=(await attachment(),))
    )
    reply = await desk.run(desk.anna, service.reply, ticket, words(Channel.EMAIL, "outside", in_reply_to=note))
    (file,) = (await desk.house.ask(READ, {"id": gid(ticket)}, actor=desk.anna))["ticket"]["articles"]["nodes"][1][
        "attachments"
    ]
    seen = await read(desk, desk.carla, ticket)
    assert [(each["number"], each["body"]) for each in seen] == [(1, "It burns"), (3, "outside")]
    assert seen[1]["inReplyTo"] is None
    assert seen[1]["author"] == {"kind": "AGENT", "name": "Anna", "agent": None, "customerUser": None}
    nodes = await desk.house.ask(
        "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }",
        {"ids": [gid(note), file["id"], gid(reply)]},
        actor=desk.carla,
    )
    assert nodes["nodes"] == [None, None, {"id": gid(reply)}]
    for values in ({"inReplyToId": gid(note)}, {"attachments": [{"attachmentId": file["id"]}]}):
        payload = await add(desk, desk.carla, ticket, body="x", **values)
        assert [error["code"] for error in payload["userErrors"]] == ["NOT_FOUND"]
    narrowed = await desk.house.ask(
        "query ($id: ID!) { ticket(id: $id) { articles(visibleForCustomer: false) { totalCount nodes { id } } } }",
        {"id": gid(ticket)},
        actor=desk.carla,
    )
    assert narrowed["ticket"]["articles"] == {"totalCount": 0, "nodes": []}


async def test_strangers_see_nothing(desk: Desk) -> None:
    ticket = await opened(desk)
    (article,) = await articles(ticket)
    for actor in (desk.eve, desk.stranger):
        data = await desk.house.ask("query ($id: ID!) { node(id: $id) { id } }", {"id": gid(article)}, actor=actor)
        assert data == {"node": None}
        for document, variables in (
            (ADD, {"id": gid(ticket), "input": {"body": "x"}}),
            (FORWARD, {"id": gid(article)}),
        ):
            (payload,) = (await desk.house.ask(document, variables, actor=actor)).values()
            assert [error["code"] for error in payload["userErrors"]] == ["NOT_FOUND"]
            assert payload["article"] is None


async def test_an_upload_becomes_an_attachment_once(desk: Desk) -> None:
    ticket = await opened(desk)
    blob = await files.store(None, b"picture")
    _, token = await desk.run(desk.anna, files.accept_upload, blob, filename="p.png", content_type="image/png")
    given = {"channel": "note", "body": "see", "attachments": [{"uploadToken": token}]}
    stolen = await add(desk, desk.bert, ticket, **given)
    assert [error["code"] for error in stolen["userErrors"]] == ["NOT_FOUND"]
    used = await add(desk, desk.anna, ticket, **given)
    assert used["article"]["attachments"] == [{"filename": "p.png"}]
    again = await add(desk, desk.anna, ticket, **given)
    assert [error["reason"] for error in again["userErrors"]] == ["files.upload_unknown"]


async def test_embedded_pictures_get_links_that_need_no_credential(desk: Desk) -> None:
    inline = await attachment("p.png", b"png", content_type="image/png", content_id="<p@c>", inline=True)
    html = '<p>See <img src="cid:p@c"> and <img src="cid:unknown@c"></p>'
    ticket = await opened(desk, article=mail("See", body_html=html, attachments=(inline,)))
    for actor in (desk.anna, desk.carla):
        (article,) = await read(desk, actor, ticket)
        (file,) = article["attachments"]
        assert (file["filename"], file["size"], file["sha256"], file["inline"]) == ("p.png", 3, inline.digest, True)
        assert file["downloadUrl"].startswith(f"http://testserver/files/{inline.digest}?")
        assert f'src="http://testserver/files/{inline.digest}?' in article["bodyHtml"].replace("&amp;", "&")
        assert "cid:" not in article["bodyHtml"]


async def test_statements_do_not_grow_with_the_rows(desk: Desk) -> None:
    document = """{ tickets(first: 50) { nodes { articles(first: 10) { nodes {
      author { agent { name } customerUser { name } } inReplyTo { number } attachments { downloadUrl } bodyHtml
      ticket { number } } totalCount } } } }"""
    counts = []
    for wanted in (2, 50):
        while await Ticket.all().count() < wanted:
            picture = await attachment("p", content_id="p", inline=True)
            html = '<img src="cid:p">'
            ticket = await opened(
                desk, article=mail(attachments=(picture,), body_html=html, message_id="<m@c.example>")
            )
            await desk.run(desk.anna, service.reply, ticket, words(Channel.EMAIL, attachments=(picture,)))
        data = await desk.house.ask(document, actor=desk.anna)
        assert len(data["tickets"]["nodes"]) == wanted
        assert all(len(each["articles"]["nodes"]) == 2 for each in data["tickets"]["nodes"])
        counts.append(len(await desk.house.statements(document, actor=desk.anna)))
    assert counts[0] == counts[1]
    assert counts[1] <= 2 * 8  # the house answers in two ways


async def test_verbs_say_something_along_the_way(desk: Desk) -> None:
    ticket = await opened(desk)
    closed, anna = gid(await state("closed successful"), "TicketState"), gid(await desk.agent(desk.anna))
    document = f"""mutation ($id: ID!, $queue: ID!, $state: ID!, $owner: ID!) {{
      ticketMove(id: $id, queueId: $queue, note: "moved", expectedVersion: 1) {{
        ticket {{ queue {{ path }} }} {PROBLEMS} }}
      ticketAssign(id: $id, ownerId: $owner, note: "assigned") {{ ticket {{ owner {{ name }} }} {PROBLEMS} }}
      ticketClose(id: $id, stateId: $state, note: "closed") {{ ticket {{ state {{ name }} }} {PROBLEMS} }}
      ticketReopen(id: $id, note: "opened") {{ ticket {{ state {{ name }} }} {PROBLEMS} }} }}"""
    version = (await Ticket.get(id=ticket.id)).version
    variables = {"id": gid(ticket), "queue": gid(desk.sub_queue), "state": closed, "owner": anna}
    data = await desk.house.ask(
        document.replace("expectedVersion: 1", f"expectedVersion: {version}"), variables, actor=desk.anna
    )
    assert [payload["userErrors"] for payload in data.values()] == [[], [], [], []]
    assert data["ticketMove"]["ticket"] == {"queue": {"path": "Support::1st Level"}}
    assert data["ticketReopen"]["ticket"] == {"state": {"name": "open"}}
    said = await articles(ticket)
    assert [(each.body, each.channel) for each in said[1:]] == [
        (text, "note") for text in ("moved", "assigned", "closed", "opened")
    ]


async def test_a_stale_version_says_nothing(desk: Desk) -> None:
    ticket = await opened(desk)
    document = f"""mutation ($id: ID!, $queue: ID!) {{ ticketMove(id: $id, queueId: $queue, note: "x",
      expectedVersion: 99) {{ ticket {{ version }} {PROBLEMS} }} }}"""
    data = await desk.house.ask(document, {"id": gid(ticket), "queue": gid(desk.sub_queue)}, actor=desk.anna)
    assert [error["code"] for error in data["ticketMove"]["userErrors"]] == ["CONFLICT"]
    assert data["ticketMove"]["ticket"]["version"] == (await Ticket.get(id=ticket.id)).version
    assert len(await articles(ticket)) == 1


async def test_a_customer_closes_and_reopens_with_words_they_can_read(desk: Desk) -> None:
    ticket = await opened(desk, desk.carla, words())
    closed = gid(await state("closed successful"), "TicketState")
    document = f"""mutation ($id: ID!, $state: ID!) {{
      ticketClose(id: $id, stateId: $state, note: "thanks") {{ ticket {{ state {{ name }} }} {PROBLEMS} }}
      ticketReopen(id: $id, note: "not yet") {{ ticket {{ state {{ name }} }} {PROBLEMS} }} }}"""
    data = await desk.house.ask(document, {"id": gid(ticket), "state": closed}, actor=desk.carla)
    assert [payload["userErrors"] for payload in data.values()] == [[], []]
    assert [each["body"] for each in await read(desk, desk.carla, ticket)] == ["Please help", "thanks", "not yet"]


async def test_splitting_and_merging_back(desk: Desk) -> None:
    source = await opened(desk)
    (article,) = await articles(source)
    document = f"""mutation ($id: ID!, $input: TicketCreateInput!) {{ ticketSplit(articleId: $id, input: $input) {{
      ticket {{ id articles {{ nodes {{ body }} }} }} source {{ id }} {PROBLEMS} }} }}"""
    data = await desk.house.ask(
        document, {"id": gid(article), "input": create_input(desk, article={})}, actor=desk.anna
    )
    split = data["ticketSplit"]
    assert (split["userErrors"], split["source"]) == ([], {"id": gid(source)})
    assert split["ticket"]["articles"]["nodes"] == [{"body": "It burns"}]
    merge = f"""mutation ($id: ID!, $into: ID!) {{ ticketMerge(id: $id, intoId: $into) {{
      ticket {{ mergedInto {{ articles {{ nodes {{ number }} }} }} articles {{ totalCount }} }} {PROBLEMS} }} }}"""
    variables = {"id": split["ticket"]["id"], "into": gid(source)}
    merged = (await desk.house.ask(merge, variables, actor=desk.anna))["ticketMerge"]
    assert merged["ticket"] == {
        "mergedInto": {"articles": {"nodes": [{"number": 1}, {"number": 2}]}},
        "articles": {"totalCount": 0},
    }
    again = (await desk.house.ask(merge, variables, actor=desk.anna))["ticketMerge"]
    assert [error["reason"] for error in again["userErrors"]] == ["tickets.merged"]


BULK = f"""mutation ($ids: [ID!]!, $input: TicketUpdateInput!, $queue: ID, $owner: ID, $article: ArticleInput) {{
  ticketBulkUpdate(ids: $ids, input: $input, queueId: $queue, ownerId: $owner, article: $article) {{
    items {{ id ticket {{ title queue {{ path }} owner {{ name }} }} {PROBLEMS} }}
    job {{ id kind state }} {PROBLEMS} }} }}"""


async def test_a_bulk_change_rolls_nothing_back(desk: Desk) -> None:
    one, two, elsewhere = await opened(desk), await opened(desk), await opened(desk, queue=desk.other_queue)
    await desk.run(desk.bert, tickets.lock, two)
    blob = await files.store(None, b"leaflet")
    _, token = await desk.run(desk.anna, files.accept_upload, blob, filename="l.txt", content_type="text/plain")
    variables = {
        "ids": [gid(one), gid(two), gid(elsewhere), "nonsense"],
        "input": {"title": "All"},
        "queue": gid(desk.sub_queue),
        "owner": gid(await desk.agent(desk.anna)),
        "article": {"channel": "email", "body": "News", "attachments": [{"uploadToken": token}]},
    }
    data = (await desk.house.ask(BULK, variables, actor=desk.anna))["ticketBulkUpdate"]
    assert (data["job"], data["userErrors"]) == (None, [])
    done, *refused = data["items"]
    assert done["ticket"] == {"title": "All", "queue": {"path": "Support::1st Level"}, "owner": {"name": "Anna"}}
    assert [(each["id"], each["ticket"], each["userErrors"][0]["code"]) for each in refused] == [
        (gid(two), None, "CONFLICT"),
        (gid(elsewhere), None, "NOT_FOUND"),
        ("nonsense", None, "NOT_FOUND"),
    ]
    assert [len(await articles(ticket)) for ticket in (one, two)] == [2, 1]


async def test_a_wrong_bulk_change_changes_nothing(desk: Desk) -> None:
    ticket = await opened(desk)
    variables = {"ids": [gid(ticket)], "input": {"stateId": "nonsense"}}
    data = (await desk.house.ask(BULK, variables, actor=desk.anna))["ticketBulkUpdate"]
    assert data["items"] == []
    assert [(error["code"], error["field"]) for error in data["userErrors"]] == [("NOT_FOUND", ["input", "stateId"])]


async def test_above_a_hundred_tickets_a_job_does_it(desk: Desk) -> None:
    ticket = await opened(desk)
    ids = [gid(ticket), *(to_global("Ticket", 10_000 + number) for number in range(100))]
    variables = {"ids": ids, "input": {"title": "All"}, "article": {"channel": "note", "body": "to all"}}
    data = (await desk.house.ask(BULK, variables, actor=desk.anna))["ticketBulkUpdate"]
    assert (data["items"], data["job"]["kind"], data["job"]["state"]) == ([], "articles.bulk_update", "QUEUED")
    assert (await Ticket.get(id=ticket.id)).title == "Printer on fire"
    await desk.house.drain()
    job = await desk.house.ask(
        "query ($id: ID!) { job(id: $id) { state progress resultUrl } }", {"id": data["job"]["id"]}, actor=desk.anna
    )
    assert (job["job"]["state"], job["job"]["progress"]) == ("SUCCEEDED", 1.0)
    assert job["job"]["resultUrl"] is not None
    assert (await Ticket.get(id=ticket.id)).title == "All"
    (_, note) = await articles(ticket)
    assert (note.body, note.author_id) == ("to all", desk.anna.id)


async def test_templates_are_filled_in(desk: Desk) -> None:
    salutation = await desk.run(SYSTEM, queues.create_salutation, name="s", text="Dear {{ customer.name }},")
    signature = await desk.run(SYSTEM, queues.create_signature, name="g", text="{{ agent.name }} <at work>")
    await desk.run(SYSTEM, queues.update_queue, desk.queue, salutation=salutation, signature=signature)
    template = await desk.run(
        SYSTEM,
        queues.create_template,
        name="t",
        kind=TemplateKind.ANSWER,
        subject="About {{ ticket.number }}",
        body="<p>You wrote <b>{{ article.body }}</b> in {{ queue.path }}</p>",
        queues=[desk.queue],
    )
    ticket = await opened(desk, article=mail("1 < 2"))
    listed = "query ($id: ID, $kind: TemplateKind) { templates(ticketId: $id, kind: $kind) { name } }"
    for variables, expected in (
        ({"id": gid(ticket)}, ["t"]),
        ({"id": gid(ticket), "kind": "NOTE"}, []),
        ({"id": gid(await opened(desk, queue=desk.sub_queue))}, []),
        ({"id": "nonsense"}, []),
        ({}, ["t"]),
    ):
        found = await desk.house.ask(listed, variables, actor=desk.anna)
        assert [each["name"] for each in found["templates"]] == expected
    preview = "query ($t: ID!, $id: ID!) { templatePreview(templateId: $t, ticketId: $id) { subject body bodyHtml } }"
    variables = {"t": gid(template), "id": gid(ticket)}
    filled = (await desk.house.ask(preview, variables, actor=desk.anna))["templatePreview"]
    assert filled["subject"] == f"About {ticket.number}"
    assert "<b>1 &lt; 2</b> in Support" in filled["bodyHtml"]
    assert [line for line in filled["body"].split("\n") if line] == [
        "Dear Carla,",
        "You wrote 1 < 2 in Support",
        "Anna <at work>",
    ]
    assert (await desk.house.ask(preview, variables, actor=desk.carla)) == {"templatePreview": None}


async def test_the_senders_of_a_ticket_are_told_apart(desk: Desk) -> None:
    ticket = await opened(desk, desk.carla, words())
    await desk.run(SYSTEM, service.add_automatic, ticket, mail("Got it", sender_type=SenderType.SYSTEM))
    await add(desk, desk.anna, ticket, body="On it")
    authors = [(each["senderType"], each["author"]) for each in await read(desk, desk.anna, ticket)]
    assert authors == [
        ("CUSTOMER", {"kind": "CUSTOMER_USER", "name": "Carla", "agent": None, "customerUser": {"name": "Carla"}}),
        ("SYSTEM", {"kind": "SYSTEM", "name": "Tessera", "agent": None, "customerUser": None}),
        ("AGENT", {"kind": "AGENT", "name": "Anna", "agent": {"name": "Anna"}, "customerUser": None}),
    ]
