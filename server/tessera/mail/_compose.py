"""An outgoing message becomes RFC 5322 bytes: the same bytes for the same message, and no field can start another."""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import quote

from tessera.kit.text import html_of_text
from tessera.mail._addresses import Address
from tessera.mail._headers import message_ids
from tessera.mail._parse import Attachment

_NEWLINES = re.compile(r"\r\n|\r|\n")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\ud800-\udfff]+")
_NOT_IN_ADDRESS = re.compile(r"[\x00-\x20\x7f<>,;\ud800-\udfff]")
_QUOTED_LOCAL = re.compile(r'"(?:[^"\\<>,;\x00-\x1f\x7f]|\\[ -+.-:=?-~]){1,64}"@[^\s<>,;"]+')
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")
_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+-]{1,100}/[A-Za-z0-9!#$&^_.+-]{1,100}")
_NOT_IN_DOMAIN = re.compile(r"[^A-Za-z0-9.-]")
_REPLY_MARK = re.compile(r"\s*(?:re|aw|antw|antwort|sv|vs|odp|rif|ref)\s?(?:\[\d{1,3}\])?\s?:", re.IGNORECASE)
_FORWARD_MARK = re.compile(r"\s*(?:fwd?|wg)\s?:", re.IGNORECASE)
_FOLDABLE = re.compile(r"(.{40,70}?[^ ]) (?=[^ ])")
_LINE = 76
_MAX_LINE = 900
_WORD_BYTES = 45
_PIECE = 50
_PIECES = re.compile(r"(?:%[0-9A-F]{2}|[^%]){1,20}")
_MAX_REFERENCES = 30
_MAX_ID = 900


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to send; ids with their <>, `date` aware.

    `references` are the thread so far, oldest first. `automatic` marks it as sent by no human: for those `loop` is the
    name by which we recognise our own message when it comes back.
    """

    sender: Address
    to: tuple[Address, ...]
    subject: str
    message_id: str
    date: datetime
    text: str
    html: str | None = None
    cc: tuple[Address, ...] = ()
    reply_to: tuple[Address, ...] = ()
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    automatic: bool = False
    loop: str = "yes"


@dataclass(frozen=True, slots=True)
class _Part:
    headers: tuple[str, ...]
    body: bytes

    def as_bytes(self) -> bytes:
        return "\r\n".join([*self.headers, "", ""]).encode() + self.body


def compose(outgoing: Outgoing) -> bytes:
    """Write a message as bytes with CRLF line ends: text, or text and HTML, with inline images and attachments.

    The bytes depend on the message alone, so sending again sends the same.
    """
    content = _content(outgoing)
    headers = [
        _addressed("From", [outgoing.sender]),
        _addressed("Reply-To", outgoing.reply_to),
        _addressed("To", outgoing.to),
        _addressed("Cc", outgoing.cc),
        _unstructured("Subject", outgoing.subject),
        _identified("Message-ID", [outgoing.message_id]),
        _identified("In-Reply-To", [outgoing.in_reply_to or ""]),
        _identified("References", _thread(outgoing)),
        f"Date: {format_datetime(outgoing.date.astimezone(UTC))}",
        "MIME-Version: 1.0",
        *(_marks(outgoing.loop) if outgoing.automatic else ()),
    ]
    return _Part((*(header for header in headers if header), *content.headers), content.body).as_bytes()


def subject_with_number(subject: str, number: str, hook: str = "Ticket#", mark: str = "Re") -> str:
    """Put `[Ticket#NUMBER]` and the reply's mark before a subject; doing it again changes nothing.

    `mark` may be empty (a new message) or another word, as in `Fwd`.
    """
    tag = re.compile(rf"\[\s*{re.escape(hook)}[:\s]*{re.escape(number)}\s*\]", re.IGNORECASE)
    rest = _CONTROL.sub(" ", tag.sub(" ", subject)).strip()
    own = re.compile(rf"\s*{re.escape(mark)}\s?:", re.IGNORECASE) if mark else None
    while found := _REPLY_MARK.match(rest) or (own and own.match(rest)):
        rest = rest[found.end() :].lstrip()
    return " ".join(f"[{hook}{number}] {mark + ': ' if mark else ''}{rest}".split())


def mark_of(subject: str) -> str:
    """Tell the mark a subject already bears: `Fwd`, `Re` or none."""
    if _FORWARD_MARK.match(subject):
        return "Fwd"
    return "Re" if _REPLY_MARK.match(subject) else ""


def message_id(key: str, domain: str) -> str:
    """Make the Message-ID of a key, with its <>: the same key gives the same id, and the id does not tell the key."""
    host = _NOT_IN_DOMAIN.sub("", _ascii_domain(domain)).strip(".-") or "localhost"
    return f"<{hashlib.sha256(key.encode('utf-8', 'replace')).hexdigest()[:40]}@{host[:200]}>"


def bare(address: str) -> str:
    """Return an address as it travels: nothing in it that ends it, its domain in ASCII."""
    if _QUOTED_LOCAL.fullmatch(address):
        return address
    local, at, domain = _NOT_IN_ADDRESS.sub("", address).rpartition("@")
    return f"{local}{at}{_ascii_domain(domain)}"


def _thread(outgoing: Outgoing) -> list[str]:
    thread = list(dict.fromkeys([*outgoing.references, *([outgoing.in_reply_to] if outgoing.in_reply_to else [])]))
    # the first names the thread, the last ones the answered messages
    return thread if len(thread) <= _MAX_REFERENCES else [thread[0], *thread[1 - _MAX_REFERENCES :]]


def _marks(loop: str) -> tuple[str, ...]:
    return (
        "Auto-Submitted: auto-replied",
        "Precedence: bulk",
        "X-Auto-Response-Suppress: All",
        "X-Loop: yes",
        _unstructured("X-Tessera-Loop", loop or "yes"),
    )


def _content(outgoing: Outgoing) -> _Part:
    embedded = [one for one in outgoing.attachments if one.inline and one.content_id]
    attached = [one for one in outgoing.attachments if not (one.inline and one.content_id)]
    seed = outgoing.message_id
    body = _text("plain", outgoing.text)
    html = outgoing.html if outgoing.html is not None or not embedded else html_of_text(outgoing.text)
    if html is not None:
        rich = _text("html", html)
        if embedded:
            rich = _multipart("related", [rich, *(_file(one, inline=True) for one in embedded)], seed)
        body = _multipart("alternative", [body, rich], seed)
    return _multipart("mixed", [body, *(_file(one, inline=False) for one in attached)], seed) if attached else body


def _text(subtype: str, text: str) -> _Part:
    data = _NEWLINES.sub("\n", text).encode("utf-8", "replace")
    quoted = binascii.b2a_qp(data, istext=True, header=False).replace(b"\n", b"\r\n")
    encoded = base64.encodebytes(data.replace(b"\n", b"\r\n")).replace(b"\n", b"\r\n")
    encoding, body = ("quoted-printable", quoted) if len(quoted) <= len(encoded) + 200 else ("base64", encoded)
    return _Part((f"Content-Type: text/{subtype}; charset=utf-8", f"Content-Transfer-Encoding: {encoding}"), body)


def _file(attachment: Attachment, *, inline: bool) -> _Part:
    content_type = attachment.content_type if _TYPE.fullmatch(attachment.content_type) else "application/octet-stream"
    if content_type.lower().startswith(("multipart/", "message/")):
        # these may not be encoded in base64, and arbitrary bytes cannot go otherwise
        content_type = "application/octet-stream"
    headers = [
        f"Content-Type: {content_type}",
        "Content-Transfer-Encoding: base64",
        f"Content-Disposition: {'inline' if inline else 'attachment'}" + _filename(attachment.filename),
    ]
    if attachment.content_id:
        headers.append(_identified("Content-ID", [f"<{attachment.content_id.strip('<>')}>"]))
    body = base64.encodebytes(attachment.data).replace(b"\n", b"\r\n")
    return _Part(tuple(header for header in headers if header), body)


def _filename(name: str) -> str:
    clean = _CONTROL.sub("_", name)
    if clean.isascii() and len(clean) <= _PIECE and not (set(clean) & set('"\\') or "=?" in clean):
        return f';\r\n filename="{clean}"' if clean else ""
    encoded = "UTF-8''" + quote(clean, safe="")
    if len(encoded) <= _PIECE:
        return f";\r\n filename*={encoded}"
    pieces = _PIECES.findall(encoded)
    return "".join(f";\r\n filename*{index}*={piece}" for index, piece in enumerate(pieces))


def _multipart(subtype: str, parts: Sequence[_Part], seed: str) -> _Part:
    # "=_" occurs in neither base64 nor quoted-printable, so no part can hold the boundary
    boundary = "=_" + hashlib.sha256(f"{subtype} {seed}".encode("utf-8", "replace")).hexdigest()[:32]
    pieces = [b"--" + boundary.encode() + b"\r\n" + part.as_bytes() + b"\r\n" for part in parts]
    headers = (f'Content-Type: multipart/{subtype};\r\n boundary="{boundary}"',)
    return _Part(headers, b"".join([*pieces, b"--", boundary.encode(), b"--\r\n"]))


def _unstructured(name: str, value: str) -> str:
    clean = _CONTROL.sub(" ", value).strip()
    if clean.isascii() and "=?" not in clean:
        lines = _FOLDABLE.sub("\\1\r\n ", clean)
        if max(map(len, lines.split("\r\n"))) <= _MAX_LINE:
            return f"{name}: {lines}"
    return f"{name}: " + "\r\n ".join(_words(clean))


def _addressed(name: str, all_addresses: Iterable[Address]) -> str:
    written = [_mailbox(address) for address in all_addresses]
    return f"{name}: " + ",\r\n ".join(written) if written else ""


def _identified(name: str, identities: Iterable[str]) -> str:
    found = [identity for identity in message_ids(" ".join(identities)) if len(identity) <= _MAX_ID]
    return f"{name}: " + "\r\n ".join(found) if found else ""


def _mailbox(address: Address) -> str:
    plain = bare(address.address)
    name = _CONTROL.sub(" ", address.name).strip()
    if not name:
        return plain
    if not name.isascii() or "=?" in name or len(name) > _LINE:
        return "\r\n ".join([*_words(name), f"<{plain}>"])
    escaped = re.sub(r'(["\\])', r"\\\1", name)
    return f"{name} <{plain}>" if _ATOMS.fullmatch(name) else f'"{escaped}" <{plain}>'


def _ascii_domain(domain: str) -> str:
    try:
        return domain if domain.isascii() else domain.encode("idna").decode("ascii")
    except UnicodeError:
        return domain


def _words(text: str) -> list[str]:
    """Encode text as RFC 2047 words of at most 75 characters, cut between characters."""
    words: list[bytes] = []
    piece = b""
    for character in text:
        data = character.encode("utf-8", "replace")
        if len(piece) + len(data) > _WORD_BYTES:
            words.append(piece)
            piece = b""
        piece += data
    return [f"=?utf-8?B?{base64.b64encode(word).decode()}?=" for word in [*words, piece]]
