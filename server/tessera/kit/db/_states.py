"""What tables look like between two operations of a migration: worked out as far as an operation looks."""

from collections.abc import Mapping
from functools import cached_property
from typing import Self

from tortoise.connection import ConnectionHandler
from tortoise.migrations.schema_generator.state import ModelState, State
from tortoise.migrations.schema_generator.state_apps import StateApps
from tortoise.models import Model
from typing_extensions import override


class _Apps(StateApps):
    """Models that are made ready once; Tortoise makes each ready anew whenever one of them changes."""

    def __init__(
        self, default_connections: dict[str, str] | None = None, connections: ConnectionHandler | None = None
    ) -> None:
        super().__init__(default_connections, connections)
        self._ready: set[type[Model]] = set()

    @override
    def _build_initial_querysets(self) -> None:
        every = self.apps
        self.apps = {
            label: {name: model for name, model in models.items() if model not in self._ready}
            for label, models in every.items()
        }
        try:
            super()._build_initial_querysets()
            complete = (model for models in self.apps.values() for model in models.values() if model._meta._inited)  # noqa: SLF001 - as Tortoise asks
            self._ready.update(complete)
        finally:
            self.apps = every


class Snapshots(State):
    """A state whose copies make their models only when an operation asks for them.

    Tortoise copies the state before each operation, and makes every model anew for the copy. Most operations never
    look at it, and it was three quarters of the time that a migration takes.
    """

    @classmethod
    def empty(cls, connections: Mapping[str, str]) -> Self:
        """Return the state without a table; each app's models have a connection, by label."""
        return cls({}, _Apps(dict(connections)))

    @override
    def clone(self) -> "Snapshots":
        return _Snapshot({key: model.clone() for key, model in self.models.items()}, self._origin)

    @property
    def _origin(self) -> StateApps:
        return self.apps


class _Snapshot(Snapshots):
    """A copy that has no models yet; `origin` knows the connections."""

    def __init__(self, models: dict[tuple[str, str], ModelState], origin: StateApps) -> None:
        self.models = models
        self.origin = origin

    @cached_property
    def apps(self) -> StateApps:  # type: ignore[override]  # a field of Tortoise's dataclass
        """The models."""
        return self.origin.clone(model_states=self.models)

    @property
    def _origin(self) -> StateApps:
        return self.origin
