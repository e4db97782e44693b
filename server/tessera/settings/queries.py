"""Reads of the settings: an administrator's value, else the declared default."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from tessera.kit import log
from tessera.kit.errors import Problem
from tessera.kit.events import from_json
from tessera.kit.memory import Remembered
from tessera.kit.wiring import Wiring
from tessera.plugin import Setting
from tessera.settings._values import checked
from tessera.settings.errors import UnknownSetting
from tessera.settings.models import Override

ValueT = TypeVar("ValueT")

OVERRIDES = Remembered(Override, "setting")


@dataclass(frozen=True)
class Current:
    """A declared setting with its value now."""

    declared: Setting[Any]
    value: Any

    @property
    def changed(self) -> bool:
        """Whether the value is not the default."""
        return bool(self.value != self.declared.default)


async def value(setting: Setting[ValueT]) -> ValueT:
    """Return a setting's value, as the newest change says that was heard of."""
    for override in await OVERRIDES.rows():
        if override.name == setting.name:
            return read(setting, override.value)
    return setting.default


def declared(wiring: Wiring, name: str) -> Setting[Any]:
    """Return the declaration of a setting.

    Raises `UnknownSetting` when no slice declares it.
    """
    for setting in declarations(wiring):
        if setting.name == name:
            return setting
    raise UnknownSetting(name=name, field=("name",))


def declarations(wiring: Wiring) -> list[Setting[Any]]:
    """Return every declared setting, by name."""
    return sorted(wiring.answers.get("settings", ()), key=lambda setting: setting.name)


async def current(setting: Setting[Any]) -> Current:
    """Return one setting with its value; inside a transaction, as that transaction sees it."""
    override = await Override.get_or_none(name=setting.name)
    return Current(setting, read(setting, override.value if override else None))


async def search(wiring: Wiring, text: str | None = None) -> list[Current]:
    """Return the settings whose name or description contains the text, by name."""
    wanted = (text or "").strip().casefold()
    overrides: Mapping[str, str | None] = {row.name: row.value for row in await Override.all()}
    return [
        Current(setting, read(setting, overrides.get(setting.name)))
        for setting in declarations(wiring)
        if wanted in f"{setting.name} {setting.sentence}".casefold()
    ]


def read(setting: Setting[ValueT], written: str | None) -> ValueT:
    """Return the value an override's JSON stands for; without one, or when it does not fit, the default."""
    if written is None:
        return setting.default
    try:
        return checked(setting, from_json(written))
    except Problem:
        log.get().warning("settings.override_unfit", setting=setting.name)
        return setting.default
