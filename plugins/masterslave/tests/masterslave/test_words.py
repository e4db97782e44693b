"""An answer that goes to many reads as if it had been written to each."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tessera_masterslave._words import Addressee, readdressed, readdressed_html, readdressed_line, said

CARLA = Addressee("2026112810000011", "Carla Customer", "carla@customer.example")
CARL = Addressee("2026112810000029", "Carl von Ende", "carl@other.example")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Dear Carla Customer,\n\nwe fixed it.", "Dear Carl von Ende,\n\nwe fixed it."),
        ("Hello Carla,\nyour ticket 2026112810000011", "Hello Carl,\nyour ticket 2026112810000029"),
        ("Dear Mrs. Customer,\nthanks", "Dear Mrs. Ende,\nthanks"),
        ("We wrote to carla@customer.example.", "We wrote to carl@other.example."),
        ("Hello,\nCarla in the next office and Carlana wait.", "Hello,\nCarla in the next office and Carlana wait."),
        ("Hi\n\nOn Monday Carla wrote:\n> It burns\n>> really\n\nBye", "Hi\n\n\nBye"),
        ("Hi\n\n> It burns\n\nBye", "Hi\n\n\nBye"),
        ("12026112810000011", "12026112810000011"),
        ("", ""),
    ],
)
def test_a_text_is_readdressed(written: str, read: str) -> None:
    assert readdressed(written, CARLA, CARL) == read


def test_html_is_readdressed() -> None:
    of = Addressee("1", "A & B", "a@b.example")
    to = Addressee("2", "C < D", "c@d.example")
    written = "<p>Dear A &amp; B,<br>ticket 1</p><blockquote type='cite'>mine <blockquote>x</blockquote></blockquote>!"
    assert readdressed_html(written, of, to) == "<p>Dear C &lt; D,<br>ticket 2</p>!"
    assert readdressed_html("<div>Hello Carla</div><p>Carla</p>", CARLA, CARL) == "<div>Hello Carl</div><p>Carla</p>"


def test_a_subject_names_the_other_ticket() -> None:
    assert readdressed_line("[Ticket#2026112810000011] Outage", CARLA, CARL) == "[Ticket#2026112810000029] Outage"


@pytest.mark.parametrize("nobody", [Addressee("1", None, None), Addressee("1", "", "")])
def test_who_has_no_name_is_not_called_by_anothers(nobody: Addressee) -> None:
    assert readdressed("Dear Carla Customer", CARLA, nobody) == "Dear Carla Customer"
    assert readdressed("Hello you", nobody, CARL) == "Hello you"


@given(st.text(), st.text(min_size=1), st.text(min_size=1))
def test_any_words_and_names_are_taken(text: str, name: str, other: str) -> None:
    of, to = Addressee("1", name, "a@b.example"), Addressee("2", other, "c@d.example")
    readdressed(text, of, to)
    readdressed_html(text, of, to)


def test_an_effect_is_one_line() -> None:
    assert said("ticket.state_changed", {"before": "new", "after": "open"}, "en") == "State: new → open"
    assert said("email", {"to": "c@d.example", "subject": "x"}, "en") == "Mail to c@d.example: x"
    assert said("masterslave.attached", {}, "en") is None
