"""Which ticket a message answers, and what the answer does."""

from dataclasses import replace

import pytest

from tessera.mail._addresses import Address
from tessera.mail._bounce import Bounce
from tessera.mail._followup import (
    FollowUpSettings,
    Key,
    KeyKind,
    Outcome,
    decide,
    keys,
    numbers_in,
    visible_to_customer,
)
from tessera.mail._loop import automatic
from tessera.mail._parse import Attachment, parse
from tessera.queues.models import FollowUpPolicy
from tests.corpus import needs_corpus, table

STATE_TYPES = ["new", "open", "closed", "pending_reminder", "pending_auto", "removed", "merged"]
POLICIES = {1: FollowUpPolicy.POSSIBLE, 2: FollowUpPolicy.REJECT, 3: FollowUpPolicy.NEW_TICKET}
OUTCOMES = {2: Outcome.FOLLOW_UP, 3: Outcome.NEW_TICKET, 4: Outcome.REJECT}
TYPE_OF_STATE = {"closed successful": "closed", "closed unsuccessful": "closed", "pending reminder": "pending_reminder"}

ANSWER = replace(
    parse(
        b"From: a@b.c\nSubject: Re: [Ticket#111] and Ticket#222\nIn-Reply-To: <3@x>\nReferences: <1@x> <2@x> <3@x>\n\n"
    ),
    text="see ticket#333 and ticket#111",
    attachments=(
        Attachment("Ticket#555.txt", "text/plain", b"Ticket#: 444"),
        Attachment("x", "image/png", b"Ticket#666"),
    ),
)


def found(settings: FollowUpSettings) -> list[str]:
    return [key.value for key in keys(ANSWER, settings)]


def test_the_answered_messages_come_before_the_numbers_and_the_newest_first() -> None:
    assert found(FollowUpSettings()) == ["<3@x>", "<2@x>", "<1@x>", "111", "222"]


def test_body_and_attachments_are_searched_when_asked() -> None:
    assert found(FollowUpSettings(search_body=True))[3:] == ["111", "222", "333"]
    assert found(FollowUpSettings(search_attachments=True))[3:] == ["111", "222", "555", "444"]


def test_a_bounce_begins_with_the_message_it_is_about() -> None:
    bounced = replace(ANSWER, bounce=Bounce("<own@tessera>"))
    assert next(keys(bounced, FollowUpSettings())) == Key(KeyKind.MESSAGE_ID, "<own@tessera>")


def test_endless_references_are_cut_to_the_newest() -> None:
    long = replace(ANSWER, references=tuple(f"<{number}@x>" for number in range(5000)))
    values = [key.value for key in keys(long, FollowUpSettings()) if key.kind is KeyKind.MESSAGE_ID]
    assert len(values) == 50
    assert values[0] == "<4999@x>"


@pytest.mark.parametrize(
    ("subject", "numbers"),
    [
        ("[Ticket#2026112110000042] Re: printer", ("2026112110000042",)),
        ("AW: [Ticket#: 123]", ("123",)),
        ("Ticket# 123", ("123",)),
        ("TICKET#123", ("123",)),
        ("Ticket#\t123", ("123",)),
        ("Ticket#1 Ticket#2 Ticket#1", ("1", "2")),
        ("(Ticket#1)", ("1",)),
        ("Ticket#", ()),
        ("Ticket 123", ()),
        ("OtherTicket#123", ()),
        ("Ticket#x123", ()),
        ("Ticket#" + "9" * 33, ()),
        ("Ticket#١٢٣", ()),
        ("", ()),
    ],
)
def test_numbers_in(subject: str, numbers: tuple[str, ...]) -> None:
    assert numbers_in(subject, "Ticket#") == numbers


@pytest.mark.parametrize("hook", ["Ticket#", "Case: ", "[#", "Tür.*", "№"])
def test_any_hook_is_taken_literally(hook: str) -> None:
    assert numbers_in(f"Re: {hook}2026 x", hook) == ("2026",)
    assert numbers_in("Re: 2026", hook) == ()


def numbers_of_the_tables() -> list[str]:
    generated = [
        row["ExpectedResult"]
        for name in ("Date", "DateChecksum")
        for row in table(f"tables/Ticket/Number/{name}.json")["Tests"]
    ]
    increments = [str(row["TN"]) for row in table("tables/Ticket/Number/AutoIncrement.json")["Tests"]]
    return generated + increments


@needs_corpus
@pytest.mark.parametrize("pattern", ["[Ticket#{}] Re: x", "Re: [Ticket#: {}] x", "AW: Ticket# {}", "x ticket#{}"])
def test_numbers_of_every_generator_are_found(pattern: str) -> None:
    numbers = numbers_of_the_tables()
    assert len(numbers) == 18
    for number in numbers:
        assert numbers_in(pattern.format(number), "Ticket#") == (number,)


@needs_corpus
def test_the_table_of_decisions() -> None:
    rows = table("tables/PostMaster/FollowUp.json")["Tests"]
    assert len(rows) == 21
    for row in rows:
        state = TYPE_OF_STATE.get(row["TicketState"], row["TicketState"])
        assert decide(state, POLICIES[row["QueueFollowUpID"]]) is OUTCOMES[row["ExpectedResult"]], row


@pytest.mark.parametrize("state", STATE_TYPES)
def test_every_state_type_is_decided(state: str) -> None:
    ended = state in {"closed", "removed"}
    assert decide(state, FollowUpPolicy.POSSIBLE) is Outcome.FOLLOW_UP
    assert decide(state, FollowUpPolicy.REJECT) is (Outcome.REJECT if ended else Outcome.FOLLOW_UP)
    assert decide(state, FollowUpPolicy.NEW_TICKET) is (Outcome.NEW_TICKET if ended else Outcome.FOLLOW_UP)


BOUND = {
    "{{CustomerAddress}}": "customer@example.com",
    "{{AgentAddress}}": "agent@example.com",
    "{{InternalAddress}}": "provider@example.com",
    "{{Subject}}": "Re: [Ticket#1]",
}


@needs_corpus
def test_the_table_of_visibility() -> None:
    for row in table("tables/PostMaster/FollowUpArticleVisibilityCheck.json")["Tests"]:
        raw = row["Email"]
        for name, value in BOUND.items():
            raw = raw.replace(name, value)
        message = parse(raw.encode())
        if row["Check"]["SenderType"] != "customer":
            # a system's note, said by a control header, is not asked about
            assert message.header("X-OTOBO-FollowUp-SenderType") == row["Check"]["SenderType"]
            continue
        visible = visible_to_customer(
            message,
            customer_addresses=["Customer@Example.com"],
            internal_addresses=["provider@example.com"],
            internal_message_ids=["<message-id-email-internal>"],
        )
        assert visible == bool(row["Check"]["IsVisibleForCustomer"]), row["Name"]


def test_the_customer_is_seen_even_when_answering_an_internal_message() -> None:
    message = replace(ANSWER, sender=Address("", "a@b.c"))
    assert visible_to_customer(
        message, customer_addresses=["A@B.C"], internal_addresses=[], internal_message_ids=["<3@x>"]
    )
    assert automatic(message) is None
