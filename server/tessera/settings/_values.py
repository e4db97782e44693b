"""Which values a declared setting takes; pure."""

import json
import math
from typing import Any, TypeVar

from tessera.kit.events import to_json
from tessera.plugin import Setting
from tessera.settings.errors import InvalidSettingValue

MAX_JSON = 100_000
MAX_INTEGER = 2**63 - 1

ValueT = TypeVar("ValueT")

_NOUNS: dict[type, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text",
    list: "a list",
    dict: "an object",
}


def checked(setting: Setting[ValueT], value: object) -> ValueT:
    """Return a JSON value as the setting's type.

    Raises `InvalidSettingValue` when it does not fit the declaration.
    """
    found: Any = float(value) if setting.kind is float and type(value) is int and abs(value) < MAX_INTEGER else value
    fits = (found is None and setting.default is None) or (
        type(found) is setting.kind and _in_bounds(setting, found) and _storable(found)
    )
    if not fits:
        raise InvalidSettingValue(name=setting.name, expected=expectation(setting), field=("value",))
    kept: ValueT = found
    return kept


def expectation(setting: Setting[Any]) -> str:
    """Say in words which values a setting takes."""
    if setting.choices:
        return "one of " + ", ".join(to_json(choice) for choice in setting.choices)
    bounds = [
        f"{word} {bound:g}"
        for word, bound in (("at least", setting.minimum), ("at most", setting.maximum))
        if bound is not None
    ]
    return " ".join([_NOUNS[setting.kind], " and ".join(bounds)]).strip()


def _in_bounds(setting: Setting[Any], value: Any) -> bool:
    if setting.choices and value not in setting.choices:
        return False
    if setting.kind not in {int, float}:
        return True
    low = -MAX_INTEGER if setting.minimum is None else setting.minimum
    high = MAX_INTEGER if setting.maximum is None else setting.maximum
    return math.isfinite(value) and low <= value <= high


def _storable(value: object) -> bool:
    try:
        written = json.dumps(value, ensure_ascii=False, allow_nan=False)
        written.encode()
    except (ValueError, TypeError, RecursionError):
        return False
    return len(written) <= MAX_JSON
