"""Verbs of the settings."""

from typing import Any, TypeVar

from tessera.kit.db import Contention
from tessera.kit.events import to_json
from tessera.kit.ids import ObjectRef
from tessera.kit.unit import Unit, or_taken
from tessera.plugin import Setting
from tessera.settings import queries
from tessera.settings._values import checked
from tessera.settings.events import SettingChanged
from tessera.settings.models import Override
from tessera.settings.permissions import MANAGE

ValueT = TypeVar("ValueT")


async def change_setting(unit: Unit, setting: Setting[ValueT], value: object) -> ValueT:
    """Give a setting a value (JSON values) and return it as the setting's type.

    Raises `Forbidden` without the permission `settings.manage`, `InvalidSettingValue` for what the declaration
    does not allow.
    """
    unit.actor.require(MANAGE.name)
    fitting = checked(setting, value)
    await _write(unit, setting, to_json(fitting), fitting)
    return fitting


async def reset_setting(unit: Unit, setting: Setting[ValueT]) -> ValueT:
    """Take every change of a setting back and return its default.

    Raises `Forbidden` without the permission `settings.manage`.
    """
    unit.actor.require(MANAGE.name)
    await _write(unit, setting, None, setting.default)
    return setting.default


async def _write(unit: Unit, setting: Setting[Any], written: str | None, after: object) -> None:
    override = await Override.get_or_none(name=setting.name) or await _first(setting.name)
    before = queries.read(setting, override.value)
    if override.value == written:
        return
    await unit.update(override, value=written)
    if before != after:
        subject = ObjectRef("setting", override.id)
        await unit.record(
            SettingChanged(subject=subject, setting=setting.name, before=to_json(before), after=to_json(after))
        )


async def _first(name: str) -> Override:
    async with or_taken(Contention(f"The setting {name} was changed for the first time by two at once.")):
        return await Override.create(name=name)
