"""Texts, addresses and names that come from outside, in every shape hypothesis finds."""

import email.utils

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tessera.articles import _content
from tessera.articles.errors import BodyMissing, InvalidRecipient
from tessera.kit.errors import LimitExceeded

ANY = st.text(alphabet=st.characters())
NAMES = st.text(alphabet=st.characters(blacklist_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=80)


@given(ANY)
def test_what_is_stored_can_be_stored(text: str) -> None:
    stored = _content.storable(text)
    stored.encode()
    assert "\x00" not in stored


@given(ANY)
def test_a_line_is_one(text: str) -> None:
    line = _content.one_line(text)
    assert line is None or (line == line.strip() != "" and len(line.splitlines()) == 1)


@given(ANY)
def test_a_files_name_fits_and_leads_nowhere(name: str) -> None:
    found = _content.filename(name)
    assert 0 < len(found) <= _content.MAX_FILENAME
    assert not {"/", "\\", "\x00", "\n"} & set(found)


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("a.txt", "a.txt"),
        ("C:\\temp\\a.txt", "a.txt"),
        ("../..", ".."),
        ("", "file"),
        ("x" * 300 + ".pdf", "x" * 251 + ".pdf"),
        ("x." + "y" * 300, "x." + "y" * 253),
    ],
)
def test_a_files_name_keeps_its_ending(given_name: str, kept: str) -> None:
    assert _content.filename(given_name) == kept


@given(NAMES, st.sampled_from(["a@b.example", "first.last+tag@sub.b.example"]))
def test_a_mailbox_can_be_read_back(name: str, address: str) -> None:
    written = _content.mailbox(name, address)
    assert len(written) <= _content.MAX_SENDER
    ((read_name, read_address),) = email.utils.getaddresses([written])
    assert read_address == address
    if "<" in written.removesuffix(f"<{address}>") or read_name:
        assert " ".join(read_name.split()) == " ".join((_content.one_line(name) or "").split())


@given(NAMES)
def test_written_recipients_are_accepted_again(name: str) -> None:
    if "<" in name or ">" in name:
        return
    (written,) = _content.recipients([_content.mailbox(name, "a@b.example")], field=())
    assert _content.recipients([written], field=()) == (written,)


@given(ANY)
def test_recipients_are_addresses_or_refused(text: str) -> None:
    try:
        (found,) = _content.recipients([text], field=("to",))
    except InvalidRecipient:
        return
    assert "@" in found
    assert len(found.splitlines()) == 1


def test_recipients_come_once() -> None:
    assert _content.recipients(["a@b.example", " a@b.example", "A <a@b.example>"], field=()) == (
        "a@b.example",
        "A <a@b.example>",
    )


@given(ANY)
def test_media_types_fit(value: str) -> None:
    assert len(_content.content_type(value)) <= _content.MAX_CONTENT_TYPE
    assert "/" in _content.content_type(value)


@given(st.lists(ANY, max_size=300))
def test_a_thread_is_bounded_and_keeps_its_ends(references: list[str]) -> None:
    lines = list(dict.fromkeys(_content.lines(references)))
    found = _content.thread(references)
    assert len(found) <= _content.MAX_REFERENCES
    assert (found[:1], found[-1:]) == (lines[:1], lines[-1:])


@given(ANY, ANY, st.booleans())
def test_bodies_of_mails_never_fail(body: str, html: str, brings_files: bool) -> None:
    plain, safe = _content.bodies(body, html, limit=50, lenient=True, brings_files=brings_files, field=())
    assert len(plain) <= 50
    assert safe is None or "<script" not in safe


def test_bodies_of_people_are_bounded_and_say_something() -> None:
    def read(body: str | None, html: str | None, *, brings_files: bool = False) -> tuple[str, str | None]:
        return _content.bodies(body, html, limit=10, lenient=False, brings_files=brings_files, field=("input",))

    assert read(None, "<p>a</p>") == ("a", "<p>a</p>")
    assert read("a", None) == ("a", None)
    assert read(" ", None, brings_files=True) == ("", None)
    with pytest.raises(BodyMissing):
        read(" ", " ")
    for values, field in ((("x" * 11, None), "body"), ((None, "x" * 11), "body_html")):
        with pytest.raises(LimitExceeded) as refused:
            read(*values)
        assert refused.value.field == ("input", field)


@pytest.mark.parametrize(
    ("before", "after"),
    [("Fire", "Re: Fire"), ("Re: Fire", "Re: Fire"), ("AW: Fire", "AW: Fire"), ("RE[2]: Fire", "RE[2]: Fire")],
)
def test_an_answer_is_marked_once(before: str, after: str) -> None:
    assert _content.answering(before) == after


@given(st.text(max_size=100))
def test_a_message_id_is_one_token(address: str) -> None:
    made = _content.new_message_id("2026112110000011", f"a@{address}")
    assert made.startswith("<2026112110000011.")
    assert made.endswith(">")
    assert made.isascii()
    assert not set(made[1:-1]) & set("<> \n")


def test_pictures_are_found_by_their_ids() -> None:
    html = '<p>cid:a</p><img alt="x" src="cid:a"><IMG src="cid:b&amp;c"><img src="cid:none">'
    shown = _content.with_pictures(html, {"a": "http://x/?a=1&b=2", "b&c": 'http://x/"'})
    assert shown == ('<p>cid:a</p><img alt="x" src="http://x/?a=1&amp;b=2"><IMG src="http://x/&quot;"><img src="">')
