"""What people and mails bring, made fit to keep: texts, addresses, names of files; pure."""

import html
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence

from tessera.articles.errors import BodyMissing, InvalidChannel, InvalidRecipient, TooManyRecipients
from tessera.kit.errors import LimitExceeded
from tessera.kit.inputs import Field
from tessera.kit.text import html_of_text, quote, safe_html, text_of_html

MAX_SUBJECT = 1000
MAX_SENDER = 500
MAX_ADDRESS = 320
MAX_RECIPIENTS = 100
MAX_REFERENCES = 100
MAX_FILENAME = 255
MAX_CONTENT_TYPE = 200
MAX_CONTENT_ID = 500
ANY_TYPE = "application/octet-stream"

_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_CHANNEL = re.compile(r"[a-z][a-z0-9._-]{0,49}")
_CONTENT_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,99}/[a-z0-9!#$&^_.+-]{1,99}")
_MAILBOX = re.compile(r"(?:(?P<name>[^<>]*?)\s*<(?P<inner>[^<>]*)>|(?P<bare>[^<>]*))")
_ADDRESS = re.compile(r"[^\s@<>()\[\]\\,;:\"]{1,64}@[^\s@<>()\[\]\\,;:\"]{1,253}")
_SPECIAL = re.compile(r"[^\w .!#$%&'*+/=?^`{|}~-]")
_REPLY_MARK = re.compile(r"\s*(?:re|aw|antw|antwort|sv|vs)\s?(?:\[\d+\])?\s?:", re.IGNORECASE)
_NOT_IN_DOMAIN = re.compile(r"[^A-Za-z0-9.-]")
_CID = re.compile(r"""(?P<before><img\b[^>]*?\ssrc=")cid:(?P<id>[^"]*)(?=")""", re.IGNORECASE)


def checked_channel(channel: str, *, field: Field) -> str:
    """Return a channel's name.

    Raises `InvalidChannel`.
    """
    if not _CHANNEL.fullmatch(channel):
        raise InvalidChannel(field=(*field, "channel"))
    return channel


def storable(text: str) -> str:
    """Return a text without what a database refuses."""
    return _SURROGATE.sub("\ufffd", text.replace("\x00", ""))


def one_line(text: str | None) -> str | None:
    """Return a text as one line, nothing as None."""
    return _CONTROL.sub(" ", storable(text or "")).strip() or None


def bodies(
    body: str | None, body_html: str | None, *, limit: int, lenient: bool, brings_files: bool, field: Field
) -> tuple[str, str | None]:
    """Return the plain text and the safe HTML of a message; the text is made from the HTML when absent.

    What is too long is cut when `lenient`. Raises `LimitExceeded` otherwise, and `BodyMissing` for an empty
    message that brings no files.
    """
    for name, given in (("body", body), ("body_html", body_html)):
        if not lenient and given is not None and len(given) > limit:
            raise LimitExceeded("The text is longer than {limit} characters.", field=(*field, name), limit=limit)
    safe = safe_html(storable(body_html)[:limit]) if body_html and body_html.strip() else None
    plain = storable(body)[:limit] if body and body.strip() else ""
    if not plain and safe is not None:
        plain = text_of_html(safe)[:limit]
    if not plain.strip() and not safe and not brings_files and not lenient:
        raise BodyMissing(field=(*field, "body"))
    return plain, safe


def subject_line(subject: str | None, *, lenient: bool, field: Field) -> str | None:
    """Return a subject as one line.

    Raises `LimitExceeded` above 1000 characters, unless `lenient`, which cuts.
    """
    found = one_line(subject)
    if found is not None and len(found) > MAX_SUBJECT:
        if not lenient:
            raise LimitExceeded(
                "The value is longer than {limit} characters.", field=(*field, "subject"), limit=MAX_SUBJECT
            )
        return found[:MAX_SUBJECT]
    return found


def answering(subject: str) -> str:
    """Return the subject of an answer."""
    return (subject if _REPLY_MARK.match(subject) else f"Re: {subject}")[:MAX_SUBJECT]


def forwarding(subject: str) -> str:
    """Return the subject of a message that is sent on."""
    return f"Fwd: {subject}"[:MAX_SUBJECT]


def mailbox(name: str, address: str) -> str:
    """Write a name and an address as mails do; a name alone stays a name."""
    words = one_line(name)
    if not address:
        return (words or "")[:MAX_SENDER]
    if words is None or words == address or len(words) + len(address) > MAX_SENDER - 10:
        return address[:MAX_SENDER]
    if _SPECIAL.search(words):
        escaped = words.replace("\\", "\\\\").replace('"', '\\"')
        words = f'"{escaped}"'
    written = f"{words} <{address}>"
    return written if len(written) <= MAX_SENDER else address[:MAX_SENDER]


def sender_line(sender: str | None) -> str | None:
    """Return a sender as it fits its column: of a very long one the end, where the address is."""
    found = one_line(sender)
    return None if found is None else found[-MAX_SENDER:]


def recipients(addresses: Iterable[str], *, field: Field) -> tuple[str, ...]:
    """Return recipients as given, each once, checked.

    Raises `InvalidRecipient` for what is neither `local@domain` nor `Name <local@domain>`, `TooManyRecipients`
    above 100.
    """
    found: dict[str, None] = {}
    for given in addresses:
        line = one_line(given) or ""
        match = _MAILBOX.fullmatch(line)
        address = (match["inner"] or match["bare"] or "").strip() if match else ""
        if not _ADDRESS.fullmatch(address) or len(line) > MAX_ADDRESS:
            raise InvalidRecipient(address=line[:MAX_ADDRESS], field=field)
        found[mailbox(_unquoted(match["name"] or ""), address) if match else line] = None
    if len(found) > MAX_RECIPIENTS:
        raise TooManyRecipients(limit=MAX_RECIPIENTS, field=field)
    return tuple(found)


def _unquoted(name: str) -> str:
    trimmed = name.strip()
    if len(trimmed) > 1 and trimmed.startswith('"') and trimmed.endswith('"'):
        return re.sub(r"\\(.)", r"\1", trimmed[1:-1])
    return trimmed


def lines(values: Iterable[str]) -> list[str]:
    """Return addresses or ids from outside, each on one line, empty ones left out."""
    return [line for value in values if (line := one_line(value))]


def thread(references: Sequence[str]) -> list[str]:
    """Return a thread's message ids, oldest first: of a very long thread its beginning and its end."""
    found = list(dict.fromkeys(lines(references)))
    return found if len(found) <= MAX_REFERENCES else [found[0], *found[1 - MAX_REFERENCES :]]


def new_message_id(number: str, address: str) -> str:
    """Make the Message-ID of a mail about the ticket with a number, sent from an address."""
    domain = _NOT_IN_DOMAIN.sub("", address.rpartition("@")[2]).strip(".-") or "localhost"
    return f"<{number}.{secrets.token_hex(12)}@{domain}>"


def filename(name: str) -> str:
    """Return the name of a file without folders and control characters; a long one keeps its ending."""
    plain = (one_line(name) or "").replace("\\", "/").rpartition("/")[2].strip() or "file"
    if len(plain) <= MAX_FILENAME:
        return plain
    stem, dot, ending = plain.rpartition(".")
    ending = f"{dot}{ending}" if stem and len(ending) <= len("numbers-xlsx") else ""
    return plain[: MAX_FILENAME - len(ending)] + ending


def content_type(value: str) -> str:
    """Return a media type without its parameters; what is none is any bytes."""
    plain = value.partition(";")[0].strip().lower()
    return plain if _CONTENT_TYPE.fullmatch(plain) else ANY_TYPE


def content_id(value: str | None) -> str | None:
    """Return a content id without its brackets."""
    found = one_line(value)
    return None if found is None else found.removeprefix("<").removesuffix(">")[:MAX_CONTENT_ID] or None


def forwarded(note: str | None, header: Sequence[tuple[str, str | None]], body: str) -> str:
    """Return the plain text of a message that is sent on: the note, then what it is about, quoted."""
    said = "\n".join(f"{name}: {value}" for name, value in header if value)
    return "\n\n".join(part for part in ((note or "").strip(), said, quote(body)) if part)


def forwarded_html(note: str | None, header: Sequence[tuple[str, str | None]], safe: str) -> str:
    """Like `forwarded`, as HTML."""
    said = html_of_text("\n".join(f"{name}: {value}" for name, value in header if value))
    intro = f"<p>{html_of_text(note.strip())}</p>" if note and note.strip() else ""
    return f"{intro}<p>{said}</p><blockquote>{safe}</blockquote>"


def with_pictures(safe: str, urls: Mapping[str, str]) -> str:
    """Point the embedded pictures of safe HTML to URLs, by content id; unknown ones lose their source."""

    def source(match: re.Match[str]) -> str:
        return match["before"] + html.escape(urls.get(html.unescape(match["id"]), ""))

    return _CID.sub(source, safe)
