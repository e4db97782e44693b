"""Events: frozen facts in the past tense, and how they become JSON and back."""

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

import orjson

from tessera.kit.clock import isoformat
from tessera.kit.ids import ObjectRef

_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)
_QUICK = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS

_JSON = frozenset({bool, float, int, str})

_facts: dict[type, tuple[str, ...]] = {}
_known: dict[str, type["Event"]] = {}


@dataclass(frozen=True, kw_only=True)
class Event:
    """A fact about one subject.

    A subclass is a frozen dataclass of JSON values with a wire `name` (`ticket.state_changed`) and a
    `version` that grows when its shape does. `sentence` words it for people, its fields filled in. An event
    that changed one field names it in `changed` and tells the display texts as its fields `before` and `after`.
    `mentions` says which field names a ticket other than the subject, and which holds its id: the name is for those
    who see that ticket. `for_outsiders` says what `public` answers.
    """

    name: ClassVar[str]
    version: ClassVar[int] = 1
    sentence: ClassVar[str] = ""
    changed: ClassVar[str | None] = None
    mentions: ClassVar[Mapping[str, str]] = {}
    for_outsiders: ClassVar[bool] = False

    subject: ObjectRef

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "name" in vars(cls):
            _known[cls.name] = cls

    @property
    def public(self) -> bool:
        """Whether those outside who see the subject may see this fact too."""
        return self.for_outsiders

    def data(self) -> dict[str, Any]:
        """Return the fact without its subject, as JSON values."""
        names = _facts.get(type(self))
        if names is None:
            names = _facts[type(self)] = tuple(
                field.name for field in dataclasses.fields(self) if field.name != "subject"
            )
        return {name: _plain(getattr(self, name)) for name in names}


def known(name: str) -> type[Event] | None:
    """Return the class of an event by its wire name; None for facts of packages that are gone."""
    return _known.get(name)


def known_names() -> tuple[str, ...]:
    """Return the wire names of all events of this process, sorted."""
    return tuple(sorted(_known))


def _plain(value: object) -> object:
    if value is None or type(value) in _JSON:
        return value
    if isinstance(value, datetime):
        return isoformat(value)
    if isinstance(value, ObjectRef):
        return str(value)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value


def to_json(data: object) -> str:
    """Write JSON in one canonical way: sorted keys, no spaces, no escapes beyond JSON's own.

    Raises `TypeError` for what JSON has no words for.
    """
    try:
        return orjson.dumps(data, option=_QUICK).decode()
    except TypeError:  # integers beyond 64 bits, lone surrogates, keys that are no texts
        return _ENCODER.encode(data)


def from_json(text: str) -> Any:
    """Read JSON."""
    return json.loads(text)
