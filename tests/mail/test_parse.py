"""What a mail becomes: bodies, attachments, bounces, sender; of mails written here."""

import base64

import pytest

from tessera.mail._addresses import Address
from tessera.mail._bounce import Bounce
from tessera.mail._parse import Message, parse

FULL = b"""From: =?iso-8859-1?Q?J=FCrgen_M=FCller?= <jm@example.org>\r
To: "Help, Desk" <help@example.com>, undisclosed-recipients:;\r
Cc: A group: a@b.c, d@e.f;\r
Reply-To: other@example.org\r
Subject: =?utf-8?B?w4RyZ2VybmlzIG1pdCBk?=\r
 =?utf-8?B?ZW0gRHJ1Y2tlcg==?= [Ticket#2026112110000042]\r
Message-ID: <abc@example.org>\r
In-Reply-To: <x@y>\r
References: <a@b> <c@d>\r
 <x@y>\r
Date: Sat, 21 Nov 2026 20:00:00 +0100\r
X-Tag: one\r
X-Tag: two\r
MIME-Version: 1.0\r
Content-Type: multipart/mixed; boundary="b1"\r
\r
preamble\r
--b1\r
Content-Type: multipart/alternative; boundary=b2\r
\r
--b2\r
Content-Type: text/plain; charset=iso-8859-15\r
Content-Transfer-Encoding: quoted-printable\r
\r
Gr=FC=DFe =A4\r
--b2\r
Content-Type: text/html; charset="utf-8"\r
\r
<p>Gr\xc3\xbc\xc3\x9fe</p>\r
--b2--\r
--b1\r
Content-Type: application/pdf; name="x.pdf"\r
Content-Disposition: attachment; filename*=utf-8''R%C3%A9sum%C3%A9.pdf\r
Content-Transfer-Encoding: base64\r
\r
JVBERi0xLjQK\r
--b1\r
Content-Type: message/rfc822\r
\r
Subject: inner\r
\r
body\r
--b1--\r
epilogue\r
"""


def mail(*headers: str, body: str = "") -> bytes:
    return ("\n".join(headers) + "\n\n" + body).encode()


def multipart(subtype: str, *parts: str, headers: str = "") -> bytes:
    body = "".join(f"--B\n{part}\n" for part in parts)
    return f"{headers}Content-Type: multipart/{subtype}; boundary=B\n\n{body}--B--\n".encode()


def test_a_whole_mail() -> None:
    message = parse(FULL)
    assert message.sender == Address("Jürgen Müller", "jm@example.org")
    assert message.to == (Address("Help, Desk", "help@example.com"),)
    assert message.cc == (Address("", "a@b.c"), Address("", "d@e.f"))
    assert message.reply_to == (Address("", "other@example.org"),)
    assert message.subject == "Ärgernis mit dem Drucker [Ticket#2026112110000042]"
    assert message.message_id == "<abc@example.org>"
    assert message.references == ("<a@b>", "<c@d>", "<x@y>")
    assert message.in_reply_to == "<x@y>"
    assert message.date is not None
    assert message.date.isoformat() == "2026-11-21T19:00:00+00:00"
    assert message.text == "Grüße €"
    assert message.html == "<p>Grüße</p>"
    assert message.headers["x-tag"] == ("one", "two")
    assert message.header("X-TAG") == "one"
    assert message.header("X-Absent") == ""
    pdf, inner = message.attachments
    assert (pdf.filename, pdf.content_type, pdf.data, pdf.inline) == (
        "Résumé.pdf",
        "application/pdf",
        b"%PDF-1.4\n",
        False,
    )
    assert (inner.filename, inner.data) == ("inner.eml", b"Subject: inner\r\n\r\nbody")
    assert message.bounce is None


def test_nothing_at_all() -> None:
    message = parse(b"")
    assert (message.subject, message.sender, message.message_id, message.text, message.html) == (
        "",
        None,
        None,
        "",
        None,
    )
    assert message.attachments == ()


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"no header at all\nonly words\n", "no header at all\nonly words\n"),
        (b"Subject: x\nbody without a blank line\n", "body without a blank line\n"),
        (b"From me@x.y  Thu Mar 20 10:00:00 2014\nSubject: x\n\nmbox\n", "mbox\n"),
        (b"\xef\xbb\xbfSubject: x\n\nmark\n", "mark\n"),
        (b"\r\n\r\nSubject: x\r\n\r\nblank first\r\n", "blank first\n"),
        (b"Subject: x\r\rold\rmac", "old\nmac"),
        (b"Subject: x\n\ncaf\xe9 \x80\n", "café €\n"),
        (b"Subject: x\nContent-Type: text/plain; charset=x-unknown\n\nhi\n", "hi\n"),
        (b"Subject: x\nContent-Type: text/plain; name=readme.txt\n\nroot stays body\n", "root stays body\n"),
        (b"Subject: x\nContent-Type: multipart/mixed; boundary=none\n\nno such delimiter\n", "no such delimiter\n"),
        (
            b"Subject: x\nContent-Type: multipart/mixed\n\n--guess\n\nwithout a boundary\n--guess--\n",
            "without a boundary",
        ),
        (b"Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nnever closed\n", "never closed\n"),
        (b"Subject: x\nContent-Type: text\n\nshort type\n", "short type\n"),
        (b"Subject: x\n\n" + "日本".encode("iso-2022-jp"), "日本"),
        (b"Subject: x\n\nnul\x00 gone", "nul gone"),
    ],
)
def test_bodies_are_not_lost(raw: bytes, text: str) -> None:
    message = parse(raw)
    assert message.text == text
    assert message.subject in {"x", ""}
    assert message.attachments == ()


def test_headers_broken_in_the_middle_are_read_to_the_sender() -> None:
    message = parse(b"X-Spam: A\nunfolded rest\nFrom: a@b.c\nSubject: found\n\nbody\n")
    assert (message.subject, message.text) == ("found", "body\n")
    assert message.sender == Address("", "a@b.c")


def test_text_is_made_of_html_when_only_that_came() -> None:
    message = parse(mail("Content-Type: text/html; charset=utf-8", body="<p>Grüße</p><p>zwei</p>"))
    assert message.text == "Grüße\n\nzwei"
    assert message.html == "<p>Grüße</p><p>zwei</p>"


def test_a_blank_plain_part_gives_way_to_html() -> None:
    message = parse(
        multipart("alternative", "Content-Type: text/plain\n\n  ", "Content-Type: text/html\n\n<b>here</b>")
    )
    assert message.text == "here"


def test_the_html_says_its_charset_itself() -> None:
    raw = b"Content-Type: text/html\n\n<meta charset=windows-1251>" + "тест".encode("cp1251")
    assert parse(raw).text == "тест"


def test_several_bodies_are_joined_in_both_forms() -> None:
    message = parse(multipart("mixed", "Content-Type: text/plain\n\n1 < 2", "Content-Type: text/html\n\n<b>rich</b>"))
    assert message.text == "1 < 2\nrich"
    assert message.html == "1 &lt; 2\n<b>rich</b>"


def test_related_parts_are_inline_attachments() -> None:
    message = parse(
        multipart(
            "related",
            "Content-Type: text/html\n\n<img src='cid:image001.png@x'>",
            "Content-Type: image/png\nContent-ID: <image001.png@x>\nContent-Transfer-Encoding: base64\n\niVBORw==",
            "Content-Type: text/html\n\n<p>a frame</p>",
        )
    )
    image, frame = message.attachments
    assert (image.filename, image.content_id, image.inline, image.data) == (
        "image001.png",
        "image001.png@x",
        True,
        b"\x89PNG",
    )
    assert (frame.filename, frame.inline, frame.data) == ("document.html", False, b"<p>a frame</p>")


@pytest.mark.parametrize(
    ("headers", "name"),
    [
        ("Content-Type: image/png", "image.png"),
        ("Content-Type: video/quicktime", "video.mov"),
        ("Content-Type: application/x-thing", "attachment"),
        ("Content-Type: application/pdf\nContent-Description: The report", "The report.pdf"),
        ("Content-Type: application/pdf; name=a.pdf\nContent-Disposition: attachment; filename=b.pdf", "b.pdf"),
        ("Content-Type: application/pdf; name=../../etc/passwd", ".._.._etc_passwd"),
        ('Content-Type: application/pdf; name="exe\u202efdp.pdf"', "exe_fdp.pdf"),
        ("Content-Type: text/calendar", "document.ics"),
        ("Content-Disposition: attachment", "document.txt"),
    ],
)
def test_names_of_attachments(headers: str, name: str) -> None:
    message = parse(multipart("mixed", "Content-Type: text/plain\n\nbody", f"{headers}\n\ndata"))
    assert [attachment.filename for attachment in message.attachments] == [name]
    assert message.attachments[0].data == b"data"


def test_unnamed_attachments_of_a_kind_are_numbered() -> None:
    message = parse(multipart("mixed", *["Content-Type: image/gif\n\nx"] * 3))
    assert [attachment.filename for attachment in message.attachments] == ["image.gif", "image1.gif", "image2.gif"]


def test_uuencoded_files_leave_the_text() -> None:
    message = parse(b"Subject: x\n\nbefore\nbegin 644 cat.txt\n#0V%T\n`\nend\nafter\n")
    assert message.text == "before\n\nafter\n"
    assert [(one.filename, one.data) for one in message.attachments] == [("cat.txt", b"Cat")]


def test_text_that_only_looks_uuencoded_stays() -> None:
    raw = b"Subject: x\n\nbegin 644 words\nthese are words\nend\n"
    assert parse(raw).text == "begin 644 words\nthese are words\nend\n"


@pytest.mark.parametrize(
    ("headers", "address"),
    [
        (["From: a@b.c", "Reply-To: d@e.f"], "a@b.c"),
        (["From: <>", "Reply-To: d@e.f"], "d@e.f"),
        (["Sender: s@e.f"], "s@e.f"),
        (["Return-Path: <r@e.f>"], "r@e.f"),
    ],
)
def test_the_sender_is_the_best_that_is_known(headers: list[str], address: str) -> None:
    assert parse(mail(*headers)).sender == Address("", address)


REPORT = """Content-Type: message/delivery-status

Reporting-MTA: dns; mx

Final-Recipient: rfc822; ok@b
Action: relayed
Status: 2.0.0

Final-Recipient: rfc822; a@b.c
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 no
 such user
"""
BOUNCED = Bounce("<orig@tessera>", "a@b.c", "failed", "5.1.1", "smtp; 550 no such user")


@pytest.mark.parametrize(
    "original",
    [
        "Content-Type: message/rfc822\n\nMessage-ID: <orig@tessera>\nSubject: s\n\nbody",
        "Content-Type: text/rfc822-headers\n\nmessage-id: <orig@tessera>\n",
        "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n"
        + base64.b64encode(b"Message-ID: <orig@tessera>\n\nx").decode(),
    ],
)
def test_a_delivery_report(original: str) -> None:
    raw = multipart("report", "Content-Type: text/plain\n\nsorry", REPORT, original, headers="From: MAILER-DAEMON@x\n")
    assert parse(raw).bounce == BOUNCED


def test_a_bounce_that_only_quotes() -> None:
    raw = mail("From: MAILER-DAEMON@x.y", "X-Failed-Recipients: a@b.c", body="Sorry.\n\nMessage-ID: <orig@tessera>\n")
    assert parse(raw).bounce == Bounce("<orig@tessera>", "a@b.c", "failed")
    person = mail("From: someone@x.y", body="Look:\n\nMessage-ID: <orig@tessera>\n")
    assert parse(person).bounce is None


def deep(levels: int) -> bytes:
    opened = "".join(f"Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n" for level in range(levels))
    return opened.encode() + b"Content-Type: text/plain\n\nbottom\n"


def wide(parts: int) -> bytes:
    return b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * parts


def everything(message: Message) -> str:
    return message.text + "".join(one.data.decode() for one in message.attachments)


@pytest.mark.timeout(30)
def test_depth_and_width_are_bounded() -> None:
    assert "bottom" in everything(parse(deep(10)))
    assert "bottom" in everything(parse(deep(1000)))
    assert 400 < parse(wide(100_000)).text.count("x") < 600


@pytest.mark.parametrize(
    "unit",
    [
        b"X: y\n",
        b"--b\n",
        b"begin 644 x\n",
        b"begin 644 x\nend\n",
        b"<div>",
        b"<ul><li>",
        b"=\n",
        b"=?",
        b"From: <",
        b"\n",
    ],
)
@pytest.mark.parametrize(
    "start", [b"", b"Content-Type: text/html\n\n", b"Content-Type: multipart/mixed; boundary=b\n\n"]
)
@pytest.mark.timeout(30)
def test_a_megabyte_of_malice_is_read_in_bounded_time(start: bytes, unit: bytes) -> None:
    parse(start + unit * (1_000_000 // len(unit)))
