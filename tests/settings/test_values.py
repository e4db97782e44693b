import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tessera.kit.events import from_json, to_json
from tessera.plugin import Setting
from tessera.settings._values import checked, expectation
from tessera.settings.errors import InvalidSettingValue

SWITCH = Setting("x.switch", bool, default=True, sentence="A switch.")
COUNT = Setting("x.count", int, default=3, minimum=1, maximum=9, sentence="A count.")
SHARE = Setting("x.share", float, default=0.5, minimum=0, sentence="A share.")
WORD = Setting("x.word", str, default="a", choices=("a", "b"), sentence="A word.")
TEXT = Setting[str | None]("x.text", str, default=None, sentence="Text, or none.")
NAMES = Setting[list[str]]("x.names", list, default=[], sentence="Names.")
TABLE = Setting[dict[str, int]]("x.table", dict, default={}, sentence="A table.")
ALL = (SWITCH, COUNT, SHARE, WORD, TEXT, NAMES, TABLE)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(), children, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("setting", "value"),
    [(SWITCH, False), (COUNT, 1), (COUNT, 9), (SHARE, 7), (WORD, "b"), (TEXT, None), (NAMES, ["x"]), (TABLE, {"x": 1})],
)
def test_a_fitting_value_is_taken(setting: Setting[Any], value: object) -> None:
    taken = checked(setting, value)
    assert taken == value
    assert value is None or type(taken) is setting.kind


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        (SWITCH, 1),
        (SWITCH, None),
        (COUNT, True),
        (COUNT, 0),
        (COUNT, 10),
        (COUNT, 2.0),
        (COUNT, "3"),
        (SHARE, -0.1),
        (SHARE, math.nan),
        (SHARE, math.inf),
        (SHARE, 10**400),
        (WORD, "c"),
        (TEXT, "\ud800"),
        (TEXT, "x" * 100_001),
        (NAMES, {"x": 1}),
        (NAMES, [math.nan]),
        (TABLE, ["x"]),
    ],
)
def test_what_does_not_fit_is_refused_with_what_would(setting: Setting[Any], value: object) -> None:
    with pytest.raises(InvalidSettingValue) as caught:
        checked(setting, value)
    assert caught.value.field == ("value",)
    assert expectation(setting) in caught.value.message


@pytest.mark.parametrize("setting", ALL, ids=lambda setting: setting.name)
@given(value=json_values)
def test_a_value_taken_survives_the_database(setting: Setting[Any], value: object) -> None:
    try:
        taken = checked(setting, value)
    except InvalidSettingValue:
        return
    assert checked(setting, from_json(to_json(taken))) == taken


def test_the_bounds_are_worded() -> None:
    assert expectation(COUNT) == "a whole number at least 1 and at most 9"
    assert expectation(WORD) == 'one of "a", "b"'
    assert expectation(SWITCH) == "true or false"
