"""The piece of a text that shows why it was found; pure."""

import html
import re

from tessera.search._query import Query, Term
from tessera.search._words import is_dense, plain

LENGTH = 300
"""Characters of a snippet at most, its marks aside."""

_PIECE = re.compile(rf"\S.{{0,{LENGTH - 2}}}(?!\S)|\S.{{0,{LENGTH - 2}}}")


def snippet(text: str, query: Query) -> str | None:
    """Return the piece of a plain text with most of a query's words, as HTML with `<mark>`; None when it has none."""
    pattern = _pattern(query)
    best: str | None = None
    most = 0
    for match in _PIECE.finditer(text):
        found = len(set(pattern.findall(plain(match[0]))))
        if found > most:
            best, most = match[0], found
    return None if best is None else _marked(best, pattern)


def _pattern(query: Query) -> re.Pattern[str]:
    words = {part for term in query.terms for part in _parts(term)}
    return re.compile("|".join(sorted(words, key=lambda word: (-len(word), word))))


def _parts(term: Term) -> list[str]:
    *others, last = term.words
    return [*(_whole(word) for word in others), _begun(last) if term.beginning else _whole(last)]


def _begun(word: str) -> str:
    return word if is_dense(word) else rf"(?<![^\W_]){word}"


def _whole(word: str) -> str:
    return word if is_dense(word) else rf"(?<![^\W_]){word}(?![^\W_])"


def _marked(piece: str, pattern: re.Pattern[str]) -> str:
    # folded one by one, so that it is known which characters became which
    folded = [plain(each) for each in piece]
    origin = [position for position, each in enumerate(folded) for _ in each]
    parts: list[str] = []
    done = 0
    for match in pattern.finditer("".join(folded)):
        start, end = origin[match.start()], origin[match.end() - 1] + 1
        if start >= done:
            parts += [html.escape(piece[done:start]), "<mark>", html.escape(piece[start:end]), "</mark>"]
            done = end
    return "".join([*parts, html.escape(piece[done:])])
