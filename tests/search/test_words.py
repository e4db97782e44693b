"""Words and queries, whatever the text; without any database."""

import html
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tessera.search._query import MAX_TERMS, Query, Term, names_in, read_query, read_text
from tessera.search._snippets import snippet
from tessera.search._words import MAX_WORD, words_of

HOSTILE = st.text() | st.text(alphabet="a\"-*(){}:^+~<>|&!'\\ \x00%_東", max_size=80)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Müller's STRASSE, straße", ["muller", "s", "strasse", "strasse"]),
        ("e-mail foo_bar 10.0.0.1", ["e", "mail", "foo", "bar", "10", "0", "0", "1"]),
        ("ﬁne ² Ⅷ Ångström", ["fine", "2", "viii", "angstrom"]),
        ("東京都", ["東京", "京都", "都"]),
        ("ガラスA1", ["カラ", "ラス", "ス", "a1"]),
        ("हिन्दी שלום Привет", ["हनद", "שלום", "привет"]),
        ("\N{GRINNING FACE} \x00 \ud800 -- ''", []),
        ("x" * 100, ["x" * MAX_WORD]),
    ],
)
def test_a_text_becomes_words(text: str, words: list[str]) -> None:
    assert words_of(text) == words


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("Drucker brennt", Query((Term(("drucker",)), Term(("brennt",), beginning=True)))),
        ("drucker ", Query((Term(("drucker",)),))),
        ("dru* x", Query((Term(("dru",), beginning=True), Term(("x",))))),
        ('"on fire" -cold', Query((Term(("on", "fire")),), (Term(("cold",)),))),
        ('"on fi', Query((Term(("on", "fi"), beginning=True),))),
        ('-"on fire" e-mail ', Query((Term(("e", "mail")),), (Term(("on", "fire")),))),
        ("東京 ", Query((Term(("東京",)),))),
        ("京 ", Query((Term(("京",), beginning=True),))),
        ("東京abc ", Query((Term(("東京", "京", "abc")),))),
        ("", Query(())),
        ('-- "" * -"" (', Query(())),
    ],
)
def test_what_people_type_becomes_a_query(text: str, query: Query) -> None:
    assert read_query(text) == query


def test_a_text_becomes_its_telling_words() -> None:
    query = read_text("The printer is on fire. The printer, I say!")
    assert query.any_word
    assert [term.words[0] for term in query.terms] == ["printer", "fire", "say"]


def test_names_are_told_apart() -> None:
    assert names_in("[Ticket#2026112810000015] Re: x") == ["Ticket", "2026112810000015", "Re:", "x"]
    assert names_in("a\x00b \ud800 1") == ["1"]


@given(HOSTILE)
def test_no_text_breaks_a_query(text: str) -> None:
    query = read_query(text)
    assert len(query.terms) <= MAX_TERMS
    for term in (*query.terms, *query.excluded, *read_text(text).terms):
        assert term.words
        assert all(word.isalnum() and len(word) <= MAX_WORD for word in term.words)


@given(st.text(alphabet='ab <&"Äß東京\n.', max_size=2000), HOSTILE)
def test_a_snippet_is_the_text_with_marks(text: str, asked: str) -> None:
    query = read_query(f"a {asked}")
    found = snippet(text, query)
    if found is None:
        return
    assert re.fullmatch(r"(?:[^<]|<mark>[^<]+</mark>)*", found)
    assert "<mark>" in found
    assert html.unescape(re.sub("</?mark>", "", found)) in text


def test_a_snippet_shows_the_words_as_they_were_written() -> None:
    text = "Nothing here.\nDie Straße von <b>Müller</b> & Söhne brennt"
    assert snippet(text, read_query("strasse muller sohn")) == (
        "Die <mark>Straße</mark> von &lt;b&gt;<mark>Müller</mark>&lt;/b&gt; &amp; <mark>Söhn</mark>e brennt"
    )
    assert snippet(text, read_query("absent ")) is None


def test_long_texts_take_no_long_time() -> None:
    began = time.process_time()
    for piece in ("a ", '"', "-", "ä", "東", "é" + "\u0301" * 20, "(", "\n", "x"):
        text = piece * (100_000 // len(piece))
        read_query(text)
        read_text(text)
        snippet(text, read_query("a ä 東 x"))
    assert time.process_time() - began < 20
