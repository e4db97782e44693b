"""Assembly: the declarations of every slice, collected, checked and indexed."""

import inspect
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import pluggy
from tortoise import Model

from tessera.assembly import checks, fences
from tessera.assembly.discovery import KERNEL_DISTRIBUTION, Distribution, answers, installed, register
from tessera.assembly.fences import Named
from tessera.assembly.schema import Schema
from tessera.assembly.server_info import SERVER_INFO
from tessera.kit import rows
from tessera.kit.config import Config
from tessera.kit.db import App
from tessera.kit.events import Event
from tessera.kit.i18n import add_catalogs
from tessera.kit.jobs import Work
from tessera.kit.journal import Entry
from tessera.kit.unit import Unit
from tessera.kit.wiring import GuardFunction, JobKind, ScheduleKind, Wiring
from tessera.plugin import Check, Command, Daemon, Extension, Guard, Handler, Job, Permission, Route, Schedule, Setting
from tessera.plugin.hooks import Hooks

KIT_MODELS = ("tessera.kit.journal", "tessera.kit.jobs.model", "tessera.kit.idempotency")


@dataclass(frozen=True)
class Assembly:
    """Everything declared, for one process; a change of packages is a new process."""

    distributions: tuple[Distribution, ...]
    extensions: tuple[tuple[str, Extension], ...]
    permissions: Mapping[str, Permission]
    settings: Mapping[str, Setting[Any]]
    commands: tuple[Command, ...]
    routes: tuple[Route, ...]
    checks: tuple[Check, ...]
    daemons: tuple[Daemon, ...]
    wiring: Wiring

    @cached_property
    def schema(self) -> Schema:
        """The GraphQL schema; built when first wanted, because that takes a while."""
        return Schema(self.extensions, {each.package: each.label for each in self.distributions[1:]})

    def configured(self, config: Config) -> "Assembly":
        """Return the same assembly under another configuration; the schema is shared."""
        other = replace(self, wiring=replace(self.wiring, config=config))
        other.__dict__["schema"] = self.schema
        return other

    @property
    def apps(self) -> tuple[App, ...]:
        """The database's apps: one for each distribution that has tables, with its models and migrations."""
        return tuple(app for distribution in self.distributions if (app := _app(distribution)).models)


def assemble(config: Config, *, packages: Sequence[Distribution] | None = None) -> Assembly:
    """Ask every slice every question and check the answers; `packages` defaults to what is installed.

    Raises `AssemblyError` when something does not fit, `ImportError` when a package cannot be imported.
    """
    distributions = (KERNEL_DISTRIBUTION, *(installed(config) if packages is None else packages))
    fences.labels(distributions[1:])
    manager = _registered(distributions)
    permissions = [answer for _, answer in answers(manager, "permissions")]
    settings = [answer for _, answer in answers(manager, "settings")]
    commands = [answer for _, answer in answers(manager, "commands")]
    checks.unique("permissions", (permission.name for permission in permissions))
    checks.unique("settings", (setting.name for setting in settings))
    checks.unique("commands", (command.name for command in commands))
    routes = list(answers(manager, "routes"))
    named = list(_named(manager))
    for package in distributions[1:]:
        models = list(_models(package))
        fences.tables(package, models)
        if models:
            fences.migrations(package)
        fences.names(package, (*named, *fences.events(package)))
        fences.routes(package, (route for owner, route in routes if owner in package.modules))
        add_catalogs(package.package)
    return Assembly(
        distributions=distributions,
        extensions=(*(("the house", each) for each in SERVER_INFO), *answers(manager, "extensions")),
        permissions={permission.name: permission for permission in permissions},
        settings={setting.name: setting for setting in settings},
        commands=tuple(commands),
        routes=tuple(route for _, route in routes),
        checks=tuple(answer for _, answer in answers(manager, "checks")),
        daemons=tuple(answer for _, answer in answers(manager, "daemons")),
        wiring=_wiring(config, manager, permissions, settings),
    )


def _registered(distributions: Sequence[Distribution]) -> pluggy.PluginManager:
    for module in KERNEL_DISTRIBUTION.modules:
        import_module(f"{module}.plugin")
    kernel = fences.kernel_definitions(sys.modules) if len(distributions) > 1 else {}
    try:
        manager = register(distributions)
    except pluggy.PluginValidationError as error:
        name = getattr(error.plugin, "__name__", "a plugin")
        message = f"{name} does not fit: {' '.join(str(error).replace(repr(error.plugin), name).split())}"
        raise checks.AssemblyError(message) from error
    fences.untouched(kernel)
    return manager


def _named(manager: pluggy.PluginManager) -> Iterator[Named]:
    for hook in ("permissions", "settings", "handlers", "jobs", "commands", "checks", "daemons"):
        for owner, answer in answers(manager, hook):
            if not isinstance(answer, Schedule):
                yield Named(type(answer).__name__.lower(), answer.name, owner)


def _wiring(
    config: Config, manager: pluggy.PluginManager, permissions: list[Permission], settings: list[Setting[Any]]
) -> Wiring:
    handlers: list[Handler] = [answer for _, answer in answers(manager, "handlers")]
    declared: list[Job | Schedule] = [answer for _, answer in answers(manager, "jobs")]
    jobs = [
        *(_owed(handler) for handler in handlers),
        *(JobKind(job.name, job.run, job.in_unit, job.attempts) for job in declared if isinstance(job, Job)),
    ]
    checks.unique("jobs and handlers", (job.name for job in jobs))
    by_name = {job.name: job for job in jobs}
    schedules = tuple(
        ScheduleKind(each.job, each.every, each.payload) for each in declared if isinstance(each, Schedule)
    )
    checks.schedules_known(schedules, by_name)
    guards: list[Guard] = [answer for _, answer in answers(manager, "guards")]
    return Wiring(
        config=config,
        answers={
            "permissions": tuple(permissions),
            "settings": tuple(settings),
            **{name: tuple(answer for _, answer in answers(manager, name)) for name in _offered(manager)},
        },
        guards=_by_event(guards),
        handlers=_names_by_event(handlers),
        wishes={handler.name: handler.when for handler in handlers if handler.when is not None},
        concerns={handler.name: handler.concerns for handler in handlers if handler.concerns is not None},
        jobs=by_name,
        schedules=schedules,
    )


def _owed(handler: Handler) -> JobKind:
    """Return the work an event owes to a handler: its entry is read when the work is done."""

    async def run(first: Unit | Work, entry: int) -> None:
        found = await Entry.get(id=entry)
        await handler.run(first, [found] if handler.together else found)

    async def run_together(unit: Unit, payloads: Sequence[Mapping[str, int]]) -> None:
        keys = [payload["entry"] for payload in payloads]
        await handler.run(unit, await rows.having(Entry, "id", keys))

    return JobKind(handler.name, run, handler.in_unit, run_together=run_together if handler.together else None)


def _offered(manager: pluggy.PluginManager) -> Iterator[str]:
    """Yield the names of the hooks that slices offer beside the house's own."""
    own = {name for name, _ in inspect.getmembers(Hooks, inspect.isfunction)}
    for name in vars(manager.hook):
        if not name.startswith("_") and name not in own:
            yield name


def _by_event(guards: list[Guard]) -> dict[type[Event], tuple[GuardFunction, ...]]:
    found: dict[type[Event], tuple[GuardFunction, ...]] = {}
    for guard in guards:
        found[guard.on] = (*found.get(guard.on, ()), guard.run)
    return found


def _names_by_event(handlers: list[Handler]) -> dict[type[Event], tuple[str, ...]]:
    found: dict[type[Event], tuple[str, ...]] = {}
    for handler in handlers:
        found[handler.on] = (*found.get(handler.on, ()), handler.name)
    return found


def _app(distribution: Distribution) -> App:
    own = [f"{module}.models" for module in distribution.modules if find_spec(f"{module}.models")]
    kit = KIT_MODELS if distribution is KERNEL_DISTRIBUTION else ()
    return App(label=distribution.label, models=(*kit, *own), migrations=f"{distribution.package}.migrations")


def tables_of(distribution: Distribution) -> Iterator[str]:
    """Yield the names of a distribution's tables."""
    return (model._meta.db_table for model in _models(distribution))


def _models(distribution: Distribution) -> Iterator[type[Model]]:
    for name in _app(distribution).models:
        for value in vars(import_module(name)).values():
            is_model = isinstance(value, type) and issubclass(value, Model) and value.__module__ == name
            if is_model and not value._meta.abstract:
                yield value
