"""Mails that others collected: read as those others expect, or the difference has a reason."""

import base64
import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tessera.mail._addresses import Address
from tessera.mail._parse import Message, parse
from tests.corpus import CORPUS, needs_corpus, table

pytestmark = needs_corpus

EXPECTED: dict[str, dict[str, Any]] = table("mail/zammad/expected.json")
MAILS = sorted(path for path in (CORPUS / "mail").rglob("*") if path.is_file() and path.suffix != ".json")
FIELDS = ("subject", "from_email", "from_display_name", "to", "cc", "reply-to")
EMPTY = {"mail070.box"}
HTML_BODY = "message.html"

# What we read otherwise on purpose. A line that begins to agree fails, so that the list only shrinks.
OTHERWISE = {
    (
        "mail006",
        "to",
    ): "the address stands in a comment: we read the name and the address, the expectation keeps the raw line",
    (
        "mail018",
        "subject",
    ): "UTF-7 inside the encoded word: we read an umlaut, the expectation keeps the code and the tabs",
    ("mail038", "subject"): "we drop a blank at the end",
    (
        "mail046",
        "from_display_name",
    ): "undeclared GB2312 bytes: we read Chinese, the expectation Central European letters",
    ("mail076", "from_email"): "a stray > behind the address: we leave it out",
    ("mail076", "from_display_name"): "without a name we give none; the expectation repeats the broken address",
    ("mail100", "32497.1617621278.2"): "half a Content-ID is no file name: ours is called attachment",
    (
        "mail102",
        "Screen Shot 2018-12-17 at 091.00.38.png",
    ): "two files of one name keep it; the expectation numbers the second",
}


def read(name: str) -> Message:
    return parse((CORPUS / "mail" / "zammad" / f"{name}.box").read_bytes())


def listed(addresses: Iterable[Address]) -> str:
    return ", ".join(f"{one.name} <{one.address}>" if one.name else one.address for one in addresses)


def values(message: Message) -> dict[str, str]:
    sender = message.sender or Address("", "")
    return {
        "subject": message.subject,
        "from_email": sender.address,
        "from_display_name": sender.name,
        "to": listed(message.to),
        "cc": listed(message.cc),
        "reply-to": listed(message.reply_to),
    }


def spelled(expected: object, field: str) -> str:
    """Lists are expected with quotes around some names; ours are compared without."""
    return str(expected).replace('"', "") if field in {"to", "cc", "reply-to"} else str(expected)


def digests(data: bytes) -> set[str]:
    """The table hashed binary files in their base64 spelling, and mails inside of mails with bare line feeds."""
    spellings = (data, base64.b64encode(data), data.replace(b"\r\n", b"\n"))
    return {hashlib.md5(one, usedforsecurity=False).hexdigest() for one in spellings}


def judge(name: str, what: str, *, agrees: bool, detail: str) -> None:
    if (name, what) in OTHERWISE:
        assert not agrees, f"{name} {what} agrees now: strike it from OTHERWISE"
    else:
        assert agrees, detail


@pytest.mark.parametrize("name", EXPECTED)
@pytest.mark.parametrize("field", FIELDS)
def test_fields(name: str, field: str) -> None:
    expected = EXPECTED[name].get(field)
    if expected is None:
        assert (name, field) not in OTHERWISE
        return
    ours = values(read(name))[field]
    judge(name, field, agrees=ours == spelled(expected, field), detail=f"expected {expected!r}, read {ours!r}")


@pytest.mark.parametrize("name", EXPECTED)
def test_attachments(name: str) -> None:
    message = read(name)
    expected = EXPECTED[name]["attachments"]
    found = {(one.filename, digest) for one in message.attachments for digest in digests(one.data)}
    for file in expected:
        if file["filename"] == HTML_BODY:
            # there the HTML body is kept as a file of this name; here it is the message's html
            assert message.html
        else:
            agrees = (file["filename"], file["md5"]) in found
            judge(name, file["filename"], agrees=agrees, detail=f"{file} is not among {sorted(found)}")


def test_no_reason_is_left_over() -> None:
    known = {(name, field) for name in EXPECTED for field in FIELDS}
    files = {(name, file["filename"]) for name, row in EXPECTED.items() for file in row["attachments"]}
    assert set(OTHERWISE) <= known | files


def test_we_agree_far_more_often_than_not() -> None:
    subjects = [(row["subject"], read(name).subject) for name, row in EXPECTED.items() if "subject" in row]
    senders = [
        (row["from_email"], values(read(name))["from_email"]) for name, row in EXPECTED.items() if "from_email" in row
    ]
    for pairs in (subjects, senders):
        assert sum(expected == ours for expected, ours in pairs) / len(pairs) > 0.95


@pytest.mark.parametrize("path", MAILS, ids=lambda path: path.name)
def test_every_mail_is_read(path: Path) -> None:
    message = parse(path.read_bytes())
    assert message.text.strip() or message.attachments or path.name in EMPTY
    assert message.sender is not None or message.text.startswith("Lorem ipsum")


def test_all_mails_are_there() -> None:
    assert len(MAILS) == 98


@pytest.mark.parametrize(
    ("path", "subject", "files"),
    [
        (
            "otobo/EmailParser/PostMaster-Test13.box",
            "Заявка на генерацию 402 240108 (3)",
            ["Заявка на генерацию 402 240108 (3).doc"],
        ),
        ("rt/notes-uuencoded", "Test e-mail which exhibits problems with RT", ["Naz_Head.jpg"]),
        (
            "rt/rfc2231-attachment-filename-continuations",
            "Client ? Japanese Attachment Name issue",
            ["新しいテキスト ドキュメント.txt"],
        ),
        ("rt/email-file-attachment-2.eml", "This is another test", ["test-email-2.eml"]),
        ("otobo/PostMaster/PostMaster-Test26.box", "signature test", ["StdAttachment-Test1.pdf", "signature.asc"]),
        ("zammad/mail054.box", "AW: One Net Business", []),
    ],
)
def test_awkward_mails(path: str, subject: str, files: list[str]) -> None:
    message = parse((CORPUS / "mail" / path).read_bytes())
    assert message.subject == subject
    assert [one.filename for one in message.attachments] == files


@pytest.mark.parametrize(
    ("path", "recipient", "action", "original"),
    [
        (
            "rt/multipart-report",
            "jesmund@mailbox.other.example.com",
            "failed",
            "<200308221615.h7MGFGac020135@mx12.other.example.com>",
        ),
        (
            "otobo/EmailParser/FilenameWithNewline.box",
            "abc123@mydomain.somewhere",
            "failed",
            "<test4567@mydomain.somewhere>",
        ),
        ("zammad/mail092.box", "receiver@example.org", "failed", None),
        ("zammad/mail078.box", "bob.smith@example.de", "delayed", "<20150830145601.30.608881@example.com>"),
    ],
)
def test_bounces(path: str, recipient: str, action: str, original: str | None) -> None:
    bounce = parse((CORPUS / "mail" / path).read_bytes()).bounce
    assert bounce is not None
    assert (bounce.recipient, bounce.action, bounce.original_message_id) == (recipient, action, original)
