"""Context: what one GraphQL operation knows, made anew for each operation and each event."""

from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar

from strawberry.dataloader import DataLoader

from tessera.kit.actor import Actor
from tessera.kit.bus import Bus
from tessera.kit.errors import Unauthenticated
from tessera.kit.unit import Units

KeyT = TypeVar("KeyT", bound=Hashable)
ValueT = TypeVar("ValueT")


@dataclass
class Context:
    """The caller, the way to write, and this operation's loaders.

    `signed_in` is None for an anonymous caller. `credential` is the session or token the caller showed, so
    that it can be revoked; `peer` is the network address, for limits. `base_url` is where the client reached
    the server. `reply_headers` go out with the HTTP response (`Set-Cookie`).
    """

    units: Units
    bus: Bus
    signed_in: Actor | None
    peer: str = ""
    base_url: str = ""
    credential: object | None = None
    expires_at: datetime | None = None
    refresh: Callable[[], Awaitable["Context"]] | None = None
    reply_headers: list[tuple[str, str]] = field(default_factory=list)
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

    async def load(
        self, name: Hashable, key: KeyT, load: Callable[[list[KeyT]], Awaitable[Sequence[ValueT | BaseException]]]
    ) -> ValueT:
        """Load one value together with all others this operation asks for by the same name.

        `load` takes the collected keys and returns their values in the same order.
        """
        loader = self._loaders.get(name)
        if loader is None:
            loader = self._loaders[name] = DataLoader(load_fn=load, cache=True)
        value: ValueT = await loader.load(key)
        return value
