"""Facts about the settings."""

from dataclasses import dataclass
from typing import ClassVar

from tessera.kit.events import Event


@dataclass(frozen=True, kw_only=True)
class SettingChanged(Event):
    """An administrator changed a setting or took a change back; the values before and after are JSON."""

    name: ClassVar[str] = "setting.changed"
    sentence: ClassVar[str] = "The setting {setting} changed from {before} to {after}."
    changed: ClassVar[str | None] = "value"

    setting: str
    before: str
    after: str
