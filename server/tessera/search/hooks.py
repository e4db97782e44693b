"""The question the search asks other slices, which is: what else has text, and how it is read."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tortoise.queryset import QuerySet

from tessera.kit.actor import Actor
from tessera.kit.events import Event
from tessera.plugin import hookspec


@dataclass(frozen=True, slots=True)
class Text:
    """What one thing says, as plain text.

    Words of the `title` count most. Whoever sees the thing finds it by `title` and `body`; words of `internal` find
    it for agents alone.
    """

    title: str
    body: str = ""
    internal: str = ""


@dataclass(frozen=True, slots=True)
class Searchable:
    """A kind of things that may be found by their words: `ticket`, or `<package>.<kind>`.

    `node` is their type in the API. `visible(actor)` are the rows an actor sees; a search shows nothing else, and all
    that the system sees is indexed. `async def texts(ids)` returns what things say, by id; what is missing in it is
    found no more. `stale_on` are the facts after which a thing is read again; their subject is the thing.
    `async def named(actor, words)` returns the ids of the visible things that a word names exactly, a number for
    example: they are found first. A higher `version` has everything read again once.
    """

    kind: str
    node: str
    visible: Callable[[Actor], QuerySet[Any]]
    texts: Callable[[Sequence[int]], Awaitable[Mapping[int, Text]]]
    stale_on: tuple[type[Event], ...]
    named: Callable[[Actor, Sequence[str]], Awaitable[Sequence[int]]] | None = None
    version: int = 1


class Hooks:
    """Asked once per assembly."""

    @hookspec
    def searchables(self) -> list[Searchable]:
        """Return kinds of things that may be found by their words."""
        raise NotImplementedError
