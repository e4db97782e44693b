import pytest
from hypothesis import given
from hypothesis import strategies as st

from tessera.kit.errors import Invalid, LimitExceeded, Problem, Required
from tessera.kit.inputs import line, optional_line, text

FIELD = ("input", "name")


def test_a_line_loses_the_space_around_it() -> None:
    assert line("  Support \n", field=FIELD, limit=7) == "Support"
    assert optional_line("   ", field=FIELD, limit=7) is None
    assert optional_line(None, field=FIELD, limit=7) is None


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (None, Required),
        (" \t", Required),
        ("a\x00b", Invalid),
        ("a\nb", Invalid),
        ("a\u2028b", Invalid),
        ("a\ud800b", Invalid),
        ("a" * 8, LimitExceeded),
    ],
)
def test_what_is_no_line_is_refused_at_its_argument(value: str | None, problem: type[Problem]) -> None:
    with pytest.raises(problem) as caught:
        line(value, field=FIELD, limit=7)
    assert caught.value.field == FIELD


@pytest.mark.parametrize(("value", "problem"), [("a\x00b", Invalid), ("\udfff", Invalid), ("a" * 8, LimitExceeded)])
def test_text_that_no_database_takes_is_refused(value: str | None, problem: type[Problem]) -> None:
    with pytest.raises(problem) as caught:
        text(value, field=FIELD, limit=7)
    assert caught.value.field == FIELD


@given(st.text(alphabet=st.characters(exclude_categories=())))
def test_whatever_passes_can_be_stored(value: str) -> None:
    for check in (line, text):
        try:
            kept = check(value, field=FIELD, limit=20)
        except Problem:
            continue
        assert len(kept) <= 20
        assert b"\x00" not in kept.encode()
