import pytest
from hypothesis import given
from hypothesis import strategies as st

from tessera.accounts import _values
from tessera.accounts.errors import InvalidEmail, InvalidLocale, InvalidTimezone, WeakPassword
from tessera.kit.errors import Problem, Required

FIELD = ("input", "x")


@pytest.mark.parametrize("address", ["anna@example.test", "o'hara+desk@sub.example.test", "müller@exämple.test"])
def test_an_address_is_taken_as_it_is(address: str) -> None:
    assert _values.email(f"  {address} ", field=FIELD) == address


@pytest.mark.parametrize("nothing", [None, "", "   "])
def test_no_address_is_none(nothing: str | None) -> None:
    assert _values.email(nothing, field=FIELD) is None


@pytest.mark.parametrize("text", ["anna", "anna@", "@example.test", "a@b@c", "Anna <anna@example.test>", "a b@c.test"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(InvalidEmail) as caught:
        _values.email(text, field=FIELD)
    assert caught.value.field == FIELD


@given(st.text())
def test_any_text_is_an_address_nothing_or_a_problem(text: str) -> None:
    try:
        address = _values.email(text, field=FIELD)
    except Problem:
        return
    assert address is None or (address.count("@") == 1 and address == address.strip() and "\x00" not in address)


@pytest.mark.parametrize("tag", ["en", "de-AT", "zh-Hant-TW"])
def test_a_language_tag_is_taken(tag: str) -> None:
    assert _values.locale(tag, field=FIELD) == tag


@pytest.mark.parametrize("tag", ["english", "EN", "de_AT", "de-", "1", "../../etc"])
def test_what_is_no_language_tag_is_refused(tag: str) -> None:
    with pytest.raises(InvalidLocale):
        _values.locale(tag, field=FIELD)


@pytest.mark.parametrize("name", ["UTC", "Europe/Vienna", "America/Argentina/Buenos_Aires"])
def test_a_time_zone_is_taken(name: str) -> None:
    assert _values.timezone(name, field=FIELD) == name


@pytest.mark.parametrize("name", ["Mars/Olympus", "../../etc/passwd", "/etc/localtime", "Europe", "europe/\u00e9"])
def test_what_is_no_time_zone_is_refused(name: str) -> None:
    with pytest.raises(InvalidTimezone):
        _values.timezone(name, field=FIELD)


@given(st.text(max_size=70))
def test_any_text_is_a_time_zone_or_a_problem(text: str) -> None:
    try:
        assert _values.timezone(text, field=FIELD) == text.strip()
    except Problem:
        return


def test_a_locale_and_a_time_zone_cannot_be_cleared() -> None:
    with pytest.raises(Required):
        _values.locale(None, field=FIELD)
    with pytest.raises(Required):
        _values.timezone(None, field=FIELD)


def test_a_password_has_a_length() -> None:
    assert _values.password("12345678", minimum=8, field=FIELD) == "12345678"
    for text in ("1234567", "x" * (_values.MAX_PASSWORD + 1)):
        with pytest.raises(WeakPassword):
            _values.password(text, minimum=8, field=FIELD)
