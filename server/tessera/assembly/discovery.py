"""Which slices there are, and typed calls of every hook."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module, invalidate_caches
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

import pluggy

from tessera.kit.config import Config
from tessera.plugin import PROJECT
from tessera.plugin.hooks import Hooks

KERNEL = (
    "settings",
    "files",
    "jobs",
    "documents",
    "accounts",
    "access",
    "queues",
    "tickets",
    "articles",
    "links",
    "history",
    "mail",
    "notifications",
    "search",
    "packages",
)
"""The slices that are always installed, from the ground floor up."""

GROUP = "tessera"
"""The entry point group by which packages are found: the name is the label, the value the import package."""


@dataclass(frozen=True)
class Distribution:
    """A distribution of slices: its label (app label and table prefix), import package and slices' plugins."""

    label: str
    package: str
    slices: tuple[str, ...]

    @property
    def modules(self) -> tuple[str, ...]:
        """The import names of the slices: subfolders of the package, or the package itself."""
        return tuple(f"{self.package}.{name}" if name else self.package for name in self.slices)


KERNEL_DISTRIBUTION = Distribution("tessera", "tessera", KERNEL)


def mount(config: Config) -> None:
    """Let this process import the packages of its set.

    They come behind everything else, so that they shadow nothing; in front of the environment's packages where those
    are not wanted.
    """
    library = config.library
    if library is not None and str(library) not in sys.path:
        sys.path.insert(len(sys.path) if config.environment_packages else 0, str(library))
        invalidate_caches()


def installed(config: Config | None = None) -> list[Distribution]:
    """Return the packages beside the kernel, by label: those of the mounted set, and of the environment if wanted."""
    config = config or Config()
    found = [
        _distribution(entry)
        for entry in entry_points(group=GROUP)
        if config.environment_packages or _lies_in(entry, config.library)
    ]
    return sorted(found, key=lambda distribution: distribution.label)


def _lies_in(entry: EntryPoint, library: Path | None) -> bool:
    return library is not None and entry.dist is not None and Path(str(entry.dist.locate_file(""))) == library


def _distribution(entry: EntryPoint) -> Distribution:
    package, _, slices = entry.value.partition(":")
    return Distribution(entry.name, package, tuple(slices.split(".")) if slices else ("",))


def register(distributions: Sequence[Distribution]) -> pluggy.PluginManager:
    """Import every slice's `plugin.py` into a fresh plugin manager.

    Raises `ImportError` when a slice cannot be imported, `pluggy.PluginValidationError` for a hook nobody asks.
    """
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(Hooks)
    for distribution in distributions:
        for module in distribution.modules:
            manager.register(import_module(f"{module}.plugin"), name=module)
    for _, specifications in answers(manager, "hookspecs"):
        manager.add_hookspecs(specifications)
    manager.check_pending()
    return manager


def answers(manager: pluggy.PluginManager, hook: str) -> Iterator[tuple[str, Any]]:
    """Ask one hook; yield each single answer with the name of the slice that gave it, in order of registration."""
    for implementation in getattr(manager.hook, hook).get_hookimpls():
        for answer in implementation.function() or ():
            yield implementation.plugin_name, answer
