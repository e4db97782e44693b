"""Where packages must stop: names of their own, tables of their own, and a kernel that stays as it is."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from inspect import isclass
from pkgutil import iter_modules
from types import ModuleType
from typing import Any

from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.enum import StrawberryEnumDefinition
from tortoise import Model
from tortoise.fields.base import OnDelete
from tortoise.fields.relational import ForeignKeyFieldInstance, ManyToManyFieldInstance

from tessera.assembly.checks import AssemblyError
from tessera.assembly.discovery import KERNEL, KERNEL_DISTRIBUTION, Distribution
from tessera.kit.events import known, known_names
from tessera.plugin import Route

LABEL = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Named:
    """A declaration's name: what it is, and the slice it comes from."""

    what: str
    name: str
    slice: str


def labels(packages: Sequence[Distribution]) -> None:
    """Raise `AssemblyError` for a label or a slice that is no plain word, or that somebody else has."""
    taken = dict.fromkeys((*KERNEL, KERNEL_DISTRIBUTION.label), "the kernel")
    for package in packages:
        for name in sorted(_prefixes(package)):
            if not LABEL.fullmatch(name):
                raise AssemblyError(f"The package {package.label} has a name that is no lower-case word: {name}.")
            if name in taken:
                raise AssemblyError(f"The package {package.label} uses the name {name}, which is {taken[name]}'s.")
            taken[name] = f"the package {package.label}"


def names(package: Distribution, declared: Iterable[Named]) -> None:
    """Raise `AssemblyError` when a package's declarations do not begin with its label or a slice of its own."""
    own = _prefixes(package)
    for each in declared:
        # a tool of a slice may declare something for a package, as `search.faq.…`
        place, _, rest = each.name.partition(".")
        first = rest.partition(".")[0] if place in KERNEL else place
        if each.slice in package.modules and first not in own:
            allowed = " or ".join(sorted(own))
            raise AssemblyError(
                f"The package {package.label} declares the {each.what} {each.name}: its names begin with {allowed}."
            )


def events(package: Distribution) -> Iterator[Named]:
    """Yield the events of a package."""
    for name in known_names():
        event = known(name)
        if event is not None and _top(event.__module__) == package.package:
            yield Named("event", name, package.modules[0])


def tables(package: Distribution, models: Iterable[type[Model]]) -> None:
    """Raise `AssemblyError` for tables of another name, and for ties that would reach into the kernel's."""
    for model in models:
        table = model._meta.db_table
        if not table.startswith(f"{package.label}_"):
            raise AssemblyError(f"The package {package.label} has a table {table}: its tables begin with its label.")
        for name, field in model._meta.fields_map.items():
            if reason := _tie(package, field):
                raise AssemblyError(f"The package {package.label} has a table {table} whose {name} {reason}.")


def routes(package: Distribution, declared: Iterable[Route]) -> None:
    """Raise `AssemblyError` when a package's route does not begin with `/x/` and its label."""
    for route in declared:
        if not route.path.startswith(f"/x/{package.label}/"):
            raise AssemblyError(
                f"The package {package.label} has a route {route.path}: its routes begin with /x/{package.label}/."
            )


def _tie(package: Distribution, field: Any) -> str | None:
    """Return what is wrong about a relation."""
    if not isinstance(field, ForeignKeyFieldInstance | ManyToManyFieldInstance):
        return None
    if type(field) is ForeignKeyFieldInstance and field.unique:
        return "would not be unique in the database: Tortoise makes no constraint of unique=True, so give it one"
    target = field.model_name
    app = target.partition(".")[0] if isinstance(target, str) else str(target._meta.app)
    if app == package.label:
        return None
    if app != KERNEL_DISTRIBUTION.label:
        return f"refers to the tables of {app}, which may be absent"
    return _tie_to_the_kernel(field)


def _tie_to_the_kernel(field: Any) -> str | None:
    if isinstance(field, ManyToManyFieldInstance):
        return "ties it to a kernel's table by a table nobody declared: it needs a table of its own"
    if field.related_name is not False:
        return "would give a kernel's row an attribute: it needs related_name=False"
    if field.on_delete == OnDelete.CASCADE:
        return "would vanish with a kernel's row: on_delete may not be CASCADE"
    return None


def migrations(package: Distribution) -> None:
    """Raise `AssemblyError` when a package with tables has no migrations, or its first does not name the kernel's."""
    place = f"{package.package}.migrations"
    if find_spec(place) is None:
        raise AssemblyError(f"The package {package.label} has tables, but no migrations.")
    history = [import_module(f"{place}.{each.name}") for each in iter_modules(import_module(place).__path__)]
    steps = {module.__name__.rpartition(".")[2]: module.Migration for module in history if hasattr(module, "Migration")}
    if not steps:
        raise AssemblyError(f"The package {package.label} has tables, but no migrations.")
    for name, step in steps.items():
        needed = {label for label, _ in step.dependencies}
        if not needed & {package.label, KERNEL_DISTRIBUTION.label}:
            raise AssemblyError(
                f'The package {package.label} has a migration {name} that names none of the kernel\'s: ("tessera", …).'
            )


def kernel_definitions(modules: Mapping[str, ModuleType]) -> dict[type, tuple[str, ...]]:
    """Return the names inside each of the kernel's GraphQL types: fields, or values of an enum."""
    found: dict[type, tuple[str, ...]] = {}
    for name, module in list(modules.items()):
        if _top(name) == KERNEL_DISTRIBUTION.package:
            for value in vars(module).values():
                if isclass(value) and _top(value.__module__) == KERNEL_DISTRIBUTION.package and value not in found:
                    inside = _inside(vars(value).get("__strawberry_definition__"))
                    if inside is not None:
                        found[value] = inside
    return found


def untouched(before: Mapping[type, tuple[str, ...]]) -> None:
    """Raise `AssemblyError` when the kernel's GraphQL types are not what they were before packages were imported."""
    for kind, inside in before.items():
        now = _inside(vars(kind).get("__strawberry_definition__"))
        if now != inside:
            changed = sorted(set(inside).symmetric_difference(now or ())) or ["its order"]
            raise AssemblyError(
                f"A package changes {kind.__name__}, which is the kernel's ({', '.join(changed)}): "
                "it may only add fields, by an extension."
            )


def _inside(definition: object) -> tuple[str, ...] | None:
    match definition:
        case StrawberryObjectDefinition():
            return tuple(field.python_name for field in definition.fields)
        case StrawberryEnumDefinition():
            return tuple(value.name for value in definition.values)
        case _:
            return None


def _prefixes(package: Distribution) -> set[str]:
    return {package.label, *(name for name in package.slices if name)}


def _top(module: str) -> str:
    return module.partition(".")[0]
