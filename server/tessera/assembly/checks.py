"""What must hold before a house opens."""

from collections import Counter
from collections.abc import Iterable, Mapping

from tessera.kit.wiring import JobKind, ScheduleKind


class AssemblyError(Exception):
    """A package does not fit; the message names it and says why."""


def unique(what: str, names: Iterable[str]) -> None:
    """Raise `AssemblyError` when a name is declared twice."""
    twice = sorted(name for name, times in Counter(names).items() if times > 1)
    if twice:
        message = f"{what} declared more than once: {', '.join(twice)}"
        raise AssemblyError(message)


def schedules_known(schedules: Iterable[ScheduleKind], jobs: Mapping[str, JobKind]) -> None:
    """Raise `AssemblyError` when a schedule starts a job nobody declared."""
    unknown = sorted({schedule.job for schedule in schedules} - set(jobs))
    if unknown:
        message = f"schedules start jobs nobody declared: {', '.join(unknown)}"
        raise AssemblyError(message)
