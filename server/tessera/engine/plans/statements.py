"""Statements with slots: what is compiled is fixed; rights, conditions and order come with the request."""

import re
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tessera.kit import sql
from tessera.kit.sql import ROW, Sql

REMEMBERED = 200
"""Different texts of one statement that are kept; each stands for other rights or another kind of filter."""

PARENT = object()
"""Stands for the parent's id among the values of a statement that is run once for each parent."""

_SLOT = re.compile("\3(\\d+)\3")


def slot(number: int) -> str:
    """Return the mark of a slot."""
    return f"\3{number}\3"


@dataclass(frozen=True)
class Bound:
    """A statement as the driver takes it; `order` says which piece's values come when."""

    text: str
    order: tuple[int, ...]


@dataclass
class Statement:
    """A statement with slots for pieces of SQL that are known only when it runs.

    `places` are the expressions that make the pieces, for people; `unpacked` the columns that come as JSON. Each row of
    a `whole` one is a text of JSON.
    """

    text: str
    places: tuple[str, ...] = ()
    unpacked: tuple[int, ...] = ()
    whole: bool = False
    _known: OrderedDict[tuple[str, ...], Bound] = field(default_factory=OrderedDict, repr=False)

    def bind(self, pieces: Sequence[Sql]) -> tuple[str, list[Any]]:
        """Fill the slots; return the text and the values."""
        key = tuple([piece.text for piece in pieces])
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._filled(pieces)
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return known.text, [value for number in known.order for value in pieces[number].values]

    def described(self) -> str:
        """Return the text with the expressions that fill its slots."""
        return _SLOT.sub(lambda found: f"<{self.places[int(found[1])]}>", self.text)

    def _filled(self, pieces: Sequence[Sql]) -> Bound:
        parts = _SLOT.split(self.text)
        order = tuple(int(number) for number in parts[1::2])
        parts[1::2] = [pieces[number].text for number in order]
        return Bound(sql.bound("".join(parts)), order)


def parent_is(via: str, reference: str) -> Sql:
    """Match the rows of the parent that the statement around them is at."""
    return Sql(f'{ROW}."{via}" = {reference}')


def parent_given(via: str) -> Sql:
    """Match the rows of one parent, whose id comes with each run."""
    return sql.equals(via, PARENT)
