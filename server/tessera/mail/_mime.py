"""Raw bytes become a tree of MIME parts; each part keeps its exact bytes, and nothing raises."""

import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from tessera.mail._charset import hints_in
from tessera.mail._headers import parameters, unbase64

_HEADER = re.compile(rb"([!-9;-~]{1,200})[ \t]*:[ \t]*")
_ENVELOPE = re.compile(rb"(?:[\r\n]|\xef\xbb\xbf|>?From [^\r\n]*\r?\n)*")
_BLANK_LINE = re.compile(rb"^\r?$", re.MULTILINE)
_FROM = re.compile(rb"^from[ \t]*:", re.IGNORECASE | re.MULTILINE)
_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,100}/[a-z0-9!#$&^_.+-]{1,100}")
_FIRST_DELIMITER = re.compile(rb"^--([^\r\n]{1,200}?)[ \t]*\r?$", re.MULTILINE)
_BEGIN = re.compile(rb"^begin [0-7]{3,4} ([^\r\n]{1,255})\r?\n", re.MULTILINE)
_END = re.compile(rb"^end[ \t]*\r?$", re.MULTILINE)
_UUENCODED = {"x-uuencode", "uuencode", "x-uue", "uue"}
_MAX_HEADERS = 1000
_MAX_PARTS = 500
_MAX_DEPTH = 20


@dataclass(frozen=True, slots=True)
class Part:
    """One MIME entity: `raw` is all its bytes, `body` those behind its headers; a leaf has no `children`."""

    headers: tuple[tuple[str, bytes], ...]
    body: bytes
    raw: bytes
    content_type: str
    parameters: Mapping[str, str]
    disposition: str
    disposition_parameters: Mapping[str, str]
    children: tuple["Part", ...] = field(default=())

    def header(self, name: str) -> bytes:
        """Tell the first value of a header by its lower-case name, still folded and encoded; empty when absent."""
        return next((value for key, value in self.headers if key == name), b"")

    def payload(self) -> bytes:
        """Undo the content transfer encoding; unknown ones are taken as they are."""
        words = self.header("content-transfer-encoding").split()
        encoding = words[0].decode("ascii", "replace").lower().strip("\"';") if words else ""
        if encoding == "base64":
            return unbase64(self.body)
        if encoding == "quoted-printable":
            return binascii.a2b_qp(self.body)
        if encoding in _UUENCODED:
            files, _rest = uuencoded(self.body)
            return files[0][1] if files else self.body
        return self.body


class _Reading:
    """What holds for the whole mail: the charsets it declares, and how many more parts it may have."""

    def __init__(self, raw: bytes) -> None:
        self.hints = hints_in(raw)
        self.parts = _MAX_PARTS


def read(raw: bytes) -> Part:
    """Read a mail; separators and blank lines before its headers are skipped."""
    start = _ENVELOPE.match(raw)
    raw = raw[start.end() :] if start else raw
    if b"\n" not in raw:
        raw = raw.replace(b"\r", b"\n")
    return _read(raw, "text/plain", 0, _Reading(raw))


def headers_of(raw: bytes, *, whole_mail: bool = False) -> tuple[tuple[tuple[str, bytes], ...], bytes]:
    """Split an entity at its first blank line, or at the first line that is no header: (name, folded value), body.

    In a whole mail such lines are passed over when the sender still stands below them.
    """
    headers: list[tuple[str, bytes]] = []
    name, value, position = "", [b""], 0
    while position < len(raw):
        newline = raw.find(b"\n", position)
        end = len(raw) if newline < 0 else newline + 1
        line = raw[position:end]
        match = _HEADER.match(line)
        if line in {b"\n", b"\r\n"}:
            position = end
            break
        if line[:1] in {b" ", b"\t"} and name:
            value.append(line)
        elif match:
            _keep(headers, name, value)
            name, value = match[1].decode("ascii").lower(), [line[match.end() :]]
        elif not (whole_mail and _sender_follows(headers, raw[position:])):
            break
        position = end
    _keep(headers, name, value)
    return tuple(headers), raw[position:]


def uuencoded(data: bytes) -> tuple[list[tuple[bytes, bytes]], bytes]:
    """Take uuencoded files out of a text: (name, content) of each, and the text without them."""
    files: list[tuple[bytes, bytes]] = []
    rest: list[bytes] = []
    position = 0
    while begin := _BEGIN.search(data, position):
        end = _END.search(data, begin.end())
        content = _uudecoded(data[begin.end() : end.start()]) if end else None
        if end is None or len(files) >= _MAX_PARTS:
            break
        rest.append(data[position : end.end() if content is None else begin.start()])
        if content is not None:
            files.append((begin[1], content))
        position = end.end()
    return files, b"".join([*rest, data[position:]])


def _sender_follows(headers: list[tuple[str, bytes]], rest: bytes) -> bool:
    if any(name == "from" for name, _value in headers):
        return False
    blank = _BLANK_LINE.search(rest)
    return _FROM.search(rest, 0, blank.start() if blank else len(rest)) is not None


def _keep(headers: list[tuple[str, bytes]], name: str, value: list[bytes]) -> None:
    if name and len(headers) < _MAX_HEADERS:
        headers.append((name, b"".join(value).rstrip(b"\r\n")))


def _read(raw: bytes, default: str, depth: int, reading: _Reading) -> Part:
    headers, body = headers_of(raw, whole_mail=depth == 0)
    first = dict(reversed(headers))
    declared, content_parameters = parameters(first.get("content-type", b""), reading.hints)
    content_type = declared or default
    disposition, disposition_parameters = parameters(first.get("content-disposition", b""), reading.hints)
    children: tuple[Part, ...] = ()
    if content_type.startswith("multipart/") and depth < _MAX_DEPTH:
        inner = "message/rfc822" if content_type == "multipart/digest" else "text/plain"
        pieces = _split(body, content_parameters.get("boundary", ""), reading)
        children = tuple(_read(piece, inner, depth + 1, reading) for piece in pieces)
        if not children:
            content_type = "text/plain"  # nothing is split off, and nothing may be lost
    if not _TYPE.fullmatch(content_type):
        content_type = "text/plain" if content_type in {"text", "plain"} else "application/octet-stream"
    return Part(headers, body, raw, content_type, content_parameters, disposition, disposition_parameters, children)


def _split(body: bytes, boundary: str, reading: _Reading) -> list[bytes]:
    """Cut a multipart's body at its delimiters; what stands before the first and behind the closing one is dropped."""
    label = boundary.encode("utf-8", "surrogateescape").rstrip()
    if not label:
        first = _FIRST_DELIMITER.search(body)
        label = first[1] if first else b""
    if not label:
        return []
    pieces: list[bytes] = []
    start: int | None = None
    for match in re.finditer(rb"^--" + re.escape(label) + rb"(--)?[ \t]*\r?$", body, re.MULTILINE):
        if start is not None and reading.parts > 0:
            pieces.append(_without_newline(body[start : match.start()]))
            reading.parts -= 1
        start = None if match[1] else match.end() + 1
    if start is not None and reading.parts > 0:
        pieces.append(body[start:])
        reading.parts -= 1
    return pieces


def _without_newline(piece: bytes) -> bytes:
    # the line break before a delimiter belongs to the delimiter
    return piece[:-2] if piece.endswith(b"\r\n") else piece.removesuffix(b"\n")


def _uudecoded(lines: bytes) -> bytes | None:
    try:
        return b"".join(_uudecoded_line(line) for line in lines.splitlines() if line.strip())
    except binascii.Error:
        return None


def _uudecoded_line(line: bytes) -> bytes:
    # encoders append checksums and fill the last group with rubbish, which binascii refuses: decode whole groups, cut
    length = (line[0] - 32) & 63
    groups = (length + 2) // 3
    return binascii.a2b_uu(bytes([32 + 3 * groups]) + line[1 : 1 + 4 * groups])[:length]
