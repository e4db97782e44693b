"""The only reader of time."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta


class _Clock:
    """The process's clock; tests stop it or set it forward."""

    def __init__(self) -> None:
        self.stopped_at: datetime | None = None
        self.offset = timedelta()


_clock = _Clock()


def now() -> datetime:
    """Return the current instant, aware, in UTC, with microseconds."""
    if _clock.stopped_at is not None:
        return _clock.stopped_at
    return datetime.now(UTC) + _clock.offset


@contextmanager
def stopped(at: datetime) -> Iterator[None]:
    """Stop the clock of this process at an aware instant, for tests."""
    before = _clock.stopped_at
    _clock.stopped_at = at.astimezone(UTC)
    try:
        yield
    finally:
        _clock.stopped_at = before


@contextmanager
def set_forward(by: timedelta) -> Iterator[None]:
    """Let the clock of this process run ahead by a span, for tests."""
    before = _clock.offset
    _clock.offset = before + by
    try:
        yield
    finally:
        _clock.offset = before


def isoformat(instant: datetime) -> str:
    """Write an aware instant as RFC 3339 in UTC with `Z` and microseconds."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"
