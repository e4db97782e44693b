import pytest
from hypothesis import given
from hypothesis import strategies as st

from tessera.kit.errors import LimitExceeded, Problem
from tessera.kit.text import fold
from tessera.queues import _addresses, _paths
from tessera.queues._placeholders import checked_html, checked_subject
from tessera.queues.errors import InvalidAddress, QueueName

FIELD = ("input", "name")


@pytest.mark.parametrize("name", ["a::b", ":a", "a:", "::", "a\ufe55\uff1ab", "\uff1aa"])
def test_a_name_cannot_be_read_as_a_path(name: str) -> None:
    with pytest.raises(QueueName):
        _paths.own_name(name, field=FIELD)


@given(st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=4))
def test_a_path_says_exactly_which_names_it_joins(names: list[str]) -> None:
    path = None
    try:
        own = [_paths.own_name(name, field=FIELD) for name in names]
    except Problem:
        return
    for name in own:
        path = _paths.joined(path, name)
    assert path is not None
    assert path.split("::") == own
    assert fold(path).split("::") == [fold(name) for name in own]


def test_a_path_is_bounded_as_it_is_stored() -> None:
    long = "\ufdfa" * 30  # folds to eighteen characters each
    with pytest.raises(LimitExceeded):
        _paths.joined(None, long)


def test_a_subtree_lists_parents_first_and_survives_a_ring() -> None:
    parents = {1: None, 2: 1, 3: 2, 4: None, 5: 4, 6: 7, 7: 6}
    assert _paths.subtree(parents, [1]) == [1, 2, 3]
    assert _paths.subtree(parents, [2, 1, 99]) == [2, 1, 3]
    assert sorted(_paths.subtree(parents, [6])) == [6, 7]


@pytest.mark.parametrize("address", ["help@example.com", "a+b@sub.example.co", "müller@exämple.de", "x@localhost"])
def test_addresses_are_taken(address: str) -> None:
    assert _addresses.checked(f" {address} ", field=FIELD) == address


@pytest.mark.parametrize(
    "address", ["help", "@x", "a@", "a@b@c", "a b@c", "Anna <a@b.c>", ".a@b", "a..b@c", "a@b.", "a@.b", "x" * 65 + "@y"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(InvalidAddress):
        _addresses.checked(address, field=FIELD)


def test_case_does_not_tell_addresses_apart() -> None:
    assert _addresses.key("Help@Example.COM ") == "help@example.com"


def test_html_is_cleaned_and_keeps_its_placeholders() -> None:
    html = checked_html("<p onclick='x()'>{{ ticket.number }}<script>x()</script></p>", field=FIELD)
    assert html == "<p>{{ ticket.number }}</p>"


def test_a_subject_is_one_line_with_known_placeholders() -> None:
    assert checked_subject("Re: {{ ticket.title }}", field=FIELD) == "Re: {{ ticket.title }}"
    for wrong in ("a\nb", "{{ me.name }}", "", "{{"):
        with pytest.raises(Problem):
            checked_subject(wrong, field=FIELD)
