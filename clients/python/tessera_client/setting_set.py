from typing import Any, Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import UserErrorFields


class SettingSet(BaseModel):
    setting_set: "SettingSetSettingSet" = Field(alias="settingSet")


class SettingSetSettingSet(BaseModel):
    setting: Optional["SettingSetSettingSetSetting"]
    user_errors: list["SettingSetSettingSetUserErrors"] = Field(alias="userErrors")


class SettingSetSettingSetSetting(BaseModel):
    name: str
    value: Optional[Any]
    changed: bool


SettingSetSettingSetUserErrors = UserErrorFields
SettingSet.model_rebuild()
SettingSetSettingSet.model_rebuild()
