"""A message and its candidates: which ticket it may answer, and what an answer to that ticket does. Pure."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum, auto
from typing import NamedTuple

from tessera.kit.text import fold
from tessera.mail._charset import decode
from tessera.mail._parse import Message
from tessera.queues.models import FollowUpPolicy

_ENDED = {"closed", "removed"}
_READABLE = ("text/", "message/")
_MAX_REFERENCES = 50
_SEARCHED = 1 << 20


class Outcome(StrEnum):
    """What becomes of a message that answers a ticket."""

    FOLLOW_UP = auto()
    NEW_TICKET = auto()
    REJECT = auto()


class KeyKind(StrEnum):
    """What a key names: an article by its Message-ID, or a ticket by its number."""

    MESSAGE_ID = auto()
    TICKET_NUMBER = auto()


class Key(NamedTuple):
    """One thing to look a ticket up by."""

    kind: KeyKind
    value: str


@dataclass(frozen=True, slots=True)
class FollowUpSettings:
    """Where ticket numbers are searched; `hook` stands before a number, as in `Ticket#2026112110000042`."""

    hook: str = "Ticket#"
    search_body: bool = False
    search_attachments: bool = False


def keys(message: Message, settings: FollowUpSettings) -> Iterator[Key]:
    """Yield what to look a ticket up by, most telling first, each once.

    First the message a bounce is about, then the answered messages from the newest to the oldest, then ticket numbers
    in the subject and, where the settings say so, in the body and in readable attachments.
    """
    seen: set[Key] = set()
    for key in _keys(message, settings):
        if key not in seen:
            seen.add(key)
            yield key


def numbers_in(text: str, hook: str) -> tuple[str, ...]:
    """Find the digits behind each hook, in order, each once; a colon and blanks may stand between, case is ignored."""
    # a hook must not continue a word: `OtherTicket#1` is another system's
    before = r"(?<!\w)" if hook[:1].isalnum() else ""
    pattern = before + re.escape(hook) + r"[:\s]{0,8}([0-9]{1,32})(?![0-9])"
    return tuple(dict.fromkeys(re.findall(pattern, text, re.IGNORECASE)))


def decide(state_type: str, policy: FollowUpPolicy) -> Outcome:
    """Decide by the state type of the ticket that was answered.

    The policy matters for closed and removed tickets only. An answer to a merged ticket is always a follow-up: ask
    again with the state of the ticket it was merged into.
    """
    if state_type not in _ENDED or policy is FollowUpPolicy.POSSIBLE:
        return Outcome.FOLLOW_UP
    return Outcome.REJECT if policy is FollowUpPolicy.REJECT else Outcome.NEW_TICKET


def visible_to_customer(
    message: Message,
    *,
    customer_addresses: Collection[str],
    internal_addresses: Collection[str],
    internal_message_ids: Collection[str],
) -> bool:
    """Say whether a follow-up may be seen by the ticket's customer.

    What answers an internal e-mail is internal: it comes from (or asks replies to) an address that internal articles
    went to, or refers to an internal article; unless the customer sent it.
    """
    senders = {fold(address.address) for address in (message.sender, *message.reply_to) if address is not None}
    if message.sender is not None and fold(message.sender.address) in {fold(address) for address in customer_addresses}:
        return True
    if senders & {fold(address) for address in internal_addresses}:
        return False
    return not set(message.references) & set(internal_message_ids)


def _keys(message: Message, settings: FollowUpSettings) -> Iterator[Key]:
    if message.bounce is not None and message.bounce.original_message_id:
        yield Key(KeyKind.MESSAGE_ID, message.bounce.original_message_id)
    newest_first = message.references[: -_MAX_REFERENCES - 1 : -1]
    for identity in newest_first:
        yield Key(KeyKind.MESSAGE_ID, identity)
    for text in _texts(message, settings):
        for number in numbers_in(text, settings.hook):
            yield Key(KeyKind.TICKET_NUMBER, number)


def _texts(message: Message, settings: FollowUpSettings) -> Iterator[str]:
    yield message.subject
    if settings.search_body:
        yield message.text
    if settings.search_attachments:
        for attachment in message.attachments:
            yield attachment.filename
            if attachment.content_type.startswith(_READABLE):
                yield decode(attachment.data[:_SEARCHED])
