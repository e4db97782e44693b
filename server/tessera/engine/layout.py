"""Lays long lines of SQL and generated Python out for people: broken at the outermost brackets and separators."""

import re
from collections.abc import Iterator, Sequence

WIDTH = 100
STEP = 2

Breaks = Sequence[re.Pattern[str]]
"""What a line may be broken before or behind, the coarsest first."""

_COMMA = re.compile(r"(?<=,) ")
SQL: Breaks = (
    re.compile(r" (?=(?:FROM|LEFT JOIN|WHERE|ORDER BY|LIMIT|UNION ALL|GROUP BY)\b)"),
    re.compile(r" (?=(?:AND|OR)\b)"),
    _COMMA,
)
PYTHON: Breaks = (_COMMA, re.compile(r" (?=(?:for|if|else)\b)"))

_PAIRS = {"(": ")", "[": "]", "{": "}"}


def laid_out(text: str, breaks: Breaks, indent: int = 0) -> Iterator[str]:
    """Yield lines of about a hundred characters; what has neither brackets nor separators stays as long as it is."""
    text = text.rstrip()
    indent += len(text) - len(text.lstrip())
    text = text.lstrip()
    if indent + len(text) <= WIDTH:
        yield " " * indent + text
        return
    depths = _depths(text)
    for separator in breaks:
        places = [found.start() for found in separator.finditer(text) if depths[found.start()] == 0]
        if places:
            yield from _filled(text, places, breaks, indent)
            return
    opened = _longest(text, depths)
    if opened is None:
        yield " " * indent + text
        return
    begin, end = opened
    yield " " * indent + text[: begin + 1]
    yield from laid_out(text[begin + 1 : end], breaks, indent + STEP)
    yield " " * indent + text[end:]


def _filled(text: str, places: Sequence[int], breaks: Breaks, indent: int) -> Iterator[str]:
    """Yield the parts between places; short neighbours share a line when commas part them."""
    line = ""
    for begin, end in zip((0, *places), (*places, len(text)), strict=True):
        part = text[begin:end].strip()
        joined = f"{line} {part}" if line else part
        if line and not (line.endswith(",") and indent + len(joined) <= WIDTH):
            yield from laid_out(line, breaks, indent)
            line = part
        else:
            line = joined
    yield from laid_out(line, breaks, indent)


def _depths(text: str) -> list[int]:
    """Return how many brackets are open at each character; what is quoted counts as one bracket more."""
    depths, depth, quote = [], 0, ""
    for place, character in enumerate(text):
        if quote:
            depths.append(depth + 1)
            if character == quote and text[place - 1] != "\\":
                quote = ""
            continue
        if character in _PAIRS.values():
            depth -= 1
        depths.append(depth)
        if character in _PAIRS:
            depth += 1
        elif character in "'\"`":
            quote = character
    return depths


def _longest(text: str, depths: Sequence[int]) -> tuple[int, int] | None:
    """Return where the longest of the outermost brackets opens and closes."""
    found: list[tuple[int, int]] = []
    begin = None
    for place, character in enumerate(text):
        if depths[place] != 0:
            continue
        if character in _PAIRS:
            begin = place
        elif character in _PAIRS.values() and begin is not None:
            found.append((begin, place))
            begin = None
    return max(found, key=lambda pair: pair[1] - pair[0], default=None)
