"""Control headers: what a trusted sender orders about the ticket of a message. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tessera.mail._parse import Message

_RELATIVE = re.compile(r"\+?(?P<amount>\d{1,9})(?P<unit>[smhd]?)", re.IGNORECASE)
_UNITS = {"": "seconds", "s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_ABSOLUTE = re.compile(r"(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}(?::\d{2})?)(Z|[+-]\d{2}:\d{2})?", re.IGNORECASE)
_LONGEST = timedelta(days=36_500)
_YES = {"1", "true", "yes", "on"}
_NO = {"0", "false", "no", "off"}
_FIELD = "dynamicfield-"


ORDERS = frozenset(
    {
        "articletype", "channel", "customer", "customerno", "customeruser", "ignore", "isvisibleforcustomer", "lock",
        "loop", "owner", "ownerid", "pendingtime", "priority", "queue", "responsible", "responsibleid", "sendertype",
        "state", "state-keep", "state-pendingtime", "title", "type",
    }
)  # fmt: skip
"""The control headers that mean something, in lower case, without their prefix."""


@dataclass(frozen=True, slots=True)
class Orders:
    """What a message orders for its ticket and article; names are as written, None orders nothing.

    `pending_time` is a moment (aware UTC) or a span to add to the present. `owner` and `responsible` are logins, the
    `_id` forms ids as text. `dynamic_fields` maps lower-case field names to values.
    """

    queue: str | None = None
    priority: str | None = None
    state: str | None = None
    pending_time: datetime | timedelta | None = None
    type: str | None = None
    service: str | None = None
    sla: str | None = None
    owner: str | None = None
    owner_id: str | None = None
    responsible: str | None = None
    responsible_id: str | None = None
    lock: str | None = None
    title: str | None = None
    customer: str | None = None
    customer_user: str | None = None
    sender_type: str | None = None
    channel: str | None = None
    is_visible_for_customer: bool | None = None
    dynamic_fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Control:
    """A message's control headers: orders for a new ticket and for a follow-up.

    `ignore`: file nothing; `loop`: answer nothing; `keep_state`: a follow-up leaves the ticket's state alone.
    """

    new_ticket: Orders
    follow_up: Orders
    ignore: bool = False
    loop: bool = False
    keep_state: bool = False


def control(message: Message, prefix: str = "X-Tessera-") -> Control:
    """Read a message's control headers; whether its sender may order anything is the caller's to know."""
    start = prefix.lower()
    given = {
        name.removeprefix(start): values[0].strip()
        for name, values in message.headers.items()
        if name.startswith(start) and values and values[0].strip()
    }
    follow_up = {name.removeprefix("followup-"): value for name, value in given.items() if name.startswith("followup-")}
    return Control(
        new_ticket=_orders({name: value for name, value in given.items() if not name.startswith("followup-")}),
        follow_up=_orders(follow_up),
        ignore=_flag(given.get("ignore")) is True,
        loop=_flag(given.get("loop")) is True,
        keep_state=_flag(follow_up.get("state-keep")) is True,
    )


def pending_time(value: str) -> datetime | timedelta | None:
    """Read `2026-11-21 12:00:00` (UTC unless it says otherwise), `+3d`, `+2h`, `+30m`, `+60s` or `60`; else None."""
    text = value.strip()
    relative = _RELATIVE.fullmatch(text)
    if relative:
        span = timedelta(**{_UNITS[relative["unit"].lower()]: int(relative["amount"])})
        return span if span <= _LONGEST else None
    absolute = _ABSOLUTE.fullmatch(text)
    if not absolute:
        return None
    try:
        moment = datetime.fromisoformat(text.upper())
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (OverflowError, ValueError):
        return None


def due(pending: datetime | timedelta, now: datetime) -> datetime:
    """Tell the moment a pending time means when it is read at `now`."""
    return now + pending if isinstance(pending, timedelta) else pending


def _orders(given: Mapping[str, str]) -> Orders:
    pending = given.get("state-pendingtime") or given.get("pendingtime")
    return Orders(
        queue=given.get("queue"),
        priority=given.get("priority"),
        state=given.get("state"),
        pending_time=pending_time(pending) if pending else None,
        type=given.get("type"),
        service=given.get("service"),
        sla=given.get("sla"),
        owner=given.get("owner"),
        owner_id=given.get("ownerid"),
        responsible=given.get("responsible"),
        responsible_id=given.get("responsibleid"),
        lock=given.get("lock"),
        title=given.get("title"),
        customer=given.get("customerno") or given.get("customer"),
        customer_user=given.get("customeruser"),
        sender_type=given.get("sendertype"),
        channel=given.get("channel") or given.get("articletype"),
        is_visible_for_customer=_flag(given.get("isvisibleforcustomer")),
        dynamic_fields={name.removeprefix(_FIELD): value for name, value in given.items() if name.startswith(_FIELD)},
    )


def _flag(value: str | None) -> bool | None:
    word = (value or "").lower()
    return True if word in _YES else False if word in _NO else None
