"""What the joinery tells the toolbox: which guards, handlers, jobs and schedules there are."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from tessera.kit.config import Config
from tessera.kit.events import Event

GuardFunction = Callable[..., Awaitable[None]]
"""`async def guard(unit, event)`: before commit; may raise a Problem."""


@dataclass(frozen=True, slots=True)
class JobKind:
    """A named piece of background work.

    With `in_unit`, `run(unit, **payload)` works inside one unit together with the job's completion:
    its effects happen exactly once. Without, `run(work, **payload)` may wait for the outside and is
    repeated until it succeeds: its effects happen at least once. `run_together(unit, payloads)` does in one unit what
    is due of it at the moment; what fails that way is tried again one by one.
    """

    name: str
    run: Callable[..., Awaitable[object]]
    in_unit: bool
    attempts: int = 8
    run_together: Callable[..., Awaitable[object]] | None = None


@dataclass(frozen=True, slots=True)
class ScheduleKind:
    """A job that starts again and again."""

    job: str
    every: timedelta
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Wiring:
    """Everything a process's toolbox has to know of the slices above it.

    `handlers` maps an event's class to the names of the jobs that want to be told, as far as `wishes` says so of the
    event and `concerns` of the event in its unit. `answers` holds what plugins said to the hooks that slices offer,
    by the hook's name. `config` is the process's configuration.
    """

    config: Config = field(default_factory=Config)
    answers: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    guards: Mapping[type[Event], tuple[GuardFunction, ...]] = field(default_factory=dict)
    handlers: Mapping[type[Event], tuple[str, ...]] = field(default_factory=dict)
    wishes: Mapping[str, Callable[[Any], bool]] = field(default_factory=dict)
    concerns: Mapping[str, Callable[..., Awaitable[bool]]] = field(default_factory=dict)
    jobs: Mapping[str, JobKind] = field(default_factory=dict)
    schedules: tuple[ScheduleKind, ...] = ()

    def guards_of(self, event: type[Event]) -> tuple[GuardFunction, ...]:
        """Return the guards of an event, those of its base classes included."""
        return tuple(guard for kind, guards in self.guards.items() if issubclass(event, kind) for guard in guards)

    def handlers_of(self, event: Event) -> tuple[str, ...]:
        """Return the jobs to owe an event to unless it does not concern them, those of its base classes included."""
        return tuple(
            name
            for kind, names in self.handlers.items()
            if isinstance(event, kind)
            for name in names
            if name not in self.wishes or self.wishes[name](event)
        )
