import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tessera.files._names import MAX_NAME, disposition, safe_name, safe_type


@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\Grüße.txt", "Grüße.txt"),
        ("a\r\nSet-Cookie: x.txt", "aSet-Cookie: x.txt"),
        ("", "file"),
        (None, "file"),
        ("..", "file"),
        ("\x1b\xa00 .", "0"),
        ("x." + "y" * 253 + "  z", "x." + "y" * 253),
        ("x" * 300 + ".pdf", "x" * 251 + ".pdf"),
    ],
)
def test_a_name_is_only_a_name(given: str | None, safe: str) -> None:
    assert safe_name(given) == safe


@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ("text/plain; charset=utf-8", "text/plain"),
        ("Image/PNG", "image/png"),
        ("text/plain\r\nx: y", "application/octet-stream"),
        ("nonsense", "application/octet-stream"),
        (None, "application/octet-stream"),
        ("a/" + "b" * 300, "application/octet-stream"),
    ],
)
def test_a_type_is_only_a_type(given: str | None, safe: str) -> None:
    assert safe_type(given) == safe


@pytest.mark.parametrize(
    ("content_type", "how"),
    [("image/png", "inline"), ("image/svg+xml", "attachment"), ("text/html", "attachment"), ("", "attachment")],
)
def test_only_harmless_pictures_are_shown(content_type: str, how: str) -> None:
    assert disposition("a.b", content_type).startswith(f"{how};")


@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=400))
def test_any_name_makes_a_header(name: str) -> None:
    safe = safe_name(name)
    assert 0 < len(safe) <= MAX_NAME
    assert safe_name(safe) == safe
    assert re.fullmatch(r"[ -~]+", disposition(safe, "text/plain"))
