"""What Accept headers mean."""

import pytest

from tessera.transport.negotiation import EVENTS, LEGACY, MODERN, PARTS, Accepted, accepted


@pytest.mark.parametrize(
    ("header", "media", "stream"),
    [
        (None, LEGACY, None),
        ("", LEGACY, None),
        ("*/*", LEGACY, None),
        ("application/*", LEGACY, None),
        (MODERN, MODERN, None),
        (LEGACY, LEGACY, None),
        ("application/GraphQL-Response+JSON; charset=UTF-8", MODERN, None),
        (f"{LEGACY}, {MODERN}", MODERN, None),
        (f"{LEGACY};q=0.9, {MODERN};q=0.8", LEGACY, None),
        (f"{MODERN};q=0, {LEGACY}", LEGACY, None),
        (f"{MODERN};q=0", None, None),
        (f"{MODERN};q=high", MODERN, None),
        (f"{MODERN};charset=utf-16", None, None),
        ("text/event-stream", None, EVENTS),
        ("text/event-stream;q=0", None, None),
        ("multipart/mixed", None, None),
        ("multipart/mixed;deferSpec=20220824", None, None),
        ("multipart/mixed;subscriptionSpec=1.0", None, PARTS),
        (f'multipart/mixed; boundary="graphql"; subscriptionSpec="1.0", {LEGACY}', LEGACY, PARTS),
        ("text/event-stream, multipart/mixed;subscriptionSpec=1.0", None, EVENTS),
        ("text/event-stream;q=0.5, multipart/mixed;subscriptionSpec=1.0", None, PARTS),
        (f"{MODERN}, {LEGACY}, text/event-stream, multipart/mixed", MODERN, EVENTS),
        ("text/html, application/xhtml+xml, */*;q=0.8", LEGACY, None),
        ("text/html", None, None),
    ],
)
def test_the_best_of_what_we_have_is_chosen(header: str | None, media: str | None, stream: str | None) -> None:
    assert accepted(header) == Accepted(media, stream)
