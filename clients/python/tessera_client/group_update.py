from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import GroupFields, UserErrorFields


class GroupUpdate(BaseModel):
    group_update: "GroupUpdateGroupUpdate" = Field(alias="groupUpdate")


class GroupUpdateGroupUpdate(BaseModel):
    group: Optional["GroupUpdateGroupUpdateGroup"]
    user_errors: list["GroupUpdateGroupUpdateUserErrors"] = Field(alias="userErrors")


GroupUpdateGroupUpdateGroup = GroupFields
GroupUpdateGroupUpdateUserErrors = UserErrorFields
GroupUpdate.model_rebuild()
GroupUpdateGroupUpdate.model_rebuild()
