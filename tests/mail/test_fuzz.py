"""Mutated mails: none raises, none takes long, what comes out can be stored and sent on."""

import random
from time import process_time

import pytest

from tessera.kit.text import safe_html
from tessera.mail._control import control
from tessera.mail._followup import FollowUpSettings, keys
from tessera.mail._loop import automatic
from tessera.mail._parse import Message, parse
from tests.corpus import CORPUS
from tests.mail.test_parse import FULL, REPORT, multipart

SEEDS = [
    FULL,
    b"From: x@y.z\nSubject: caf\xe9 undeclared\nContent-Type: text/plain\n\ncaf\xe9 \x80\n",
    b"From: <>\nTo: ,\nSubject: \nDate: yesterday\nContent-Type: text/plain; charset=x-unknown\n\nhi\n",
    b'From: "unbalanced <a@b.c>\nTo: (comment @\nMessage-ID: <[hash@x]>\nContent-Type: text; charset="gb2312;\n\n\xb0',
    multipart(
        "report", REPORT, "Content-Type: text/rfc822-headers\n\nMessage-ID: <o@t>", headers="From: MAILER-DAEMON@x\n"
    ),
    b"Content-Type: text/html\n\n<table><tr><td><b>cell</b><img src=cid:a></td></tr></table><script>x</script>\n",
    b"Subject: x\n\nbegin 644 cat.txt\n#0V%T\n`\nend\n",
]
TOKENS = [
    b"=?utf-8?Q?", b"?=", b"=?x?B?!!", b'"', b"<", b">", b";", b",", b":", b"(", b")", b"\\", b"@", b"[", b"]", b"\x00",
    b"\xff", b"=\n", b"\n ", b"\n\t", b"utf-8''%", b"*0*=", b"charset=", b"charset=utf-7\n", b"charset=utf-16\n",
    b"charset=iso-2022-kr\n", b"charset=unicode_escape\n", b"boundary=", b"--b1", b"--b2--", b"--", b"filename*1=",
    b"%ZZ",
    b"\xe2\x80", b"=?=?", b"a" * 200, b"\r", b"\n\n", b"+2AA-", b"begin 644 x\n", b"<div>", b"</", b"&#x110000;",
    b"Content-Transfer-Encoding: base64\n", b"Content-Transfer-Encoding: x-uue\n", b"Content-Type: message/rfc822\n\n",
    b"Content-Type: multipart/related; boundary=b1\n\n", b"\x1b$B", b"X-Tessera-PendingTime: +9d\n",
]  # fmt: skip
LARGEST = 60_000
SLOWEST = 2.0


def corpus_seeds() -> list[bytes]:
    files = sorted(path for path in (CORPUS / "mail").rglob("*") if path.is_file() and path.suffix != ".json")
    return [path.read_bytes() for path in files if path.stat().st_size <= LARGEST]


def mutated(chance: random.Random, seed: bytes) -> bytes:
    mail = bytearray(seed)
    for _ in range(chance.randint(1, 8)):
        # headers and delimiters stand at the beginning of most mails; mutations there tell more
        limit = len(mail) if chance.random() < 0.5 else min(len(mail), 2000)
        place, kind = chance.randrange(limit + 1), chance.random()
        if kind < 0.6:
            mail[place:place] = chance.choice(TOKENS)
        elif kind < 0.8:
            del mail[place : place + chance.randint(1, 12)]
        else:
            mail[place:place] = mail[max(0, place - 20) : place]
    return bytes(mail)


def use(message: Message) -> None:
    """Do with a message what intake does, and prove that its words can be stored."""
    control(message)
    automatic(message)
    tuple(keys(message, FollowUpSettings(search_body=True, search_attachments=True)))
    safe_html(message.html or "")
    words = [message.subject, message.text, message.html or "", *message.references]
    words += [one.filename + one.content_type + (one.content_id or "") for one in message.attachments]
    words += [value for values in message.headers.values() for value in values]
    words += [address.name + address.address for address in (*message.to, *message.cc, *message.reply_to)]
    whole = "".join(words)
    assert "\x00" not in whole
    whole.encode("utf-8")


@pytest.mark.parametrize("count", [2_000, pytest.param(20_000, marks=[pytest.mark.long, pytest.mark.timeout(1200)])])
def test_mutated_mails_are_read(count: int) -> None:
    seeds = SEEDS + corpus_seeds()
    chance = random.Random(count)
    slowest = 0.0
    for number in range(count):
        mail = mutated(chance, chance.choice(seeds))
        started = process_time()
        try:
            use(parse(mail))
        except Exception as error:
            error.add_note(f"mail {number} of seed {count}: {mail[:2000]!r}")
            raise
        slowest = max(slowest, process_time() - started)
    assert slowest < SLOWEST


@pytest.mark.parametrize("size", [0, 1, 100, 10_000])
def test_noise_is_read(size: int) -> None:
    chance = random.Random(size)
    for _ in range(50):
        use(parse(chance.randbytes(size)))
