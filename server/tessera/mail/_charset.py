"""Bytes of doubtful charset become text, whatever they are."""

import codecs
import re
from collections.abc import Iterable
from functools import lru_cache

# What senders write, to what they mean (the WHATWG encoding labels where they apply, plus labels met in the wild).
_MEANT = {
    "ansi": "cp1252",
    "cp-850": "cp850",
    "euc-cn": "gb18030",
    "gb2312": "gb18030",
    "gb_2312-80": "gb18030",
    "gbk": "gb18030",
    "iso-2022-jp": "iso2022_jp_ext",
    "iso-8859-1": "cp1252",
    "iso-8859-1-windows-3.1-latin-1": "cp1252",
    "iso-8859-6-i": "iso8859_6",
    "iso-8859-8-e": "iso8859_8",
    "iso-8859-8-i": "iso8859_8",
    "iso-8859-9": "cp1254",
    "iso8859-1": "cp1252",
    "iso_8859-1": "cp1252",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "latin1": "cp1252",
    "shift-jis": "cp932",
    "shift_jis": "cp932",
    "sjis": "cp932",
    "utf8mb4": "utf-8",
    "windows-874": "cp874",
    "windows-31j": "cp932",
    "x-sjis": "cp932",
}
_SAYS_NOTHING = {"us-ascii", "ascii", "ansi_x3.4-1968", "unknown", "unknown-8bit", "x-unknown", "8bit", "binary"}
# Python's own escapes are codecs too: one takes quadratic time, others run escapes of the source language.
_NOT_A_CHARSET = {"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"}
_WESTERN = {"cp1252", "iso8859-15", "latin-1"}
_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,60}")
_LOST = "\N{REPLACEMENT CHARACTER}"
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")
_DECLARED = re.compile(rb"""charset\s{0,8}=\s{0,8}["']?([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)
_JAPANESE_ESCAPE = b"\x1b$"
_SEARCHED = 1 << 18


@lru_cache(maxsize=256)
def codec_of(label: str) -> str | None:
    """Name the Python codec a charset label means; None when it means none."""
    wanted = label.strip(" \t\"'").lower()
    if wanted in _SAYS_NOTHING or not _LABEL.fullmatch(wanted):
        return None
    try:
        name = codecs.lookup(_MEANT.get(wanted, wanted)).name
        if name in _NOT_A_CHARSET:
            return None
        b"a".decode(name, "replace")
    except (LookupError, ValueError):
        return None
    return name


def decode(data: bytes, label: str | None = None, hints: Iterable[str] = ()) -> str:
    """Decode bytes by their declared charset, or by the best guess where that is absent, unknown or untrue.

    `hints` are labels to try before Western Europe's when nothing is declared. The result holds neither NUL nor lone
    surrogates, so every database can store it.
    """
    codec = codec_of(label) if label else None
    return storable(_guess(data, hints) if codec is None else _declared(data, codec))


def storable(text: str) -> str:
    """Replace what no database and no UTF-8 encoder takes: lone surrogates; drop NUL."""
    return _UNSTORABLE.sub(lambda match: "" if match[0] == "\x00" else _LOST, text)


def hints_in(raw: bytes) -> tuple[str, ...]:
    """Collect the charsets a raw mail declares anywhere, for its undeclared bytes; those without a message left out."""
    labels = dict.fromkeys(match[1].decode("ascii").lower() for match in _DECLARED.finditer(raw[:_SEARCHED]))
    return tuple(label for label in labels if codec_of(label) not in {None, "utf-8", "cp1252"})[:4]


def _declared(data: bytes, codec: str) -> str:
    # what is valid UTF-8 beyond ASCII is practically never Western Europe's, though many mailers declare it so
    candidates = ("utf-8", codec) if codec in _WESTERN and not data.isascii() else (codec, "utf-8")
    for candidate in candidates:
        text = _strictly(data, candidate) if candidate == codec or not data.isascii() else None
        if text is not None:
            return text
    text = data.decode(codec, "replace")
    lost = text.count(_LOST)
    if codec == "utf-8" and 2 * lost >= sum(not character.isascii() for character in text):
        return data.decode("cp1252", "replace")
    return text


def _guess(data: bytes, hints: Iterable[str]) -> str:
    if _JAPANESE_ESCAPE in data:
        hints = ("iso-2022-jp", *hints)
    elif data.isascii():
        return data.decode("ascii")
    else:
        hints = ("utf-8", *hints)
    for hint in hints:
        codec = codec_of(hint)
        text = _strictly(data, codec) if codec else None
        if text is not None:
            return text
    return data.decode("cp1252", "replace")


def _strictly(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except UnicodeError:
        return None
