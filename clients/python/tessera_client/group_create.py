from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import GroupFields, UserErrorFields


class GroupCreate(BaseModel):
    group_create: "GroupCreateGroupCreate" = Field(alias="groupCreate")


class GroupCreateGroupCreate(BaseModel):
    group: Optional["GroupCreateGroupCreateGroup"]
    user_errors: list["GroupCreateGroupCreateUserErrors"] = Field(alias="userErrors")


GroupCreateGroupCreateGroup = GroupFields
GroupCreateGroupCreateUserErrors = UserErrorFields
GroupCreate.model_rebuild()
GroupCreateGroupCreate.model_rebuild()
