import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tessera.kit.errors import NotFound
from tessera.kit.ids import MAXIMUM, ObjectRef, from_global, key_of, to_global

kinds = st.from_regex(r"[A-Za-z_]{1,30}", fullmatch=True)
numbers = st.integers(0, MAXIMUM)


@given(kinds, numbers)
def test_a_global_id_is_read_back_and_opaque(kind: str, number: int) -> None:
    written = to_global(kind, number)
    assert from_global(written) == ObjectRef(kind, number)
    assert key_of(written, kind) == number
    assert written.isascii()
    assert not {":", "=", "+", "/"} & set(written)


@given(kinds, numbers)
def test_a_reference_is_read_back(kind: str, number: int) -> None:
    assert ObjectRef.parse(str(ObjectRef(kind, number))) == ObjectRef(kind, number)


@given(st.text(max_size=30))
def test_whatever_was_never_issued_is_not_found(text: str) -> None:
    try:
        reference = from_global(text)
    except NotFound:
        return
    assert to_global(reference.kind, reference.id) == text


@pytest.mark.parametrize(
    "content",
    [
        "Ticket",
        "Ticket:",
        ":1",
        "Ticket:-1",
        "Ticket:1.0",
        "Ticket:٣",
        f"Ticket:{MAXIMUM + 1}",
        "Ticket:01",
        "Ticket: 1",
    ],
)
def test_a_malformed_id_looks_like_an_unknown_one(content: str) -> None:
    with pytest.raises(NotFound):
        from_global(base64.urlsafe_b64encode(content.encode()).decode().rstrip("="))


def test_an_id_has_one_spelling() -> None:
    written = to_global("Ticket", 42)
    for other in (f"{written}=", f" {written}", written.swapcase(), ""):
        with pytest.raises(NotFound):
            from_global(other)


def test_an_id_of_another_kind_is_blamed_on_its_argument() -> None:
    with pytest.raises(NotFound) as caught:
        key_of(to_global("Queue", 1), "Ticket", field=("input", "ticket_id"))
    assert caught.value.field == ("input", "ticket_id")
