"""Which facts about a master are repeated on its slaves; pure."""

from collections.abc import Collection, Mapping
from typing import Any

from tessera.articles.models import Channel, SenderType

STATE, PENDING_TIME, PRIORITY, LOCK = "state", "pending_time", "priority", "lock"
OWNER, RESPONSIBLE, NOTE, REPLY = "owner", "responsible", "note", "reply"
CASCADES = (STATE, PENDING_TIME, PRIORITY, LOCK, OWNER, RESPONSIBLE, NOTE, REPLY)
"""What may be repeated, in the order in which it is shown."""

SAID = frozenset({NOTE, REPLY})
"""What is said: each time anew. Of everything else only the newest counts."""

_FIELDS = {
    "ticket.state_changed": STATE,
    "ticket.pending_set": PENDING_TIME,
    "ticket.priority_changed": PRIORITY,
    "ticket.locked": LOCK,
    "ticket.unlocked": LOCK,
    "ticket.owner_changed": OWNER,
    "ticket.responsible_changed": RESPONSIBLE,
}
_ADDED = "article.added"
NAMES = (*_FIELDS, _ADDED)
"""The events that may be repeated, by their names."""

_RELEASES = frozenset({"unlocked", "timeout"})
"""Why a lock was released for its own sake; whatever else releases a lock is repeated itself, or not."""

_MERGED = "merged"


def ordered(names: Collection[str]) -> list[str]:
    """Return those names that are cascades, each once, in their order."""
    return [name for name in CASCADES if name in names]


def cascade_of(name: str, facts: Mapping[str, Any]) -> str | None:
    """Return what an event's name and data are to the slaves, None for nothing that is repeated."""
    if name == _ADDED:
        return _said(facts)
    if name == "ticket.state_changed" and _MERGED in {facts["before_type"], facts["after_type"]}:
        return None
    if name == "ticket.unlocked" and facts["why"] not in _RELEASES:
        return None
    return _FIELDS.get(name)


def _said(facts: Mapping[str, Any]) -> str | None:
    """Agents' notes, and agents' words on the channels that reach the customer in writing."""
    if facts["sender_type"] != SenderType.AGENT:
        return None
    if facts["channel"] == Channel.NOTE:
        return NOTE
    answers = facts["visible_for_customer"] and facts["channel"] in {Channel.EMAIL, Channel.WEB}
    return REPLY if answers else None
