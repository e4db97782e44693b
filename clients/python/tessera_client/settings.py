from typing import Any, Optional

from .base_model import BaseModel


class Settings(BaseModel):
    settings: list["SettingsSettings"]


class SettingsSettings(BaseModel):
    name: str
    description: str
    value: Optional[Any]
    default: Optional[Any]
    changed: bool


Settings.model_rebuild()
