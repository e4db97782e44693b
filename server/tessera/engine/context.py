"""Context: what one GraphQL operation knows, made anew for each operation and each event."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from strawberry.dataloader import DataLoader

from tessera.engine.sharing import Stranger, rights_of
from tessera.kit.actor import Actor
from tessera.kit.buckets import Level
from tessera.kit.bus import Bus
from tessera.kit.errors import Unauthenticated
from tessera.kit.unit import Units

KeyT = TypeVar("KeyT", bound=Hashable)
ValueT = TypeVar("ValueT")


class Charge(NamedTuple):
    """What an operation cost its caller, in points, and how the caller's bucket stands since."""

    cost: int = 0
    level: Level = Level()


FREE = Charge()
"""What is charged to nobody: the server's own operations."""


@dataclass(slots=True)
class Context:
    """The caller, the way to write, and this operation's loaders.

    `signed_in` is None for an anonymous caller. `credential` is the session or token the caller showed, so
    that it can be revoked; `payer` names it for limits, which hold the network address `peer` of anonymous callers.
    `charge` is what the operation was charged. `base_url` is where the client reached the server. `reply_headers`
    go out with the HTTP response (`Set-Cookie`). `performed` holds the payloads of mutation fields, by their response
    names, that a plan performed before it gave up.
    """

    units: Units
    bus: Bus
    signed_in: Actor | None
    peer: str = ""
    base_url: str = ""
    credential: object | None = None
    payer: str | None = None
    charge: Charge = FREE
    expires_at: datetime | None = None
    refresh: Callable[[], Awaitable["Context"]] | None = None
    reply_headers: list[tuple[str, str]] = field(default_factory=list)
    rests_on: frozenset[tuple[str, int | None]] = frozenset()
    performed: dict[str, object] = field(default_factory=dict)
    _loaders: dict[Hashable, DataLoader[Any, Any]] = field(default_factory=dict)

    @property
    def actor(self) -> Actor:
        """The caller.

        Raises `Unauthenticated` when nobody is signed in.
        """
        if self.signed_in is None:
            raise Unauthenticated
        return self.signed_in

    async def fresh(self) -> "Context":
        """Return a context for the next operation or event: rights read again, no stale rows."""
        if self.refresh is None:
            return replace(self, _loaders={})
        return await self.refresh()

    @property
    def rights(self) -> Hashable:
        """Everything that decides what the caller is told, except who it is."""
        return self.base_url, rights_of(self.signed_in)

    @property
    def identity(self) -> Hashable:
        """Who the caller is."""
        return None if self.signed_in is None else (self.signed_in.kind, self.signed_in.id)

    @property
    def is_personal(self) -> bool:
        """Whether anybody asked a shared context who the caller is."""
        return isinstance(self.signed_in, Stranger) and self.signed_in.asked

    def shared(self) -> "Context":
        """Return the context for all callers with the same rights: it has no credential, no peer and no reply."""
        actor = None if self.signed_in is None else Stranger.of(self.signed_in)
        return Context(self.units, self.bus, actor, base_url=self.base_url)

    async def load(
        self, name: Hashable, key: KeyT, load: Callable[[list[KeyT]], Awaitable[Sequence[ValueT | BaseException]]]
    ) -> ValueT:
        """Load one value together with all others this operation asks for by the same name.

        `load` takes the collected keys and returns their values in the same order. Who is called off, because a
        field beside them failed, leaves the others that wait for the same value undisturbed.
        """
        loader = self._loaders.get(name)
        if loader is None:
            loader = self._loaders[name] = DataLoader(load_fn=load, cache=True)
        value: ValueT = await asyncio.shield(loader.load(key))
        return value
