"""Header values as they come become text, parameters, message ids and dates; nothing here raises."""

import binascii
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import groupby
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from tessera.mail._charset import decode, storable

_FOLD = re.compile(r"[ \t]*(?:\r\n|\n|\r)[ \t]*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
# RFC 2047, and what senders make of it: blanks inside, question marks inside, a language behind a star.
_ENCODED = re.compile(
    r"=\?(?P<charset>[^?\s*]{1,60})(?:\*[^?\s]{0,20})?\?(?P<encoding>[bBqQ])\?"
    r"(?P<text>[^?]*(?:\?(?!=)[^?\s=]{0,75}){0,2})\?="
)
_PARAMETER = re.compile(
    r';\s*(?P<name>[^\s=;"]{1,100})\s*=\s*(?:"(?P<quoted>(?:[^"\\]|\\.){0,1000}+)"|(?P<bare>[^;]*))'
)
_CONTINUED = re.compile(r"(?P<name>[^*]+)(?:\*(?P<index>\d{1,3}))?(?P<extended>\*)?")
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,900}>")
_FOREIGN = re.compile(rb"[^A-Za-z0-9+/=]")
_TEXT = re.compile(rb"[^A-Za-z0-9+/=\s]")
_BASE64_GROUP = re.compile(rb"[A-Za-z0-9+/]+")
_MAX_DATE = 200
_MAX_PARAMETERS = 1 << 14


class _Word(NamedTuple):
    charset: str
    data: bytes


def unfold(value: str) -> str:
    """Join a folded value's lines by one space and replace control characters, so that it is one line."""
    return _CONTROL.sub(" ", _FOLD.sub(" ", value)).strip()


def header_text(value: bytes | str, hints: Iterable[str] = ()) -> str:
    """Decode a header's value: folded lines, RFC 2047 words, undeclared 8-bit bytes. The result is one line."""
    raw = decode(value, None, hints) if isinstance(value, bytes) else value
    raw = _CONTROL.sub(" ", _FOLD.sub(" ", raw))
    if "=?" not in raw:
        return storable(raw).strip()
    pieces: list[str | _Word] = []
    position = 0
    for match in _ENCODED.finditer(raw):
        between = raw[position : match.start()]
        if between and not (pieces and isinstance(pieces[-1], _Word) and not between.strip()):
            pieces.append(between)
        pieces.append(_Word(match["charset"].lower(), _word_bytes(match["encoding"], match["text"])))
        position = match.end()
    pieces.append(raw[position:])
    return _CONTROL.sub(" ", storable("".join(_joined(pieces)))).strip()


def parameters(value: bytes | str, hints: Iterable[str] = ()) -> tuple[str, dict[str, str]]:
    """Split `text/plain; charset=x` into its lower-case word and its parameters.

    RFC 2231 continuations and charsets, RFC 2047 words inside quotes, missing and unbalanced quotes are all read. Of a
    parameter that comes twice the first counts.
    """
    raw = unfold(decode(value, None, hints) if isinstance(value, bytes) else value)
    found: dict[str, str] = {}
    continued: dict[str, dict[int, tuple[str, bool]]] = {}
    for match in _PARAMETER.finditer(raw[:_MAX_PARAMETERS]):
        text = _parameter_text(match)
        parts = _CONTINUED.fullmatch(match["name"].lower())
        if parts is None or not (parts["index"] or parts["extended"]):
            found.setdefault(match["name"].lower(), header_text(text, hints))
        else:
            pieces = continued.setdefault(parts["name"], {})
            pieces.setdefault(int(parts["index"] or 0), (text, bool(parts["extended"])))
    found.update({name: _rfc2231(pieces, hints) for name, pieces in continued.items()})
    return raw.partition(";")[0].strip().lower(), found


def message_ids(value: str) -> tuple[str, ...]:
    """Find the message ids in a References, In-Reply-To or Message-ID value, in order, each once, with their <>."""
    return tuple(dict.fromkeys(_MESSAGE_ID.findall(value)))


def one_message_id(value: str) -> str | None:
    """Read a Message-ID; one without <> or with blanks inside gets a usable form. None when there is nothing."""
    found = _MESSAGE_ID.search(value)
    if found:
        return found[0]
    bare = re.sub(r"[<>\s]", "", value)[:900]
    return f"<{bare}>" if bare else None


def date(value: str) -> datetime | None:
    """Read an RFC 5322 date as aware UTC; None when it is no date."""
    try:
        parsed = parsedate_to_datetime(value[:_MAX_DATE])
        return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
    except (ArithmeticError, LookupError, TypeError, ValueError):
        return None


def unbase64(data: bytes) -> bytes:
    """Decode base64 as far as it goes: foreign characters skipped, missing padding added, padded pieces joined."""
    padding = data.find(b"=")
    if padding >= 0 and _TEXT.search(data, padding):
        # text behind the padding is a mailing list's footer, not more base64
        data = data[:padding]
    groups = _BASE64_GROUP.findall(_FOREIGN.sub(b"", data))
    return b"".join(binascii.a2b_base64(_padded(group)) for group in groups)


def _padded(group: bytes) -> bytes:
    usable = group[:-1] if len(group) % 4 == 1 else group
    return usable + b"=" * (-len(usable) % 4)


def _word_bytes(encoding: str, text: str) -> bytes:
    data = text.encode("utf-8", "replace")
    return unbase64(data) if encoding in "bB" else binascii.a2b_qp(data, header=True)


def _joined(pieces: list[str | _Word]) -> Iterable[str]:
    # neighbours of one charset are joined before decoding: a character may be split over two words
    for charset, group in groupby(pieces, key=lambda piece: piece.charset if isinstance(piece, _Word) else None):
        if charset is None:
            yield from (piece for piece in group if isinstance(piece, str))
        else:
            yield decode(b"".join(piece.data for piece in group if isinstance(piece, _Word)), charset)


def _parameter_text(match: re.Match[str]) -> str:
    if match["quoted"] is not None:
        return re.sub(r"\\(.)", r"\1", match["quoted"])
    return match["bare"].strip().strip('"')


def _rfc2231(pieces: dict[int, tuple[str, bool]], hints: Iterable[str]) -> str:
    ordered = [pieces[index] for index in sorted(pieces)]
    first, extended = ordered[0]
    charset: str | None = None
    if extended and first.count("'") > 1:
        charset, _language, first = first.split("'", 2)
    # neighbours are joined before decoding: some senders cut a %XX in two
    runs = [
        ("".join(text for text, _encoded in group), encoded)
        for encoded, group in groupby([(first, extended), *ordered[1:]], key=lambda piece: piece[1])
    ]
    data = b"".join(unquote_to_bytes(text) if encoded else text.encode("utf-8", "replace") for text, encoded in runs)
    # some senders put RFC 2047 words into RFC 2231 pieces
    return header_text(decode(data, charset, hints))
