"""What Accept headers mean."""

import pytest

from tessera.transport.negotiation import LEGACY, MODERN, Accepted, accepted


@pytest.mark.parametrize(
    ("header", "media", "events"),
    [
        (None, LEGACY, False),
        ("", LEGACY, False),
        ("*/*", LEGACY, False),
        ("application/*", LEGACY, False),
        (MODERN, MODERN, False),
        (LEGACY, LEGACY, False),
        ("application/GraphQL-Response+JSON; charset=UTF-8", MODERN, False),
        (f"{LEGACY}, {MODERN}", MODERN, False),
        (f"{LEGACY};q=0.9, {MODERN};q=0.8", LEGACY, False),
        (f"{MODERN};q=0, {LEGACY}", LEGACY, False),
        (f"{MODERN};q=0", None, False),
        (f"{MODERN};q=high", MODERN, False),
        (f"{MODERN};charset=utf-16", None, False),
        ("text/event-stream", None, True),
        ("text/event-stream;q=0", None, False),
        (f"{MODERN}, {LEGACY}, text/event-stream, multipart/mixed", MODERN, True),
        ("text/html, application/xhtml+xml, */*;q=0.8", LEGACY, False),
        ("text/html", None, False),
    ],
)
def test_the_best_of_what_we_have_is_chosen(header: str | None, media: str | None, events: bool) -> None:
    assert accepted(header) == Accepted(media, events)
