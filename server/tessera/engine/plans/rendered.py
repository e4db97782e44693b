"""Objects as JSON, remembered by the row they were made of: an unchanged row that is read again costs no Python.

PostgreSQL sends all that an object takes as one text of JSON, lists within it included. Whatever the object's JSON
hangs on beside this text is named when the plan is written: rows held in memory, pages asked for by variables.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from sys import getsizeof
from typing import Any

import orjson

ROOM = 16 * 2**20
"""Bytes of rows and of their JSON that are remembered in one process; what does not fit makes all be forgotten."""

LARGEST = ROOM // 64
"""Bytes of a row and its JSON above which it is not remembered."""

ENTRY = 300
"""Bytes that Python needs to hold an object or a selection, beside the texts."""

JSON_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC

Build = Callable[[Any], Any]


@dataclass(frozen=True, eq=False)
class RowSelection:
    """One selection on the rows of one statement in one plan; `name` is the type's."""

    name: str


class Rendered(dict[str, orjson.Fragment]):
    """The objects of one selection by the texts of their rows."""

    def __init__(self, renderings: "Renderings") -> None:
        super().__init__()
        self._renderings = renderings

    def keep(self, row: str, build: Build) -> orjson.Fragment:
        """Make an object from its row's values, and remember it."""
        text = orjson.dumps(build(orjson.loads(row)), option=JSON_OPTIONS)
        fragment = orjson.Fragment(text)
        if self._renderings.has_room(getsizeof(row) + len(text) + ENTRY):
            self[row] = fragment
        return fragment


class Renderings:
    """All objects that are remembered since a row in memory changed last."""

    def __init__(self) -> None:
        self._selections: dict[Hashable, Rendered] = {}
        self._held = 0

    def of(self, *key: Hashable) -> Rendered:
        """Return the objects of a selection, and of what else they hang on."""
        found = self._selections.get(key)
        if found is None:
            self.has_room(min(ENTRY + len(repr(key)), LARGEST))  # a page's cursor is the client's, and may be long
            found = self._selections[key] = Rendered(self)
        return found

    def has_room(self, size: int) -> bool:
        """Take room for some bytes, if need be all that others have; tell whether so many are remembered at all."""
        if size > LARGEST:
            return False
        self._held += size
        if self._held > ROOM:
            for rendered in self._selections.values():
                rendered.clear()
            self._selections, self._held = {}, size
        return True
