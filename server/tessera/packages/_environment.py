"""What the server's own environment holds, which packages never change."""

import json
import sys
from collections.abc import Iterable
from importlib.machinery import PathFinder
from importlib.metadata import Distribution, distributions, entry_points
from pathlib import Path

from packaging.utils import canonicalize_name
from tortoise import Tortoise
from tortoise.models import Model

from tessera.kit.config import Config
from tessera.kit.wiring import Wiring
from tessera.packages._rows import unwritten
from tessera.packages._wheels import GROUP
from tessera.packages.models import Package, PackageState

ENVIRONMENT = "environment"
"""What a package's source is when it is part of the server's environment."""


def base(config: Config) -> dict[str, str]:
    """Return the versions of the environment's distributions by canonical name, without those of sets."""
    return {canonicalize_name(str(each.name)): each.version for each in _own(config) if each.name}


def rows(wiring: Wiring) -> list[Package]:
    """Return the packages that are part of the environment, as rows that are not written."""
    return [_row(wiring, each) for each in _own(wiring.config) if _is_package(each)]


def _row(wiring: Wiring, distribution: Distribution) -> Package:
    label = next(entry.name for entry in distribution.entry_points if entry.group == GROUP)
    answers, own = wiring.answers, f"{label}."
    return unwritten(
        label,
        distribution=canonicalize_name(str(distribution.name)),
        title=(dict(distribution.metadata.json).get("summary") or label)[:200],
        version_installed=distribution.version,
        state=PackageState.ENABLED,
        source=ENVIRONMENT,
        permissions=_listed(each.name for each in answers.get("permissions", ()) if each.name.startswith(own)),
        settings=_listed(each.name for each in answers.get("settings", ()) if each.name.startswith(own)),
        tables=_listed(model._meta.db_table for model in _models(label)),
    )


def _models(label: str) -> list[type[Model]]:
    apps = Tortoise.apps
    return list(apps[label].values()) if apps and label in apps else []


def _listed(names: Iterable[str]) -> str:
    return json.dumps(sorted(names))


def holds(config: Config, module: str) -> bool:
    """Tell whether a top-level name is the environment's to import, so that a package cannot bring it."""
    if module in sys.stdlib_module_names or module in sys.builtin_module_names:
        return True
    sets = config.packages.resolve()
    places = [each for each in sys.path if sets not in Path(each).resolve().parents]
    found = PathFinder.find_spec(module, places)
    return found is not None and (config.environment_packages or module not in _left_out())


def _left_out() -> set[str]:
    """Return the import packages of the environment's packages, where those are not loaded."""
    return {entry.value.partition(":")[0] for entry in entry_points(group=GROUP)}


def _own(config: Config) -> list[Distribution]:
    sets = config.packages.resolve()
    own = [
        each
        for each in distributions()
        if sets not in Path(str(each.locate_file(""))).resolve().parents
        and (config.package_set is None or Path(str(each.locate_file(""))).resolve() != config.library)
    ]
    return own if config.environment_packages else [each for each in own if not _is_package(each)]


def _is_package(distribution: Distribution) -> bool:
    return any(entry.group == GROUP for entry in distribution.entry_points)
