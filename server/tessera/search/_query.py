"""What somebody types, read as a query: words, phrases, what is left out; pure."""

import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from tessera.search._words import MAX_WORD, is_dense, plain, runs, words_of

MAX_QUERY = 500
"""Characters that are looked at."""

MAX_TERMS = 16
MAX_SUGGESTING = 16
MIN_BEGINNING = 2
"""Letters a word must have so that it stands for those it begins."""

_TERM = re.compile(r'(?P<minus>(?<!\S)-)?(?:"(?P<phrase>[^"]*)(?P<closed>"?)|(?P<word>[^\s"]+))')
_NAME = re.compile(r'[^\s"#,;()\[\]{}<>]+')

_COMMON_TEXT = """
a about after all als am an and are as at auch auf aus avec be been bei bin bis but by can che con da das de del dem den
der des di die do does du durch e een ein eine einem einen einer en er es est et for from fur had has hat have he her
hier i ich if ihr il im in is ist it je kann la le les man me mein mit my nach nicht no noch not nous o of oder on or
our par pas por pour qu que qui s se she sich sie sind so sur t that the their there they this to u um und une uns up us
van vom von war was we were wie will wir with would you your zu zum zur
"""
_COMMON = frozenset(_COMMON_TEXT.split())
"""Words of no help in telling texts apart, folded: English, German, French, and some neighbours'."""


@dataclass(frozen=True, slots=True)
class Term:
    """Words that stand side by side; with `beginning`, the last of them is only the beginning of a word."""

    words: tuple[str, ...]
    beginning: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """Every one of `terms` must be there, or with `any_word` at least one; none of `excluded` may be."""

    terms: tuple[Term, ...]
    excluded: tuple[Term, ...] = ()
    any_word: bool = False


def read_query(text: str) -> Query:
    """Read what somebody types, whatever it is; the last word may be unfinished."""
    given = text[:MAX_QUERY]
    terms: list[Term] = []
    excluded: list[Term] = []
    for match in _TERM.finditer(given):
        content = match["word"] if match["phrase"] is None else match["phrase"]
        is_last = match.end() == len(given) and not match["closed"] and not match["minus"]
        found = _terms(content, beginning=is_last or content.endswith("*"))
        (excluded if match["minus"] else terms).extend(found)
    return Query(tuple(dict.fromkeys(terms))[:MAX_TERMS], tuple(dict.fromkeys(excluded))[:MAX_TERMS])


def read_text(text: str) -> Query:
    """Return the query for what is like a text: its most telling words, at least one of which must be there."""
    counts = Counter(word for word in words_of(text) if word not in _COMMON and (len(word) > 1 or is_dense(word)))
    chosen = sorted(counts, key=lambda word: (-counts[word], -len(word), word))[:MAX_SUGGESTING]
    return Query(tuple(Term((word,)) for word in chosen), any_word=True)


def names_in(text: str) -> list[str]:
    """Return what in a query may be a name or a number of something, as it was typed; every database takes it."""
    return list(dict.fromkeys(filter(str.isprintable, _NAME.findall(text[:MAX_QUERY]))))[:MAX_TERMS]


def _terms(content: str, *, beginning: bool) -> list[Term]:
    found = runs(plain(content))
    if not found:
        return []
    last = found[-1]
    words = [word for run in found[:-1] for word in words_of(run)]
    if is_dense(last):
        # a character alone begins a pair
        pairs = [one + other for one, other in pairwise(last)]
        return [Term((*words, *(pairs or last)), beginning=not pairs)]
    return [Term((*words, last[:MAX_WORD]), beginning and len(last) >= MIN_BEGINNING)]
