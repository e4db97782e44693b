"""Text to words, the same on every database; pure."""

import re
import unicodedata
from itertools import pairwise

from tessera.kit.text import fold

MAX_TEXT = 200_000
"""Characters of a text that are looked at."""

MAX_WORD = 60
"""What is longer is cut, in texts and in queries."""

DENSE = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\U00020000-\U0003ffff"
)
"""Scripts written without spaces: Thai, Lao, Burmese, Khmer, Japanese, Chinese."""

_WORD = re.compile(rf"(?:(?![\W_])[{DENSE}])+|[^\W_{DENSE}]+")
_ASCII_WORD = re.compile(r"[a-z0-9]+")
_DENSE = re.compile(f"[{DENSE}]")


def plain(text: str) -> str:
    """Fold a text for the index: what the house folds, and no mark of any script."""
    folded = fold(text[:MAX_TEXT])
    if folded.isascii():
        return folded
    return "".join(each for each in folded if unicodedata.category(each)[0] != "M")


def runs(folded: str) -> list[str]:
    """Return the stretches of a folded text that are of letters and digits, of one way of writing each."""
    return (_ASCII_WORD if folded.isascii() else _WORD).findall(folded)


def is_dense(run: str) -> bool:
    """Tell whether a stretch is written without spaces between its words."""
    return _DENSE.match(run) is not None


def words_of(text: str) -> list[str]:
    """Return the words of a text in their order.

    A stretch without spaces becomes its pairs of characters, and its last character.
    """
    folded = plain(text)
    if folded.isascii():
        return [run[:MAX_WORD] for run in runs(folded)]
    found: list[str] = []
    for run in runs(folded):
        if is_dense(run):
            found += [one + other for one, other in pairwise(run)]
            found.append(run[-1])
        else:
            found.append(run[:MAX_WORD])
    return found
