"""What must hold before a house opens."""

from collections import Counter
from collections.abc import Iterable, Mapping

from tessera.assembly.discovery import Distribution
from tessera.kit.wiring import JobKind, ScheduleKind
from tessera.plugin import Route


class AssemblyError(Exception):
    """A package does not fit; the message names it and says why."""


def unique(what: str, names: Iterable[str]) -> None:
    """Raise `AssemblyError` when a name is declared twice."""
    twice = sorted(name for name, times in Counter(names).items() if times > 1)
    if twice:
        message = f"{what} declared more than once: {', '.join(twice)}"
        raise AssemblyError(message)


def tables_prefixed(distribution: Distribution, tables: Iterable[str]) -> None:
    """Raise `AssemblyError` when a package's table does not begin with its label."""
    strangers = sorted(table for table in tables if not table.startswith(f"{distribution.label}_"))
    if strangers:
        message = f"tables of {distribution.label} must begin with {distribution.label}_: {', '.join(strangers)}"
        raise AssemblyError(message)


def routes_prefixed(distribution: Distribution, routes: Iterable[Route]) -> None:
    """Raise `AssemblyError` when a package's route does not begin with `/x/` and its label."""
    strangers = sorted(route.path for route in routes if not route.path.startswith(f"/x/{distribution.label}/"))
    if strangers:
        message = f"routes of {distribution.label} must begin with /x/{distribution.label}/: {', '.join(strangers)}"
        raise AssemblyError(message)


def schedules_known(schedules: Iterable[ScheduleKind], jobs: Mapping[str, JobKind]) -> None:
    """Raise `AssemblyError` when a schedule starts a job nobody declared."""
    unknown = sorted({schedule.job for schedule in schedules} - set(jobs))
    if unknown:
        message = f"schedules start jobs nobody declared: {', '.join(unknown)}"
        raise AssemblyError(message)
