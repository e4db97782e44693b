"""The one canonical way to write JSON: what is digested must never be written otherwise."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tessera.kit.events import from_json, to_json

_LEAVES = st.none() | st.booleans() | st.integers() | st.text()
_VALUES = st.recursive(
    _LEAVES, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5), max_leaves=30
)


@given(_VALUES)
def test_it_is_what_the_standard_library_writes(value: Any) -> None:
    written = to_json(value)
    assert written == json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert from_json(written) == value


@pytest.mark.parametrize("value", [2**70, -(2**70), "\ud800", "\x00\x1f\x7f\u2028", {1: "one"}, ("a", ("b",))])
def test_so_are_the_odd_ones(value: Any) -> None:
    assert to_json(value) == json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


@pytest.mark.parametrize("value", [object(), {"a": b"bytes"}, [{1, 2}]])
def test_what_is_not_json_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        to_json(value)
