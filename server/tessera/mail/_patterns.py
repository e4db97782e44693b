"""Regular expressions of administrators, found in foreign text within bounded time. Pure."""

from functools import lru_cache

import regex

from tessera.kit import log

MAX_SEARCHED = 10_000
SECONDS = 0.2


def flaw(pattern: str) -> str | None:
    """Tell what is wrong with a pattern; None when it can be used."""
    try:
        _compiled(pattern)
    except (regex.error, RecursionError, OverflowError, ValueError) as error:
        return str(error) or type(error).__name__
    return None


def found(pattern: str, text: str) -> bool:
    """Tell whether a pattern occurs in a text, whatever the case; what takes too long does not occur."""
    try:
        return _compiled(pattern).search(text[:MAX_SEARCHED], timeout=SECONDS) is not None
    except TimeoutError:
        log.get().warning("mail.pattern_too_slow", pattern=pattern)
        return False


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> regex.Pattern[str]:
    return regex.compile(pattern, regex.IGNORECASE)
