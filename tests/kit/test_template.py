import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from tessera.kit.errors import LimitExceeded, Problem
from tessera.kit.template import MAX_OUTPUT, BadTemplate, UnknownPlaceholder, check, render_html, render_text

VALUES = {"ticket": {"number": "2026", "title": "<b>Fire & smoke</b>"}, "customer": {"name": "Carla"}, "count": 3}
KNOWN = frozenset({"ticket", "customer"})
FIELD = ("input", "text")


@pytest.mark.parametrize(
    ("source", "filled"),
    [
        ("Dear {{ customer.name }},\n", "Dear Carla,\n"),
        ("[{{ ticket.number }}] {{ ticket.title }}", "[2026] <b>Fire & smoke</b>"),
        ("{{ customer.phone }}{{ nobody.at.all }}|", "|"),
        ("{{ customer.phone | default('none') | upper }}", "NONE"),
        ("{% if count > 2 and customer.name %}many{% else %}few{% endif %}", "many"),
        ("{{ 'a' if not customer.phone else 'b' }}", "a"),
        ("{{ ticket.items }}{{ ticket.__class__ }}|", "|"),
    ],
)
def test_text_is_filled_in(source: str, filled: str) -> None:
    assert render_text(source, VALUES) == filled


def test_html_escapes_values_but_not_the_template() -> None:
    assert render_html("<p>{{ ticket.title }}</p>", VALUES) == "<p>&lt;b&gt;Fire &amp; smoke&lt;/b&gt;</p>"
    assert render_html("<p>{{ body }}</p>", {"body": Markup("<i>x</i>")}) == "<p><i>x</i></p>"


@pytest.mark.parametrize(
    "source",
    [
        "{% for x in ticket %}{% endfor %}",
        "{{ range(9) }}",
        "{{ ticket.title * 1000000000 }}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ ticket['number'] }}",
        "{{ ticket.title | center(1000000000) }}",
        "{{ ticket.title | attr('__class__') }}",
        "{{ ''.join }}{{ ticket.title() }}",
        "{% set a = 1 %}",
        "{% macro a() %}{% endmacro %}",
        "{% include 'x' %}",
        "{% extends 'x' %}",
        "{{ ",
        "{% if %}",
        "{% if a is divisibleby(0) %}{% endif %}",
        "{{ " + "(" * 3000 + "a" + ")" * 3000 + " }}",
        "{% if a %}" * 300 + "{% endif %}" * 300,
        "{{ " + "not " * 2000 + "a }}",
        "{{ " + "a.b" * 5000 + " | nothing }}",
    ],
)
def test_what_could_harm_is_refused_when_it_is_saved(source: str) -> None:
    with pytest.raises(BadTemplate) as caught:
        check(source, known=KNOWN, field=FIELD)
    assert caught.value.field == FIELD
    with pytest.raises(BadTemplate):
        render_text(source, VALUES)


def test_a_misspelt_placeholder_is_refused_when_it_is_saved() -> None:
    with pytest.raises(UnknownPlaceholder) as caught:
        check("{{ tiket.number }}", known=KNOWN, field=FIELD)
    assert "tiket" in caught.value.message
    assert "customer, ticket" in caught.value.message
    check("{{ ticket.number }} {{ customer.name }}", known=KNOWN, field=FIELD)


def test_length_is_bounded_on_both_sides() -> None:
    with pytest.raises(LimitExceeded):
        check("x" * 50_001, known=KNOWN, field=FIELD)
    with pytest.raises(LimitExceeded):
        render_text("{{ a }}" * 20, {"a": "x" * (MAX_OUTPUT // 10)})


def test_a_long_template_is_quick() -> None:
    source = "{{ ticket.title | title | upper | truncate(9) }}" * 1000
    began = time.monotonic()
    check(source, known=KNOWN, field=FIELD)
    assert len(render_text(source, VALUES)) == 9000
    assert time.monotonic() - began < 10


pieces = st.sampled_from(
    ["{{", "}}", "{%", "%}", " if ", " endif ", "ticket", ".title", "|", "upper", "truncate", "(", ")", "'", "9", " - "]
)


@given(st.lists(pieces | st.text(max_size=5), max_size=25).map("".join))
def test_any_text_is_rendered_or_refused(source: str) -> None:
    try:
        check(source, known=KNOWN, field=FIELD)
    except Problem:
        return
    try:
        render_text(source, VALUES)
        render_html(source, VALUES)
    except Problem as problem:
        assert isinstance(problem, BadTemplate)  # noqa: PT017 - either outcome is right
