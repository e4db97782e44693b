"""Streams that many may follow: a subscription's source, which tells what happened behind a cursor."""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar, cast

from tessera.kit.feed import Past

CursorT = TypeVar("CursorT", bound=Hashable)
EventT = TypeVar("EventT")


@dataclass(frozen=True)
class News:
    """What a source may look at: `number` is the newest its topic's wake-ups brought, 0 when none did yet.

    For sources over the journal `number` is a position, and the `journal` ends there.
    """

    number: int
    journal: Past


@dataclass(frozen=True)
class Portion(Generic[CursorT, EventT]):
    """What a source found: events in order, each with the cursor behind it, and the cursor behind all it looked at.

    `more` says that there is more already, `ended` that nothing will ever come behind this.
    """

    events: Sequence[tuple[CursorT, EventT]]
    cursor: CursorT
    more: bool = False
    ended: bool = False


class Source(ABC, Generic[CursorT, EventT]):
    """A subscription with its arguments; a resolver gives it to `stream`.

    Subscribers with equal arguments and rights who are at the same cursor are one: what a source tells follows from
    its arguments, the cursor, the news and the rights of the context's actor alone. What depends on who the actor
    is, beyond rights, is noticed and then not shared.
    """

    topic: ClassVar[str]
    """The wake-ups after which it is worth looking again."""

    cursor_argument: ClassVar[str | None] = None
    """The field's argument that says only where to begin; subscribers who differ in nothing else are equal."""

    @abstractmethod
    async def begin(self, context: Any) -> CursorT:
        """Return where a new subscriber begins; raise a Problem to refuse it."""

    @abstractmethod
    async def read(self, context: Any, cursor: CursorT, news: News) -> Portion[CursorT, EventT]:
        """Return what happened behind a cursor; raise a Problem to end the stream with it."""

    def __aiter__(self) -> AsyncIterator[EventT]:
        """Look like what graphql-core expects of a subscription's resolver; the hub reads by `read`."""
        raise TypeError("A source is read by the hub.")


def stream(source: Source[Any, EventT]) -> AsyncGenerator[EventT, None]:
    """Return a source from a subscription's resolver, under the type that strawberry reads there."""
    return cast("AsyncGenerator[EventT, None]", source)
