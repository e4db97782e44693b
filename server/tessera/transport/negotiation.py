"""What a client accepts: one of the two JSON media types, a stream in one of two formats, or nothing we have."""

from dataclasses import dataclass
from functools import lru_cache

MODERN = "application/graphql-response+json"
LEGACY = "application/json"
EVENTS = "text/event-stream"
PARTS = "multipart/mixed"
PARTS_VERSION = {"subscriptionspec=1.0", 'subscriptionspec="1.0"'}
"""The parameter without which `multipart/mixed` means another protocol."""

RANK = {MODERN: 3, LEGACY: 2, "application/*": 1, "*/*": 0}
"""The JSON media ranges; the more specific one wins among equals."""


@dataclass(frozen=True)
class Accepted:
    """The JSON media type to answer with and the media type of a stream; None: that is not wanted."""

    media: str | None
    stream: str | None


@lru_cache(maxsize=200)
def accepted(header: str | None) -> Accepted:
    """Read an Accept header; without one the client is of the legacy kind."""
    if header is None or not header.strip():
        return Accepted(LEGACY, None)
    best: tuple[float, int, str] | None = None
    streams: list[tuple[float, int, str]] = []
    for part in header.split(","):
        media, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = _quality(parameters)
        if quality <= 0 or not _utf8(parameters):
            continue
        if media == EVENTS or (media == PARTS and not PARTS_VERSION.isdisjoint(parameters)):
            streams.append((quality, media == EVENTS, media))
        if media in RANK:
            candidate = (quality, RANK[media], MODERN if media == MODERN else LEGACY)
            best = max(best, candidate) if best is not None else candidate
    return Accepted(best[2] if best is not None else None, max(streams)[2] if streams else None)


def _quality(parameters: list[str]) -> float:
    """Return the weight of a media range; what cannot be read counts as one."""
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return float(parameter[2:])
            except ValueError:
                return 1.0
    return 1.0


def _utf8(parameters: list[str]) -> bool:
    """Say whether a media range can be served by UTF-8, the only charset there is."""
    charsets = [parameter[8:].strip('"') for parameter in parameters if parameter.startswith("charset=")]
    return all(charset in {"utf-8", "utf8"} for charset in charsets)
