from typing import Any

import httpx2
import pytest

from tessera.kit.actor import Actor, ActorKind
from tessera.mail.models import IncomingMessage, OutgoingMessage
from tessera.testing.house import House
from tests.mail.office import CARLA, Office, letter, open_office

ACCOUNT = {
    "name": "Main",
    "protocol": "IMAP",
    "host": "imap.example",
    "port": 993,
    "security": "TLS",
    "login": "desk",
    "password": "hunter2",
    "trusted": True,
}
CREATE_ACCOUNT = """
mutation ($input: MailAccountCreateInput!) {
  mailAccountCreate(input: $input) {
    mailAccount { id name protocol security folder queue { path } trusted active problem checkedAt version }
    userErrors { code field reason }
  }
}"""
UPDATE_ACCOUNT = """
mutation ($id: ID!, $input: MailAccountUpdateInput!, $version: Int) {
  mailAccountUpdate(id: $id, input: $input, expectedVersion: $version) {
    mailAccount { name active queue { path } version }
    userErrors { code field reason }
  }
}"""
CREATE_FILTER = """
mutation ($input: MailFilterCreateInput!) {
  mailFilterCreate(input: $input) {
    mailFilter { id name position matches { header pattern } sets { name value } stops active version }
    userErrors { code field reason message }
  }
}"""
MESSAGES = """
query ($state: MailMessageState) {
  mailMessages(state: $state) {
    totalCount
    nodes { id state reason subject from source article { subject ticket { number } } rawUrl }
  }
}"""
DELIVERIES = """
query { articleDeliveries(state: FAILED) { nodes { id state error article { id } } } }
"""
ARTICLES = """
query ($number: String!) {
  ticketByNumber(number: $number) {
    articles { nodes { number delivery { state attempts error sentAt recipients automatic article { number } } } }
  }
}"""
AGAIN = "mutation ($id: ID!) { mailMessageSendAgain(id: $id) { delivery { state } userErrors { code reason } } }"
RETRY = "mutation ($id: ID!) { mailMessageRetry(id: $id) { mailMessage { state } userErrors { code reason } } }"


async def test_accounts_are_made_changed_and_listed(office: Office) -> None:
    anna, ask = await office.actor(office.anna), office.house.ask
    made = (await ask(CREATE_ACCOUNT, {"input": ACCOUNT}, actor=anna))["mailAccountCreate"]
    assert made["userErrors"] == []
    account = made["mailAccount"]
    key = account.pop("id")
    assert account == {
        "name": "Main",
        "protocol": "IMAP",
        "security": "TLS",
        "folder": "INBOX",
        "queue": None,
        "trusted": True,
        "active": True,
        "problem": None,
        "checkedAt": None,
        "version": 1,
    }
    queue = (await ask("{ queues { id path } }", actor=anna))["queues"][-1]
    change = {"queueId": queue["id"], "active": False, "password": "other"}
    changed = (await ask(UPDATE_ACCOUNT, {"id": key, "input": change, "version": 1}, actor=anna))["mailAccountUpdate"]
    assert changed["mailAccount"] == {"name": "Main", "active": False, "queue": {"path": queue["path"]}, "version": 2}
    stale = await ask(UPDATE_ACCOUNT, {"id": key, "input": {"queueId": None}, "version": 1}, actor=anna)
    assert stale["mailAccountUpdate"]["userErrors"][0]["code"] == "CONFLICT"
    assert stale["mailAccountUpdate"]["mailAccount"]["version"] == 2
    nothing = (await ask(UPDATE_ACCOUNT, {"id": key, "input": {"name": None}}, actor=anna))["mailAccountUpdate"]
    assert nothing["userErrors"] == [{"code": "REQUIRED", "field": ["input", "name"], "reason": None}]
    taken = (await ask(CREATE_ACCOUNT, {"input": ACCOUNT}, actor=anna))["mailAccountCreate"]
    assert taken["userErrors"] == [{"code": "TAKEN", "field": ["input", "name"], "reason": "mail.name_taken"}]
    assert (await ask("{ mailAccounts { name } }", actor=anna))["mailAccounts"] == [{"name": "Main"}]


async def test_nothing_gives_the_password_back(office: Office) -> None:
    sdl = office.house.runtime.assembly.schema.sdl
    account = sdl.partition("type MailAccount ")[2].partition("}")[0]
    assert "login" in account
    assert "assword" not in account


async def test_filters_are_made_changed_and_listed_in_order(office: Office) -> None:
    anna, ask = await office.actor(office.anna), office.house.ask
    rule: dict[str, Any] = {
        "name": "Junk",
        "position": 5,
        "matches": [{"header": "Subject", "pattern": "viagra|casino"}],
        "sets": [{"name": "Queue", "value": "Junk"}],
        "stops": True,
    }
    made = (await ask(CREATE_FILTER, {"input": rule}, actor=anna))["mailFilterCreate"]["mailFilter"]
    key = made.pop("id")
    assert made == rule | {"active": True, "version": 1}
    await ask(CREATE_FILTER, {"input": rule | {"name": "First", "position": 1}}, actor=anna)
    assert [each["name"] for each in (await ask("{ mailFilters { name } }", actor=anna))["mailFilters"]] == [
        "First",
        "Junk",
    ]
    broken = rule | {"name": "x", "matches": [{"header": "Subject", "pattern": "("}]}
    [error] = (await ask(CREATE_FILTER, {"input": broken}, actor=anna))["mailFilterCreate"]["userErrors"]
    assert (error["code"], error["reason"]) == ("INVALID", "mail.pattern_invalid")
    twice = rule | {"name": "x", "sets": rule["sets"] * 2}
    [error] = (await ask(CREATE_FILTER, {"input": twice}, actor=anna))["mailFilterCreate"]["userErrors"]
    assert (error["code"], error["field"]) == ("INVALID", ["input", "sets"])
    update = "mutation ($id: ID!, $input: MailFilterUpdateInput!) { mailFilterUpdate(id: $id, input: $input) { mailFilter { active sets { value } version } userErrors { code } } }"  # noqa: E501 - a document
    change = {"active": False, "sets": [{"name": "Queue", "value": "Misc"}]}
    changed = (await ask(update, {"id": key, "input": change}, actor=anna))["mailFilterUpdate"]
    assert changed == {"mailFilter": {"active": False, "sets": [{"value": "Misc"}], "version": 2}, "userErrors": []}


async def test_kept_mails_are_seen_and_tried_again(office: Office) -> None:
    anna, ask = await office.actor(office.anna), office.house.ask
    row = await office.receive(letter())
    ticket = await office.ticket(row)
    page = (await ask(MESSAGES, actor=anna))["mailMessages"]
    [message] = page["nodes"]
    assert page["totalCount"] == 1
    assert message["article"] == {"subject": "Printer", "ticket": {"number": ticket.number}}
    assert (message["state"], message["from"], message["source"]) == ("FILED", f"Carla Customer <{CARLA}>", "pipe")
    assert (await ask(MESSAGES, {"state": "QUARANTINED"}, actor=anna))["mailMessages"]["nodes"] == []
    refused = (await ask(RETRY, {"id": message["id"]}, actor=anna))["mailMessageRetry"]
    assert refused["userErrors"] == [{"code": "STATE", "reason": "mail.not_quarantined"}]
    broken = await IncomingMessage.create(source="x", digest=row.digest, state="quarantined", reason="broken")
    [message] = (await ask(MESSAGES, {"state": "QUARANTINED"}, actor=anna))["mailMessages"]["nodes"]
    assert (await ask(RETRY, {"id": message["id"]}, actor=anna))["mailMessageRetry"]["mailMessage"][
        "state"
    ] == "RECEIVED"
    await office.house.drain()
    assert (await IncomingMessage.get(id=broken.id)).state == "filed"


async def test_the_original_can_be_fetched(served: House) -> None:

    office = await open_office(served)
    await office.receive(letter())
    anna = await office.actor(office.anna)
    [message] = (await office.house.ask(MESSAGES, actor=anna))["mailMessages"]["nodes"]
    async with httpx2.AsyncClient() as client:
        answer = await client.get(message["rawUrl"])
    assert answer.content == letter()
    assert answer.headers["content-disposition"].startswith("attachment")


async def test_a_ticket_shows_how_its_mails_left(office: Office) -> None:
    anna, ben = await office.actor(office.anna), await office.actor(office.ben)
    ticket = await office.ticket(await office.receive(letter()))
    await office.reply(ticket)
    shown = (await office.house.ask(ARTICLES, {"number": ticket.number}, actor=ben))["ticketByNumber"]["articles"][
        "nodes"
    ]
    delivery = shown[1]["delivery"]
    assert shown[0]["delivery"] is None
    assert delivery.pop("sentAt")
    assert delivery == {
        "state": "SENT",
        "attempts": 1,
        "error": None,
        "recipients": [CARLA],
        "automatic": False,
        "article": {"number": 2},
    }
    carla = Actor(kind=ActorKind.CUSTOMER_USER, id=ticket.customer_user_id, name="Carla")
    shown = (await office.house.ask(ARTICLES, {"number": ticket.number}, actor=carla))["ticketByNumber"]["articles"][
        "nodes"
    ]
    assert [each["delivery"] for each in shown] == [None, None]
    await OutgoingMessage.all().update(state="failed", problem="550 no")
    [failed] = (await office.house.ask(DELIVERIES, actor=ben))["articleDeliveries"]["nodes"]
    assert (failed["state"], failed["error"]) == ("FAILED", "550 no")
    again = (await office.house.ask(AGAIN, {"id": failed["id"]}, actor=ben))["mailMessageSendAgain"]
    assert again == {"delivery": {"state": "QUEUED"}, "userErrors": []}
    await office.house.drain()
    again = (await office.house.ask(AGAIN, {"id": failed["id"]}, actor=anna))["mailMessageSendAgain"]
    assert again["userErrors"] == [{"code": "STATE", "reason": "mail.not_failed"}]


@pytest.mark.parametrize(
    "document",
    [
        "{ mailAccounts { name } }",
        "{ mailFilters { name } }",
        "{ mailMessages { nodes { id } } }",
    ],
)
async def test_reading_needs_the_permission(office: Office, document: str) -> None:
    answer = await office.house.graphql(document, actor=await office.actor(office.ben))
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
    answer = await office.house.graphql(document)
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHENTICATED"]


async def test_writing_needs_the_permission(office: Office) -> None:
    row = await office.receive(letter())
    anna, ben = await office.actor(office.anna), await office.actor(office.ben)
    made = (await office.house.ask(CREATE_ACCOUNT, {"input": ACCOUNT}, actor=ben))["mailAccountCreate"]
    assert [error["code"] for error in made["userErrors"]] == ["FORBIDDEN"]
    [message] = (await office.house.ask(MESSAGES, actor=anna))["mailMessages"]["nodes"]
    hidden = await office.house.ask("query ($id: ID!) { node(id: $id) { id } }", {"id": message["id"]}, actor=ben)
    assert hidden == {"node": None}
    assert (await IncomingMessage.get(id=row.id)).state == "filed"


async def test_a_delivery_of_a_hidden_ticket_is_hidden(office: Office) -> None:
    ticket = await office.ticket(await office.receive(letter()))
    await office.reply(ticket)
    stranger = Actor(kind=ActorKind.AGENT, id=office.ben.id, name="Ben")
    every = "{ articleDeliveries { totalCount nodes { id } } }"
    assert (await office.house.ask(every, actor=stranger))["articleDeliveries"] == {"totalCount": 0, "nodes": []}
    anna = await office.actor(office.anna)
    [delivery] = (await office.house.ask(every, actor=anna))["articleDeliveries"]["nodes"]
    refused = (await office.house.ask(AGAIN, {"id": delivery["id"]}, actor=stranger))["mailMessageSendAgain"]
    assert [error["code"] for error in refused["userErrors"]] == ["NOT_FOUND"]
