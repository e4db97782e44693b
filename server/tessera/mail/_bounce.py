"""Delivery reports tell which of our messages did not arrive, for whom and why."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tessera.mail._addresses import addresses
from tessera.mail._headers import header_text, one_message_id
from tessera.mail._mime import Part, headers_of

_QUOTED_ID = re.compile(r"^[ \t>]{0,8}message-id:[ \t]{0,8}(<[^<>\s]{1,900}>)", re.IGNORECASE | re.MULTILINE)
_REPORTERS = {"mailer-daemon", "postmaster"}
_ORIGINALS = {"message/rfc822", "message/global", "text/rfc822-headers", "message/rfc822-headers"}
_REPORTS = {"message/delivery-status", "message/global-delivery-status"}
_MAX_BLOCKS = 200
_SEARCHED = 1 << 18


@dataclass(frozen=True, slots=True)
class Bounce:
    """One delivery report (RFC 3464): `action` is failed, delayed, delivered, relayed or expanded; absent is empty."""

    original_message_id: str | None
    recipient: str = ""
    action: str = ""
    status: str = ""
    diagnostic: str = ""


def bounce_of(root: Part, sender: str, text: str) -> Bounce | None:
    """Read a delivery report, whether it follows RFC 3464 or only quotes the message (qmail, Exim); else None."""
    report = original = None
    for part in _leaves(root):
        if part.content_type in _REPORTS and report is None:
            report = part
        elif part.content_type in _ORIGINALS and original is None:
            original = part
    if report is not None:
        identity = _original_id(original) if original is not None else _first_id(text)
        return _from_report(report.payload(), identity)
    if sender.partition("@")[0].lower() not in _REPORTERS:
        return None
    identity = _original_id(original) if original is not None else _first_id(text)
    failed = header_text(root.header("x-failed-recipients"))
    return Bounce(identity, failed, "failed" if failed else "") if identity or failed else None


def _leaves(part: Part) -> Iterator[Part]:
    if not part.children:
        yield part
    for child in part.children:
        yield from _leaves(child)


def _from_report(report: bytes, original: str | None) -> Bounce:
    blocks: list[dict[str, str]] = []
    while report.strip() and len(blocks) < _MAX_BLOCKS:
        headers, rest = headers_of(report)
        blocks.append({name: header_text(value) for name, value in reversed(headers)})
        # a line that is no header ends a block like a blank one does
        report = rest if len(rest) < len(report) else rest.partition(b"\n")[2]
    recipients = [block for block in blocks if {"final-recipient", "original-recipient", "action"} & block.keys()]
    failed = [block for block in recipients if block.get("action", "").lower() == "failed"]
    block = next(iter(failed or recipients), {})
    return Bounce(
        original,
        _mailbox(block.get("final-recipient") or block.get("original-recipient", "")),
        block.get("action", "").lower(),
        block.get("status", ""),
        block.get("diagnostic-code", ""),
    )


def _mailbox(typed: str) -> str:
    bare = typed.partition(";")[2] or typed
    found = addresses(bare)
    return found[0].address if found else bare.strip()


def _original_id(original: Part) -> str | None:
    headers, _body = headers_of(original.payload().lstrip())
    value = next((value for name, value in headers if name == "message-id"), b"")
    return one_message_id(header_text(value))


def _first_id(text: str) -> str | None:
    found = _QUOTED_ID.search(text[:_SEARCHED])
    return found[1] if found else None
