"""Text and HTML: safe, readable, folded, in bounded time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tessera.kit.text import fold, html_of_text, quote, safe_html, text_of_html


@pytest.mark.parametrize(
    ("source", "safe"),
    [
        ("<b>bold</b><script>alert(1)</script>", "<b>bold</b>"),
        ("<style>p{color:red}</style><p>x</p>", "<p>x</p>"),
        ('<p onclick="x()">x</p>', "<p>x</p>"),
        ('<img src="https://tracker.example/p.gif" alt="x">', '<img alt="x">'),
        ('<img src="//tracker.example/p.gif">', "<img>"),
        ('<img src="/p.gif" srcset="https://t.example 2x">', "<img>"),
        ('<img src=" CID:logo@x">', '<img src="CID:logo@x">'),
        ('<img src="data:image/png;base64,AA==">', '<img src="data:image/png;base64,AA==">'),
        ('<img src="data:image/svg+xml;base64,AA==">', "<img>"),
        ('<p style="color: red; position: fixed">x</p>', '<p style="color:red">x</p>'),
        ('<p style="background-color: url(https://t.example)">x</p>', "<p>x</p>"),
        ('<p style="background-color: u\\72l(https://t.example)">x</p>', "<p>x</p>"),
        (
            '<table background="https://t.example/x.gif"><tr><td>x</td></tr></table>',
            "<table><tbody><tr><td>x</td></tr></tbody></table>",
        ),
        ("<form action='https://e.example'><input name=a>x</form>", "x"),
        ("<iframe src='https://e.example'></iframe>x", "x"),
        ("<svg><script>alert(1)</script></svg>x", "x"),
        ("plain & simple", "plain &amp; simple"),
        ("", ""),
    ],
)
def test_safe_html(source: str, safe: str) -> None:
    assert safe_html(source) == safe


def test_links_open_apart_and_only_known_ones() -> None:
    link = safe_html('<a href="https://e.example/?a=1&amp;b=2">x</a>')
    assert 'href="https://e.example/?a=1&amp;b=2"' in link
    assert 'target="_blank"' in link
    assert 'rel="noopener noreferrer nofollow"' in link
    for evil in (
        "javascript:alert(1)",
        " java\nscript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "cid:x",
        "relative",
    ):
        assert "href" not in safe_html(f'<a href="{evil}">x</a>')


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<p>one</p><p>two</p>", "one\n\ntwo"),
        ("<div>one</div><div>two<br>three</div>", "one\ntwo\nthree"),
        ("<title>no</title><style>no</style>yes<script>no</script>", "yes"),
        ("a&nbsp;b &amp; c &lt;d&gt;", "a b & c <d>"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a  b"),
        ("<?xml version='1.0' encoding='utf-8'?><p>x</p>", "x"),
        ("text only", "text only"),
        ("<!-- only a comment -->", ""),
        ("", ""),
    ],
)
def test_text_of_html(source: str, text: str) -> None:
    assert text_of_html(source) == text


def test_a_wide_cell_does_not_multiply() -> None:
    source = "<table><tr><td>" + "w" * 500_000 + "</td></tr>" + "<tr><td>a</td><td>b</td></tr>" * 2500 + "</table>"
    assert len(text_of_html(source)) < 600_000


def test_very_many_attributes_cost_bounded_time() -> None:
    source = "<p " + " ".join(f"a{number}" for number in range(300_000)) + ">x</p>"
    assert safe_html(source) == "<p>x</p>"


def test_embedded_pictures_survive_and_do_not_multiply() -> None:
    picture = "data:image/png;base64," + "A" * 2_000_000
    shown = safe_html(f'<img src="{picture}">' + '<img src="cid:embedded.0.">' * 100)
    assert shown.startswith(f'<img src="{picture}"><img src="cid:embedded.0.">')
    assert len(shown) < 2_100_000
    folded_picture = safe_html('<img src="data:image/png;base64,AA\r\nAA">')
    assert folded_picture.startswith('<img src="data:image/png;base64,AA')


def test_html_of_text() -> None:
    assert html_of_text("1 < 2 & 3\nzwei\r\ndrei") == "1 &lt; 2 &amp; 3<br>\nzwei<br>\ndrei"
    assert html_of_text("see https://e.example/?a=1&b=2.") == (
        'see <a href="https://e.example/?a=1&amp;b=2">https://e.example/?a=1&amp;b=2</a>.'
    )
    assert html_of_text('"quoted" https://') == '"quoted" https://'


@given(st.text())
def test_html_of_text_shows_the_text_and_nothing_else(text: str) -> None:
    shown = safe_html(html_of_text(text))
    assert "<script" not in shown
    assert shown.count("<br>") == text.replace("\r\n", "\n").count("\n")


def test_quote() -> None:
    assert quote("one\n\n> two\nthree") == "> one\n>\n>> two\n> three"
    assert quote("") == ">"


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Müller", "muller"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("ﬁ", "fi"),
        ("Ⅷ", "viii"),
        ("İ", "i"),
        ("ÅNGSTRÖM", "angstrom"),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text())
def test_folding_again_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(alphabet="<>/=\"' abdiptlrsv&;#!-\n", max_size=400))
def test_any_markup_is_taken(source: str) -> None:
    safe_html(source)
    text_of_html(source)


@pytest.mark.parametrize(
    "unit",
    [
        "<div>", "<b>", "<a href=x>", "<p><b>", "<table><tr><td>", "<ul><li>", "<svg><math>", "<a ", "<", "<!--", "&",
        "<blockquote>", '<div x="</div>">', "<div><!--</div>-->", "</div>", '<div "', "<li>", "<br>",
        "http://a ", "[", "<x",
    ],
)  # fmt: skip
@pytest.mark.timeout(60)
def test_a_megabyte_of_malice_costs_bounded_time(unit: str) -> None:
    source = unit * (1_000_000 // len(unit))
    safe_html(source)
    text_of_html(source)
    html_of_text(source)


def test_a_great_flat_table_keeps_its_words() -> None:
    source = "<table>" + "<tr><td>cell</td></tr>" * 30_000 + "</table><p>end</p>"
    assert text_of_html(source).count("cell") == 30_000
    assert safe_html(source).count("<td>cell</td>") == 30_000
    assert text_of_html(source).endswith("end")


def test_too_deep_html_keeps_its_words() -> None:
    source = "<blockquote>" * 300 + "deep" + "</blockquote>" * 300 + "<p>end</p>"
    assert text_of_html(source).split() == ["deep", "end"]
