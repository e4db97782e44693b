"""Outgoing bytes: what we write we read again, and no field starts another."""

import re
import string
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tessera.mail._addresses import Address
from tessera.mail._compose import Outgoing, compose, message_id, subject_with_number
from tessera.mail._loop import automatic
from tessera.mail._parse import Attachment, parse

PLAIN = Outgoing(
    sender=Address("Help Desk", "help@example.com"),
    to=(Address("Carla Müller", "carla@example.org"),),
    subject="[Ticket#2026112110000042] Re: Drucker",
    message_id="<1@example.com>",
    date=datetime(2026, 11, 21, 12, tzinfo=UTC),
    text="Grüße\n\n.\nFrom here\ntrailing \n",
)
IMAGE = Attachment("logo.png", "image/png", b"\x89PNG", content_id="logo@x", inline=True)
REPORT = Attachment("Résumé 日本.pdf", "application/pdf", bytes(range(256)))

printable = st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"])
words = st.text(printable, max_size=80).map(lambda text: " ".join(text.split())).filter(lambda text: "=?" not in text)
locals_ = st.text(string.ascii_letters + string.digits + "._%+-", min_size=1, max_size=30)
domains = st.from_regex(r"[a-z0-9]{1,20}(\.[a-z0-9]{1,10}){0,3}", fullmatch=True)
mailboxes = st.builds(Address, words, st.builds("{}@{}".format, locals_, domains))
ids = st.builds("<{}@{}>".format, locals_, domains)
names = words.map(lambda text: re.sub(r"[/\\\u202a-\u202e\u2066-\u2069]", "_", text)[:150].strip()).filter(bool)
bodies = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\r"), max_size=2000).filter(
    lambda text: "begin " not in text
)
files = st.builds(
    Attachment,
    filename=names,
    content_type=st.sampled_from(
        ["application/pdf", "image/png", "text/plain", "text/html", "application/octet-stream"]
    ),
    data=st.binary(max_size=500),
    content_id=st.none() | st.builds("{}@{}".format, locals_, domains),
    inline=st.just(value=False),
)
messages = st.builds(
    Outgoing,
    sender=mailboxes,
    to=st.lists(mailboxes, min_size=1, max_size=5).map(tuple),
    cc=st.lists(mailboxes, max_size=3).map(tuple),
    reply_to=st.lists(mailboxes, max_size=1).map(tuple),
    subject=words,
    message_id=ids,
    in_reply_to=st.none() | ids,
    references=st.lists(ids, max_size=5, unique=True).map(tuple),
    date=st.integers(0, 4_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    text=bodies,
    html=st.none() | bodies.filter(str.strip),
    attachments=st.lists(files, max_size=3).map(tuple),
    automatic=st.booleans(),
)


@given(messages)
def test_what_is_written_is_read(outgoing: Outgoing) -> None:
    raw = compose(outgoing)
    message = parse(raw)
    assert message.subject == outgoing.subject
    assert message.sender == outgoing.sender
    assert (message.to, message.cc, message.reply_to) == (outgoing.to, outgoing.cc, outgoing.reply_to)
    assert message.message_id == outgoing.message_id
    thread = [*outgoing.references, *([outgoing.in_reply_to] if outgoing.in_reply_to else [])]
    assert message.references == tuple(dict.fromkeys(thread))
    assert message.in_reply_to == outgoing.in_reply_to
    assert message.date == outgoing.date
    assert message.html == outgoing.html
    if outgoing.text.strip() or outgoing.html is None:
        assert message.text == outgoing.text
    assert [(one.filename, one.content_type, one.data) for one in message.attachments] == [
        (one.filename, one.content_type, one.data) for one in outgoing.attachments
    ]
    assert raw == compose(outgoing)
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    assert b"\n" not in raw.replace(b"\r\n", b"")


def test_others_read_it_too() -> None:
    raw = compose(replace(PLAIN, html="<p>Grüße</p><img src='cid:logo@x'>", attachments=(IMAGE, REPORT)))
    other = message_from_bytes(raw, policy=policy.default)
    assert not list(other.defects)
    assert other["subject"] == PLAIN.subject
    assert other["to"].addresses[0].display_name == "Carla Müller"
    shape = [part.get_content_type() for part in other.walk()]
    assert shape == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
        "application/pdf",
    ]
    body = other.get_body(("plain",))
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == PLAIN.text
    (pdf,) = other.iter_attachments()
    assert pdf.get_filename() == "Résumé 日本.pdf"
    assert pdf.get_content() == REPORT.data


def test_inline_images_belong_to_the_html() -> None:
    message = parse(compose(replace(PLAIN, html="<img src='cid:logo@x'>", attachments=(IMAGE,))))
    assert message.attachments == (IMAGE,)
    alone = parse(compose(replace(PLAIN, attachments=(IMAGE,))))
    assert alone.text == PLAIN.text
    assert alone.attachments == (IMAGE,)


def test_automatic_messages_say_so_and_are_known_again() -> None:
    assert automatic(parse(compose(PLAIN))) is None
    message = parse(compose(replace(PLAIN, automatic=True, loop="desk.example.com")))
    assert message.header("Auto-Submitted") == "auto-replied"
    assert message.header("Precedence") == "bulk"
    assert message.header("X-Tessera-Loop") == "desk.example.com"
    assert automatic(message) == "Auto-Submitted: auto-replied"


def test_the_thread_is_bounded_and_keeps_its_first() -> None:
    references = tuple(f"<{number}@x>" for number in range(500))
    message = parse(compose(replace(PLAIN, references=references, in_reply_to="<last@x>")))
    assert len(message.references) == 30
    assert (message.references[0], message.references[-1]) == ("<0@x>", "<last@x>")


@pytest.mark.parametrize("break_", ["\r\n", "\n", "\r", "\r\n ", "\x00\n", "\u2028", "\x0b", "\x85"])
def test_no_field_starts_another(break_: str) -> None:
    evil = f"x{break_}Bcc: victim@example.com{break_}{break_}body"
    outgoing = Outgoing(
        sender=Address(evil, f"a@b.c{break_}Bcc:v@e.c"),
        to=(Address(evil, f"d@e.f{break_}Bcc:v@e.c"),),
        cc=(Address("", evil),),
        reply_to=(Address(evil, "g@h.i"),),
        subject=evil,
        message_id=f"<1@x>{evil}",
        in_reply_to=f"<2@x>{evil}",
        references=(f"<3@x>{evil}",),
        date=PLAIN.date,
        text=evil,
        attachments=(Attachment(evil, f"text/plain{break_}Bcc: v@e.c", b"x", content_id=evil),),
        automatic=True,
        loop=evil,
    )
    raw = compose(outgoing)
    top = message_from_bytes(raw)
    parsed = parse(raw)
    for part in top.walk():
        assert "bcc" not in {name.lower() for name, _value in part.items()}
    assert "bcc" not in parsed.headers
    assert parsed.message_id == "<1@x>"
    assert len(parsed.attachments) == 1


@pytest.mark.parametrize(
    ("subject", "mark", "written"),
    [
        ("printer", "Re", "[Ticket#42] Re: printer"),
        ("Re: printer", "Re", "[Ticket#42] Re: printer"),
        ("RE: AW: Re[2]: printer", "Re", "[Ticket#42] Re: printer"),
        ("[Ticket#42] Re: printer", "Re", "[Ticket#42] Re: printer"),
        ("Re: [Ticket#42] Re: printer", "Re", "[Ticket#42] Re: printer"),
        ("AW: [ticket#: 42] printer", "Re", "[Ticket#42] Re: printer"),
        ("Re: [Ticket#421] printer", "Re", "[Ticket#42] Re: [Ticket#421] printer"),
        ("printer", "", "[Ticket#42] printer"),
        ("Re: printer", "Fwd", "[Ticket#42] Fwd: printer"),
        ("Fwd: printer", "Fwd", "[Ticket#42] Fwd: printer"),
        ("Reply: printer", "Re", "[Ticket#42] Re: Reply: printer"),
        ("evil\r\nBcc: a@b.c", "Re", "[Ticket#42] Re: evil Bcc: a@b.c"),
        ("", "Re", "[Ticket#42] Re:"),
    ],
)
def test_subject_with_number(subject: str, mark: str, written: str) -> None:
    assert subject_with_number(subject, "42", mark=mark) == written


@given(st.text(max_size=60), st.from_regex(r"[0-9]{1,16}", fullmatch=True), st.sampled_from(["Re", "Fwd", ""]))
def test_numbering_a_subject_again_changes_nothing(subject: str, number: str, mark: str) -> None:
    once = subject_with_number(subject, number, mark=mark)
    assert subject_with_number(once, number, mark=mark) == once
    assert subject_with_number(f"Re: {once}", number, mark=mark) == once


def test_message_ids_are_stable_and_safe() -> None:
    assert message_id("job 7", "example.com") == message_id("job 7", "example.com")
    assert message_id("job 7", "example.com") != message_id("job 8", "example.com")
    assert message_id("job 7", "bücher.example").endswith("@xn--bcher-kva.example>")
    assert message_id("x", "evil>\r\nBcc: a@b").endswith("@evilBccab>")
    assert message_id("x", "").endswith("@localhost>")
    assert len(message_id("x" * 10_000, "d" * 10_000)) < 300
