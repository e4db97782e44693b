"""Header values: encoded words, charsets, parameters, ids, dates, addresses."""

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tessera.mail._addresses import Address, addresses
from tessera.mail._charset import codec_of, decode, hints_in
from tessera.mail._headers import date, header_text, message_ids, one_message_id, parameters, unbase64


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        (b"plain", "plain"),
        (b"=?iso-8859-1?Q?aa=E4=F6?=", "aaäö"),
        (b"=?utf-8?B?5pel?= =?utf-8?B?5pys?=", "日本"),
        (b"=?UTF-8?B?5g==?=\r\n =?UTF-8?B?l6U=?=", "日"),
        (b"=?iso-8859-1?Q?a?= b", "a b"),
        (b"a =?iso-8859-1?Q?b?= =?utf-8?Q?c?= d", "a bc d"),
        (b"=?us-ascii?Q?A / B with blanks?=", "A / B with blanks"),
        (b"=?utf-8?Q?really??=", "really?"),
        (b"=?utf-8*en?Q?language?=", "language"),
        (b"=?utf-8?Q?half =?utf-8?Q?whole?=", "=?utf-8?Q?half whole"),
        (b"=?utf-8?B?8J+YgA?=", "😀"),
        (b"=?x-nonsense?Q?caf=C3=A9?=", "café"),
        (b"=?unicode-1-1-utf-7?Q?+ANw-ber?=", "Über"),
        (b"=?gb2312?B?us/NrA==?=", "合同"),
        (b"=?utf-8?Q?line=0D=0Abreak?=", "line  break"),
        (b"folded\r\n\tline", "folded line"),
        (b"caf\xc3\xa9", "café"),
        (b"caf\xe9", "café"),
        (b"\x1b$B;vL36I\x1b(B", "事務局"),
        (b"nul\x00here", "nulhere"),
    ],
)
def test_header_text(raw: bytes, read: str) -> None:
    assert header_text(raw) == read


def test_undeclared_bytes_follow_the_charsets_of_the_rest() -> None:
    raw = "тест".encode("koi8-r")
    assert header_text(raw, hints_in(b"Content-Type: text/plain; charset=koi8-r\n")) == "тест"
    assert header_text(raw) != "тест"


@pytest.mark.parametrize(
    ("data", "charset", "read"),
    [
        (b"\xe4", "iso-8859-1", "ä"),
        (b"\x80", "iso-8859-1", "€"),
        ("ä".encode(), "iso-8859-1", "ä"),
        ("ä".encode(), "us-ascii", "ä"),
        (b"gr\xfc\xdfe", "utf-8", "grüße"),
        ("日本".encode() + b"\xff", "utf-8", "日本\N{REPLACEMENT CHARACTER}"),
        (b"\xb0\xa1\x81\x40", "gb2312", "啊丂"),
        (b"\xff", "no-such-charset", "ÿ"),
        (b"\\u0041", "unicode_escape", "\\u0041"),
        (b"a" * 10_000, "punycode", "a" * 10_000),
        (b"+2AA-", "utf-7", "\N{REPLACEMENT CHARACTER}"),
        (b"a\x00b", "utf-8", "ab"),
        (b"abc", "a" * 500, "abc"),
        (b"abc", "hex", "abc"),
        (b"abc", "\x00", "abc"),
    ],
)
def test_decode(data: bytes, charset: str, read: str) -> None:
    assert decode(data, charset) == read


@given(
    st.binary(max_size=200), st.text(max_size=30) | st.sampled_from(["utf-8", "utf-7", "utf-16", "iso-2022-jp", "hz"])
)
def test_whatever_is_decoded_can_be_stored(data: bytes, charset: str) -> None:
    text = decode(data, charset)
    assert "\x00" not in text
    text.encode("utf-8")


def test_codecs_that_are_no_charsets_are_refused() -> None:
    assert [codec_of(label) for label in ("idna", "rot13", "unicode_escape", "zip", "", "a b")] == [None] * 6


@pytest.mark.parametrize(
    ("raw", "word", "found"),
    [
        (b"text/plain; charset=utf-8", "text/plain", {"charset": "utf-8"}),
        (b'TEXT/Plain; Charset="utf-8";', "text/plain", {"charset": "utf-8"}),
        (b'text/plain; charset="gb2312; format=flowed', "text/plain", {"charset": "gb2312", "format": "flowed"}),
        (b"attachment; filename=my file.pdf", "attachment", {"filename": "my file.pdf"}),
        (b'attachment; filename="a;b.txt"', "attachment", {"filename": "a;b.txt"}),
        (b'attachment; filename="a\\"b.txt"', "attachment", {"filename": 'a"b.txt'}),
        (b"attachment; filename*=utf-8''R%C3%A9sum%C3%A9.pdf", "attachment", {"filename": "Résumé.pdf"}),
        (
            b"attachment; filename*0*=utf-8''R%C3; filename*1*=%A9.p; filename*2=df",
            "attachment",
            {"filename": "Ré.pdf"},
        ),
        (b"attachment; filename*0*=utf-8''R%C; filename*1*=3%A9", "attachment", {"filename": "Ré"}),
        (b'attachment; filename*1="b"; filename*0="a"', "attachment", {"filename": "ab"}),
        (b"attachment; filename*=iso-8859-1'de'%E4.txt; filename=a.txt", "attachment", {"filename": "ä.txt"}),
        (b'attachment; filename="=?utf-8?Q?R=C3=A9sum=C3=A9.pdf?="', "attachment", {"filename": "Résumé.pdf"}),
        (b"attachment; filename*=%ZZ''%", "attachment", {"filename": "%"}),
        (b"text/plain; charset=a; charset=b", "text/plain", {"charset": "a"}),
        (b"", "", {}),
        (b";;;=;=;", "", {}),
    ],
)
def test_parameters(raw: bytes, word: str, found: dict[str, str]) -> None:
    assert parameters(raw) == (word, found)


@pytest.mark.parametrize(
    ("data", "read"),
    [
        (b"YWJj\nZGVm\n", b"abcdef"),
        (b"YWI=YWI=", b"abab"),
        (b"YWI", b"ab"),
        (b"YWIxx!!x", b"ab1\xc7"),
        (b"YWI=\n_______\nList footer, not base64!\n", b"ab"),
        (b"A", b""),
        (b"", b""),
    ],
)
def test_unbase64(data: bytes, read: bytes) -> None:
    assert unbase64(data) == read


@given(st.binary(max_size=300))
def test_unbase64_reads_what_base64_writes(data: bytes) -> None:
    assert unbase64(base64.encodebytes(data)) == data


def test_message_ids() -> None:
    assert message_ids("<a@b> <c@d>\t<a@b> junk <e f> <>") == ("<a@b>", "<c@d>")
    assert one_message_id("  <a@b> (comment)") == "<a@b>"
    assert one_message_id("000000B9") == "<000000B9>"
    assert one_message_id("<with blank@x>") == "<withblank@x>"
    assert one_message_id(" <> ") is None


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("Sat, 21 Nov 2026 20:00:00 +0100", datetime(2026, 11, 21, 19, tzinfo=UTC)),
        ("21 Nov 2026 20:00:00 -0000", datetime(2026, 11, 21, 20, tzinfo=UTC)),
        ("Wed, 05 Sep 2018 29:24:05 +0700", None),
        ("Sat, 21 Nov 99999 20:00:00 +0100", None),
        ("Fri, 31 Dec 9999 23:59:59 -2359", None),
        ("yesterday", None),
        ("", None),
        ("9" * 100_000, None),
    ],
)
def test_date(value: str, read: datetime | None) -> None:
    assert date(value) == read


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("a@b.c", [("", "a@b.c")]),
        ("<a@b.c>", [("", "a@b.c")]),
        ("Name <a@b.c>", [("Name", "a@b.c")]),
        ('"Help, Desk" <h@e.com>, x@y.z', [("Help, Desk", "h@e.com"), ("", "x@y.z")]),
        ("h@e.com (Help Desk)", [("Help Desk", "h@e.com")]),
        ("Name (h@e.com)", [("Name", "h@e.com")]),
        ("DAEMON (Mail System) <p@e.com>", [("DAEMON", "p@e.com")]),
        ("A group: a@b.c, d@e.f;, g@h.i", [("", "a@b.c"), ("", "d@e.f"), ("", "g@h.i")]),
        ("undisclosed-recipients:;", []),
        ("a@b.c; d@e.f", [("", "a@b.c"), ("", "d@e.f")]),
        ("Smith, John <j@s.com>", [("Smith, John", "j@s.com")]),
        ("root, x@y.z", [("", "x@y.z")]),
        ("=?utf-8?Q?M=C3=BCller,_B?= <b@m.de>", [("Müller, B", "b@m.de")]),
        ('"=?utf-8?Q?M=C3=BCller?=" <b@m.de>', [("Müller", "b@m.de")]),
        ("=?utf-8?Q?Max_=3Cm=40x=2Ede=3E?=", [("Max", "m@x.de")]),
        ('"unbalanced <a@b.c>', [("unbalanced", "a@b.c")]),
        ("<mailto:a@b.c>", [("", "a@b.c")]),
        ("<@relay,@other:a@b.c>", [("", "a@b.c")]),
        ("'a@b.c'", [("", "a@b.c")]),
        ('"quoted local"@b.c', [("", '"quoted local"@b.c')]),
        ('"no <brackets>"@b.c', []),
        ("Name a@b.c", [("Name", "a@b.c")]),
        ("a@[127.0.0.1]", [("", "a@[127.0.0.1]")]),
        ("<a@[IPv6:::1]>", [("", "a@[IPv6:::1]")]),
        ("a@[<], b@[;]", []),
        ("用户@例子.公司", [("", "用户@例子.公司")]),
        ('"esc \\"q\\"" <a@b.c>', [('esc "q"', "a@b.c")]),
        ("<>", []),
        (",;:()<>@", []),
        ("", []),
    ],
)
def test_addresses(value: str, found: list[tuple[str, str]]) -> None:
    assert addresses(value) == tuple(Address(*one) for one in found)


@settings(max_examples=300)
@given(st.text(alphabet='a@.,;:<>()"\\=?Q_ \t[]', max_size=120))
def test_addresses_never_raise_and_hold_one_mailbox(value: str) -> None:
    for address in addresses(value):
        assert "@" in address.address
        assert not set(address.address) & set("<>,;\r\n")


@pytest.mark.parametrize(
    "unit", ['"', "<", "(", "=?", "=?u?Q?", '"\\', "a", "a,", ";a=", ';a="', "@", "\\", "<a@", ": "]
)
@pytest.mark.timeout(20)
def test_hostile_headers_cost_linear_time(unit: str) -> None:
    value = (unit * 200_000)[:200_000]
    addresses(value)
    parameters(value.encode())
    header_text(value.encode())
    message_ids(value)
    date(value)
