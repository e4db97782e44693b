"""Words: an answer that goes to many is addressed to each, and what a preview says in one line; pure."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tessera.kit.i18n import translate

SENTENCES: Mapping[str, str] = {
    "ticket.state_changed": "State: {before} → {after}",
    "ticket.pending_set": "Waits until {after}",
    "ticket.priority_changed": "Priority: {before} → {after}",
    "ticket.locked": "Locked for {holder}",
    "ticket.unlocked": "Lock of {holder} released",
    "ticket.owner_changed": "Owner: {before} → {after}",
    "ticket.responsible_changed": "Responsible: {before} → {after}",
    "email": "Mail to {to}: {subject}",
    "web": "Message on the portal: {subject}",
    "note": "Note: {subject}",
}
"""What an event would be by its name, or an article by its channel, the facts filled in."""

_QUOTED = re.compile(r"(?:^[^\n>]*:[ \t]*\n(?:[ \t]*\n)?)?^[ \t]*>[^\n]*(?:\n[ \t]*>[^\n]*)*\n?", re.MULTILINE)
_BLOCKQUOTE = re.compile(r"<blockquote\b.*</blockquote>", re.DOTALL | re.IGNORECASE)
_TEXT_GREETING = re.compile(r"\s*[^\n]*")
_HTML_GREETING = re.compile(r".*?(?=<br|</p>|</div>|$)", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whom a message about a ticket speaks to: the ticket's number, and the customer user's name and address."""

    number: str
    name: str | None
    email: str | None


def readdressed(text: str, of: Addressee, to: Addressee) -> str:
    """Return a plain text as it reads for another one, without what is quoted of somebody else's words.

    Number, full name and address are put in the place of the others' everywhere, first and last name in the greeting,
    which is the first line.
    """
    return _greeted(_named(_QUOTED.sub("", text), of, to), _TEXT_GREETING, of, to)


def readdressed_html(text: str, of: Addressee, to: Addressee) -> str:
    """Like `readdressed`, for HTML."""
    of, to = _escaped(of), _escaped(to)
    return _greeted(_named(_BLOCKQUOTE.sub("", text), of, to), _HTML_GREETING, of, to)


def readdressed_line(text: str, of: Addressee, to: Addressee) -> str:
    """Return a subject as it reads for another one."""
    return _named(text, of, to)


def said(name: str, facts: Mapping[str, Any], locale: str) -> str | None:
    """Say in one line what an event or an article would be; None for one that says nothing of its own."""
    sentence = SENTENCES.get(name)
    return None if sentence is None else translate(sentence, locale, facts)


def _named(text: str, of: Addressee, to: Addressee) -> str:
    for before, after in ((of.number, to.number), (of.name, to.name), (of.email, to.email)):
        text = _replaced(text, before, after)
    return text


def _greeted(text: str, greeting: re.Pattern[str], of: Addressee, to: Addressee) -> str:
    found = greeting.match(text)
    names, others = (of.name or "").split(), (to.name or "").split()
    if found is None or not names or not others:
        return text
    line = found[0]
    if to.name is not None and to.name in line:
        return text
    for place in (0, -1):
        line = _replaced(line, names[place], others[place])
    return line + text[found.end() :]


def _replaced(text: str, before: str | None, after: str | None) -> str:
    if not before or not after:
        return text
    return re.sub(rf"(?<!\w){re.escape(before)}(?!\w)", lambda _: after, text)


def _escaped(one: Addressee) -> Addressee:
    name, email = (html.escape(each, quote=False) if each else None for each in (one.name, one.email))
    return Addressee(one.number, name, email)
