"""The journey of an item through HTTP: from a ticket, by approval, to a customer who types, and to everybody."""

import asyncio
from typing import Any

import httpx2

from tessera.access import service as access
from tessera.access.models import Group
from tessera.accounts import service as accounts
from tessera.accounts.models import Agent
from tessera.articles import service as articles
from tessera.kit.actor import SYSTEM, Actor
from tessera.testing.house import House
from tests.articles.words import mail, opened, words
from tests.faq.world import World, gid
from tests.tickets.desk import gid as ticket_gid

CREATE = """mutation ($input: FaqItemCreateInput!) { faqItemCreate(input: $input) {
  faqItem { id number approved fields { name html } attachments { filename } tickets { nodes { number } } }
  userErrors { message } } }"""
APPROVE = "mutation ($id: ID!) { faqItemApprove(id: $id) { faqItem { approved } userErrors { code } } }"
SUGGEST = "query ($text: String!) { faqSuggestions(text: $text) { id title fields { name } } }"
VOTE = (
    "mutation ($id: ID!, $vote: Int) { faqItemVote(id: $id, vote: $vote) { faqItem { rating } userErrors { code } } }"
)
READ = """query ($id: ID!) { faqItem(id: $id) {
  title rating viewCount fields { name html } attachments { downloadUrl } tickets { nodes { number } } } }"""
PATIENCE = 30


class Person:
    """Somebody at the API, signed in or not."""

    def __init__(self, house: House, token: str | None) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.client = httpx2.AsyncClient(base_url=house.url, headers=headers)

    async def ask(self, document: str, **variables: Any) -> Any:
        answer = (await self.client.post("/graphql", json={"query": document, "variables": variables})).json()
        assert "errors" not in answer, answer
        return next(iter(answer["data"].values()))


async def person(house: House, actor: Actor | None) -> Person:
    if actor is None:
        return Person(house, None)
    _, token = await house.run(lambda unit: accounts.issue_token(unit, name="journey"), actor=actor)
    return Person(house, token)


async def test_from_a_ticket_to_everybody(served: House) -> None:
    world = await World.furnish(served)
    await world.require_approval()
    desk = world.desk
    ticket = await opened(desk, title="Help", article=mail("My scanner shows error 42"))
    await desk.run(desk.anna, articles.reply, ticket, article=words("email", "Hold the green button."))
    editor, approver = await person(served, world.editor), await person(served, world.approver)
    customer, nobody = await person(served, desk.stranger), await person(served, None)
    sent = await editor.client.post("/uploads", content=b"a picture", headers={"X-Filename": "button.png"})
    made = await editor.ask(
        CREATE,
        input={
            "title": "Scanner error 42",
            "language": "en",
            "categoryId": gid(world.category),
            "audience": "PUBLIC",
            "fields": [{"name": "comment", "html": "<p>Firmware bug</p>"}],
            "attachments": [{"uploadToken": sent.json()["uploadToken"]}],
            "fromTicketId": ticket_gid(ticket),
        },
    )
    item = made["faqItem"]
    assert (item["approved"], item["tickets"]["nodes"]) == (False, [{"number": ticket.number}])
    assert await nobody.ask(READ, id=item["id"]) is None
    assert await customer.ask(SUGGEST, text="scanner error 42") == []
    assert (await approver.ask(APPROVE, id=item["id"]))["faqItem"] == {"approved": True}
    suggested = await until_found(customer, "The scanner says error 42, what now?")
    assert [each["name"] for each in suggested["fields"]] == ["symptom", "problem", "solution"]
    assert (await customer.ask(VOTE, id=item["id"], vote=75))["faqItem"] == {"rating": 75.0}
    public = await nobody.ask(READ, id=item["id"])
    texts = {each["name"]: each["html"] for each in public["fields"]}
    assert texts["symptom"] == "My scanner shows error 42"
    assert "Hold the green button." in texts["solution"]
    assert "comment" not in texts
    assert (public["rating"], public["tickets"]) == (75.0, {"nodes": []})
    assert (await nobody.client.get(public["attachments"][0]["downloadUrl"])).content == b"a picture"
    for each in (editor, approver, customer, nobody):
        await each.client.aclose()


async def until_found(reader: Person, text: str) -> Any:
    """Type until the search has heard of the item."""
    async with asyncio.timeout(PATIENCE):
        while not (found := await reader.ask(SUGGEST, text=text)):  # noqa: ASYNC110 - it happens behind a socket
            await asyncio.sleep(0.05)
    return found[0]


async def test_rights_given_and_taken_count_at_once(served: House) -> None:
    world = await World.furnish(served)
    item = await world.item(category=world.other)
    reader = await person(served, world.desk.ben)
    assert await reader.ask(READ, id=gid(item)) is None
    elsewhere = await Group.get(name="elsewhere")
    agent = await Agent.get(id=world.desk.ben.id)
    await served.run(lambda unit: access.grant_rights(unit, agent, elsewhere, ("ro",)), actor=SYSTEM)
    assert (await reader.ask(READ, id=gid(item)))["title"] == "Printer on fire"
    await reader.client.aclose()
