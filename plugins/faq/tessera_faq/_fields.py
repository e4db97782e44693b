"""The texts of items: which there are, how they are called, who reads them; pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tessera_faq.errors import InvalidFields
from tessera_faq.models import Audience

NAMES = ("symptom", "problem", "solution", "field4", "field5", "comment")
"""The columns, which never change their names."""

MAX_LABEL = 100
_REACH = {Audience.INTERNAL: 0, Audience.EXTERNAL: 1, Audience.PUBLIC: 2}


@dataclass(frozen=True, slots=True)
class Text:
    """One text of items as administrators want it."""

    name: str
    label: str
    audience: Audience


def covers(reader: Audience, audience: Audience) -> bool:
    """Tell whether a reader of an audience, INTERNAL being an agent, reads what is meant for another one."""
    return _REACH[audience] >= _REACH[reader]


def covered(reader: Audience) -> tuple[Audience, ...]:
    """Return the audiences whose items and texts a reader of an audience reads."""
    return tuple(audience for audience in Audience if covers(reader, audience))


def texts(configured: list[Any]) -> tuple[Text, ...]:
    """Read the setting.

    Raises `InvalidFields` for what is no description of texts.
    """
    found = tuple(_text(each) for each in configured)
    names = [each.name for each in found]
    if len(set(names)) != len(names):
        raise InvalidFields(why="a name occurs twice.", field=("value",))
    return found


def _text(given: Any) -> Text:
    if not isinstance(given, Mapping) or set(given) != {"name", "label", "audience"}:
        raise InvalidFields(why="each is an object with name, label and audience.", field=("value",))
    name, label, audience = given["name"], given["label"], given["audience"]
    if name not in NAMES:
        raise InvalidFields(why=f"a name is one of {', '.join(NAMES)}.", field=("value",))
    if not isinstance(label, str) or not label.strip() or len(label) > MAX_LABEL:
        raise InvalidFields(why=f"a label is a text of up to {MAX_LABEL} characters.", field=("value",))
    if audience not in set(Audience):
        raise InvalidFields(why=f"an audience is one of {', '.join(Audience)}.", field=("value",))
    return Text(name, label.strip(), Audience(audience))
