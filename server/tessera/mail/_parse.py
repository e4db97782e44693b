"""Bytes of a mail become a Message; whatever the bytes are, this does not raise."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from tessera.kit.text import html_of_text, text_of_html
from tessera.mail._addresses import Address, addresses
from tessera.mail._bounce import Bounce, bounce_of
from tessera.mail._charset import decode, hints_in
from tessera.mail._headers import date, header_text, message_ids, one_message_id
from tessera.mail._mime import Part, headers_of, read, uuencoded

_EXTENSIONS = {
    "application/pdf": "pdf",
    "application/pgp-encrypted": "asc",
    "application/pgp-signature": "asc",
    "application/pkcs7-mime": "p7m",
    "application/pkcs7-signature": "p7s",
    "application/x-pkcs7-signature": "p7s",
    "application/zip": "zip",
    "audio/mpeg": "mp3",
    "image/bmp": "bmp",
    "image/gif": "gif",
    "image/jpeg": "jpg",
    "image/jpg": "jpg",
    "image/pjpeg": "jpg",
    "image/png": "png",
    "image/svg+xml": "svg",
    "image/tiff": "tif",
    "image/webp": "webp",
    "message/delivery-status": "txt",
    "message/rfc822": "eml",
    "text/calendar": "ics",
    "text/csv": "csv",
    "text/html": "html",
    "text/plain": "txt",
    "text/rfc822-headers": "txt",
    "text/vcard": "vcf",
    "video/mp4": "mp4",
    "video/quicktime": "mov",
}
_STEMS = {"image": "image", "video": "video", "audio": "audio", "text": "document", "message": "message"}
_BODIES = {"text/plain", "text/html"}
_META_CHARSET = re.compile(rb"""charset\s{0,4}=\s{0,4}["']?([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)
_UNSAFE_IN_NAME = re.compile(r"[\x00-\x1f\x7f/\\\u202a-\u202e\u2066-\u2069]")
_NAMED_LIKE_A_FILE = re.compile(r"[^/\\@\s]{1,100}\.[A-Za-z][A-Za-z0-9]{1,4}")
_META_SEARCHED = 2048
_MAX_NAME = 200


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file in a mail; `content_id` is without its <>, `inline` says the body shows it."""

    filename: str
    content_type: str
    data: bytes
    content_id: str | None = None
    inline: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """A mail as read.

    `references` are the ids of References, then of In-Reply-To, oldest first, each once. `text` is the plain body, made
    from the HTML when only that came; `html` is the sender's, unsanitised. `headers` holds every header, lower-case
    name to decoded values in order. `date` is aware UTC.
    """

    subject: str
    sender: Address | None
    reply_to: tuple[Address, ...]
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    message_id: str | None
    references: tuple[str, ...]
    in_reply_to: str | None
    date: datetime | None
    text: str
    html: str | None
    attachments: tuple[Attachment, ...]
    headers: Mapping[str, tuple[str, ...]]
    bounce: Bounce | None

    def header(self, name: str) -> str:
        """Tell a header's first value by its name in any case; empty when absent."""
        return next(iter(self.headers.get(name.lower(), ())), "")


def parse(raw: bytes) -> Message:
    """Read a mail from its raw bytes. It never raises: what cannot be read is empty or None."""
    root = read(raw)
    hints = hints_in(raw)
    collected: dict[str, list[str]] = {}
    for name, value in root.headers:
        collected.setdefault(name, []).append(header_text(value, hints))
    headers = MappingProxyType({name: tuple(values) for name, values in collected.items()})
    body = _Body(hints)
    fragments = body.read(root, root=True)
    text = "\n".join(fragment.as_text() for fragment in fragments)
    html = "\n".join(fragment.as_html() for fragment in fragments) if any(f.html for f in fragments) else None
    replied = message_ids(_first(headers, "in-reply-to"))
    sender = _sender(root, hints)
    return Message(
        subject=_first(headers, "subject"),
        sender=sender,
        reply_to=_addresses(root, "reply-to", hints),
        to=_addresses(root, "to", hints),
        cc=_addresses(root, "cc", hints),
        message_id=one_message_id(_first(headers, "message-id")),
        references=tuple(dict.fromkeys([*message_ids(_first(headers, "references")), *replied])),
        in_reply_to=next(iter(replied), None),
        date=date(_first(headers, "date")),
        text=text,
        html=html,
        attachments=tuple(body.attachments),
        headers=headers,
        bounce=bounce_of(root, sender.address if sender else "", text),
    )


@dataclass(frozen=True, slots=True)
class _Fragment:
    """A piece of the body in one or both forms."""

    text: str | None
    html: str | None

    def as_text(self) -> str:
        return self.text if self.text is not None else text_of_html(self.html or "")

    def as_html(self) -> str:
        return self.html if self.html is not None else html_of_text(self.text or "")


class _Body:
    """Walks the parts: bodies become fragments, the rest attachments."""

    def __init__(self, hints: Iterable[str]) -> None:
        self.attachments: list[Attachment] = []
        self._hints = tuple(hints)
        self._unnamed: dict[str, int] = {}

    def read(self, part: Part, *, root: bool = False) -> list[_Fragment]:
        if part.content_type == "multipart/alternative":
            return self._alternative(part)
        if part.content_type == "multipart/related" and part.children:
            first, *others = part.children
            fragments = self.read(first)
            for other in others:
                self._aside(other)
            return fragments
        if part.children:
            return [fragment for child in part.children for fragment in self.read(child)]
        if part.content_type in _BODIES and part.disposition != "attachment" and (root or not self._given_name(part)):
            return [self._fragment(part)]
        self._attach(part)
        return []

    def _alternative(self, part: Part) -> list[_Fragment]:
        text = html = None
        for child in part.children:
            fragments = self.read(child)
            plain = "\n".join(fragment.text for fragment in fragments if fragment.text is not None)
            rich = "\n".join(fragment.html for fragment in fragments if fragment.html is not None)
            text = plain if plain.strip() and text is None else text
            html = rich if rich.strip() else html
        return [_Fragment(text, html)]

    def _aside(self, part: Part) -> None:
        if part.children:
            for child in part.children:
                self._aside(child)
        else:
            self._attach(part)

    def _fragment(self, part: Part) -> _Fragment:
        data = part.payload()
        charset = part.parameters.get("charset", "")
        if part.content_type == "text/html":
            if not charset:
                sniffed = _META_CHARSET.search(data[:_META_SEARCHED])
                charset = sniffed[1].decode("ascii") if sniffed else ""
            return _Fragment(None, self._decoded(data, charset))
        files, data = uuencoded(data)
        for name, content in files:
            filename = self._clean(decode(name, None, self._hints)) or self._generated("application/octet-stream")
            self.attachments.append(Attachment(filename, "application/octet-stream", content))
        return _Fragment(self._decoded(data, charset), None)

    def _decoded(self, data: bytes, charset: str) -> str:
        return decode(data, charset, self._hints).replace("\r\n", "\n").replace("\r", "\n")

    def _attach(self, part: Part) -> None:
        content_id = header_text(part.header("content-id"), self._hints).strip("<> ") or None
        data = part.payload()
        filename = self._given_name(part) or self._derived_name(part, data, content_id)
        inline = part.disposition == "inline" or (part.disposition != "attachment" and content_id is not None)
        self.attachments.append(Attachment(filename, part.content_type, data, content_id, inline))

    def _given_name(self, part: Part) -> str:
        given = part.disposition_parameters.get("filename", "")
        return self._clean(given) or self._clean(part.parameters.get("name", ""))

    def _derived_name(self, part: Part, data: bytes, content_id: str | None) -> str:
        extension = _EXTENSIONS.get(part.content_type, "")
        title = ""
        if part.content_type == "message/rfc822":
            inner, _body = headers_of(data.lstrip())
            title = next((header_text(value, self._hints) for name, value in inner if name == "subject"), "")
        title = self._clean(title or header_text(part.header("content-description"), self._hints))
        if title:
            return f"{title}.{extension}" if extension and not title.lower().endswith(f".{extension}") else title
        local = (content_id or "").partition("@")[0]
        return local if _NAMED_LIKE_A_FILE.fullmatch(local) else self._generated(part.content_type)

    def _generated(self, content_type: str) -> str:
        stem = _STEMS.get(content_type.partition("/")[0], "attachment")
        extension = _EXTENSIONS.get(content_type)
        suffix = f".{extension}" if extension else ""
        count = self._unnamed.get(stem + suffix, 0)
        self._unnamed[stem + suffix] = count + 1
        return f"{stem}{count or ''}{suffix}"

    def _clean(self, name: str) -> str:
        return _UNSAFE_IN_NAME.sub("_", name).strip()[-_MAX_NAME:]


def _first(headers: Mapping[str, tuple[str, ...]], name: str) -> str:
    return next(iter(headers.get(name, ())), "")


def _addresses(root: Part, name: str, hints: Iterable[str]) -> tuple[Address, ...]:
    values = [decode(value, None, hints) for key, value in root.headers if key == name]
    return tuple(address for value in values for address in addresses(value))


def _sender(root: Part, hints: Iterable[str]) -> Address | None:
    for name in ("from", "reply-to", "sender", "return-path"):
        found = _addresses(root, name, hints)
        if found:
            return found[0]
    return None
