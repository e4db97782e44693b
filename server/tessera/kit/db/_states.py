"""What tables look like between two operations of a migration: worked out only when an operation looks."""

from functools import cached_property
from typing import Self

from tortoise.migrations.schema_generator.state import ModelState, State
from tortoise.migrations.schema_generator.state_apps import StateApps
from typing_extensions import override


class Snapshots(State):
    """A state whose copies make their models only when an operation asks for them.

    Tortoise copies the state before each operation, and makes every model anew for the copy. Most operations never
    look at it, and it was three quarters of the time that a migration takes.
    """

    @classmethod
    def of(cls, state: State) -> Self:
        """Return a state whose copies are such."""
        return cls(state.models, state.apps)

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
